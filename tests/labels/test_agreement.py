"""Agreement against published figures and the reference library, differences, and how much accounts follow."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import krippendorff
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from waspada.labels.agreement import (
    Agreement,
    FieldAgreement,
    Undefined,
    agreement,
    alpha_of,
    disagreements,
    following,
)
from waspada.labels.codebook import nothing
from waspada.labels.types import Answer
from waspada.taxonomy import FIELDS

MONDAY = datetime(2024, 11, 25, 3, tzinfo=UTC)


def answer(item: int, actor: str, at: datetime = MONDAY, **values: int) -> Answer:
    return Answer(item, actor, nothing() | values, at)


def of(found: Agreement, field: str) -> FieldAgreement:
    return next(one for one in found.fields if one.field == field)


def counts_of(coders: Sequence[Sequence[int | None]], values: int) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    return np.array(
        [[sum(coder[unit] == value for coder in coders) for value in range(values)] for unit in range(len(coders[0]))],
        dtype=np.int64,
    )


def test_alpha_of_the_textbook() -> None:
    """Krippendorff, Computing Krippendorff's Alpha-Reliability (2011): four observers, twelve units, gaps."""
    n = None
    coders = [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, n, n, n],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, n, 3],
        [n, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, n],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, n],
    ]
    counts = counts_of([[None if v is None else v - 1 for v in coder] for coder in coders], 5)
    assert alpha_of(counts, ordinal=False) == pytest.approx(0.743, abs=5e-4)
    assert alpha_of(counts, ordinal=True) == pytest.approx(0.815, abs=5e-4)


@given(
    st.lists(st.lists(st.integers(0, 4), min_size=4, max_size=4), min_size=1, max_size=12),
    st.booleans(),
)
def test_alpha_is_that_of_the_reference_library(rows: list[list[int]], ordinal: bool) -> None:
    counts = np.array(rows, dtype=np.int64)
    ours = alpha_of(counts, ordinal=ordinal)
    pairable = counts[counts.sum(axis=1) > 1]
    if (pairable.sum(axis=0) > 0).sum() < 2:
        assert ours is None
        return
    theirs = krippendorff.alpha(value_counts=counts, level_of_measurement="ordinal" if ordinal else "nominal")
    assert ours == pytest.approx(theirs, abs=1e-9)


def test_nothing_is_claimed_of_one_account_or_of_items_apart() -> None:
    one = agreement([answer(1, "a"), answer(2, "a", conflict=2)])
    assert {(f.alpha, f.positive, f.no_alpha) for f in one.fields} == {(None, None, Undefined.ONE_ACCOUNT)}
    apart = agreement([answer(1, "a"), answer(2, "b")])
    assert {f.no_positive for f in apart.fields} == {Undefined.NO_COMMON_ITEM}
    empty = agreement([])
    assert (empty.accounts, empty.weeks) == (0, ())
    assert {f.field for f in empty.fields} == set(FIELDS)


def test_where_all_say_the_same_there_is_no_alpha_but_positive_agreement() -> None:
    found = agreement([answer(item, actor, election=1) for item in range(5) for actor in "ab"])
    election, fraud = of(found, "election"), of(found, "fraud")
    assert (election.alpha, election.no_alpha, election.positive) == (None, Undefined.NO_VARIATION, 1.0)
    assert (fraud.positive, fraud.no_positive) == (None, Undefined.NO_POSITIVES)
    assert (election.items, election.pairs) == (5, 5)


def test_positive_agreement_counts_pairs() -> None:
    """Both yes 2, one yes 3 times: 4 / 7. Three accounts make three pairs of one item."""
    said = [(1, 1, 1), (2, 1, 1), (3, 1, 0), (4, 0, 1), (5, 0, 1), (6, 0, 0)]
    answers = [answer(item, actor, fraud=v) for item, *vs in said for actor, v in zip("ab", vs, strict=True)]
    assert of(agreement(answers), "fraud").positive == pytest.approx(4 / 7)
    three = [answer(1, "a", fraud=1), answer(1, "b", fraud=1), answer(1, "c")]
    found = of(agreement(three), "fraud")
    assert (found.pairs, found.items) == (3, 1)
    assert found.positive == pytest.approx(2 / 4)


def test_the_newest_answer_of_an_account_counts() -> None:
    old, new = answer(1, "a", fraud=1), answer(1, "a", MONDAY + timedelta(hours=1))
    found = agreement([new, old, answer(1, "b")])
    assert (found.accounts, of(found, "fraud").pairs, of(found, "fraud").positive) == (2, 1, None)


def test_a_level_further_away_costs_more() -> None:
    def alpha(other: int) -> float:
        rows = [answer(i, a, alert=i % 4) for i in range(40) for a in "ab"]
        rows += [answer(99, "a", alert=0), answer(99, "b", alert=other)]
        found = of(agreement(rows, resamples=20), "alert").alpha
        assert found is not None
        return found

    assert alpha(1) > alpha(2) > alpha(3)


def test_weeks_are_those_of_the_later_answer() -> None:
    """Sunday 17.00 UTC is Monday 01.00 WITA: the week is the one of the desk."""
    sunday = datetime(2024, 12, 1, 17, tzinfo=UTC)
    found = agreement([answer(1, "a"), answer(1, "b"), answer(2, "a"), answer(2, "b", sunday, fraud=1)])
    assert [(week.name, week.fields[0].items) for week in found.weeks] == [("2024-W48", 1), ("2024-W49", 1)]


