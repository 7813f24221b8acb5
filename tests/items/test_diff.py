"""What an outlet changed: by sentence, by word, in one line; and never for long, whatever the texts are."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.items.diff import MAX_CHANGES, Change, ChangeKind, Difference, Piece, Wording, difference
from waspada.items.policy import MAX_TEXT
from waspada.taxonomy import TextField

BASE = (
    "Pompa air dipasang di Jl. Veteran sejak Senin. Dua regu bekerja bergantian.\n"
    "Camat meminta warga bersabar. Air surut pada sore hari."
)


def _plain(pieces: tuple[Piece, ...]) -> str:
    return "".join(text for text, _ in pieces)


def _marked(pieces: tuple[Piece, ...]) -> list[str]:
    return [text for text, changed in pieces if changed]


def _texts(found: Difference) -> list[tuple[str, str, str]]:
    return [(change.kind.value, _plain(change.old), _plain(change.new)) for change in found.changes]


@pytest.mark.parametrize(
    ("text", "summary", "changes"),
    [
        (BASE, "tidak ada kata yang berubah", []),
        (
            BASE + " Ralat: jumlah regu tiga.",
            "1 kalimat ditambah",
            [("added", "", "Ralat: jumlah regu tiga.")],
        ),
        (
            BASE.replace(" Dua regu bekerja bergantian.", ""),
            "1 kalimat dihapus",
            [("removed", "Dua regu bekerja bergantian.", "")],
        ),
        (
            BASE.replace("Dua regu", "Tiga regu"),
            "1 kalimat diubah",
            [("changed", "Dua regu bekerja bergantian.", "Tiga regu bekerja bergantian.")],
        ),
        (
            "Air surut pada sore hari.\n" + BASE.replace(" Air surut pada sore hari.", ""),
            "1 kalimat dipindah",
            [("moved", "Air surut pada sore hari.", "Air surut pada sore hari.")],
        ),
        (
            BASE.replace("Camat meminta warga bersabar.", "Pasar ditutup sampai Rabu."),
            "1 kalimat ditambah, 1 dihapus",
            [("added", "", "Pasar ditutup sampai Rabu."), ("removed", "Camat meminta warga bersabar.", "")],
        ),
        ("", "4 kalimat dihapus", [("removed", sentence, "") for sentence in (
            "Pompa air dipasang di Jl. Veteran sejak Senin.", "Dua regu bekerja bergantian.",
            "Camat meminta warga bersabar.", "Air surut pada sore hari.",
        )]),
    ],
)  # fmt: skip
def test_changes_of_the_text(text: str, summary: str, changes: list[tuple[str, str, str]]) -> None:
    found = difference(Wording("Banjir surut", BASE), Wording("Banjir surut", text))
    assert found.summary == summary
    assert _texts(found) == changes


def test_title_first_and_all_in_one_line() -> None:
    text = BASE.replace("Dua regu bekerja bergantian.", "Sekolah diliburkan.") + " Bantuan tiba malam ini."
    found = difference(Wording("Banjir surut", BASE), Wording("Banjir belum surut", text))
    assert found.summary == "judul diubah; 2 kalimat ditambah, 1 dihapus"
    title = found.changes[0]
    assert (title.field, title.kind, _marked(title.old), _marked(title.new)) == (
        TextField.TITLE, ChangeKind.CHANGED, [], ["belum "],
    )  # fmt: skip


def test_words_are_marked_in_both_wordings() -> None:
    found = difference(
        Wording("", "Polisi menahan dua pelaku di Martapura."), Wording("", "Polisi memeriksa dua saksi di Martapura.")
    )
    (change,) = found.changes
    assert (_marked(change.old), _marked(change.new)) == (["menahan", "pelaku"], ["memeriksa", "saksi"])


def test_abbreviations_end_no_sentence() -> None:
    found = difference(Wording("", "Rapat di Kec. Gambut ditunda."), Wording("", "Rapat di Kec. Gambut dimulai."))
    assert [change.kind for change in found.changes] == [ChangeKind.CHANGED]


_RANDOM = random.Random(7)
HOSTILE = {
    "one word": ("a" * MAX_TEXT, "b" * MAX_TEXT),
    "few words": ("aa bb cc " * 22_000, "bb aa dd " * 22_000),
    "stops": ("." * MAX_TEXT, "! " * (MAX_TEXT // 2)),
    "initials": (" ".join(_RANDOM.choice("AB") + "." for _ in range(66_000)), "B. A. " * 33_000),
    "short lines": (
        "\n".join(_RANDOM.choices("abcdefgh", k=100_000)), "\n".join(_RANDOM.choices("abcdefgh", k=100_000)),
    ),
    "shuffled": (
        "\n".join(f"kata{n}" for n in range(20_000)),
        "\n".join(f"kata{n}" for n in _RANDOM.sample(range(20_000), 20_000)),
    ),
    "all changed": (
        " ".join(f"Baris nomor {n} lama." for n in range(8_000)),
        " ".join(f"Baris nomor {n} baru." for n in range(8_000)),
    ),
    "few in common": (
        " ".join(f"lama{n} sama{n % 5_000}" for n in range(10_000)),
        " ".join(f"baru{n} sama{n % 5_000}" for n in range(10_000)),
    ),
    "few lines in common": (
        "\n".join(f"lama{n}\nsama{n % 3_000}" for n in range(6_000)),
        "\n".join(f"baru{n}\nsama{n % 3_000}" for n in range(6_000)),
    ),
    "white space": (" " * MAX_TEXT, "\n" * MAX_TEXT),
    "quotes": ("(\"'“« " * 30_000, '!" ' * 60_000),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_huge_texts_are_compared_within_bounds(name: str) -> None:
    """Any quadratic step would take minutes here and fail the whole run by its limit."""
    old, new = HOSTILE[name]
    found = difference(Wording("", old), Wording("", new))
    assert len(found.changes) <= MAX_CHANGES
    assert found.left_out == 0 or len(found.changes) == MAX_CHANGES
    assert found.summary


def test_what_lies_beyond_the_limit_is_said() -> None:
    text = "kata " * (MAX_TEXT // 5)
    found = difference(Wording("", text), Wording("", text + "lagi"))
    assert found.summary == "tidak ada kata yang berubah; hanya 200.000 karakter pertama dibandingkan"


def test_a_rewritten_article_still_pairs_its_sentences() -> None:
    old = " ".join(f"Pada hari ke-{n} warga desa menunggu bantuan logistik." for n in range(200))
    found = difference(Wording("", old), Wording("", old.replace("menunggu", "menerima")))
    assert found.summary == "200 kalimat diubah"
    assert all(_marked(change.new) == ["menerima"] for change in found.changes)


@given(st.text(max_size=200), st.text(max_size=200))
def test_the_pieces_of_a_title_are_the_titles(old: str, new: str) -> None:
    found = difference(Wording(old, ""), Wording(new, ""))
    if old.strip() == new.strip():
        assert found.changes == ()
    else:
        (change,) = found.changes
        assert (_plain(change.old), _plain(change.new)) == (old.strip(), new.strip())


_SENTENCES = st.lists(st.sampled_from(["Air naik.", "Air surut.", "Warga mengungsi ke balai desa.", "Posko dibuka."]))


@given(_SENTENCES, _SENTENCES)
def test_added_and_removed_sentences_account_for_the_whole_difference(old: list[str], new: list[str]) -> None:
    found = difference(Wording("", " ".join(old)), Wording("", " ".join(new)))
    came = sum(_is(change, "added") for change in found.changes)
    went = sum(_is(change, "removed") for change in found.changes)
    assert came - went == len(new) - len(old)


def _is(change: Change, kind: str) -> bool:
    return change.kind.value == kind
