"""Candidates named by their ballot number, places, bodies and headlines stay; initials of suspects go. All made up."""

from __future__ import annotations

import pytest

from waspada.privacy import mask_persons

KEPT = [
    # candidates, named right after their ballot number, whoever follows them
    "Pendukung pasangan nomor urut 2 Saubarin Lukmana - Erni Wardhati melintasi lokasi kampanye pasangan nomor urut 1 "
    "Gusti Halimas-Darwis Bentaro.",
    "Pendukung pasangan nomor urut 2 Saubarin Lukmana – Erni Wardhati pulang. Saubarin Lukmana menyesalkan hal itu.",
    "Pendukung paslon 1 Saubarin Lukmana dan wakilnya Erni Wardhati ribut. Lukmana meminta semua tenang.",
    "Relawan paslon nomor urut 3 Gusti Halimas dan Darwis Bentaro memasang baliho.",
    "Pendukung pasangan nomor urut 1 Gusti Halimas-Darwis Bentaro pulang. Darwis Bentaro berterima kasih.",
    "Simpatisan pasangan calon bupati dan wakil bupati nomor urut 2 Saubarin Lukmana dan Erni Wardhati berkumpul.",
    "Pendukung pasangan calon gubernur nomor urut 2 Saubarin Lukmana dan Erni Wardhati berkumpul di Tapin.",
    "Simpatisan pasangan calon wali kota nomor urut 2 Saubarin Lukmana dan Erni Wardhati berkumpul.",
    "Pendukung cabup nomor urut 2 Saubarin Lukmana memadati lapangan.",
    "Pendukung cagub 1 Darwis Bentaro dan relawan cawali nomor urut 2 Saubarin Lukmana berpawai.",
    # bodies, roles, peoples
    "Sentra Gakkumdu memanggil saksi. Gakkumdu akan menggelar rapat.",
    "Syahbandar Banjarmasin melarang kapal kecil berlayar.",
    "Petugas Manggala Agni memadamkan api. Manggala Agni Banjar turun tangan.",
    "Warga Dayak Meratus menolak tambang di Hantakan.",
    "Pelapor menyerahkan bukti. Mandor kebun sudah diperiksa.",
    "Verdik menyatakan kabar itu salah.",
    "Transfer dulu baru barang dikirim. Tf ke rekening ini.",
    # places
    "Banjir di Pandawan dan Nawin belum surut. Warga Basirih mengungsi.",
    "Desa Ulin, Swarangan dan Kalumpang terendam. Bandara Syamsudin Noor ditutup sementara.",
    "Bandara Syamsudin Noor padat. Syamsudin Noor dibuka lagi.",
    "Nawin, Tabalong, terendam.",
    # headlines
    "Ekor Banjir Tapin: Sawah Gagal Panen",
    "Ekor Banjir",
    "Setinggi Dada",
    "Banjir Setinggi Dada Rendam Pandawan",
    "Mantan PPK Halong Divonis Dua Tahun Penjara",
    "Mantan PPK Halong Divonis",
    # capitals that are held or taken away without being anybody
    "SIM ditahan polisi, HP diamankan, APK ditarik dari jalan.",
    "KPU ditahan anggarannya.",
]

MASKED = [
    # near a candidate, but not the candidate
    ("Istri cabup nomor urut 2 Norhayati hadir.", "Istri cabup nomor urut 2 [nama] hadir."),
    ("Relawan paslon nomor urut 2 Rudi Hartono dianiaya.", "Relawan paslon nomor urut 2 [nama] dianiaya."),
    ("Pendukung cabup nomor urut 2 Rudi Hartono dianiaya.", "Pendukung cabup nomor urut 2 [nama] dianiaya."),
    ("Mantan cabup nomor urut 2 Rudi Hartono diperiksa.", "Mantan cabup nomor urut 2 [nama] diperiksa."),
    # near a role, a place or an airport, and yet a person
    ("Mandor Rusdi Anwar sudah diperiksa polisi.", "Mandor [nama] sudah diperiksa polisi."),
    ("Pelapor Rusdi Anwar datang ke Sentra Gakkumdu.", "Pelapor [nama] datang ke Sentra Gakkumdu."),
    ("Korban bernama Syamsudin Noor (34) dirawat.", "Korban bernama [nama] dirawat."),
    ("Rahman Ulin ditangkap polisi di Kalumpang.", "[nama] ditangkap polisi di Kalumpang."),
    ("Ulin mengaku dipukul di rumahnya.", "[nama] mengaku dipukul di rumahnya."),
    ("Indah mengaku dipukul di rumahnya.", "[nama] mengaku dipukul di rumahnya."),
    # initials of suspects
    ("AF sudah ditarik dari kebun.", "[nama] sudah ditarik dari kebun."),
    ("HD ditahan di Polres Tapin.", "[nama] ditahan di Polres Tapin."),
    ("MR dan AF (17) akhirnya ditangkap.", "[nama] dan [nama] akhirnya ditangkap."),
    ("MRS (20 tahun), AF dan HD diamankan polisi.", "[nama], [nama] dan [nama] diamankan polisi."),
]


@pytest.mark.parametrize("text", ["Tambang ilegal Meratus", "Dayak", "Penolakan Syamsudin", "Kapal ditahan Syahbandar"])
def test_a_thing_may_end_the_text(text: str) -> None:
    """The last word is looked at with the one after it, which is not there."""
    assert mask_persons(text).startswith(text.split(maxsplit=1)[0])


@pytest.mark.parametrize("text", KEPT)
def test_candidates_places_bodies_and_headlines_stay(text: str) -> None:
    assert mask_persons(text) == text


@pytest.mark.parametrize(("text", "expected"), MASKED)
def test_private_persons_beside_them_are_masked(text: str, expected: str) -> None:
    assert mask_persons(text) == expected
    assert mask_persons(expected) == expected
