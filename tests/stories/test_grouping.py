"""Grouping in the store: wire copies meet, other events stay apart, nothing happens twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import replace
from datetime import timedelta
from threading import Event

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item, add_source, labels, pairs
from tests.stories.partition import add_story, places
from tests.stories.texts import DRILL, FLOOD, FLOOD_ELSEWHERE, FLOOD_RETOLD, WIRE
from waspada.errors import StoreFullError
from waspada.items.policy import content_sha256
from waspada.items.types import Stage
from waspada.jobs.group import group_tagged
from waspada.jobs.purge import remove_items
from waspada.store import Store
from waspada.store.tables import (
    BandRow,
    ItemRow,
    ItemVersionRow,
    PlaceRow,
    RejectRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
    TagRow,
)
from waspada.stories import repository
from waspada.stories.groups import group_bits
from waspada.stories.types import Candidate, Fingerprint
from waspada.taxonomy import Label


def _campaign(session: Session) -> None:
    """Three outlets print one wire report, two tell of a flood in their own words, one of a drill, one far away."""
    conflict, disaster = [Label.CONFLICT], [Label.DISASTER]
    rows = [
        ("a", f"BANJARMASIN (KB) - {WIRE}", conflict, "63.03", 0),
        ("b", f"{WIRE}\nBaca juga: Harga beras naik", conflict, "63.03", 1),
        ("a", FLOOD, disaster, "63.03", 2),
        ("c", f"{WIRE}\nEditor: Rahma", [], "63.71", 3),
        ("b", FLOOD_RETOLD, disaster, "63.03", 4),
        ("c", DRILL, [], "63.03", 5),
        ("a", FLOOD_ELSEWHERE, disaster, "62.07", 6),
    ]
    for number, (outlet, text, on, code, hours) in enumerate(rows):
        add_item(
            session,
            url=f"https://{outlet}.example/{number}",
            title=f"Berita {number}",
            text=text,
            source=outlet,
            on=on,
            level=2 if on else 0,
            places=[code],
            published_at=NOW + timedelta(hours=hours),
        )


def _stories(store: Store) -> list[list[int]]:
    """Items of each story, counted from 1 in the order of their ids."""
    with store.read() as session:
        rows = session.execute(
            select(StoryItemRow.story_id, StoryItemRow.item_id).order_by(StoryItemRow.story_id, StoryItemRow.item_id)
        ).all()
    stories: dict[int, list[int]] = {}
    for story, item in rows:
        stories.setdefault(story, []).append(item)
    return list(stories.values())


def _group_all(store: Store, limit: int = 64) -> None:
    while group_tagged(store, NOW, limit):
        pass


@pytest.fixture
def campaign(store: Store) -> Store:
    with store.write() as session:
        _campaign(session)
    return store


def test_copies_and_events_meet_and_others_stay_apart(campaign: Store) -> None:
    _group_all(campaign)
    assert _stories(campaign) == [[1, 2, 4], [3, 5], [6], [7]]
    with campaign.read() as session:
        how = session.execute(select(StoryItemRow.item_id, StoryItemRow.how).order_by(StoryItemRow.item_id)).all()
    assert [kind for _, kind in how] == ["first", "copy", "first", "copy", "event", "first", "first"]


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_size_of_a_batch_changes_nothing(campaign: Store, limit: int) -> None:
    _group_all(campaign, limit)
    assert _stories(campaign) == [[1, 2, 4], [3, 5], [6], [7]]


def test_news_is_grouped_before_what_a_backfill_brought_in(campaign: Store) -> None:
    with campaign.write() as session:
        old = update(ItemRow).where(ItemRow.id <= 4)
        session.execute(old.values(published_at=NOW - timedelta(days=300)))
    group_tagged(campaign, NOW, 3)
    assert _stories(campaign) == [[5], [6], [7]]


def test_grouping_again_changes_nothing(campaign: Store) -> None:
    _group_all(campaign)
    before = (_stories(campaign), _bands(campaign))
    assert group_tagged(campaign, NOW) == 0
    with campaign.write() as session:
        session.execute(update(ItemRow).values(stage=Stage.TAGGED))
    _group_all(campaign)
    assert (_stories(campaign), _bands(campaign)) == before


def test_database_that_fails_leaves_nothing_and_can_be_run_again(
    campaign: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    from waspada.stories import repository

    real, calls = repository.save, Counter[str]()

    def fail_at_the_fourth(*args: object) -> int:
        calls["save"] += 1
        if calls["save"] == 4:
            raise StoreFullError("the disk is full")
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "save", fail_at_the_fourth)
    with pytest.raises(StoreFullError):
        group_tagged(campaign, NOW)
    assert _stories(campaign) == []
    _group_all(campaign)
    assert _stories(campaign) == [[1, 2, 4], [3, 5], [6], [7]]


def test_an_item_that_cannot_be_grouped_stops_no_other(campaign: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    from waspada.stories import repository

    real = repository.candidates

    def fail_for_the_drill(session: Session, item: Fingerprint) -> list[Candidate]:
        if item.item_id == 6:
            raise ValueError("odd item")
        return real(session, item)

    monkeypatch.setattr(repository, "candidates", fail_for_the_drill)
    _group_all(campaign)
    assert _stories(campaign) == [[1, 2, 4], [3, 5], [7]]
    with campaign.read() as session:
        [rejected] = session.scalars(select(RejectRow)).all()
        assert (rejected.stage, rejected.object) == ("group", "item 6")
        assert session.get_one(ItemRow, 6).stage == Stage.REJECTED


def test_edited_article_stays_in_its_story_with_its_new_words(campaign: Store) -> None:
    _group_all(campaign)
    with campaign.write() as session:
        session.execute(update(StoryRow).values(stale=False))
        _edit(session, 1)
    before = _bands(campaign)
    _group_all(campaign)
    assert _stories(campaign) == [[1, 2, 4], [3, 5], [6], [7]]
    assert _bands(campaign) != before
    with campaign.read() as session:
        assert session.scalars(select(StoryRow.id).where(StoryRow.stale)).all() == [1]


def _edit(session: Session, item_id: int, *on: Label) -> None:
    """A tagged version of a drill; its places are those that the item has."""
    item = session.get_one(ItemRow, item_id)
    item.version, item.stage = 2, Stage.TAGGED
    sha256 = content_sha256("x", DRILL)
    session.add(ItemVersionRow(item_id=item_id, version=2, title="x", text=DRILL, sha256=sha256, seen_at=NOW))
    first = session.get_one(TagRow, (item_id, 1, "none"))
    session.add(
        TagRow(
            item_id=item_id,
            version=2,
            model="none",
            labels=labels(*on),
            aux=first.aux,
            conflict_level=0,
            alert_level=0,
            evidence=[],
            embedding=first.embedding,
            tagged_at=NOW,
        )
    )
    session.flush()


def test_a_label_that_others_have_too_is_lost_at_little_cost(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A model that tags anew a story of hundreds must not read all of it for each of them."""
    with store.write() as session:
        story = add_story(session, [f"Laporan {n} dari pasar." for n in range(250)])
    counted = 0

    def count(of: Iterable[Label]) -> int:
        nonlocal counted
        counted += 1
        return group_bits(of)

    def lose(session: Session, item_id: int) -> list[tuple[bool, int]]:
        found = repository.fingerprints(session, [item_id])[item_id]
        repository.refresh(session, replace(found, labels=frozenset()), story)
        rows = session.scalars(select(StoryPlaceRow).where(StoryPlaceRow.story_id == story))
        return [(row.eventful, row.label_groups) for row in rows]

    monkeypatch.setattr(repository, "group_bits", count)
    with store.write() as session:
        assert lose(session, 1) == [(True, group_bits([Label.CONFLICT]))] * 2
        assert counted < 10
        assert [lose(session, item_id) for item_id in range(2, 251)][-1] == [(False, 0)] * 2


