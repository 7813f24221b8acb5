"""Notices over edits of stories: what the desk was told goes with the event, and nobody is told of it twice."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.rows import NOW, add_item
from tests.stories.partition import add_story
from waspada.alerts import repository as alerts
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError
from waspada.jobs.notify import notify_due
from waspada.jobs.rank import RankingData, rank_stale
from waspada.notify import repository as notices
from waspada.notify import service as quieting
from waspada.notify.types import Change, DropReason, NoticeState, NoticeView, Occasion
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import AlertParentRow, AlertRow, NoticeRow, StoryEditRow, StoryRow
from waspada.stories import merging, repository, service
from waspada.stories.edits import revision_of
from waspada.stories.merging import By
from waspada.stories.types import How, Join
from waspada.taxonomy import Label

HOUR = timedelta(hours=1)
WAIT = timedelta(minutes=12)


@dataclass
class Desk:
    """The stages and the people of a desk on one clock: each call is at `now`."""

    store: Store
    settings: Settings
    now: datetime = NOW

    def later(self, hours: float) -> None:
        """Time passes; what is due is decided."""
        self.now += hours * HOUR
        self.look()

    def look(self) -> None:
        data = RankingData.load(self.settings)
        while rank_stale(self.store, data, self.now):
            pass
        notify_due(self.store, self.settings, self.now)
        assert notify_due(self.store, self.settings, self.now) == 0

    def story(self, *texts: str, level: int = 2, place: str = "63.03", since: float = 0) -> int:
        """A story of reports of now, opened `since` hours ago; its alert has the same number."""
        with self.store.write() as session:
            found = add_story(session, texts, level=level, place=place, at=self.now)
            session.get_one(StoryRow, found).opened_at = self.now - since * HOUR
        self.look()
        return found

    def report(self, story: int, text: str, level: int, place: str = "63.03", outlet: str = "kabar-banjar") -> None:
        """One more report of the story, of now."""
        with self.store.write() as session:
            item = add_item(
                session, url=f"https://kabar.example/{text}", title=text, text=text, on=[Label.CONFLICT],
                level=level, places=[place], source=outlet, published_at=self.now, found_at=self.now,
            )  # fmt: skip
            found = repository.fingerprints(session, [item])[item]
            repository.save(session, found, Join(story, How.EVENT, 0.5), self.now)
        self.look()

    def merge(self, story: int, other: int, person: str | None = "analyst-1") -> int:
        """Joins them, by a person or by the machine's repair; returns the edit."""
        with self.store.write() as session:
            if person is None:
                into, lost = merging.lock(session, (story, other))
                edit = merging.join(session, lost, into, By("waspada", self.now, False))
                assert edit is not None
                done = edit.id
            else:
                revision = revision_of(session, story)
                done = service.merge(session, story, other, actor=person, revision=revision, now=self.now).edit.id
        self.look()
        return done

    def undo(self, story: int, edit: int) -> None:
        with self.store.write() as session:
            service.undo(session, story, edit, actor="analyst-1", now=self.now)
        self.look()

    def name(self, child: int, parent: int) -> None:
        def work(session: Session) -> None:
            quieting.set_parent(session, child, parent, "satu kejadian", actor="liaison-1", now=self.now)

        self.store.retrying(work)

    def parents(self) -> dict[int, int]:
        with self.store.read() as session:
            return {row.alert_id: row.parent_id for row in session.scalars(select(AlertParentRow))}

    def move(self, alert: int, state: AlertState, reason: str | None = None) -> None:
        with self.store.write() as session:
            revision = alerts.summary(session, alert).revision
            move(session, alert, state, actor="liaison-1", revision=revision, reason=reason, now=self.now)

    def notices(self, *states: NoticeState) -> Sequence[NoticeView]:
        with self.store.read() as session:
            return notices.search(session, self.settings.region, states)[::-1]

    def told(self) -> list[tuple[int, Occasion, tuple[Change, ...]]]:
        """What the desk was told: of which alert, why, and what was new."""
        found = [view.notice for view in self.notices(NoticeState.READY)]
        return [(one.alert_id, one.kind, tuple(one.changes)) for one in found]


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store, load_settings(notify_per_shift=9))


