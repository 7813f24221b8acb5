"""A candidate beside another model: a difference is seen where there is one, and not where there is none."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.evaluation.compare import (
    BETTER,
    LEAST,
    LEAST_GROUPS,
    SAME,
    WORSE,
    FigureDifference,
    JudgedRow,
    compare,
    group_weights,
    verdict_of,
)
from nlp.evaluation.gates import gates_of
from nlp.labelled import LabelledItem
from waspada.taxonomy import FIELDS, Aux, ItemText, Label, LabelTag, Tags

N = 120


def _row(n: int) -> JudgedRow:
    labels = dict.fromkeys(FIELDS, 0)
    labels["conflict"] = labels["fraud"] = n % 2
    labels["alert"] = 2 * (n % 2)
    item = ItemText(str(n), text="x")
    kind = "post" if n < LEAST else "article"
    return JudgedRow(LabelledItem(item, labels, f"g{n // 2}", "labels"), {"kind": kind, "month": "2024-11"})


ROWS = [_row(n) for n in range(N)]


def _tags(row: JudgedRow, right: bool) -> Tags:
    on = bool(row.row.labels["conflict"]) is right
    labels = {label: LabelTag(0.05, False) for label in Label}
    labels[Label.CONFLICT] = labels[Label.FRAUD] = LabelTag(0.9 if on else 0.1, on)
    aux = {aux: LabelTag(0.0, False) for aux in Aux}
    return Tags(row.row.item.id, "m", labels, aux, int(on), 2 if on else 0)


def _said(wrong: float) -> list[Tags]:
    rng = np.random.default_rng(5)
    return [_tags(row, bool(rng.random() >= wrong)) for row in ROWS]


def _of(found: Sequence[FigureDifference], figure: str, slice_: str = "") -> FigureDifference:
    return next(one for one in found if (one.figure, one.slice) == (figure, slice_))


@pytest.mark.parametrize(("own", "theirs", "verdict"), [(0.0, 0.4, BETTER), (0.4, 0.0, WORSE), (0.2, 0.2, SAME)])
def test_a_difference_is_seen_where_there_is_one(own: float, theirs: float, verdict: str) -> None:
    found = compare(ROWS, _said(own), _said(theirs), replicates=200)
    assert verdict_of(found) == verdict
    for figure in ("main_macro_f1", "alert_kappa", "quiet_raised", "ece", "f1 conflict"):
        one = _of(found, figure)
        assert one.verdict == verdict
        assert one.low <= one.candidate - one.other <= one.high


def test_less_is_better_for_quiet_news_that_was_raised() -> None:
    one = _of(compare(ROWS, _said(0.4), _said(0.0), replicates=200), "quiet_raised")
    assert one.candidate > one.other
    assert one.verdict == WORSE


def test_slices_with_few_positives_say_nothing() -> None:
    found = compare(ROWS, _said(0.0), _said(0.4), replicates=100)
    slices = {one.slice for one in found if one.figure == "f1 conflict"}
    assert slices == {"", "kind article", "month 2024-11"}
    assert all(one.n >= LEAST for one in found if one.slice)


@pytest.mark.parametrize(("stories", "verdict"), [(1, SAME), (LEAST_GROUPS - 1, SAME), (LEAST_GROUPS, BETTER)])
def test_rows_of_few_stories_say_nothing_of_a_difference(stories: int, verdict: str) -> None:
    """Drawn again and again the reports of one story never vary: the interval would have no width."""
    rows = [replace(one, row=replace(one.row, group=f"story {n % stories}")) for n, one in enumerate(ROWS)]
    found = compare(rows, _said(0.0), _said(0.4), replicates=100)
    assert verdict_of(found) == verdict
    assert {one.verdict for one in found if one.figure == "f1 conflict"} == {verdict}
    assert _of(found, "f1 conflict").candidate > _of(found, "f1 conflict").other


def test_no_rows_give_no_figures() -> None:
    assert compare([], [], []) == []
    assert verdict_of([]) == SAME


def test_only_figures_on_all_rows_decide() -> None:
    (one,) = [o for o in compare(ROWS, _said(0.4), _said(0.0), replicates=50) if o.figure == "alert_kappa"][:1]
    assert verdict_of([replace(one, slice="kind post")]) == SAME


@given(st.lists(st.integers(0, 6), min_size=1, max_size=40))
def test_rows_of_a_group_are_drawn_together(numbers: list[int]) -> None:
    groups = [f"g{n}" for n in numbers]
    drawn = group_weights(groups, 20, np.random.default_rng(1))
    assert drawn.shape == (20, len(groups))
    for name in set(groups):
        own = drawn[:, [index for index, group in enumerate(groups) if group == name]]
        assert (own == own[:, :1]).all()


class QuietTagger:
    """Says nothing of anything: lets protected speech be, and fails the functional suite."""

    model = "quiet"

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        labels = {label: LabelTag(0.0, False) for label in Label}
        return [Tags(item.id, "quiet", labels, {aux: LabelTag(0.0, False) for aux in Aux}, 0, 0) for item in items]


def test_both_gates_are_measured_on_the_texts_of_the_package() -> None:
    steps: list[tuple[int, int]] = []
    found = gates_of(QuietTagger(), lambda done, total: steps.append((done, total)))
    assert found.protected.passes()
    assert not found.functional.passes()
    assert not found.is_open
    assert steps[-1][0] == steps[-1][1] > 700
