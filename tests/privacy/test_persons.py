"""Private persons are masked at every exit; who holds or seeks an office is named. Everybody in here is made up."""

from __future__ import annotations

import re
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.complexity import is_linear
from waspada.errors import InputError
from waspada.privacy import mask_persons, person_spans

# What goes in, and what comes out.
MASKED = [
    # victims, minors, suspects, witnesses
    (
        "Korban bernama Siti Aminah (34) ditemukan di Sungai Martapura.",
        "Korban bernama [nama] ditemukan di Sungai Martapura.",
    ),
    (
        "Tersangka Budi Santoso alias Udin (27 tahun) ditangkap Polres Tanah Laut.",
        "Tersangka [nama] ditangkap Polres Tanah Laut.",
    ),
    (
        "Pelaku berinisial AR (17) dan MS (18) diamankan Polsek Gambut.",
        "Pelaku berinisial [nama] dan [nama] diamankan Polsek Gambut.",
    ),
    ("Polisi menangkap Rudi Hartono (41), warga Banjarbaru.", "Polisi menangkap [nama], warga Banjarbaru."),
    ("Siswi SMP itu, Dewi Lestari, tidak masuk sekolah.", "Siswi SMP itu, [nama], tidak masuk sekolah."),
    ("Saksi Joko Purnomo menyebut surat suara sudah tercoblos.", "Saksi [nama] menyebut surat suara sudah tercoblos."),
    ("Jenazah Slamet Riyanto dimakamkan di Pelaihari.", "Jenazah [nama] dimakamkan di Pelaihari."),
    ("Hakim memvonis Agus Salim dua tahun penjara.", "Hakim memvonis [nama] dua tahun penjara."),
    ("Terdakwa Hendra Gunawan membantah dakwaan jaksa.", "Terdakwa [nama] membantah dakwaan jaksa."),
    ("Ibu korban, Nurhayati, menangis.", "Ibu korban, [nama], menangis."),
    ("Bocah bernama Rafi hanyut di Sungai Barito.", "Bocah bernama [nama] hanyut di Sungai Barito."),
    # private persons
    (
        "Menurut Dewi Lestari, warga Desa Mantuil, kotak suara terlambat.",
        "Menurut [nama], warga Desa Mantuil, kotak suara terlambat.",
    ),
    ('"Kami takut," kata Aminah kepada wartawan.', '"Kami takut," kata [nama] kepada wartawan.'),
    ("Pak Budi dan Bu Siti menunggu di balai desa.", "Pak [nama] dan Bu [nama] menunggu di balai desa."),
    ("Rumah milik Suparman di Kandangan hangus terbakar.", "Rumah milik [nama] di Kandangan hangus terbakar."),
    ("Akun atas nama Rina Marlina menyebarkan kabar itu.", "Akun atas nama [nama] menyebarkan kabar itu."),
    ("Guru SD di Barabai, Yuliana Sari, ikut kampanye.", "Guru SD di Barabai, [nama], ikut kampanye."),
    ("ASN bernama Eko Prasetyo diduga ikut kampanye di Sampit.", "ASN bernama [nama] diduga ikut kampanye di Sampit."),
    ("Ketua RT 05, Sugeng Widodo, membenarkan keributan itu.", "Ketua RT 05, [nama], membenarkan keributan itu."),
    ("Kuasa hukum warga, Ferry Simatupang, mengajukan gugatan.", "Kuasa hukum warga, [nama], mengajukan gugatan."),
    # near an office, but not in it
    ("Istri Bupati Banjar, Norhayati, hadir.", "Istri Bupati Banjar, [nama], hadir."),
    ("Anak Gubernur, Rizky Maulana, dilaporkan ke Bawaslu.", "Anak Gubernur, [nama], dilaporkan ke Bawaslu."),
    ("Mantan Bupati Tapin Hasan Ismail diperiksa jaksa.", "Mantan Bupati Tapin [nama] diperiksa jaksa."),
    ("Gubernur menjenguk Siti Rahmah di rumah sakit.", "Gubernur menjenguk [nama] di rumah sakit."),
    ("Bupati Banjar menyerahkan bantuan kepada Aminah (60).", "Bupati Banjar menyerahkan bantuan kepada [nama]."),
    ("Menurut Sri Wahyuni, Bupati Banjar belum datang.", "Menurut [nama], Bupati Banjar belum datang."),
    ("Kepala keluarga bernama Sukirman menolak pindah.", "Kepala keluarga bernama [nama] menolak pindah."),
    # written otherwise
    ("Polisi Periksa Rudi Hartono Soal Politik Uang di Barabai", "Polisi Periksa [nama] Soal Politik Uang di Barabai"),
    ("pak budi tolong jelaskan soal bansos di banjarbaru", "pak [nama] tolong jelaskan soal bansos di banjarbaru"),
    ("Bupati Banjar Rahmat Hidayat Temui Korban Siti Aminah", "Bupati Banjar Rahmat Hidayat Temui Korban [nama]"),
    ("BUPATI BANJAR RAHMAT HIDAYAT TEMUI KORBAN SITI AMINAH", "BUPATI BANJAR RAHMAT HIDAYAT TEMUI KORBAN [nama]"),
    # kept before, exposed later
    (
        "Bupati Tapin Hasan Ismail menutup rapat. Hasan Ismail ditangkap di rumahnya.",
        "Bupati Tapin Hasan Ismail menutup rapat. [nama] ditangkap di rumahnya.",
    ),
    (
        "Ketua KPU Ahmad Rizal membuka rapat. Korban Ahmad Fauzi belum ditemukan.",
        "Ketua KPU Ahmad Rizal membuka rapat. Korban [nama] belum ditemukan.",
    ),
]  # fmt: skip

