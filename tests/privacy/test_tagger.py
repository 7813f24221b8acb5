"""The tagger decides by exact sums, alike alone and in a batch, and its file holds numbers only."""

from __future__ import annotations

from itertools import product
from pathlib import Path

import numpy as np
import pytest

from waspada.errors import ModelError
from waspada.privacy.features import MODES, writing_mode
from waspada.privacy.tagger import TAGS, WEIGHTS_PATH, allowed_steps, best_through, read_weights, shipped
from waspada.privacy.tokens import LONGEST_SENTENCE, sentences, tokenize


def cut(text: str) -> list[list[str]]:
    return [[token.text for token in sentence] for sentence in sentences(tokenize(text))]


def test_the_best_reading_through_each_tag_is_that_of_all_readings_tried() -> None:
    rng = np.random.default_rng(5)
    tags, length = 3, 4
    emitted = rng.integers(-9, 9, (1, length, tags)).astype(np.int32)
    step = rng.integers(-9, 9, (tags, tags)).astype(np.int32)
    first = rng.integers(-9, 9, tags).astype(np.int32)
    tried = np.full((length, tags), -1000)
    for path in product(range(tags), repeat=length):
        score = first[path[0]] + sum(int(emitted[0, place, tag]) for place, tag in enumerate(path))
        score += sum(int(step[path[place], path[place + 1]]) for place in range(length - 1))
        for place, tag in enumerate(path):
            tried[place, tag] = max(tried[place, tag], score)
    assert np.array_equal(best_through(emitted, np.array([length]), step, first)[0], tried)


def test_a_sentence_is_read_alike_alone_and_among_others() -> None:
    found = cut(
        "Korban bernama Siti Aminah pulang. Banjir melanda Martapura.\n" + "Menurut Rahmat, warga resah. " * 300
    )
    together = shipped().margins(found)
    for sentence, margins in list(zip(found, together, strict=True))[:5]:
        assert np.array_equal(shipped().margins([sentence])[0], margins)


def test_no_sentence_gives_no_margins() -> None:
    assert shipped().margins([]) == []


def test_inside_tags_follow_only_their_own_kind() -> None:
    allowed = allowed_steps()
    for before, after in product(range(len(TAGS)), repeat=2):
        fits = not TAGS[after].startswith("I-") or TAGS[before][2:] == TAGS[after][2:] != ""
        assert allowed[before, after] == fits


def test_the_file_is_small_and_holds_numbers_only() -> None:
    assert WEIGHTS_PATH.stat().st_size <= 2_000_000
    with np.load(WEIGHTS_PATH, allow_pickle=False) as stored:
        assert {stored[name].dtype.kind for name in stored.files} <= {"i", "u"}


def test_a_missing_or_broken_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"none\.npz"):
        read_weights(tmp_path / "none.npz")
    broken = tmp_path / "broken.npz"
    broken.write_bytes(WEIGHTS_PATH.read_bytes()[:5000])
    with pytest.raises(ModelError, match=r"broken\.npz"):
        read_weights(broken)


@pytest.mark.parametrize(
    ("text", "mode"),
    [
        ("Warga di Banjarmasin mengungsi sejak kemarin malam.", "plain"),
        ("Warga Banjarmasin Mengungsi Sejak Kemarin Malam", "title"),
        ("warga banjarmasin mengungsi sejak kemarin", "lower"),
        ("WARGA BANJARMASIN MENGUNGSI", "upper"),
        ("", "plain"),
    ],
)
def test_how_a_sentence_is_written(text: str, mode: str) -> None:
    assert mode in MODES
    assert writing_mode(token.text for token in tokenize(text)) == mode


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Satu. Dua! Tiga? Empat", 4),
        ("H. Rahmat datang. Ia pulang.", 2),
        ("Jl. Ahmad Yani macet.", 1),
        ("Harga 12.500 naik. 13 orang luka.", 2),
        ("Baris satu\nbaris dua", 2),
        ("", 0),
        ("\n\n", 0),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(cut(text)) == count


def test_tokens_know_their_places_and_sentences_are_bounded() -> None:
    text = "Ma'ruf al-Amin (34) di [nama]; " * 100
    assert all(text[token.start : token.end] == token.text for token in tokenize(text))
    assert max(len(sentence) for sentence in cut(text)) <= LONGEST_SENTENCE