FIRST, UPDATE = Occasion.FIRST, Occasion.UPDATE


def test_what_rises_after_a_split_is_told(desk: Desk) -> None:
    story = desk.story("Warga berkumpul di balai desa.", "Warga masih di balai.", "Massa di balai bertambah.", "Sore.")
    desk.later(1)
    assert desk.told() == [(1, FIRST, ())]
    with desk.store.write() as session:
        service.split(session, story, [2, 3, 4], actor="analyst-1", revision=0, now=desk.now)
    desk.later(4)
    desk.report(story, "Massa membakar balai desa, dua orang luka.", level=3)
    assert (1, UPDATE, (Change.LEVEL,)) in desk.told()


def test_what_was_held_until_it_was_old_is_told_when_there_is_news(desk: Desk) -> None:
    story = desk.story("Warga saling dorong di terminal.")
    with desk.store.write() as session:
        until = desk.now + 20 * HOUR
        quieting.add_silence(session, "63.03", None, until, "posko ada", actor="liaison-1", now=desk.now)
    desk.later(1)
    assert [view.state for view in desk.notices()] == [NoticeState.HELD]
    desk.now += 24 * HOUR - timedelta(minutes=1)  # nobody looked in between: the worker was down
    desk.look()
    assert [view.notice.drop_reason for view in desk.notices()] == [DropReason.OLD]
    desk.report(story, "Terminal ditutup, warga masih berjaga.", level=2)
    assert desk.told() == [(1, FIRST, ())]


@pytest.mark.parametrize("person", ["analyst-1", None])
def test_what_was_told_of_one_is_known_of_both(desk: Desk, person: str | None) -> None:
    """The older alert was too low to be told; it takes the level of the one that was told, and interrupts nobody."""
    older = desk.story("Warga menunggu di simpang.", level=1, since=24)
    told = desk.story("Bentrok di simpang, tiga luka.", level=3)
    desk.later(2)
    assert desk.told() == [(2, FIRST, ())]
    edit = desk.merge(older, told, person)
    desk.later(1)
    assert desk.told() == [(1, FIRST, ())]  # the same notice, under the alert that stays
    desk.report(older, "Korban luka di simpang jadi lima, warga kota ikut.", level=3, place="63.71")
    desk.later(1)  # two hours after the first word
    assert desk.told() == [(1, FIRST, ()), (1, UPDATE, (Change.PLACE,))]
    desk.undo(older, edit)
    assert desk.told() == [(2, FIRST, ()), (1, UPDATE, (Change.PLACE,))]
    with desk.store.read() as session:
        (row,) = session.scalars(select(NoticeRow).where(NoticeRow.alert_id == 2))
        assert (row.number, row.facts["texts"]) == (1, 1)


def test_two_that_were_told_are_no_news_together(desk: Desk) -> None:
    """Three outlets in all, two kabupaten, and nothing that anybody wrote since."""
    first = desk.story("Bentrok di pasar.", level=2)
    desk.report(first, "Pasar ditutup.", 2, outlet="suara-riam")
    second = desk.story("Saling lempar di terminal.", level=2, place="63.04")
    desk.report(second, "Terminal sepi.", 2, "63.04", outlet="warta-intan")
    desk.later(1)
    assert sorted(line[:2] for line in desk.told()) == [(1, FIRST), (2, FIRST)]
    edit = desk.merge(first, second)
    desk.later(5)
    assert [line[:2] for line in desk.told()] == [(1, FIRST), (1, FIRST)]
    with desk.store.read() as session:
        assert alerts.summary(session, 1).outlet_count == 3
    with desk.store.read() as session:
        rows = session.scalars(select(NoticeRow).order_by(NoticeRow.number)).all()
        assert [(row.number, row.facts["texts"]) for row in rows] == [(1, 2), (2, 4)]
    desk.undo(first, edit)
    desk.later(1)
    assert sorted(line[:2] for line in desk.told()) == [(1, FIRST), (2, FIRST)]


