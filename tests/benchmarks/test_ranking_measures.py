"""NDCG and precision of a day, on days made by hand."""

from __future__ import annotations

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.ranking_measures import (
    Line,
    ndcg,
    new_items,
    precision_of_shown,
    precision_of_ten,
    strict_ndcg,
    useful_lines,
)

#: Gains 7, 3, 3, 1 and 0; the best list has 7, 10, 13, 14 after one, two, three, four lines.
LEVELS = {"a": 3, "b": 2, "d": 2, "c": 1, "e": 0}
BEST = 7 + 3 / log2(3) + 3 / 2 + 1 / log2(5)
#: Three alerts: the first has one item of worth, the second two, and what the third repeats counts no more.
THREE = (Line(("b", "e"), 2), Line(("a", "d"), 3), Line(("c", "b"), 1))


def one_each(*items: str) -> tuple[Line, ...]:
    return tuple(Line((item,)) for item in items)


def test_an_item_counts_in_the_first_line_that_carries_it() -> None:
    assert new_items(THREE) == [["b", "e"], ["a", "d"], ["c"]]
    assert new_items([Line(("a", "a")), Line(())]) == [["a"], []]


def test_three_alerts_by_hand() -> None:
    # 3, then 13 of which the best list has 10 after two lines; the 3 beyond count at rank three, the 1 at rank four
    assert ndcg(THREE, LEVELS) == pytest.approx((3 + 7 / log2(3) + 3 / 2 + 1 / log2(5)) / BEST)
    assert strict_ndcg(THREE, LEVELS) == pytest.approx((3 + 7 / log2(3) + 1 / 2) / BEST)
    assert useful_lines(THREE, LEVELS) == [True, True, False]
    assert precision_of_ten(THREE, LEVELS) == 0.2
    assert precision_of_shown(THREE, LEVELS) == 1.0


def test_the_best_list_is_one_and_bundling_it_is_no_better_and_no_worse() -> None:
    assert ndcg(one_each("a", "b", "d", "c", "e"), LEVELS) == pytest.approx(1.0)
    assert ndcg([Line(("a", "b")), Line(("d", "c"))], LEVELS) == pytest.approx(1.0)
    assert ndcg([Line(tuple("abcde"))], LEVELS) == pytest.approx(1.0)
    assert strict_ndcg([Line(tuple("abcde"))], LEVELS) == pytest.approx(7 / BEST)


def test_without_a_line_nothing_and_without_worth_no_figure() -> None:
    assert ndcg([], LEVELS) == 0.0
    assert ndcg([Line(("e",))], {"e": 0}) is None
    assert strict_ndcg([Line(("e",))], {}) is None
    assert precision_of_shown([], LEVELS) is None
    assert precision_of_shown([Line(("a",), 1)], LEVELS) is None
    assert precision_of_ten([], LEVELS) == 0.0


def test_the_eleventh_line_is_not_seen() -> None:
    lines = [*one_each(*(f"x{n}" for n in range(10))), Line(("a",), 3)]
    assert ndcg(lines, LEVELS) == 0.0
    assert precision_of_ten(lines, LEVELS) == 0.0


def test_a_line_shown_at_two_that_holds_less_is_wrong_and_one_shown_at_one_is_not_asked() -> None:
    lines = (Line(("c",), 2), Line(("a",), 3), Line(("b",), 1))
    assert precision_of_shown(lines, LEVELS) == 0.5
    assert precision_of_ten(lines, LEVELS) == 0.2


def test_items_of_no_level_are_worth_nothing_but_take_their_line() -> None:
    assert ndcg(one_each("unlabelled", "a"), {"a": 3}) == pytest.approx(1 / log2(3))


ITEMS = st.sampled_from([f"i{n}" for n in range(14)])
DAYS = st.dictionaries(ITEMS, st.integers(0, 3))
LISTS = st.lists(st.lists(ITEMS, max_size=6).map(lambda items: Line(tuple(items), 2)), max_size=14)


@given(LISTS, DAYS)
def test_never_above_one_and_strict_never_above_the_other(lines: list[Line], levels: dict[str, int]) -> None:
    figure, strict = ndcg(lines, levels), strict_ndcg(lines, levels)
    assert (figure is None) == (strict is None) == (not any(levels.values()))
    if figure is not None and strict is not None:
        assert 0 <= strict <= figure + 1e-12 <= 1 + 2e-12
    assert 0 <= precision_of_ten(lines, levels) <= 1


@given(st.lists(ITEMS, unique=True, max_size=14), DAYS)
def test_with_one_item_a_line_both_are_the_usual_ndcg(items: list[str], levels: dict[str, int]) -> None:
    gains = [2 ** levels.get(item, 0) - 1 for item in items][:10]
    best = sorted((2**level - 1 for level in levels.values()), reverse=True)[:10]
    total = sum(value / log2(rank + 2) for rank, value in enumerate(best))
    if total:
        usual = sum(value / log2(rank + 2) for rank, value in enumerate(gains)) / total
        assert ndcg(one_each(*items), levels) == pytest.approx(usual)
        assert strict_ndcg(one_each(*items), levels) == pytest.approx(usual)


@given(LISTS, DAYS)
def test_a_better_line_moved_up_never_lowers_the_figure(lines: list[Line], levels: dict[str, int]) -> None:
    singles = [Line((item,)) for line in lines for item in line.items]
    ordered = sorted(singles, key=lambda line: -levels.get(line.items[0], 0))
    before, after = ndcg(singles, levels), ndcg(ordered, levels)
    assert before is None or (after is not None and after >= before - 1e-12)
