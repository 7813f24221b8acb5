"""What holds for any two strings: offsets slice to the mention, order, no overlap, linear time."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.complexity import is_linear
from waspada.places import find_places, is_within, main_regions, place
from waspada.places.gazetteer import upper_rows

_KINDS = ["Kota", "Desa", "Kec.", "Kabupaten", "Kel."]
_NAMES = [*(name for _, name in upper_rows()[::23]), "Banjar", "Puncak", *_KINDS]
_GLUE = st.sampled_from(
    [" ", ", ", ". ", "-", "\n", " dan ", " di ", " 😀", "\u00a0", "/", "", " H. ", " Jalan ", "(", "'"]
)
_PIECES = st.one_of(
    st.sampled_from(_NAMES), st.text(max_size=8), st.sampled_from(["Polres", "warga", "Bupati", "lurah"])
)
_TEXTS = st.lists(st.tuples(_PIECES, _GLUE), max_size=25).map(lambda parts: "".join(a + b for a, b in parts))
_ALL = " ".join(name for _, name in upper_rows())
_HOMES = st.sampled_from([None, "63", "63.03", "35.78", "99"])


@settings(max_examples=300, deadline=None)
@given(title=_TEXTS, text=_TEXTS, home=_HOMES)
def test_offsets_always_slice_to_the_mention(title: str, text: str, home: str | None) -> None:
    fields = {"title": title, "text": text}
    found = find_places(title, text, home)
    assert [(m.field == "text", m.start) for m in found] == sorted((m.field == "text", m.start) for m in found)
    for mention in found:
        assert fields[mention.field][mention.start : mention.end] == mention.mention != ""
        known = place(mention.code)
        assert known is not None
        assert (known.name, known.level) == (mention.name, mention.level)
    for left, right in pairwise(found):
        assert left.field != right.field or left.end <= right.start


@settings(max_examples=100, deadline=None)
@given(text=_TEXTS, home=_HOMES)
def test_main_regions_are_regions_of_the_mentions(text: str, home: str | None) -> None:
    found = find_places("", text, home)
    chosen = main_regions(found, home)
    assert bool(chosen) == bool(found)
    assert len(chosen) == len(set(chosen))
    assert all(len(code) <= 5 and any(is_within(mention.code, code) for mention in found) for code in chosen)


@pytest.mark.parametrize(
    "made",
    [
        lambda n: "kata biasa saja " * (n // 16),
        lambda n: "di Kabupaten Banjar, Kecamatan Gambut. " * (n // 39),
        lambda n: "Banjarmasin" * (n // 11),
        lambda n: "Kabupaten Banjar. Desa Malintang" + ", Malintang" * (n // 11),
        lambda n: "Desa Sumber Makmur, " * (n // 20),
        lambda n: (_ALL * 12)[:n],
        lambda n: "Warga Desa Malintang, Kecamatan Gambut, Kabupaten Banjar, dan Tapin berkumpul. " * (n // 79),
    ],
    ids=["words", "places", "one word", "a list", "villages", "the whole gazetteer", "all kinds"],
)
def test_a_megabyte_takes_in_proportion_as_long_as_an_eighth(made: Callable[[int], str]) -> None:
    find_places("", made(100), "63")
    assert is_linear(lambda text: find_places("", text, "63"), made, 1_000_000)