def _noisy(seed: int, items: int, wrong: float) -> list[Answer]:
    rng = random.Random(seed)
    out = []
    for item in range(items):
        truth = int(rng.random() < 0.3)
        out += [answer(item, actor, fraud=truth ^ int(rng.random() < wrong)) for actor in "ab"]
    return out


def test_the_interval_holds_the_figure_shrinks_with_items_and_repeats() -> None:
    few, many = (of(agreement(_noisy(1, n, 0.1)), "fraud") for n in (60, 960))
    for found in (few, many):
        assert found.alpha is not None
        assert found.alpha_interval is not None
        assert found.alpha_interval.low < found.alpha < found.alpha_interval.high
    assert few.alpha_interval is not None
    assert many.alpha_interval is not None
    width = few.alpha_interval.high - few.alpha_interval.low
    assert 2 < width / (many.alpha_interval.high - many.alpha_interval.low) < 8
    assert agreement(_noisy(1, 60, 0.1)) == agreement(_noisy(1, 60, 0.1))
    assert agreement(_noisy(1, 60, 0.1), seed=1) != agreement(_noisy(1, 60, 0.1), seed=2)


def test_one_rare_case_gives_no_interval() -> None:
    rows = [answer(item, actor) for item in range(50) for actor in "ab"] + [answer(99, a, fraud=1) for a in "ab"]
    found = of(agreement(rows), "fraud")
    assert (found.alpha, found.alpha_interval, found.no_interval) == (1.0, None, Undefined.TOO_FEW)


def test_disagreements_come_farthest_first() -> None:
    rows = [
        *(answer(1, a) for a in "ab"),
        answer(2, "a", alert=3), answer(2, "b"),
        answer(3, "a", fraud=1, election=1), answer(3, "b"),
        answer(4, "a", misinformation=2), answer(4, "b"),
        answer(5, "a", conflict=3), answer(5, "b", conflict=2), answer(5, "c", conflict=1),
        answer(6, "a", fraud=1),
    ]  # fmt: skip
    found = disagreements(rows)
    assert [(one.item_id, one.distance) for one in found] == [(2, 3), (3, 2), (5, 2), (4, 1)]
    assert found[2].fields[0].said == {"a": 3, "b": 2, "c": 1}
    assert [one.field for one in found[1].fields] == ["fraud", "election"]


def _answers_after_proposals(follow: float, items: int = 1500) -> list[Answer]:
    """The model is wrong in 20 %; who sees it takes it over unread with `follow`, else says what is true."""
    rng = random.Random(3)
    out = []
    for item in range(items):
        truth, shown = int(rng.random() < 0.4), item % 5 != 0
        model = truth ^ int(rng.random() < 0.2)
        said = model if shown and rng.random() < follow else truth
        out.append(Answer(item, "a", nothing() | {"fraud": said}, MONDAY, nothing() | {"fraud": model}, shown))
    return out


def test_who_follows_what_is_filled_in_is_found_and_who_does_not_is_not() -> None:
    whole, *fields = following(_answers_after_proposals(0.9))
    fraud = next(one for one in fields if one.field == "fraud")
    for found in (whole, fraud):
        assert (found.shown, found.hidden, found.why) == (1200, 300, None)
        assert found.difference == pytest.approx(0.18, abs=0.06)
        assert found.interval is not None
        assert found.interval.low > 0
    own = following(_answers_after_proposals(0.0))[0]
    assert own.interval is not None
    assert own.interval.low < 0 < own.interval.high


def test_following_says_what_it_lacks() -> None:
    shown = Answer(1, "a", nothing(), MONDAY, nothing(), True)
    hidden = Answer(1, "b", nothing(), MONDAY, nothing(), False)
    assert following([])[0].why is Undefined.NOT_SHOWN
    assert following([hidden, answer(2, "a")])[0].why is Undefined.NOT_SHOWN
    only = following([shown])[0]
    assert (only.why, only.rate_shown, only.rate_hidden) == (Undefined.NOT_HIDDEN, 1.0, None)
    assert following([shown, hidden])[0].difference == 0


_answers = st.lists(
    st.builds(
        lambda item, actor, alert, fraud, hour: answer(
            item, actor, MONDAY + timedelta(hours=hour), alert=alert, fraud=fraud
        ),
        st.integers(1, 6), st.sampled_from("abc"), st.integers(0, 3), st.integers(0, 1), st.integers(0, 400),
    ),
    max_size=30,
    unique_by=lambda one: (one.item_id, one.actor),
)  # fmt: skip


@settings(deadline=None)
@given(_answers, st.randoms())
def test_the_order_of_answers_changes_nothing(answers: list[Answer], rng: random.Random) -> None:
    mixed = list(answers)
    rng.shuffle(mixed)
    assert agreement(mixed, resamples=20) == agreement(answers, resamples=20)
    assert disagreements(mixed) == disagreements(answers)
    assert following(mixed, resamples=20) == following(answers, resamples=20)


@settings(deadline=None)
@given(_answers)
def test_every_figure_is_there_or_its_reason(answers: list[Answer]) -> None:
    found = agreement(answers, resamples=20)
    for one in _all(found):
        assert (one.alpha is None) == (one.no_alpha is not None)
        assert (one.positive is None) == (one.no_positive is not None)
        assert (one.alpha_interval is None) == (one.no_interval is not None)
        assert one.alpha is None or one.alpha <= 1
        assert one.positive is None or 0 <= one.positive <= 1
    assert sum(week.fields[0].pairs for week in found.weeks) == found.fields[0].pairs


def _all(found: Agreement) -> Iterable[FieldAgreement]:
    return (one for fields in (found.fields, *(week.fields for week in found.weeks)) for one in fields)