def test_one_that_waits_is_dropped_and_the_other_one_decided_anew(desk: Desk) -> None:
    first = desk.story("Bentrok di pasar.", level=2)
    desk.later(0.5)
    with desk.store.write() as session:
        until = desk.now + 20 * HOUR
        quieting.add_silence(session, "63", None, until, "posko ada", actor="liaison-1", now=desk.now)
    second = desk.story("Saling lempar di terminal.", level=2, place="63.04")
    desk.later(0.5)
    assert [view.state for view in desk.notices()] == [NoticeState.READY, NoticeState.HELD]
    edit = desk.merge(first, second)
    states = [(view.notice.alert_id, view.notice.kind, view.notice.drop_reason) for view in desk.notices()]
    assert states == [(1, FIRST, None), (1, FIRST, DropReason.MERGED)]
    desk.later(2)  # the other kabupaten was never told: that is an update of the event, held like the first word of it
    (held,) = desk.notices(NoticeState.HELD)
    assert (held.notice.alert_id, held.notice.kind, held.notice.changes) == (1, UPDATE, (Change.PLACE,))
    desk.undo(first, edit)
    assert [(v.notice.alert_id, v.notice.drop_reason) for v in desk.notices(NoticeState.DROPPED)] == [
        (2, DropReason.MERGED), (1, DropReason.UNCHANGED)
    ]  # fmt: skip
    (held,) = desk.notices(NoticeState.HELD)
    assert (held.notice.alert_id, held.notice.kind, held.notice.number) == (2, FIRST, 2)


def test_a_first_word_that_waits_is_dropped_where_the_other_alert_had_it(desk: Desk) -> None:
    with desk.store.write() as session:
        until = desk.now + 20 * HOUR
        quieting.add_silence(session, "63.03", None, until, "posko ada", actor="liaison-1", now=desk.now)
    first = desk.story("Bentrok di pasar.", level=2)
    second = desk.story("Massa membakar pasar.", level=3)
    desk.later(1)
    assert sorted((view.notice.alert_id, view.state) for view in desk.notices()) == [(1, "held"), (2, "ready")]
    desk.merge(first, second)
    assert [v.notice.drop_reason for v in desk.notices(NoticeState.DROPPED)] == [DropReason.UNCHANGED]
    assert desk.told() == [(1, FIRST, ())]


def test_the_wait_begins_when_the_level_is_reached(desk: Desk) -> None:
    story = desk.story("Warga menunggu di simpang.", level=1)
    desk.later(20)
    desk.report(story, "Warga saling pukul di simpang.", level=2)
    assert desk.notices() == []
    raised = desk.now
    desk.later(0.25)
    (one,) = desk.notices()
    assert (one.notice.due_at, one.state) == (raised + WAIT, NoticeState.READY)


