"""Indonesian said again in Banjarese: words of the lexicon, sounds for the rest, and the same label."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.training.banjar import WORDS, in_banjar, read_words
from nlp.training.hate import HateRow, said_in_banjar
from waspada.errors import InputError
from waspada.taxonomy import ItemKind, ItemText

_WORDS = {"tidak": ("kada",), "mau": ("hakun",), "tidak mau": ("kada handak",), "muka": ("muha",), "kamu": ("ikam",)}


class _Always(np.random.Generator):
    """Draws that turn and sound every word."""

    def random(self, *args: object, **kwargs: object) -> float:  # type: ignore[override]
        return 0.0


def _said(text: str) -> str:
    return in_banjar(text, _WORDS, _Always(np.random.PCG64(1)))


@pytest.mark.parametrize(
    ("indonesian", "banjar"),
    [
        ("Kamu tidak tahu", "ikam kada tahu"),
        ("kamu tidak mau?", "ikam kada handak?"),
        ("mukamu, mukanya", "muha ikam, muhanya"),
        ("orang besar", "urang basar"),
        ("berjalan memakan termakan", "bajalan mamakan tamakan"),
        ("lihat https://contoh.id/besar #benar @teman 2024", "lihat https://contoh.id/besar #benar @teman 2024"),
    ],
)
def test_words_and_phrases_are_turned_and_the_rest_follows_the_sounds(indonesian: str, banjar: str) -> None:
    assert _said(indonesian) == banjar


@given(st.text(max_size=60), st.integers(0, 5))
def test_any_text_is_turned_without_a_word(text: str, seed: int) -> None:
    first, again = (in_banjar(text, _WORDS, np.random.default_rng(seed)) for _ in range(2))
    assert first == again
    assert in_banjar(text, {}, _Never(np.random.PCG64(1))) == text.lower()


class _Never(np.random.Generator):
    def random(self, *args: object, **kwargs: object) -> float:  # type: ignore[override]
        return 1.0


def test_a_phrase_that_begins_as_before_is_said_once() -> None:
    assert in_banjar("mau apa lagi", {"mau apa": ("mau",)}, _Always(np.random.PCG64(1))) == "mau lagi"


def test_the_lexicon_has_a_word_for_each_of_its_lines() -> None:
    words = read_words()
    assert len(words) == len(WORDS.read_text(encoding="utf-8").splitlines()) - 1 > 2000
    assert words["tidak"][0] == "kada"


@pytest.mark.parametrize("line", ["tidak,", ",kada", "Tidak,kada", "tidak"])
def test_a_line_without_a_word_beside_it_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "words.csv"
    path.write_text(f"indonesian,banjar\nmuka,muha\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"words\.csv, line 3"):
        read_words(path)


def _row(text: str, hateful: bool, language: str = "id") -> HateRow:
    return HateRow(ItemText("1", "", text, ItemKind.POST), hateful, "group", "own", language)


def test_what_is_said_again_keeps_label_and_group_and_is_the_same_every_time() -> None:
    rows = [_row("kamu tidak tahu malu", hateful=True), _row("kita pergi ke pasar", hateful=False)]
    again = said_in_banjar(rows, 1.0)
    assert [(row.hateful, row.group, row.language) for row in again] == [
        (True, "group", "bjn"),
        (False, "group", "bjn"),
    ]
    assert all(row.item.text != source.item.text for row, source in zip(again, rows, strict=True))
    assert said_in_banjar(rows, 1.0) == again


def test_only_indonesian_is_said_again_and_only_the_share_that_is_asked_for() -> None:
    rows = [_row(f"kamu tidak tahu {number}", hateful=True) for number in range(400)]
    assert said_in_banjar([_row("ikam kada tahu", hateful=True, language="bjn")], 1.0) == []
    assert said_in_banjar(rows, 0.0) == []
    assert 60 < len(said_in_banjar(rows, 0.25)) < 140
