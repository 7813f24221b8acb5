"""Where the event is, as against places that an item merely names."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.event_places import CODES
from waspada.places import EventPlace, event_place, find_places, is_within, place
from waspada.places.focus import ROLE_FACTORS
from waspada.places.roles import Role, roles_of

FILLER = "Kegiatan berlangsung tertib sampai selesai menurut panitia. " * 15


def happens(title: str, text: str, home: str | None = None) -> EventPlace:
    return event_place(find_places(title, text, home), title, text, home)


#: name of the case, title, text, home, code
CASES: list[tuple[str, str, str, str | None, str | None]] = [
    ("no place", "Rapat koordinasi", "Rapat berjalan lancar.", "63.03", None),
    ("scene before aid", "Bentrok di Barabai", "Barabai kini aman. Bantuan datang dari Banjarmasin.", None, "63.07"),
    ("origin", "Warga Asal Sampang Ditangkap", "Pria asal Sampang ditangkap di Surabaya, Senin.", None, "35.78"),
    ("born elsewhere", "", "Perempuan kelahiran Manado itu ditemukan di Kota Kendari.", None, "74.71"),
    ("former office", "", "Mantan Bupati Tapin hadir dalam rapat di Barabai.", None, "63.07"),
    ("office", "", "Bupati Balangan menolak usul itu, kata warga yang pulang dari Banjarmasin.", None, "63.11"),
    ("commission", "", "KPU Kabupaten Banjar menetapkan daftar pemilih.", None, "63.03"),
    ("comparison", "", "Pemilih antre di Rantau, Tapin, seperti di Kotabaru dulu.", None, "63.05"),
    ("capital dateline", "", "JAKARTA, KABAR.COM - Banjir merendam Kabupaten Tapin.", None, "63.05"),
    ("local dateline alone", "", "KABAR.CO.ID, TUBAN - Pasar ikan ramai pembeli sejak pagi.", None, "35.23"),
    ("dateline against scene", "", "KABAR.CO.ID, TUBAN - Ricuh terjadi di Kabupaten Lamongan.", None, "35.24"),
    ("seat of a national body", "", "Banjir di Tapin dibahas di Gedung Merah Putih, Jakarta, Senin.", None, "63.05"),
    ("armed group", "KKB Papua Serang Pos", "Pos di Ilaga, Kabupaten Puncak, Papua, diserang.", None, "94.05"),
    (
        "link to another article",
        "Ricuh di Tapin",
        "Aman. Baca juga: Ricuh di Kotabaru, Kotabaru.\nSelesai.",
        None,
        "63.05",
    ),
    (
        "happened in a building",
        "",
        "Diskusi berlangsung di Hotel Melati, Denpasar. Tokoh Buleleng hadir.",
        None,
        "51.71",
    ),
    ("visit", "Sowan ke Banten, Panitia Bahas Acara di Bali", "Panitia berkunjung ke Banten, Senin.", None, "36"),
    ("whole province", "Pilkada Kalsel Lancar", "Gubernur berterima kasih.", None, "63"),
    ("province, a town late", "KPU Kalsel Rapat", "Rapat KPU Kalsel selesai. " + FILLER + "Di Tapin juga.", None, "63"),
    ("province in the title, finer in the text", "Banjir di Kalsel", "Air naik di Kabupaten Banjar.", None, "63.03"),
    ("the nation", "Menteri Umumkan Aturan", "JAKARTA - Menteri mengumumkan aturan baru.", None, None),
    (
        "the nation, a town late",
        "Presiden Lantik Menteri",
        "Pelantikan selesai. " + FILLER + "Serupa di Tapin.",
        None,
        None,
    ),
    ("abroad", "Gempa di Rusia", "Gempa besar mengguncang Rusia. " + FILLER + "Warga Ambon tenang.", None, None),
    ("home breaks a tie", "", "Rapat antara Pemkab Kapuas Hulu dan Pemkab Barito Kuala.", "63", "63.04"),
    ("first of two alike", "", "Rapat antara Pemkab Kapuas Hulu dan Pemkab Barito Kuala.", None, "61.06"),
    # how finely
    (
        "desa",
        "Ricuh di Martapura Barat",
        "Ricuh di Desa Sungai Rangas Tengah, Kec. Martapura Barat.",
        None,
        "63.03.14.2013",
    ),
    ("kecamatan", "", "Banjir di Kecamatan Gambut, Kabupaten Banjar.", None, "63.03.03"),
    ("two kecamatan alike", "", "Banjir di Kecamatan Gambut dan Kecamatan Aluh-Aluh, Kabupaten Banjar.", None, "63.03"),
    ("kecamatan named late", "Banjir di Kabupaten Banjar", FILLER + "Di Kecamatan Gambut juga.", None, "63.03"),
    (
        "ticket is no place",
        "Paslon Tapin Berkah Daftar",
        "Paslon Tapin Berkah mendaftar di KPU Balangan.",
        None,
        "63.11",
    ),
]


@pytest.mark.parametrize(("title", "text", "home", "code"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_event_place(title: str, text: str, home: str | None, code: str | None) -> None:
    assert happens(title, text, home).code == code


def test_it_tells_why_and_how_clearly() -> None:
    clear = happens("Bentrok di Barabai", "Bentrok terjadi di Barabai, Senin.")
    assert clear.why[:2] == ("title", "scene")
    assert clear.p > 0.8
    shared = happens("Banjir di Tapin dan Balangan", "Air naik.")
    assert (shared.code, shared.also) == ("63.05", ("63.11",))
    assert shared.p < clear.p
    assert "home" in happens("Bentrok di Barabai", "", "63").why


def test_a_place_merely_named_is_not_one_of_the_event() -> None:
    assert happens("Bentrok di Barabai", "Bentrok di Barabai. Pelaku asal Tapin ditahan.").also == ()


@pytest.mark.parametrize(
    ("title", "text", "roles"),
    [
        ("", "di Tapin", [Role.SCENE]),
        ("", "banjir Tapin", [Role.EVENT]),
        ("", "Warga asal Kabupaten Tapin", [Role.ORIGIN]),
        ("", "eks Ketua KPU Tapin", [Role.FORMER]),
        ("", "Kapolres Tapin", [Role.OFFICE]),
        ("", "menuju Tapin", [Role.DIRECTION]),
        ("", "selain Tapin", [Role.COMPARISON]),
        ("", "Rapat digelar di Aula Melati, Tapin", [Role.HAPPENED]),
        ("", "Ditemui di Mabes Polri, Jakarta Selatan", [Role.SEAT]),
        ("", "Tapin, Kalsel (ANTARA) - Pasar ramai.", [Role.DATELINE, Role.DATELINE]),
        ("", "Baca juga: Ricuh di Tapin", [Role.LINK]),
        ("", "pria asal Gambut, Kabupaten Banjar, Kalimantan Selatan", [Role.ORIGIN] * 3),
        ("Tapin", "Tapin", [Role.BARE, Role.BARE]),
    ],
)
def test_roles(title: str, text: str, roles: list[Role]) -> None:
    assert roles_of(find_places(title, text, "63.03"), title, text) == roles


def test_the_factors_are_those_that_the_documentation_tells() -> None:
    document = (Path(__file__).resolve().parents[2] / "docs" / "places.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \| [^|]* \| ([\d.]+) \|$", document, re.MULTILINE)
    told = {Role(name): float(factor) for names, factor in rows for name in re.findall(r"`(\w+)`", names)}
    assert told == dict(ROLE_FACTORS)


def test_the_hand_made_codes_exist_and_are_keyed_by_hashes() -> None:
    rows = list(csv.DictReader(CODES.read_text(encoding="utf-8").splitlines()))
    assert len({row["sha1"] for row in rows}) == len(rows) == 300
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{40}", row["sha1"])
        codes = [code for code in (row["code"], *row["also"].split(";")) if code not in {"-", ""}]
        assert all(place(code) is not None and len(code) <= 5 for code in codes)


_WORDS = st.sampled_from(
    "Tapin Banjar Kalsel di asal Bupati Kecamatan Gambut Papua KKB ricuh , . - ( JAKARTA (ANTARA) Bogor Desa".split()  # noqa: SIM905
)
_TEXTS = st.lists(st.one_of(_WORDS, st.text(max_size=6)), max_size=30).map(" ".join)


@settings(max_examples=200, deadline=None)
@given(title=_TEXTS, text=_TEXTS, home=st.sampled_from([None, "63", "63.03", "99"]))
def test_the_event_lies_in_a_place_that_the_item_names(title: str, text: str, home: str | None) -> None:
    mentions = find_places(title, text, home)
    found = event_place(mentions, title, text, home)
    assert 0.0 <= found.p <= 1.0
    for code in (found.code, *found.also):
        if code is not None:
            assert place(code) is not None
            assert any(is_within(mention.code, code) for mention in mentions)
    assert found.code not in found.also


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("terjadi di gedung a, " * 40_000 + "di Kabupaten Banjar", None),
        ("Baca juga: Banjarmasin. " * 40_000, None),
        ("terjadi di Kabupaten Banjar, Kecamatan Gambut. " * 20_000, "63.03.03"),
        ("|a" * 60 + " Banjarmasin - " + "x" * 900_000, "63.71"),
    ],
    ids=["verbs", "links", "places", "a strange head"],
)
def test_a_hostile_megabyte_has_an_answer(text: str, code: str | None) -> None:
    """Patterns that go back over their words would not come to an end here."""
    assert happens("", text).code == code