class TestParents:
    @pytest.fixture
    def three(self, desk: Desk) -> Desk:
        """Alerts 1, 2 and 3 of level 2, an hour apart."""
        for text in ("Bentrok di pasar.", "Saling lempar di terminal.", "Warga menutup jembatan."):
            desk.story(text)
            desk.now += HOUR
        return desk

    def test_children_go_to_the_alert_that_stays_and_back(self, three: Desk) -> None:
        three.name(3, 2)
        edit = three.merge(1, 2)
        assert three.parents() == {3: 1}
        three.undo(1, edit)
        assert three.parents() == {3: 2}

    def test_a_parent_speaks_for_what_its_child_became(self, three: Desk) -> None:
        three.name(2, 3)
        edit = three.merge(1, 2)
        assert three.parents() == {1: 3}
        three.undo(1, edit)
        assert three.parents() == {2: 3}

    def test_a_child_that_becomes_its_parent_is_spoken_for_no_more(self, three: Desk) -> None:
        three.name(2, 1)
        edit = three.merge(1, 2)
        with pytest.raises(ConflictError, match="merged into alert 1"):
            three.name(2, 3)
        with pytest.raises(ConflictError, match="merged into alert 1"):
            three.name(3, 2)
        three.name(1, 3)  # what the merged one had is no relation any more, nor after the undo: it would be a chain
        three.undo(1, edit)
        assert three.parents() == {1: 3}

    def test_no_chain_comes_of_a_merge(self, three: Desk) -> None:
        three.story("Warga berjaga di dermaga.")
        three.name(1, 4)
        three.name(3, 2)
        edit = three.merge(1, 2)
        assert three.parents() == {1: 4, 3: 4}
        three.undo(1, edit)
        assert three.parents() == {1: 4, 3: 2}

    def test_what_a_person_named_since_outlives_the_undo(self, three: Desk) -> None:
        three.story("Warga berjaga di dermaga.")
        three.name(3, 2)
        edit = three.merge(1, 2)
        three.name(3, 4)
        three.undo(1, edit)
        assert three.parents() == {3: 4}

    def test_two_who_name_parents_at_once_build_no_chain(self, three: Desk, another_store: Callable[[], Store]) -> None:
        other = Desk(another_store(), three.settings, three.now)
        with ThreadPoolExecutor(1) as pool:
            with three.store.write() as session:
                quieting.set_parent(session, 1, 2, "satu kejadian", actor="liaison-1", now=three.now)
                second = pool.submit(other.name, 2, 3)
                wait([second], timeout=0.5)  # it waits for the first
            with pytest.raises(ConflictError, match="a parent or a child already"):
                second.result()
        assert three.parents() == {1: 2}

    def test_relations_of_finished_alerts_stand_in_nobodys_way(self, three: Desk) -> None:
        three.name(2, 1)
        with pytest.raises(ConflictError, match="a parent or a child already"):
            three.name(1, 3)
        three.move(2, AlertState.NOT_A_THREAT, "old_news")
        three.name(1, 3)
        assert three.parents() == {1: 3}

    def test_two_alerts_never_speak_for_each_other(self, three: Desk) -> None:
        """The parent was no threat, then made a child, then comes back with more."""
        three.name(1, 2)
        three.move(2, AlertState.NOT_A_THREAT, "old_news")
        three.name(2, 1)
        three.report(2, "Massa membakar terminal.", 3)
        with three.store.read() as session:
            assert alerts.summary(session, 2).state is AlertState.NEW
        assert three.parents() == {2: 1}

    def test_a_parent_of_long_ago_keeps_no_other_from_speaking(self, three: Desk) -> None:
        three.story("Warga berjaga di dermaga.")
        three.name(1, 3)
        three.move(3, AlertState.NOT_A_THREAT, "old_news")
        three.name(2, 4)
        edit = three.merge(1, 2)
        assert three.parents() == {1: 4}
        three.undo(1, edit)
        assert three.parents() == {2: 4}

    def test_children_get_no_parent_that_may_be_a_child_again(self, three: Desk) -> None:
        three.story("Warga berjaga di dermaga.")
        three.name(1, 4)
        three.move(4, AlertState.NOT_A_THREAT, "old_news")
        three.name(3, 2)
        three.merge(1, 2)
        assert three.parents() == {3: 1}


def test_an_edit_of_before_this_version_can_be_undone(desk: Desk) -> None:
    """It did not note what went over, because nothing did."""
    first, second = desk.story("Bentrok di pasar."), desk.story("Saling lempar di terminal.")
    edit = desk.merge(first, second)
    with desk.store.write() as session:
        row = session.get_one(StoryEditRow, edit)
        row.alerts = {key: value for key, value in row.alerts.items() if key != "followed"}
    desk.undo(first, edit)
    with desk.store.read() as session:
        assert session.scalars(select(AlertRow.level).order_by(AlertRow.id)).all() == [2, 2]
