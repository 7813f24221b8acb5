"""The codebook of the desk and the one that is written down are one."""

from __future__ import annotations

import re

import pytest

from tests.forked import ROOT
from waspada.labels.codebook import KEYS, VERSION, distance, nothing, pressed
from waspada.taxonomy import FIELDS

_PAGE = (ROOT / "docs" / "codebook.md").read_text(encoding="utf-8")


def test_version_fields_and_values_are_those_of_the_page() -> None:
    rows = re.findall(r"^\| `(\w+)` \| ([\d ]+) \|", _PAGE, re.MULTILINE)
    assert {name: max(map(int, values.split())) for name, values in rows} == FIELDS
    assert _PAGE.startswith(f"# Codebook v{VERSION}:")


def test_keys_are_those_of_the_page() -> None:
    told = dict(re.findall(r"\b(\d) (\w+)[,.]", _PAGE.split("## On the labelling desk")[1]))
    assert told == KEYS


@pytest.mark.parametrize(
    ("field", "one", "other", "apart"),
    [("alert", 0, 3, 3), ("conflict", 2, 1, 1), ("misinformation", 0, 2, 1), ("fraud", 1, 1, 0)],
)
def test_only_levels_lie_further_apart_than_1(field: str, one: int, other: int, apart: int) -> None:
    assert distance(field, one, other) == apart


def test_a_key_that_sets_nothing_is_refused() -> None:
    with pytest.raises(KeyError):
        pressed(nothing(), "x")
