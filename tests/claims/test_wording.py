"""What is said of a match: which fact-check, whose verdict, how sure; never that something is false by its style."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.rows import NOW
from waspada.alerts.guilt import NAMES_GUILT
from waspada.claims import wording
from waspada.claims.narrative import MAX_NARRATIVE, narrative_of
from waspada.claims.types import MATCHER, CheckOrigin, CheckView, MatchOrigin, MatchState, MatchView, best_of
from waspada.claims.verdicts import Standing, standing
from waspada.claims.wording import NONE_KNOWN, claim_line

CHECK = CheckView(
    "imp-1", "Pulpen palsu", "Pulpen di TPS Berisi Tinta Hilang", "SALAH", "https://cek.example/1", "Cek Banua",
    date(2024, 11, 20), CheckOrigin.OUTLET, None, "", None, 1,
)  # fmt: skip
MATCH = MatchView(1, 1, MatchState.SUGGESTED, MatchOrigin.MACHINE, 0.5, "waspada", NOW, "", MATCHER, 1, CHECK)


def of(verdict: str = "SALAH", **given: object) -> str:
    return claim_line(replace(MATCH, check=replace(CHECK, verdict=verdict, **given)))  # type: ignore[arg-type]


def test_none_known_is_said() -> None:
    assert claim_line(None) == "Belum ada cek fakta yang diketahui."


@pytest.mark.parametrize(
    ("state", "origin", "start", "how"),
    [
        (MatchState.SUGGESTED, MatchOrigin.MACHINE, "Mungkin sama dengan", "(disarankan, belum diverifikasi)"),
        (MatchState.CONFIRMED, MatchOrigin.MACHINE, "Sangat mirip dengan", "(dikonfirmasi mesin, belum diverifikasi)"),
        (MatchState.CONFIRMED, MatchOrigin.PERSON, "Sama dengan", "(dikonfirmasi oleh petugas)"),
    ],
)
def test_how_sure_it_is_stands_in_the_line(state: MatchState, origin: MatchOrigin, start: str, how: str) -> None:
    assert claim_line(replace(MATCH, state=state, origin=origin)) == (
        f'{start} cek fakta Cek Banua, 20/11/2024: "Pulpen di TPS Berisi Tinta Hilang" {how}. '
        'Putusan menurut Cek Banua: "SALAH".'
    )


def test_verdict_that_is_no_refutation_is_not_read_as_one() -> None:
    assert of("BENAR").endswith('Putusan menurut Cek Banua: "BENAR"; cek fakta ini bukan bantahan.')
    assert of("KLARIFIKASI").endswith('"KLARIFIKASI"; putusan ini bukan bantahan yang tegas.')
    for none in ("", " ", "CEK FAKTA"):
        assert of(none).endswith("Putusannya tidak ditulis tersendiri; baca cek faktanya.")
    assert "bantahan" not in of("SALAH")


def test_own_verdict_is_said_to_be_the_desks() -> None:
    said = of("SALAH", origin=CheckOrigin.OWN, outlet="", title="", checked_on=None)
    assert said.startswith('Mungkin sama dengan cek fakta meja ini: "Pulpen palsu"')
    assert said.endswith('Putusan menurut meja ini: "SALAH".')


def test_without_outlet_and_day() -> None:
    said = of("SALAH", outlet="", checked_on=None)
    assert "cek fakta tanpa nama:" in said
    assert 'menurut pemeriksanya: "SALAH"' in said


def test_long_title_is_cut_and_its_quotes_cannot_end_the_quotation() -> None:
    said = of(title='"Kata" ' * 100)
    assert len(said) < 400
    assert said.count('"') == 4


def test_words_name_no_guilt_and_the_machine_calls_nothing_false() -> None:
    texts = [Path(wording.__file__).read_text(encoding="utf-8"), NONE_KNOWN, *wording.STATE_WORDS.values()]
    assert not any(NAMES_GUILT.search(text) for text in texts)
    bare = claim_line(replace(MATCH, check=replace(CHECK, verdict="", title="Judul")))
    assert not any(word in bare.lower() for word in ("salah", "hoaks", "bohong", "palsu", "keliru"))


def test_best_is_what_a_person_confirmed_then_the_machine_then_the_score() -> None:
    suggested = replace(MATCH, id=2, score=0.99)
    sure = replace(MATCH, id=3, state=MatchState.CONFIRMED, score=0.7)
    by_person = replace(MATCH, id=4, state=MatchState.CONFIRMED, origin=MatchOrigin.PERSON, score=0.3)
    rejected = replace(MATCH, id=5, state=MatchState.REJECTED, origin=MatchOrigin.PERSON, score=1.0)
    everything = [rejected, MATCH, suggested, sure, by_person]
    for _ in range(3):
        best = best_of(everything)
        assert best is not None
        assert best.id == {0: 4, 1: 3, 2: 2}[5 - len(everything)]
        everything.remove(best)
    assert best_of([rejected]) is None


@pytest.mark.parametrize(
    ("verdict", "found"),
    [
        ("SALAH", Standing.REFUTES), ("Hoaks", Standing.REFUTES), ("HOAX", Standing.REFUTES),
        ("Tidak Benar", Standing.REFUTES), ("TIDAK TERBUKTI", Standing.REFUTES), ("Menyesatkan", Standing.REFUTES),
        ("BENAR", Standing.SUPPORTS), ("Fakta", Standing.SUPPORTS), ("Terbukti", Standing.SUPPORTS),
        ("KLARIFIKASI", Standing.UNCLEAR), ("Sebagian Benar", Standing.UNCLEAR), ("SEBAGIAN SALAH", Standing.UNCLEAR),
        ("Belum Terbukti", Standing.UNCLEAR), ("CEK FAKTA", Standing.UNCLEAR), ("", Standing.UNCLEAR),
        ("BERITA", Standing.UNCLEAR), ("Satire", Standing.UNCLEAR),
        ("Bukan Hoaks", Standing.SUPPORTS),
        ("tidak menyesatkan", Standing.SUPPORTS),
    ],
)  # fmt: skip
def test_standing_of_a_verdict(verdict: str, found: Standing) -> None:
    assert standing(verdict) is found


WORDS = "Hati-hati, jangan minum air keran mulai malam ini sampai hari pencoblosan."


@pytest.mark.parametrize(
    "body",
    [
        f"Beredar pesan.\nNarasi\n“{WORDS}”\nPenjelasan\nTidak benar demikian.",
        f"NARASI: “{WORDS}”\nKATEGORI: konten menyesatkan",
        f"[NARASI]:\n{WORDS}\n[PENJELASAN]:\nSetelah ditelusuri ...",
        f"Isi narasi yang beredar:\n{WORDS}\nHasil Cek Fakta\nKlaim itu keliru.",
        f'Narasi lengkapnya = "{WORDS}"\nSumber: grup percakapan',
        f"Sebuah unggahan beredar di media sosial, berbunyi “{WORDS}” Unggahan itu dibagikan berkali-kali.",
    ],
)
def test_narrative_is_what_the_body_quotes(body: str) -> None:
    assert narrative_of(body) == WORDS


@pytest.mark.parametrize(
    "body",
    [
        "", "Narasi", "Narasi\nPenjelasan\nTidak ada.", "Narasi: singkat saja", "Narasi: INFO A1 dari Kesbangpol",
        f'Kepala dinas berkata, "{WORDS}" dalam jumpa pers.', "Narasi sejarah kota ini panjang dan menarik.",
        'Beredar kabar.\nMenurut dokter, "air keran di kota ini aman diminum setelah dimasak".',
    ],
)  # fmt: skip
def test_nothing_is_taken_for_a_narrative_that_is_not_marked(body: str) -> None:
    assert narrative_of(body) == ""


def test_long_narrative_is_cut_at_a_word() -> None:
    found = narrative_of(f"Narasi:\n{'kata ' * 1000}\nPenjelasan: x")
    assert MAX_NARRATIVE - 10 < len(found) <= MAX_NARRATIVE
    assert found.endswith("kata")


@given(st.text(max_size=300), st.sampled_from(["Narasi: ", "Narasi\n", "beredar “", '"']))
def test_no_body_makes_it_raise(text: str, start: str) -> None:
    assert len(narrative_of(start + text)) <= MAX_NARRATIVE


def test_a_verdict_whose_words_went_is_named_without_them() -> None:
    said = of("SALAH", origin=CheckOrigin.OWN, outlet="", title="", claim="")
    assert said.startswith("Mungkin sama dengan cek fakta meja ini, 20/11/2024 (disarankan")
    assert '""' not in said