def test_two_who_count_the_places_of_a_story_queue_up(store: Store, another_store: Callable[[], Store]) -> None:
    """An edit takes a place away while another item brings one: each code stands once, and nobody fails."""
    with store.write() as session:
        story = add_story(session, ["Laporan pertama.", "Laporan kedua.", "Laporan ketiga."])
        found = repository.fingerprints(session, [1, 2])
    started = Event()

    def bring(other: Store) -> None:
        def work(session: Session) -> None:
            started.set()
            repository.refresh(session, replace(found[2], regions=("63.04", "63.03")), story)

        other.retrying(work)

    with ThreadPoolExecutor(1) as pool:
        with store.write() as session:
            repository.refresh(session, replace(found[1], regions=("63.04",)), story)
            second = pool.submit(bring, another_store())
            started.wait(5)
            wait([second], timeout=0.3)  # it waits for the first
            assert not second.done()
        second.result()
    assert places(store) == {(story, "63"), (story, "63.03"), (story, "63.04")}


def test_an_edit_takes_away_the_place_and_the_label_that_only_it_had(campaign: Store) -> None:
    """Item 4 alone has told of 63.71, items 1 and 2 of a conflict in 63.03."""
    _group_all(campaign)
    assert _places(campaign, 1) == {"63": True, "63.03": True, "63.71": False}
    with campaign.write() as session:
        moved = session.scalars(select(PlaceRow).where(PlaceRow.item_id == 4)).one()
        moved.code, moved.name = "63.72", "Kota Banjarbaru"
        _edit(session, 4)
        _edit(session, 1)
    _group_all(campaign)
    assert _places(campaign, 1) == {"63": True, "63.03": True, "63.72": False}
    with campaign.write() as session:
        _edit(session, 2)
    _group_all(campaign)
    assert _places(campaign, 1) == {"63": False, "63.03": False, "63.72": False}


