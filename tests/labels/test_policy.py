"""Labels: what may be said, what a model proposes, which answer counts."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.errors import InputError
from waspada.labels import policy
from waspada.labels.policy import Fold
from waspada.labels.types import Label, LabelSpan, Queue, Role
from waspada.taxonomy import FIELDS, TextField

AT = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
LENGTHS = {TextField.TITLE: 20, TextField.TEXT: 100}


def label(role: Role = Role.LABELLER, id_: int = 1, **values: int) -> Label:
    full = {field: values.get(field, 0) for field in FIELDS}
    return Label(
        id_,
        f"k{id_}",
        1,
        1,
        role,
        full,
        (),
        "",
        "1.1",
        Queue.RANDOM,
        None,
        None,
        None,
        False,
        None,
        f"a{id_}",
        AT,
        True,
    )


@given(st.dictionaries(st.sampled_from(sorted(FIELDS)), st.integers(0, 3)))
def test_values_are_whole_and_within_the_codebook_or_refused(values: dict[str, int]) -> None:
    if all(value <= FIELDS[field] for field, value in values.items()):
        assert policy.checked_values(values) == {field: values.get(field, 0) for field in FIELDS}
    else:
        with pytest.raises(InputError, match="outside the codebook"):
            policy.checked_values(values)


@pytest.mark.parametrize("value", [True, "1", 1.0, None, -1, 4, 10**30])
def test_a_value_that_is_none_is_refused(value: object) -> None:
    with pytest.raises(InputError, match="outside the codebook"):
        policy.checked_values({"conflict": value})  # type: ignore[dict-item]


def test_a_field_that_is_none_is_named() -> None:
    with pytest.raises(InputError, match="'konflik'"):
        policy.checked_values({"konflik": 1})


@pytest.mark.parametrize(
    "span",
    [
        LabelSpan("conflict", TextField.TEXT, 5, 5),
        LabelSpan("conflict", TextField.TEXT, -1, 5),
        LabelSpan("conflict", TextField.TITLE, 0, 21),
        LabelSpan("fraud", TextField.TEXT, 0, 5),
        LabelSpan("nothing", TextField.TEXT, 0, 5),
    ],
)
def test_a_sentence_outside_or_of_a_field_that_is_0_is_refused(span: LabelSpan) -> None:
    values = policy.checked_values({"conflict": 1})
    policy.checked_spans([LabelSpan("conflict", TextField.TEXT, 0, 100)], values, LENGTHS)
    with pytest.raises(InputError):
        policy.checked_spans([span], values, LENGTHS)


def test_what_is_foreign_has_no_events_of_its_own() -> None:
    assert policy.contradictions(policy.checked_values({"foreign": 1, "disaster": 1, "election": 1})) == ["disaster"]
    assert policy.contradictions(policy.checked_values({"disaster": 1})) == []


@given(st.lists(st.integers(0, 3), min_size=1, max_size=7))
def test_most_answers_count_and_the_lower_of_two_that_are_as_many(levels: list[int]) -> None:
    found = policy.resolved([label(id_=n, conflict=level) for n, level in enumerate(levels)])
    counted = Counter(levels)
    assert counted[found["conflict"]] == max(counted.values())
    assert all(counted[level] < counted[found["conflict"]] for level in range(found["conflict"]))


def test_an_adjudicator_stands_above_all_others() -> None:
    judged = label(Role.ADJUDICATOR, 3, conflict=2)
    answers = [label(id_=1), label(id_=2), judged]
    assert policy.resolved(answers) == judged.values
    assert policy.differ(answers) == []
    assert policy.differ([label(id_=1), label(id_=2, conflict=1, alert=2)]) == ["conflict", "alert"]


def test_a_proposal_speaks_the_codebook() -> None:
    labels = {name: {"p": 0.1, "on": False} for name in ("polarization", "neutrality", "fraud", "logistics")}
    labels |= {name: {"p": 0.9, "on": True} for name in ("conflict", "disaster", "election")}
    labels["misinformation"] = {"p": 0.9, "on": True, "kind": "report"}  # type: ignore[dict-item]
    found = policy.proposal(labels, 2, 3)
    assert found == dict.fromkeys(FIELDS, 0) | {
        "conflict": 2,
        "misinformation": 2,
        "disaster": 1,
        "election": 1,
        "alert": 3,
    }
    labels["misinformation"] = {"p": 0.9, "on": True, "kind": "claim"}  # type: ignore[dict-item]
    assert policy.proposal(labels, 2, 3)["misinformation"] == 1


def test_lots_fall_as_often_as_they_should_and_always_alike() -> None:
    hidden = [not policy.is_shown(item, "ani") for item in range(4000)]
    assert 0.17 < sum(hidden) / 4000 < 0.23
    assert hidden == [not policy.is_shown(item, "ani") for item in range(4000)]
    assert hidden != [not policy.is_shown(item, "budi") for item in range(4000)]
    tested = [policy.fold_of(f"story {n}") is Fold.TEST for n in range(4000)]
    assert 0.17 < sum(tested) / 4000 < 0.23
    double = [policy.seats_of(n) == 2 for n in range(4000)]
    assert 0.07 < sum(double) / 4000 < 0.13
    assert abs(sum(a and b for a, b in zip(hidden, tested, strict=True)) / 4000 - 0.04) < 0.02  # not the same lot


def test_of_two_adjudicators_the_later_counts() -> None:
    first, last = label(Role.ADJUDICATOR, 1, conflict=1), label(Role.ADJUDICATOR, 2, conflict=2)
    later = replace(first, at=AT + timedelta(days=1))
    assert policy.resolved([first, last]) == last.values
    assert policy.resolved([later, last]) == later.values
