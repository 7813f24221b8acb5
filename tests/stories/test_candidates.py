"""Where an item looks for its story: bounded look-ups by band, by rare terms of the window, and without a date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select, update

from tests.rows import NOW, add_item
from tests.stories.prints import vector
from tests.stories.texts import DRILL, FLOOD, FLOOD_RETOLD, WIRE
from waspada.jobs.group import group_tagged
from waspada.store import Store
from waspada.store.tables import BandRow, FingerprintRow, ItemRow, StoryItemRow, TagRow
from waspada.stories import repository
from waspada.stories.keys import keys_of, keys_to_look_up
from waspada.stories.policy import EVENT_WINDOW

MODEL = "waspada-id-v1+7"


def _add(store: Store, number: int, text: str, *, model: str = MODEL, **given: Any) -> int:
    columns: dict[str, Any] = {
        "url": f"https://kabar.example/{number}",
        "title": f"Kabar {number}",
        "text": text,
        "places": ["63.03"],
        "embedding": vector(0),
        **given,
    }
    with store.write() as session:
        item_id = add_item(session, **columns)
        session.execute(update(TagRow).where(TagRow.item_id == item_id).values(model=model))
    return item_id


def _group_all(store: Store) -> dict[int, int]:
    while group_tagged(store, NOW):
        pass
    with store.read() as session:
        return {row.item_id: row.story_id for row in session.scalars(select(StoryItemRow))}


def _candidate_ids(store: Store, item_id: int) -> list[int]:
    with store.read() as session:
        item = repository.fingerprints(session, [item_id])[item_id]
        return [candidate.fingerprint.item_id for candidate in repository.candidates(session, item)]


def test_rare_terms_find_a_mate_in_another_province(store: Store) -> None:
    """The place of a report may be wrong; within the window it still meets its event."""
    first = _add(store, 1, FLOOD)
    _group_all(store)
    elsewhere = _add(store, 2, FLOOD_RETOLD, places=["31.71"], published_at=NOW + timedelta(hours=5))
    assert first in _candidate_ids(store, elsewhere)


def test_rare_terms_of_another_week_find_nobody(store: Store) -> None:
    first = _add(store, 1, FLOOD)
    _group_all(store)
    later = _add(store, 2, FLOOD_RETOLD, places=["31.71"], published_at=NOW + EVENT_WINDOW + timedelta(days=2))
    assert first not in _candidate_ids(store, later)


@pytest.mark.parametrize(("first_at", "second_at"), [(None, NOW), (NOW - timedelta(days=90), None), (None, None)])
def test_item_without_a_date_finds_its_mate(store: Store, first_at: Any, second_at: Any) -> None:
    first = _add(store, 1, FLOOD, published_at=first_at, places=["62.07"])
    _group_all(store)
    second = _add(store, 2, FLOOD_RETOLD, published_at=second_at, places=["31.71"])
    assert first in _candidate_ids(store, second)


def test_a_line_that_hundreds_share_costs_no_more_and_hides_no_copy(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "MAX_SHARING", 10)
    original = _add(store, 0, WIRE)
    _group_all(store)
    bands_of = select(BandRow.value).where(BandRow.item_id == original).order_by(BandRow.value)
    with store.read() as session:
        shared = session.scalars(bands_of).all()[0]
    for number in range(1, 31):
        _add(store, number, f"{DRILL} Kelompok {number}.", places=["63.71"])
    _group_all(store)
    with store.write() as session:
        have = set(session.scalars(select(BandRow.item_id).where(BandRow.value == shared)))
        ids = session.scalars(select(ItemRow.id).where(ItemRow.id.notin_(have)))
        session.add_all(BandRow(value=shared, item_id=item_id) for item_id in ids)
    copy = _add(store, 99, f"{WIRE}\nEditor: Rahma", places=["63.71"])
    with store.read() as session:
        assert len(session.scalars(repository._newest_of(1, repository.MAX_SHARING), {"key0": shared}).all()) == 10
        item = repository.fingerprints(session, [copy])[copy]
        assert original in repository._copies(session, item)


def test_a_story_of_many_shows_its_newest_members(store: Store) -> None:
    ids = [_add(store, number, WIRE) for number in range(repository.MAX_MEMBERS + 5)]
    [story] = set(_group_all(store).values())
    with store.read() as session:
        assert sorted(repository._members(session, [story])) == ids[-repository.MAX_MEMBERS :]


def test_what_is_kept_says_what_the_text_says(store: Store) -> None:
    """A candidate read from what is kept has the facts, the vector and the place of the item."""
    item_id = _add(store, 1, f"{FLOOD} Sebanyak 12 orang luka-luka.", embedding=vector(3, 0.6))
    home_only = _add(store, 2, WIRE, places=[])
    stories = _group_all(store)
    with store.read() as session:
        fresh = repository.fingerprints(session, [item_id, home_only])
        kept = repository._stored(session, [item_id, home_only], MODEL)
    for one in (item_id, home_only):
        story, found = kept[one]
        assert story == stories[one]
        assert found.facts.figures == fresh[one].facts.figures
        assert (found.regions, found.is_placed, found.outlet) == (
            fresh[one].regions,
            fresh[one].is_placed,
            fresh[one].outlet,
        )
        assert found.dense is not None
        assert found.dense == pytest.approx(fresh[one].dense, abs=1e-3)
    assert not kept[home_only][1].is_placed


def test_vector_of_the_items_own_model_is_compared(store: Store) -> None:
    """An item that two models tagged is compared by the vector of the model that tagged the other."""
    item_id = _add(store, 1, FLOOD, embedding=vector(0))
    _group_all(store)
    with store.write() as session:
        first = session.get_one(TagRow, (item_id, 1, MODEL))
        newer = {column.name: getattr(first, column.name) for column in TagRow.__table__.columns}
        session.add(TagRow(**{**newer, "model": "waspada-id-v2", "embedding": vector(9, 0.0)}))
    with store.read() as session:
        for model in (MODEL, "waspada-id-v2"):
            assert repository._stored(session, [item_id], model)[item_id][1].model == model


@pytest.mark.parametrize("odd", [np.full(384, np.nan), np.zeros(384)])
def test_odd_vectors_group_by_words_alone(store: Store, odd: Any) -> None:
    """They neither stop grouping nor join what has nothing in common."""
    for number, text in enumerate((WIRE, FLOOD, DRILL)):
        _add(store, number, text, title="", embedding=odd.astype(np.float32))
    assert len(set(_group_all(store).values())) == 3


def test_item_whose_new_version_waits_for_its_tags_is_still_a_candidate(store: Store) -> None:
    item_id = _add(store, 1, FLOOD)
    _group_all(store)
    with store.write() as session:
        session.get_one(ItemRow, item_id).version = 2
    with store.read() as session:
        [(_, found)] = repository._stored(session, [item_id], MODEL).values()
    assert found.dense is None


def test_row_from_before_facts_is_still_a_candidate(store: Store) -> None:
    item_id = _add(store, 1, FLOOD)
    _group_all(store)
    with store.write() as session:
        session.get_one(FingerprintRow, item_id).facts = None
    second = _add(store, 2, FLOOD_RETOLD)
    assert item_id in _candidate_ids(store, second)


def test_one_at_a_time_is_as_all_at_once(store: Store) -> None:
    texts = [WIRE, FLOOD, f"{WIRE}\nEditor: Rahma", FLOOD_RETOLD, DRILL, f"{DRILL} Apel ditutup sore."]
    for number, text in enumerate(texts):
        _add(store, number, text, published_at=NOW + timedelta(hours=number))
        _group_all(store)
    one_by_one = _partition(_group_all(store))
    with store.write() as session:
        for table in (StoryItemRow, FingerprintRow, BandRow):
            session.query(table).delete()
        session.execute(update(ItemRow).values(stage="tagged"))
    assert _partition(_group_all(store)) == one_by_one


def _partition(story_of: dict[int, int]) -> set[frozenset[int]]:
    return {frozenset(i for i, other in story_of.items() if other == story) for story in story_of.values()}


def test_keys_meet_within_the_window_only(store: Store) -> None:
    item_id = _add(store, 1, FLOOD)
    with store.read() as session:
        item = repository.fingerprints(session, [item_id])[item_id]

    def meet(a: Any, b: Any) -> bool:
        return bool(set(keys_of(replace(item, at=a))) & set(keys_to_look_up(replace(item, at=b))))

    assert meet(NOW, NOW + EVENT_WINDOW)
    assert meet(NOW, NOW - EVENT_WINDOW)
    assert not meet(NOW, NOW + EVENT_WINDOW + timedelta(days=2))
    assert meet(None, NOW)
    assert meet(NOW, None)
    assert meet(None, None)