def test_a_removed_item_takes_its_places_with_it(campaign: Store) -> None:
    _group_all(campaign)
    with campaign.write() as session:
        remove_items(session, [4, 7])
    assert _places(campaign, 1) == {"63": True, "63.03": True}
    assert _places(campaign, 4) == {}


def _places(store: Store, story_id: int) -> dict[str, bool]:
    """Code -> whether something happened there."""
    with store.read() as session:
        query = select(StoryPlaceRow.code, StoryPlaceRow.eventful).where(StoryPlaceRow.story_id == story_id)
        return pairs(session, query)


def test_story_knows_its_places_and_its_newest_item(campaign: Store) -> None:
    _group_all(campaign)
    with campaign.read() as session:
        story = session.get_one(StoryRow, 1)
        places = session.execute(
            select(StoryPlaceRow.code, StoryPlaceRow.eventful, StoryPlaceRow.label_groups, StoryPlaceRow.first_item_at)
            .where(StoryPlaceRow.story_id == 1)
            .order_by(StoryPlaceRow.code)
        ).all()
    assert story.last_item_at == NOW + timedelta(hours=3)
    assert [tuple(row)[:3] for row in places] == [("63", True, 1), ("63.03", True, 1), ("63.71", False, 0)]
    assert [row.first_item_at for row in places] == [NOW, NOW, NOW + timedelta(hours=3)]


def test_item_without_a_place_counts_for_its_outlets_home(store: Store) -> None:
    with store.write() as session:
        add_source(session, "banua", region="63.72")
        add_item(session, source="banua")
    _group_all(store)
    with store.read() as session:
        assert session.scalars(select(StoryPlaceRow.code).order_by(StoryPlaceRow.code)).all() == ["63", "63.72"]


def test_item_without_words_or_place_still_gets_a_story(store: Store) -> None:
    with store.write() as session:
        add_source(session, "tanpa", region=None)
        add_item(session, source="tanpa", title="", text="")
    _group_all(store)
    assert _stories(store) == [[1]]
    with store.read() as session:
        assert session.scalar(select(func.count()).select_from(BandRow)) == 0


def _bands(store: Store) -> set[tuple[int, int]]:
    with store.read() as session:
        return {(row.value, row.item_id) for row in session.scalars(select(BandRow))}
