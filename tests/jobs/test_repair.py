"""The repair pass: what is one event joins, what fits nowhere leaves, persons' words stand, and twice does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from itertools import count
from threading import Event

import pytest
from sqlalchemy import delete, event, func, select, update
from sqlalchemy.orm import Session

from tests.rows import NOW
from tests.stories.partition import add_story, how_of, partition
from tests.stories.texts import DRILL, FLOOD, FLOOD_ELSEWHERE, FLOOD_RETOLD, WIRE
from waspada.alerts.eligibility import independent_voices
from waspada.alerts.types import AlertState
from waspada.alerts.writer import members
from waspada.errors import StoreFullError
from waspada.items.types import Stage
from waspada.jobs import repair, worker
from waspada.jobs.group import group_tagged
from waspada.jobs.rank import RankingData, rank_stale
from waspada.jobs.repair import MAX_MEMBERS, MAX_ROUNDS, backlog, repair_recent, would_join
from waspada.settings import load_settings
from waspada.sources.types import SourceRole
from waspada.store import Store
from waspada.store.tables import (
    AlertRow,
    ItemRow,
    ItemVersionRow,
    RejectRow,
    StoryEditRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.stories import merging, repository, service
from waspada.stories.edits import edits_of, revision_of
from waspada.stories.merging import By
from waspada.stories.types import Fingerprint
from waspada.taxonomy import Label

LATER = NOW + timedelta(hours=6)
DISASTER = (Label.DISASTER,)


def _two_floods(store: Store) -> tuple[int, int]:
    """One flood in two stories, as it may stand when two early reports were far apart."""
    with store.write() as session:
        first = add_story(session, [FLOOD], on=DISASTER)
        second = add_story(session, [FLOOD_RETOLD], on=DISASTER, at=NOW + timedelta(hours=1))
    return first, second


def _repair_all(store: Store, now: timedelta = LATER - NOW) -> int:
    total = 0
    while (count := repair_recent(store, NOW + now)) or _waiting(store, now):
        total += count
    return total


def _waiting(store: Store, now: timedelta) -> bool:
    with store.read() as session:
        query = select(func.count()).select_from(StoryRow).where(StoryRow.to_repair)
        return bool(session.scalar(query.where(StoryRow.last_item_at > NOW + now - timedelta(hours=72))))


def test_two_stories_of_one_event_join_and_it_is_noted(store: Store) -> None:
    first, second = _two_floods(store)
    assert repair_recent(store, LATER) == 1
    assert partition(store) == {first: (1, 2)}
    with store.read() as session:
        (edit,) = edits_of(session, first)
    assert (edit.actor, edit.kind, edit.story_id) == ("waspada", "merge", second)
    with store.read() as session:
        assert 0 < session.get_one(StoryItemRow, 2).likeness < 1
    assert _repair_all(store) == 0


def test_other_events_stay_apart(store: Store) -> None:
    with store.write() as session:
        for text, place in ((FLOOD, "63.03"), (DRILL, "63.03"), (WIRE, "63.03"), (FLOOD_ELSEWHERE, "62.07")):
            add_story(session, [text], place=place, on=())
    before = partition(store)
    assert _repair_all(store) == 0
    assert partition(store) == before


def test_one_bridge_is_not_enough(store: Store) -> None:
    """Of two stories of two, one report each would join: every one of the smaller story has to."""
    with store.write() as session:
        add_story(session, [FLOOD, DRILL], on=())
        add_story(session, [FLOOD_RETOLD, WIRE], on=(), at=NOW + timedelta(hours=1))
    with store.read() as session:
        flood, drill, retold, wire = repository.fingerprints(session, [1, 2, 3, 4]).values()
    assert would_join([flood], [retold]) is not None
    assert would_join([flood, drill], [retold, wire]) is None


def test_what_fits_nowhere_leaves(store: Store) -> None:
    with store.write() as session:
        story = add_story(session, [FLOOD, FLOOD_RETOLD, DRILL], on=())
    assert _repair_all(store) == 1
    assert sorted(partition(store).values()) == [(1, 2), (3,)]
    with store.read() as session:
        (edit,) = edits_of(session, story)
    assert (edit.actor, edit.kind, list(edit.item_ids)) == ("waspada", "split", [3])


def test_of_strangers_one_stays(store: Store) -> None:
    with store.write() as session:
        story = add_story(session, [DRILL, FLOOD, WIRE], on=())
    _repair_all(store)
    assert partition(store)[story] == (1,)
    assert len(partition(store)) == 3


@pytest.mark.parametrize("is_newest_edited", [False, True])
def test_nothing_leaves_a_large_story(store: Store, is_newest_edited: bool) -> None:
    """Also where one of the newest items waits for tags, so that fewer than all that are looked at can be judged."""
    with store.write() as session:
        add_story(session, [DRILL, *(f"{FLOOD} {'tambahan ' * n}" for n in range(MAX_MEMBERS - 1)), DRILL], on=())
        if is_newest_edited:
            _edit(session, MAX_MEMBERS + 1, DRILL)
    assert _repair_all(store) == 0


def test_nothing_leaves_while_what_it_may_fit_to_waits_for_tags(store: Store) -> None:
    with store.write() as session:
        story = add_story(session, [FLOOD, WIRE, FLOOD_RETOLD], on=())
        _edit(session, 1, FLOOD)
    assert repair_recent(store, LATER) == 0
    with store.write() as session:
        _tag(session, 1)
    group_tagged(store, LATER)
    _repair_all(store)
    assert partition(store)[story] == (1, 3)


def _edit(session: Session, item_id: int, text: str) -> None:
    """A new version that has no tags yet."""
    item = session.get_one(ItemRow, item_id)
    item.version, item.stage = 2, Stage.NEW
    version = ItemVersionRow(item_id=item_id, version=2, title=item.title, text=text, sha256="", seen_at=LATER)
    session.add(version)
    session.flush()


def _tag(session: Session, item_id: int) -> None:
    first = session.get_one(TagRow, (item_id, 1, "none"))
    columns = {column.name: getattr(first, column.name) for column in TagRow.__table__.columns}
    session.add(TagRow(**{**columns, "version": 2}))
    session.get_one(ItemRow, item_id).stage = Stage.TAGGED


def test_what_a_person_parted_stays_apart_also_over_new_members(store: Store) -> None:
    with store.write() as session:
        story = add_story(session, [FLOOD, FLOOD_RETOLD], on=DISASTER)
    with store.write() as session:
        service.split(session, story, [2], actor="a", revision=0, now=LATER)
    with store.write() as session:
        add_story(session, [FLOOD_RETOLD], on=DISASTER, at=NOW + timedelta(hours=2))
    assert _repair_all(store) == 1  # the new copy joins one of both
    assert sorted(map(len, partition(store).values())) == [1, 2]
    assert not any({1, 2} <= set(items) for items in partition(store).values())


def test_what_a_person_undid_is_not_done_again(store: Store) -> None:
    first, second = _two_floods(store)
    repair_recent(store, LATER)
    with store.write() as session:
        service.undo(session, first, 1, actor="analyst-1", now=LATER)
    assert _repair_all(store) == 0
    assert partition(store) == {first: (1,), second: (2,)}


def test_what_a_person_joined_stays_together(store: Store) -> None:
    with store.write() as session:
        first = add_story(session, [FLOOD], on=())
        second = add_story(session, [DRILL], on=(), place="63.71", at=NOW + timedelta(hours=1))
        service.merge(session, first, second, actor="a", revision=0, now=LATER)
    assert _repair_all(store) == 0
    assert partition(store) == {first: (1, 2)}


def test_a_machines_own_edit_is_no_word(store: Store) -> None:
    first, _ = _two_floods(store)
    repair_recent(store, LATER)
    with store.write() as session:
        merging.part(session, session.get_one(StoryRow, first), [2], By("waspada", LATER, False))
    assert _repair_all(store) == 1


@pytest.mark.parametrize(
    ("states", "joins"),
    [
        (("new", "new"), True),
        (("acknowledged", "new"), True),
        (("new", "verified"), True),
        (("acknowledged", "verified"), False),
        (("not_a_threat", "new"), False),
        (("new", "closed"), False),
        (("not_a_threat", "not_a_threat"), False),
    ],
)
def test_alerts_that_people_work_on_are_joined_by_people(store: Store, states: tuple[str, str], joins: bool) -> None:
    first, second = _two_floods(store)
    rank_stale(store, RankingData.load(load_settings()), LATER)
    with store.write() as session:
        for story, state in zip((first, second), states, strict=True):
            assert AlertState(state)
            session.execute(update(AlertRow).where(AlertRow.story_id == story).values(state=state))
    assert bool(_repair_all(store)) is joins


def test_old_stories_are_left_alone(store: Store) -> None:
    _two_floods(store)
    assert repair_recent(store, NOW + timedelta(days=4)) == 0
    assert len(partition(store)) == 2


def test_a_story_is_looked_at_once_until_it_changes(store: Store) -> None:
    _two_floods(store)
    _repair_all(store)
    ran: list[str] = []

    @event.listens_for(store.engine, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        ran.append(statement)

    repair_recent(store, LATER)
    assert len([one for one in ran if one.startswith("SELECT")]) == 1


def test_a_backlog_is_worked_off_from_both_ends_until_it_is_time_to_stop(store: Store) -> None:
    with store.write() as session:
        for number, text in enumerate((FLOOD, DRILL, WIRE, "Harga beras turun.", "Kapal karam di muara.")):
            add_story(session, [text], place=f"63.0{number + 1}", on=(), at=NOW + timedelta(minutes=number))
    looks = iter([False, False, True])
    repair_recent(store, LATER, lambda: next(looks))
    with store.read() as session:
        waiting = session.scalars(select(StoryRow.id).where(StoryRow.to_repair).order_by(StoryRow.id)).all()
        assert (backlog(session, LATER), waiting) == (3, [2, 3, 4])  # the newest, and the one that is soon too old
    repair_recent(store, LATER)
    with store.read() as session:
        assert backlog(session, LATER) == 0


def test_a_backlog_does_not_keep_news_waiting(store: Store) -> None:
    """The worker gives a pass 30 seconds: with 20 of them between two looks of the clock one story is looked at."""
    with store.write() as session:
        for number in range(5):
            add_story(session, [f"Rapat ke-{number}."], on=(), at=NOW + timedelta(minutes=number))
    ticks = count()
    chores = worker._chores(
        store,
        RankingData.load(load_settings()),
        lambda: LATER + timedelta(seconds=20 * next(ticks)),
        None,
        Event(),
        None,
    )
    (repairing,) = (chore for chore in chores if chore.every == worker.REPAIR_EVERY)
    repairing.do(LATER)
    with store.read() as session:
        assert backlog(session, LATER) == 4


def test_edits_that_lead_back_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """A story that every look changes again is left for the next pass."""

    def again(session: Session, story_id: int, _now: object) -> int:
        session.get_one(StoryRow, story_id).to_repair = True
        return 1

    _two_floods(store)
    monkeypatch.setattr(repair, "_repair", again)
    assert repair_recent(store, LATER) == 2 * MAX_ROUNDS


def test_a_story_that_was_purged_meanwhile_is_no_problem(store: Store) -> None:
    first, second = _two_floods(store)

    def purged() -> bool:
        with store.write() as session:
            session.execute(delete(StoryRow).where(StoryRow.id == second))
        return False

    assert repair_recent(store, LATER, purged) == 0
    with store.read() as session:
        assert session.scalars(select(RejectRow)).all() == []
        assert not session.get_one(StoryRow, first).to_repair


def test_an_odd_story_stops_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = _two_floods(store)
    with store.write() as session:
        odd = add_story(session, [DRILL], place="62.07", on=(), at=NOW + timedelta(hours=2))
    real = repository.fingerprints

    def failing(session: object, ids: object) -> object:
        if 3 in list(ids):  # type: ignore[call-overload]
            raise ValueError("this item cannot be read")
        return real(session, ids)  # type: ignore[arg-type]

    monkeypatch.setattr(repository, "fingerprints", failing)
    assert _repair_all(store) == 1
    with store.read() as session:
        assert f"story {odd}" in [row.object for row in session.scalars(select(RejectRow))]
    assert partition(store)[first] == (1, 2)
    assert second not in partition(store)


def test_database_that_fails_leaves_nothing_half_done(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    _two_floods(store)
    before = partition(store)

    def full(*_: object) -> None:
        raise StoreFullError("The disk is full.")

    with monkeypatch.context() as patch:
        patch.setattr(merging, "note_headline", full)
        with pytest.raises(StoreFullError):
            repair_recent(store, LATER)
    assert partition(store) == before
    with store.read() as session:
        assert session.scalars(select(StoryEditRow.id)).all() == []
        assert revision_of(session, 1) == 0
    assert repair_recent(store, LATER) == 1


def test_cost_does_not_grow_with_what_is_stored(store: Store) -> None:
    """The statements of one look are as many with hundred stories around as with two."""

    def statements() -> int:
        ran = 0

        def count(*_: object) -> None:
            nonlocal ran
            ran += 1

        with store.write() as session:
            session.execute(update(StoryRow).values(to_repair=False))
            session.execute(update(StoryRow).where(StoryRow.id == 1).values(to_repair=True))
        event.listen(store.engine, "before_cursor_execute", count)
        repair_recent(store, LATER)
        event.remove(store.engine, "before_cursor_execute", count)
        return ran

    def add(numbers: range) -> None:
        with store.write() as session:
            for n in numbers:
                text = f"Rapat {n} di Astambul dihadiri {n * 3} petugas, membahas jalan {n * 7} dan jembatan {n * 11}."
                add_story(session, [text], on=(), at=NOW + timedelta(minutes=n))

    with store.write() as session:
        add_story(session, [FLOOD], on=DISASTER)
    add(range(20))
    few = statements()
    add(range(20, 120))
    assert statements() <= few + 5  # a few more by which stories are met; never by how many there are
    assert few > 10


@pytest.mark.parametrize("person", [True, False])
def test_what_copies_the_story_that_takes_it_in_is_no_voice_of_its_own(store: Store, person: bool) -> None:
    """Also where it opened nothing, and what it copies is the oldest of many."""
    others = [f"Rapat ke-{n} di balai desa membahas pasar, dermaga dan jalan." for n in range(20)]
    with store.write() as session:
        into = add_story(session, [FLOOD_ELSEWHERE, *others], on=())
        story = add_story(session, [DRILL, WIRE, FLOOD_ELSEWHERE], on=(), at=NOW + timedelta(days=1))
        if person:
            service.merge(session, into, story, actor="a", revision=0, now=LATER)
        else:
            first, second = merging.lock(session, (into, story))
            merging.join(session, second, first, By("waspada", LATER, False), 0.8)
    how = how_of(store)
    assert [how[id_][0] for id_ in (22, 23, 24)] == ["event", "event", "copy"]
    assert how[24][1] == 1.0
    with store.write() as session:
        service.undo(session, into, 1, actor="a", now=LATER)
    assert how_of(store)[24] == ("event", 0.5)


def test_what_is_compared_with_the_story_that_takes_it_in_is_bounded(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = 0
    real = repository.fingerprints

    def count(session: Session, ids: Iterable[int]) -> dict[int, Fingerprint]:
        nonlocal read
        read += len(asked := list(ids))
        return real(session, asked)

    with store.write() as session:
        both = [
            add_story(session, [f"{FLOOD} {n}" for n in range(40)], on=(), at=NOW + timedelta(days=d)) for d in (0, 1)
        ]
        into, story = merging.lock(session, both)
        monkeypatch.setattr(merging, "fingerprints", count)
        merging.join(session, story, into, By("waspada", LATER, False), 0.8)
    assert read <= 24 + 12 + 2 * 24


def test_copies_that_opened_stories_of_their_own_stay_copies(store: Store) -> None:
    """Five accounts with one text are one voice, however their stories came together (design, rule 4)."""
    with store.write() as session:
        for minute in range(5):
            add_story(session, [FLOOD], on=DISASTER, at=NOW + timedelta(minutes=minute))
    while _repair_all(store):
        pass
    with store.read() as session:
        hows = session.scalars(select(StoryItemRow.how)).all()
        (story,) = partition(store)
        posts = [replace(m, role=SourceRole.POST, voice=f"v{n}") for n, m in enumerate(members(session, story))]
    assert sorted(hows) == ["copy"] * 4 + ["first"]
    assert (len(posts), independent_voices(posts)) == (5, 1)


def test_the_twin_is_found_behind_many_other_stories(store: Store) -> None:
    with store.write() as session:
        for number in range(8):
            add_story(session, [f"{DRILL} Gelombang {number} di lapangan {number}."], on=())
        first = add_story(session, [FLOOD], on=DISASTER)
        add_story(session, [FLOOD_RETOLD], on=DISASTER)
    _repair_all(store)
    assert (9, 10) in partition(store).values()
    assert first in partition(store)
