"""Contacts in public posts are masked before storage, other numbers are not. All contacts in here are made up."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.complexity import is_linear
from waspada.privacy import mask_contacts

MASKED = [
    ("halo @budi_99 apa kabar", "halo [akun] apa kabar"),
    ("cc @warga.banua, @pemilih", "cc [akun], [akun]"),
    ("ikuti @budi@mastodon.contoh.id ya", "ikuti [akun] ya"),
    ("(@budi) dan .@siti!", "([akun]) dan .[akun]!"),
    ("https://mastodon.contoh.id/@budi/1", "https://mastodon.contoh.id/[akun]/1"),
    ("profil instagram.com/budi.s cek", "profil instagram.com/[akun] cek"),
    ("https://www.facebook.com/siti.aminah.7", "https://www.facebook.com/[akun]"),
    ("gabung t.me/grup_banua", "gabung t.me/[akun]"),
    ("chat.whatsapp.com/AbCdEf12345", "chat.whatsapp.com/[akun]"),
    ("＠budi lebar", "[akun] lebar"),
    ("@siti.bsky.social di langit", "[akun] di langit"),
    ("surel budi.s@contoh.co.id ya", "surel [surel] ya"),
    ("BUDI+pemilu@CONTOH.ID", "[surel]"),
    ("budi (at) contoh (dot) id", "[surel]"),
    ("mailto:budi@contoh.id", "mailto:[surel]"),
    ("hp 081234567890", "hp [telepon]"),
    ("hp 0812-3456-7890.", "hp [telepon]."),
    ("hp 0812 3456 7890, siang", "hp [telepon], siang"),
    ("hp 0812.3456.7890", "hp [telepon]"),
    ("WA +6281234567890", "WA [telepon]"),
    ("WA +62 812-3456-7890", "WA [telepon]"),
    ("WA 6281234567890", "WA [telepon]"),
    ("WA +62 (0)812 3456 789", "WA [telepon]"),
    ("wa.me/6281234567890", "wa.me/[telepon]"),
    ("https://api.whatsapp.com/send?phone=6281234567890&text=hai", "https://api.whatsapp.com/send?phone=[telepon]&text=hai"),
    ("kantor (0511) 4772345", "kantor [telepon]"),
    ("kantor 0511-4772345", "kantor [telepon]"),
    ("kantor +62 511 4772345", "kantor [telepon]"),
    ("dari Malaysia +60 12 345 6789", "dari Malaysia [telepon]"),
    ("0 8 1 2 3 4 5 6 7 8 9 0", "[telepon]"),
    ("0８１２ 3456 7890", "[telepon]"),
    ("0812\u200b3456\u200b7890", "[telepon]"),
    ("0812\u00a03456\u20117890", "[telepon]"),
    ("NIK 6371010101900001", "NIK [nik]"),
    ("6371010101900001", "[nik]"),
    ("6371 0101 0190 0001", "[nik]"),
    ("6371.0101.0190.0001", "[nik]"),
    ("637101-010190-0001", "[nik]"),
    ("63.71.01.010190.0001", "[nik]"),
    ("no. KK: 6371012505080007", "no. KK: [nik]"),
    ("nik: 63 71 01 01 01 90 0001", "nik: [nik]"),
    ("NIP 198001012005011001", "NIP [nik]"),
    ("6 3 7 1 0 1 0 1 0 1 9 0 0 0 0 1", "[nik]"),
    ("rek 1234567890", "rek [rekening]"),
    ("rekening BRI 0123-01-012345-50-3 a.n. Budi", "rekening BRI [rekening] a.n. Budi"),
    ("no rek bca: 123 456 7890", "no rek bca: [rekening]"),
    ("transfer ke Mandiri 1230004567890", "transfer ke Mandiri [rekening]"),
    ("Rekening atas nama Budi 123456789012", "Rekening atas nama Budi [rekening]"),
    ("@budi 081234567890 budi@contoh.id 6371010101900001", "[akun] [telepon] [surel] [nik]"),
    ("hubungi:081234567890/081298765432", "hubungi:[telepon]/[telepon]"),
]  # fmt: skip

KEPT = [
    "pukul 08.00-10.00 WITA",
    "pukul 08.00 - 10.00, 12 Mei 2024",
    "27/11/2024 dan 27-11-2024 serta 2024-11-27",
    "08-12-2024 10.30",
    "08.12.2024 08.30-10.00",
    "Rp12.500.000 dan Rp 3.613.100.000.000.000",
    "Rp 6281234567890",
    "Rp. 081.234.567",
    "rekening gendut Rp50.000.000",
    "rekening sebesar 100000000 rupiah",
    "bayar 12345678 rupiah lewat rekening",
    "dana 12500000 rupiah",
    "1.234.567 suara sah",
    "62.812.345.678 rupiah",
    "unggul 45,67% dari 54,33 persen",
    "TPS 001, TPS 012, TPS 021",
    "TPS 022 345 suara",
    "tahun 2019 2020 2021 2022",
    "periode 2019-2024 dan 2024-2029",
    "UU 27/2022 dan PKPU Nomor 8 Tahun 2024",
    "Perda No. 12/2015 Pasal 28 ayat (2)",
    "-3.3186, 114.5944",
    "3°19'07\"S 114°35'24\"E",
    "#Pilkada2024 #2024DamaiSelalu",
    "KM 24-28 Landasan Ulin",
    "telur @2000, beras @Rp5.000, gula @5kg",
    "harga 10 @ 5000",
    "gempa M 5,6 kedalaman 10 km",
    "jalur 1-2-3-4 dan 10 20 30 40",
    "DPT 2.863.123 pemilih di 13 kabupaten/kota",
    "Kodim 1007/Banjarmasin dan Korem 101/Antasari",
    "kode pos 70111, 70714",
    "[akun] [telepon] [surel] [nik] [rekening]",
    "lihat https://contoh.id/berita/2024/11/27/debat-publik",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_contacts_are_masked(text: str, expected: str) -> None:
    assert mask_contacts(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_other_numbers_stay(text: str) -> None:
    assert mask_contacts(text) == text


SCRAPS = st.sampled_from(
    [
        "@budi",
        "@",
        "budi@contoh.id",
        "0812",
        "08123456",
        "6281",
        "+62",
        "3456",
        "7890",
        "6371010101900001",
        "6371",
        "0101",
        "0190",
        "0001",
        "rek",
        "rekening BCA",
        "nik",
        "NIK:",
        "no kk",
        "wa.me/",
        "t.me/",
        "x.com/",
        "Rp",
        "Rp ",
        "(at)",
        "(dot)",
        " ",
        " ",
        "-",
        ".",
        ",",
        "/",
        "(",
        ")",
        "\n",
        "[akun]",
        "[nik]",
        "a",
        "１２",
        "2024",
        "08.00",
        "0 8 1 2",
        "\u200b",
    ]
)


@settings(max_examples=600, deadline=None)
@given(st.lists(SCRAPS, max_size=30).map("".join))
def test_masking_scraps_again_changes_nothing_and_leaves_no_identity_number(text: str) -> None:
    masked = mask_contacts(text)
    assert mask_contacts(masked) == masked
    assert not re.search(r"(?<!\d)[1-9][1-9]\d{4}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{6}(?!\d)", masked)
    assert not re.search(r"\w@\w+\.\w", masked)


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_any_text_passes_and_is_stable(text: str) -> None:
    masked = mask_contacts(text)
    assert mask_contacts(masked) == masked


@settings(max_examples=200, deadline=None)
@given(st.from_regex(r"08[1-35-9][0-9]{8,9}", fullmatch=True), st.sampled_from(["", " ", "-", "."]))
def test_every_mobile_number_goes_however_it_is_cut(number: str, sign: str) -> None:
    written = sign.join((number[:4], number[4:8], number[8:]))
    assert mask_contacts(f"hubungi {written} ya") == "hubungi [telepon] ya"


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 10**15))
def test_amounts_stay_whatever_their_size(amount: int) -> None:
    text = f"anggaran Rp{amount:,} cair".replace(",", ".")
    assert mask_contacts(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "@",
        "0 8 ",
        "08",
        "1.",
        "rek ",
        "rekening a 1",
        "a@",
        "a.",
        "a (at) ",
        "62 812 ",
        "x.com/a",
        "0812-345-",
        " ",
        "+1 2 ",
        "nik ",
        "12345678 ",
        "6371 ",
        "(0511) ",
        "wa.me/",
        "@a@b.",
        "\u200b0",
        "[",
        "[akun]",
    ],
)
def test_a_megabyte_of_hostile_text_takes_in_proportion_as_long_as_an_eighth(piece: str) -> None:
    assert is_linear(mask_contacts, lambda size: (piece * (size // len(piece) + 1))[:size], 1_000_000)
