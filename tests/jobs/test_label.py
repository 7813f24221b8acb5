"""The queue of the labelling desk is filled from what is stored."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

import nlp
from tests.rows import NOW, add_item, add_source
from waspada.jobs.label import A_BATCH, refill
from waspada.labels import service
from waspada.labels.types import Given, Queue
from waspada.store import Store
from waspada.store.tables import AlertRow, LabelTaskRow, StoryItemRow, StoryRow
from waspada.taxonomy import EMBEDDING_DIM, Label


def add_items(session: Session, number: int, *, since: int = 0, **given: object) -> list[int]:
    rng = np.random.default_rng(since + 1)
    vectors = rng.normal(size=(number, EMBEDDING_DIM)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return [
        add_item(session, url=f"https://kabar-banjar.example/{since + n}", embedding=vectors[n], **given)  # type: ignore[arg-type]
        for n in range(number)
    ]


def tasks(store: Store) -> list[LabelTaskRow]:
    with store.read() as session:
        return list(session.scalars(select(LabelTaskRow).order_by(LabelTaskRow.rank)))


def test_an_empty_store_fills_nothing(store: Store) -> None:
    assert refill(store, NOW) == 0
    assert tasks(store) == []


def test_the_queue_is_filled_once_and_again_when_little_is_left(store: Store) -> None:
    with store.write() as session:
        add_items(session, 150)
    assert refill(store, NOW) == A_BATCH
    assert refill(store, NOW) == 0
    found = tasks(store)
    assert [one.rank for one in found] == list(range(1, A_BATCH + 1))
    assert {one.seats for one in found} == {1, 2}
    assert {Queue(one.queue) for one in found} >= {Queue.RANDOM, Queue.RARE, Queue.UNCERTAIN, Queue.DIVERSE}
    with store.write() as session:
        for one in found[:70]:
            for actor in ("ani", "budi")[: one.seats]:
                service.answer(session, Given(f"{actor}-{one.item_id}", one.item_id, 1, {}), actor=actor, now=NOW)
    answered = {one.item_id for one in found[:70]}
    assert refill(store, NOW + timedelta(minutes=10)) == 50
    waiting = [one.item_id for one in tasks(store)]
    assert len(set(waiting)) == len(waiting) == 80
    assert not answered & set(waiting)


def test_exercises_and_what_is_old_are_not_asked_for(store: Store) -> None:
    with store.write() as session:
        add_source(session, "latihan", role="exercise")
        add_items(session, 3, source="latihan")
        add_items(session, 3, since=10, found_at=NOW - timedelta(days=31))
        own = add_items(session, 3, since=20)
    assert refill(store, NOW) == 3
    assert {one.item_id for one in tasks(store)} == set(own)


def test_what_was_no_threat_is_asked_for_as_such(store: Store) -> None:
    with store.write() as session:
        items = add_items(session, 400)
        story = StoryRow(headline="x", opened_at=NOW, last_item_at=NOW)
        session.add(story)
        session.flush()
        session.add(StoryItemRow(story_id=story.id, item_id=items[7], how="seed", likeness=1.0, at=NOW))
        session.add(
            AlertRow(
                story_id=story.id,
                label=Label.CONFLICT,
                level=2,
                score=50.0,
                parts={},
                confidence=0.5,
                headline="x",
                why="x",
                labels={},
                state="not_a_threat",
                item_count=1,
                outlet_count=1,
                voice_count=0,
                opened_at=NOW,
                changed_at=NOW,
                ranked_at=NOW,
                last_item_at=NOW,
                notes={},
            )
        )
    refill(store, NOW)
    assert {one.item_id for one in tasks(store) if one.queue == Queue.DISMISSED} == {items[7]}


def test_where_the_baseline_differs_an_item_is_asked_for(store: Store) -> None:
    with store.write() as session:
        add_items(session, 30, on=(Label.DISASTER,), text="Harga cabai turun di pasar Martapura.")
    assert refill(store, NOW, nlp.load(nlp.shipped(nlp.BASELINE))) == 30
    assert Queue.DISAGREEMENT in {one.queue for one in tasks(store)}
