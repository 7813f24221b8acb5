"""Answers that a training found suspect: what of them is still open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from tests.drift.months import add_answer, add_news
from tests.rows import NOW
from waspada.labels.suspects import KEY, Suspect, as_suspects, suspected
from waspada.models import service as models
from waspada.store import Store
from waspada.store.tables import LabelRow

GOOD: dict[str, Any] = {"item_id": 7, "field": "fraud", "given": 0, "likely": 1, "score": 0.02}


def test_the_most_suspect_comes_first_and_none_twice() -> None:
    kept = [GOOD | {"score": 0.3}, GOOD | {"item_id": 9, "score": 0.1}, GOOD | {"field": "conflict", "likely": 3}, GOOD]
    assert as_suspects(kept) == [
        Suspect(7, "conflict", 0, 3, 0.02),
        Suspect(9, "fraud", 0, 1, 0.1),
        Suspect(7, "fraud", 0, 1, 0.3),
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"item_id": "7"},
        {"item_id": True},
        {"item_id": 0},
        {"field": "nama"},
        {"field": None},
        {"given": 2},
        {"likely": -1},
        {"likely": 0},
        {"score": 1.5},
        {"score": "0.1"},
        {"score": float("nan")},
    ],
)
def test_what_is_no_suspect_is_passed_over(change: dict[str, Any]) -> None:
    assert as_suspects([GOOD | change, GOOD | {"item_id": 8}]) == [Suspect(8, "fraud", 0, 1, 0.02)]


@given(st.lists(st.recursive(st.none() | st.booleans() | st.floats() | st.text(), st.lists, max_leaves=5)))
def test_whatever_stands_there_it_is_read(kept: list[object]) -> None:
    assert as_suspects(kept) == []


def test_only_what_nobody_has_answered_since(store: Store) -> None:
    """Answered anew, changed to something else before the model was there, taken back, never answered: not shown."""
    later = NOW + timedelta(days=1)
    with store.write() as session:
        assert suspected(session) is None
        still, anew, other, back, none = add_news(session, NOW, 5, seed=3)
        for item in (still, anew, back):
            add_answer(session, item, "ani", NOW)
        add_answer(session, other, "ani", NOW, fraud=1)
        add_answer(session, anew, "budi", later)
        session.flush()
        session.execute(update(LabelRow).where(LabelRow.item_id == back).values(standing=False))
        found = [GOOD | {"item_id": item} for item in (still, anew, other, back, none)]
        models.register(session, "uji~1", "uji~1", kind="heads", actor="ani", now=NOW, made_of={KEY: found})
        models.register(session, "uji~2", "uji~2", kind="heads", actor="ani", now=later, made_of={"rows": 3})
    with store.read() as session:
        now = suspected(session)
    assert now is not None
    assert (now.model, now.at) == ("uji~1", NOW)
    assert list(now.suspects) == [Suspect(still, "fraud", 0, 1, 0.02)]


def test_the_newest_training_counts(store: Store) -> None:
    with store.write() as session:
        (item,) = add_news(session, NOW, 1)
        add_answer(session, item, "ani", NOW)
        for number, found in enumerate(([GOOD | {"item_id": item}], [])):
            at = NOW + timedelta(days=number)
            name = f"uji~{number}"
            models.register(session, name, name, kind="heads", actor="ani", now=at, made_of={KEY: found})
    with store.read() as session:
        now = suspected(session)
    assert now is not None
    assert (now.model, list(now.suspects)) == ("uji~1", [])
