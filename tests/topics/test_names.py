"""No topic may be a person: by its title, its description, or by what its examples have in common. All are made up."""

from __future__ import annotations

import pytest

from waspada.topics.names import name_problem

PERSONS = ["Rudi Hartono", "rudi hartono", "RUDI HARTONO", "Kinerja Hendra Gunawan", "Siti", "Haji Rusdi", "Gus Fahmi"]
OFFICES = ["Bupati Banjar", "Wakil Wali Kota Banjarmasin", "Istri Bupati Banjar", "Mantan Bupati Tapin", "Gubernur"]
ACCOUNTS = ["Kabar @banjar", "Akun palsu", "akun infobanjar", "WA 081234567890", "surel warga@pos.example"]
THINGS = [
    "Sengketa lahan",
    "Sengketa Lahan Sawit",
    "Pilkades",
    "Karhutla",
    "Banjir dan tanah longsor",
    "Pemilihan kepala desa",
    "Netralitas kepala desa",
    "Pelantikan bupati",
    "KPU Banjar",
    "PT Arutmin Indonesia",
    "Walhi Kalsel",
    "Dayak Meratus",
    "Tambang ilegal Meratus",
    "Jalan Ahmad Yani",
    "Pasar Antasari",
    "Muhammadiyah",
    "Harga sembako",
]
#: The real hole: a harmless title, and sentences that share nothing but somebody.
EXAMPLES = [
    ["Rudi Hartono datang ke pasar.", "Rudi Hartono membeli mobil baru.", "Rumah Rudi Hartono dijual."],
    ["katanya hendra punya rumah mewah", "warga lihat hendra di kafe", "hendra bagi-bagi uang lagi"],
    ["Kabar rusmadi pulang kampung.", "Rusmadi terlihat di pasar.", "Semua tentang rusmadi hari ini."],
    ["Warga memprotes jalan rusak di desa.", "Jalan rusak dikeluhkan Siti Aminah (40).", "Jalan rusak lagi di sini."],
    ["Bupati Banjar Rahmat Hidayat meninjau pasar.", "Pasar ditata ulang lagi.", "Pedagang pasar pindah hari ini."],
]
HARMLESS = [
    ["Warga dan perusahaan sawit berselisih soal lahan.", "Petani menolak digusur dari lahan.", "Lahan adat dipatok."],
    ["Walhi mengkritik izin tambang.", "Laporan Walhi soal karhutla.", "Aksi Walhi di depan kantor gubernur."],
    ["Balai adat Dayak Meratus dirusak.", "Warga Dayak Meratus menolak tambang.", "Hutan adat Dayak Meratus dijaga."],
    ["Pilkades Astambul ditunda.", "Warga Astambul memprotes panitia.", "Banjir di Astambul mulai surut."],
]


@pytest.mark.parametrize("title", [*PERSONS, *OFFICES, *ACCOUNTS])
def test_a_title_that_is_somebody_is_refused_and_says_why(title: str) -> None:
    problem = name_problem(title)
    assert problem is not None
    assert problem.startswith("The title")
    assert ":" in problem  # what to change


@pytest.mark.parametrize("title", THINGS)
def test_events_places_and_bodies_are_fine(title: str) -> None:
    assert name_problem(title) is None


@pytest.mark.parametrize("text", [*PERSONS, "Semua kabar Rudi Hartono.", *ACCOUNTS])
def test_a_description_names_nobody(text: str) -> None:
    assert name_problem("Jalan rusak", text) is not None


@pytest.mark.parametrize("examples", EXAMPLES)
def test_examples_name_nobody(examples: list[str]) -> None:
    assert name_problem("Jalan rusak", "", examples) is not None


@pytest.mark.parametrize("examples", HARMLESS)
def test_examples_may_share_places_and_bodies(examples: list[str]) -> None:
    assert name_problem("Berita daerah", "", examples) is None


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e", "x" * 5000, "😀😀", "[nama]"])
def test_odd_text_never_raises(text: str) -> None:
    name_problem(text, text, [text, text, text])
