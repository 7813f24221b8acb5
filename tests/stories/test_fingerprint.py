"""Near-duplicates: what two copies share, and what two unrelated pages of one outlet share."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.stories.texts import DRILL, FLOOD, WIRE
from waspada.stories.fingerprint import BANDS, bands, jaccard, shingles
from waspada.stories.policy import COPY_JACCARD


def test_shingles_are_runs_of_three_words() -> None:
    assert shingles("", "Satu dua, tiga EMPAT!") == {"satu dua tiga", "dua tiga empat"}


@pytest.mark.parametrize(("text", "expected"), [("Banjir", {"banjir"}), ("", set()), (" -- ", set())])
def test_short_texts(text: str, expected: set[str]) -> None:
    assert shingles("", text) == expected


def test_title_counts_only_where_there_is_no_body() -> None:
    assert shingles("Judul lain sama sekali", WIRE) == shingles("", WIRE)
    assert shingles("Banjir di Astambul", "") == {"banjir di astambul"}


@pytest.mark.parametrize(
    "dressed",
    [
        f"BANJARMASIN (KB) - {WIRE}",
        f"Banjarmasin, Kabar Banua -- {WIRE}",
        f"{WIRE}\nBaca juga: Harga beras naik lagi menjelang akhir tahun",
        f"{WIRE}\nPewarta: Siti\nEditor: Budi\nCopyright © Kabar Banua 2024",
        f"Simak Juga Lomba perahu hias kembali digelar\n{WIRE}",
    ],
)
def test_dress_of_an_agency_report_does_not_hide_the_copy(dressed: str) -> None:
    assert jaccard(shingles("a", dressed), shingles("b", WIRE)) > 0.9


def test_lightly_edited_copy_is_a_copy_and_shares_a_band() -> None:
    words, rng = WIRE.split(), random.Random(3)
    for position in rng.sample(range(len(words)), len(words) * 8 // 100):
        words[position] = "diubah"
    edited = shingles("", " ".join(words))
    assert jaccard(shingles("", WIRE), edited) >= COPY_JACCARD
    assert set(bands(shingles("", WIRE))) & set(bands(edited))


def test_other_events_are_no_copies() -> None:
    assert jaccard(shingles("", FLOOD), shingles("", DRILL)) < 0.05


def test_bands_are_the_same_in_every_process() -> None:
    """They are stored: another seed, order or machine must not change them."""
    assert bands(frozenset({"rapat pleno ditunda", "pleno ditunda besok"}))[:2] == FIRST_BANDS


@given(st.frozensets(st.text(min_size=1), max_size=20))
def test_bands_fit_the_column(of: frozenset[str]) -> None:
    values = bands(of)
    assert len(values) == (BANDS if of else 0)
    assert all(-(2**63) <= value < 2**63 for value in values)


@given(st.frozensets(st.integers()), st.frozensets(st.integers()))
def test_likeness_is_symmetric_and_between_nought_and_one(a: frozenset[int], b: frozenset[int]) -> None:
    one, other = frozenset(map(str, a)), frozenset(map(str, b))
    assert 0 <= jaccard(one, other) == jaccard(other, one) <= 1
    assert jaccard(one, one) == (1.0 if one else 0.0)


#: Stored bands are compared with new ones: a library that hashes otherwise needs a migration.
FIRST_BANDS = [1189209416933154413, -5604947475751445630]