KEPT = [
    "Gubernur Kalimantan Selatan Rahmat Hidayat meninjau banjir di Martapura.",
    "Ketua KPU Kabupaten Banjar, Muhammad Noor, membuka rapat di Jalan Ahmad Yani.",
    "Wali Kota Banjarbaru Hasan Ismail melantik pejabat baru.",
    "Kapolres Tabalong AKBP Wahyu Pratama menegaskan situasi aman.",
    "Kapolda Kalsel Irjen Pol Bambang Wijaya memimpin apel.",
    "Dandim 1006 Banjar Letkol Inf Agung Nugroho membantah kabar itu.",
    "Camat Gambut Norhasanah meminta warga tenang.",
    "Kepala Dinas Pendidikan Kabupaten Banjar Siti Rahmah membuka lomba.",
    "Menteri Dalam Negeri Suryo Wibowo tiba di Banjarmasin.",
    "Calon bupati nomor urut 2 Rizal Fahmi berjanji membangun pasar.",
    "Paslon Rizal Fahmi dan Lina Marlina unggul di Tabalong.",
    "Paslon Rizal Fahmi-Lina Marlina unggul di Tabalong.",
    "Rudi Wijaya, anggota DPRD Kalteng, menolak hasil pleno.",
    "Rahmat Hidayat dilantik sebagai Bupati Balangan.",
    "Juru bicara Bawaslu Kalsel Dian Kartika memberi keterangan.",
    "Gubernur Kalsel Rahmat Hidayat meninjau banjir. Hidayat mengatakan bantuan cukup.",
    "Ketua Bawaslu Hulu Sungai Tengah, Hj. Laila Hasanah, menerima laporan warga.",
    # places, bodies, months, religion: nobody to mask
    "Bentrok pendukung paslon terjadi di Hulu Sungai Tengah, tiga orang luka.",
    "Banjir merendam Kabupaten Tanah Laut dan Tanah Bumbu sejak Minggu.",
    "Warga berkumpul di Jalan Hasan Basri dan Bandara Syamsudin Noor.",
    "Pasien dirawat di RSUD Ulin Banjarmasin.",
    "PDI Perjuangan, Golkar dan Gerindra berkoalisi di Kotabaru.",
    "KPU, Bawaslu dan Polri menggelar rapat pada bulan November.",
    "Menjelang Ramadan harga beras di Barabai naik.",
    "Peringatan Maulid Nabi Muhammad digelar di Masjid Raya Sabilal Muhtadin.",
    "Universitas Lambung Mangkurat mengadakan seminar.",
    "Puluhan hektare lahan terbakar di Kecamatan Cempaka.",
    "Surat suara rusak ditemukan di gudang KPU Barito Kuala.",
    "Kebakaran Lahan di Kalimantan Tengah Meluas",
    "banjir di martapura belum surut, warga butuh bantuan",
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_private_persons_are_masked(text: str, expected: str) -> None:
    assert mask_persons(text) == expected


@pytest.mark.parametrize("text", KEPT)
def test_offices_places_and_bodies_stay(text: str) -> None:
    assert mask_persons(text) == text


@pytest.mark.parametrize("text", [*(text for text, _ in MASKED), *KEPT])
def test_masking_again_changes_nothing(text: str) -> None:
    once = mask_persons(text)
    assert mask_persons(once) == once


def test_a_name_sure_in_one_sentence_is_found_in_the_next() -> None:
    text = '"Kami takut," kata Mahyuni Saputra kepada wartawan.\nRumah Mahyuni rusak. Tetangga Mahyuni mengungsi.'
    assert "Mahyuni" not in mask_persons(text)


def test_the_spans_are_what_is_masked() -> None:
    text = "Korban bernama Siti Aminah (34) dan saksi Joko Purnomo dibawa ke Polsek Gambut."
    spans = person_spans(text)
    assert [text[start:end] for start, end in spans] == ["Siti Aminah (34)", "Joko Purnomo"]


def test_a_mask_in_the_text_is_no_span_but_its_age_is_hidden() -> None:
    assert person_spans("Korban [nama] dibawa ke rumah sakit.") == []
    assert mask_persons("Korban [nama] (17) dibawa ke rumah sakit.") == "Korban [nama] dibawa ke rumah sakit."


def test_another_mask_may_be_used_and_holds() -> None:
    masked = mask_persons("Saksi Joko Purnomo pulang.", mask="[orang]")
    assert masked == "Saksi [orang] pulang."
    assert mask_persons(masked, mask="[orang]") == masked


@pytest.mark.parametrize("mask", ["", "X", "[NAMA]", "[a]", "nama", "[nama"])
def test_a_mask_of_another_form_is_refused(mask: str) -> None:
    with pytest.raises(InputError, match="mask"):
        mask_persons("Saksi Joko Purnomo pulang.", mask=mask)


@pytest.mark.parametrize("text", ["", " ", "\n\n", ".", "12", "[nama]", "\ud800", "\u200b", "😀", "İ"])
def test_odd_texts_pass(text: str) -> None:
    assert mask_persons(text) == text


PIECES = """Budi Siti Aminah Rahmat Hidayat Bupati Gubernur Banjar Ketua KPU korban Korban bernama berinisial AR MS
alias bin H. Dr. S.Sos M.Si (34) (17 ,34 tahun , . - dan di Jalan Desa [nama] [akun] Pak pak warga istri mantan paslon
ditangkap dilantik sebagai menjadi tersangka kata : " ' ( ) RAHMAT siti 2024 Wakil Wali Kota Polres"""
WORDS = st.sampled_from([*PIECES.split(), "\n"])


@settings(max_examples=150, deadline=None)
@given(st.lists(WORDS, max_size=40).map(" ".join))
def test_masking_news_like_text_is_idempotent_and_keeps_the_rest(text: str) -> None:
    masked = mask_persons(text)
    assert mask_persons(masked) == masked
    spans = person_spans(text)
    assert all(start < end for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    rebuilt, last = "", 0
    for start, end in spans:
        rebuilt += text[last:start] + "[nama]"
        last = end
    assert rebuilt + text[last:] == masked


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=200))
def test_masking_any_text_is_idempotent(text: str) -> None:
    masked = mask_persons(text)
    assert mask_persons(masked) == masked


@given(st.text(st.sampled_from("aB .[nm(3)\n"), max_size=80))
@settings(max_examples=150, deadline=None)
def test_masking_scraps_of_masks_is_idempotent(text: str) -> None:
    masked = mask_persons(text)
    assert mask_persons(masked) == masked


@pytest.mark.parametrize(
    "piece", ["Budi ", "berinisial AR, ", "a", "[nama] ", "Bupati Banjar ", ". ", "Siti Aminah (34). ", "A.", "(", "\n"]
)
def test_a_long_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    assert is_linear(mask_persons, lambda size: (piece * (size // len(piece) + 1))[:size], 200_000)


def test_a_thousand_names_are_all_masked_in_linear_time() -> None:
    def told(number: int) -> str:
        return "\n".join(
            f"Menurut Dewi Lestari, warga Desa Mantuil {n}, kotak suara terlambat dua jam." for n in range(number)
        )

    assert len(re.findall(r"\[nama\]", mask_persons(told(1000)))) == 1000
    assert is_linear(mask_persons, told, 1000)
