"""No topic may be a person: by its title, its description, or by what its examples have in common. All are made up."""

from __future__ import annotations

import pytest

from waspada.topics import names, policy
from waspada.topics.names import name_problem

PERSONS = ["Rudi Hartono", "rudi hartono", "RUDI HARTONO", "Kinerja Hendra Gunawan", "Siti", "Haji Rusdi", "Gus Fahmi"]
#: Behind the word for a body a name is still a name; and nicknames.
HIDDEN = [
    "PT Rudi Hartono",
    "PT Haji Rusmadi",
    "CV Hendra Gunawan",
    "Klub Rudi Hartono",
    "Masjid Hendra Gunawan",
    "Jalan Rudi Hartono",
    "Relawan Rusmadi",
    "Paman Rusmadi",
    "H Rusmadi",
]
OFFICES = [
    "Bupati Banjar",
    "Wakil Wali Kota Banjarmasin",
    "Istri Bupati Banjar",
    "Mantan Bupati Tapin",
    "Gubernur",
    "Ketua KPU Banjar",
    "Ketua DPRD Kalsel",
    "Kepala Dinas PUPR Banjar",
    "Rektor ULM",
    "Kasus Bupati Banjar",
]
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
    "PT Adaro",
    "Sengketa PT Adaro",
    "PT Adaro Energy",
    "Tambang batu bara PT Kaltim Prima Coal",
    "Pemilihan Bupati Banjar",
    "Anggota DPRD Kalsel",
    "Kepala desa",
    "Penyegelan masjid Ahmadiyah",
    "Syiah",
    "Jalan Pangeran Antasari",
    "Haul Demang Lehman",
    "Aruh Ganal",
    "Rumah Sakit Ulin",
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
    ["Warga berselisih dengan PT Adaro.", "PT Adaro memagari lahan warga.", "Lahan garapan digusur PT Adaro."],
    ["Harga cabai di Pasar Antasari naik.", "Pedagang Pasar Antasari mengeluh.", "Pasar Antasari sepi pembeli."],
    ["Kabut asap menutup Bandara Syamsudin Noor.", "Asap di Bandara Syamsudin Noor.", "Lahan di bandara terbakar."],
    ["Bupati Banjar meninjau warga yang mengungsi.", "Banjir merendam ratusan rumah.", "Tanggul jebol di hulu sungai."],
]
#: Twelve sentences on land, of which as many as likeness looks at share somebody.
LAND = [
    "Warga dan perusahaan sawit berselisih soal batas lahan garapan.",
    "Masyarakat adat menolak tanah ulayat masuk konsesi tambang.",
    "Petani bertahan di lahan yang digusur sejak kemarin.",
    "Sertifikat tumpang tindih membuat dua desa saling mengklaim.",
    "Warga memblokir jalan kebun karena plasma tidak dibagikan.",
    "Sengketa tanah transmigrasi dibawa ke pengadilan.",
    "Ganti rugi lahan bendungan belum dibayar penuh.",
    "Batas hutan adat dipasang ulang oleh warga.",
    "Kebun sawit dipanen sepihak oleh kelompok tani.",
    "Pengukuran tanah ditolak karena tanpa pemberitahuan.",
]
SOMEBODY = [
    "PT Haji Rusmadi",
    "PT Rudi Hartono",
    "Masjid Hendra Gunawan",
    "Paman Rusmadi",
    "rusmadi",
    "Bupati Banjar",
    "Kepala Dinas PUPR Banjar",
]


@pytest.mark.parametrize("title", [*PERSONS, *HIDDEN, *OFFICES, *ACCOUNTS])
def test_a_title_that_is_somebody_is_refused_and_says_why(title: str) -> None:
    problem = name_problem(title)
    assert problem is not None
    assert problem.field == "title"
    assert problem.message.startswith("The title")
    assert ":" in problem.message  # what to change


@pytest.mark.parametrize("title", THINGS)
def test_events_places_and_bodies_are_fine(title: str) -> None:
    assert name_problem(title) is None


@pytest.mark.parametrize(
    "text",
    [*PERSONS, *HIDDEN, "Semua kabar Rudi Hartono.", "semua kegiatan Paman Rusmadi", "Kabar Bupati Banjar.", *ACCOUNTS],
)
def test_a_description_names_nobody(text: str) -> None:
    assert name_problem("Jalan rusak", text) is not None


@pytest.mark.parametrize("examples", EXAMPLES)
def test_examples_name_nobody(examples: list[str]) -> None:
    assert name_problem("Jalan rusak", "", examples) is not None


@pytest.mark.parametrize("examples", HARMLESS)
def test_examples_may_share_places_and_bodies(examples: list[str]) -> None:
    assert name_problem("Berita daerah", "", examples) is None


def test_shared_is_what_as_many_texts_hold_as_likeness_looks_at() -> None:
    assert names.LEAST_SHARED == policy.NEAREST


@pytest.mark.parametrize("somebody", SOMEBODY)
def test_two_of_twelve_examples_are_a_search_and_share_nobody(somebody: str) -> None:
    two = [f"Lahan {somebody} ramai dikunjungi tamu.", f"Warga melaporkan lahan {somebody} kemarin."]
    problem = name_problem("Sengketa lahan", "", [*LAND, *two])
    assert problem is not None
    assert name_problem("Sengketa lahan", "", LAND) is None


@pytest.mark.parametrize(
    ("title", "examples", "field", "number"),
    [
        ("Rudi Hartono", LAND, "title", 0),
        ("Lahan", [*LAND[:3], "Rudi Hartono memagari lahan itu."], "example", 4),
        ("Kabar", ["Bupati Banjar panen raya.", "Rumah Bupati Banjar ramai sekali.", LAND[0]], "examples", 0),
    ],
)
def test_a_problem_says_where_it_is(title: str, examples: list[str], field: str, number: int) -> None:
    problem = name_problem(title, "", examples)
    assert problem is not None
    assert (problem.field, problem.number) == (field, number)
    assert problem.words


@pytest.mark.parametrize("text", ["", " ", "\x00", "\u202e", "x" * 5000, "😀😀", "[nama]"])
def test_odd_text_never_raises(text: str) -> None:
    name_problem(text, text, [text, text, text])
