"""The hand-over of a shift: what stands in it, the note and its lock, the receipt."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select, update

from tests.api.sample import NEUTRALITY, NOW, add_alert, fill
from tests.plans import Asked
from waspada.alerts import service as alerts
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.handover import repository, service
from waspada.handover.types import Figure, Handover, StaleHandoverError, Summary
from waspada.jobs.purge import purge
from waspada.notify import service as quieting
from waspada.notify.policy import SHIFT, rules_of
from waspada.privacy.retention import NOTICE_RETENTION
from waspada.settings import load_settings
from waspada.store import Store
from waspada.store.tables import AlertEventRow, HandoverRow

RULES = rules_of(load_settings())
HOUR = timedelta(hours=1)


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    with store.write() as session:
        return fill(session)


def summary(store: Store, desk: str = "63", moment: datetime = NOW, now: datetime = NOW) -> Summary:
    with store.read() as session:
        return service.summary(session, desk, moment, RULES, now)


def write(
    store: Store, note: str = "Tunggu kabar Polsek.", revision: int = 0, actor: str = "ani", **given: datetime
) -> Handover:
    now = given.get("now", NOW)
    with store.write() as session:
        return service.write(
            session, "63", given.get("moment", now), note, actor=actor, revision=revision, rules=RULES, now=now
        )


def receive(store: Store, id_: int, actor: str = "budi", within: str | None = None) -> Handover:
    with store.write() as session:
        return service.receive(session, id_, actor=actor, now=NOW + HOUR, within=within)


class TestSummary:
    def test_everything_that_the_next_shift_asks(self, store: Store, desk: dict[str, int]) -> None:
        with store.write() as session:
            alerts.move(
                session, desk["clash"], AlertState.NEEDS_CLARIFICATION, actor="ani", revision=1, now=NOW,
                office="Polsek Martapura", note="Sudah bubar?",
            )  # fmt: skip
            alerts.set_due(session, desk["clash"], NOW + HOUR, actor="ani", revision=2, now=NOW)
            alerts.move(
                session, desk["hoax"], AlertState.NOT_A_THREAT, actor="budi", revision=1, now=NOW, reason="not_enough",
                note="Satu sumber.",
            )  # fmt: skip
            quieting.add_silence(session, "63.03", None, NOW + 10 * HOUR, "latihan", actor="ani", now=NOW)
            quieting.add_silence(session, "63.02", None, NOW + 13 * 24 * HOUR, "lama", actor="ani", now=NOW)
            quieting.add_silence(session, "64", None, NOW + HOUR, "wilayah lain", actor="ani", now=NOW)
        found = summary(store, now=NOW + 2 * HOUR)
        assert [one.id for one in found.overdue] == [desk["clash"]]
        assert desk["clash"] in [one.id for one in found.in_hand]
        (asked,) = found.asked
        assert (asked.office, asked.question, asked.actor) == ("Polsek Martapura", "Sudah bubar?", "ani")
        (decided,) = found.decided
        assert (decided.alert.id, decided.state, decided.reason, decided.note, decided.actor) == (
            desk["hoax"], AlertState.NOT_A_THREAT, "not_enough", "Satu sumber.", "budi"
        )  # fmt: skip
        assert [one.reason for one in found.ending] == ["latihan"]
        assert {"Pantau Hulu", "Radio Sungai"} <= set(found.silent)
        assert desk["clash"] in [one.id for one in found.came_in]
        assert found.counts[Figure.OVERDUE] == found.counts[Figure.ASKED] == found.counts[Figure.DECIDED] == 1
        assert set(found.counts) == set(Figure)

    def test_what_the_machine_and_other_regions_do_is_no_decision_here(
        self, store: Store, desk: dict[str, int]
    ) -> None:
        with store.write() as session:
            session.add(
                AlertEventRow(
                    alert_id=desk["clash"], at=NOW, actor="waspada", action="merged", to_state="verified", detail={}
                )
            )
            alerts.move(session, desk["dismissed"], AlertState.ACKNOWLEDGED, actor="x", revision=1, now=NOW)
            alerts.move(
                session, desk["dismissed"], AlertState.CLOSED, actor="x", revision=2, reason="resolved", now=NOW
            )
        assert summary(store).decided == []
        assert [one.alert.id for one in summary(store, "64").decided] == [desk["dismissed"]]

    def test_a_shift_holds_what_happened_in_it(self, store: Store, desk: dict[str, int]) -> None:
        today, before = summary(store), summary(store, moment=NOW - SHIFT)
        assert today.is_current
        assert not before.is_current
        assert before.shift.end == today.shift.start
        assert before.following == today.shift
        both = {one.id for one in (*today.came_in, *before.came_in)}
        assert desk["clash"] in both
        assert not {one.id for one in today.came_in} & {one.id for one in before.came_in}
        with store.write() as session:
            session.execute(update(AlertEventRow).values(at=today.shift.end))
        assert summary(store).came_in == []

    def test_one_that_rose_twice_came_in_once(self, store: Store, desk: dict[str, int]) -> None:
        with store.write() as session:
            for _ in range(2):
                session.add(AlertEventRow(alert_id=desk["clash"], at=NOW, actor="waspada", action="raised", detail={}))
        assert [one.id for one in summary(store).came_in].count(desk["clash"]) == 1

    def test_lists_are_cut_and_counts_know_all(self, store: Store) -> None:
        with store.write() as session:
            for n in range(53):
                add_alert(session, replace(NEUTRALITY, headline=f"nomor {n}", state="acknowledged", hours_ago=0.1))
        found = summary(store)
        assert (len(found.in_hand), found.counts[Figure.IN_HAND]) == (50, 53)
        assert (len(found.came_in), found.counts[Figure.CAME_IN]) == (50, 53)

    def test_it_reads_what_happened_in_the_shift_and_what_is_open(self, store: Store, desk: dict[str, int]) -> None:
        if not store.is_sqlite:
            pytest.skip("the plan of SQLite is read")
        asked = Asked(store)
        summary(store)
        late = asked.plan("due_at <")
        steps = asked.plan("FROM alert_events")
        assert any("ix_alert_events_at" in step for step in steps), steps
        assert not [step for step in (*steps, *late) if step.startswith("SCAN alert")], steps
        assert any("ix_alerts_due" in step for step in late), late

    def test_an_empty_desk(self, store: Store) -> None:
        found = summary(store)
        assert not any(found.counts.values())
        assert (found.note, found.before) == (None, None)


class TestNote:
    def test_it_is_kept_with_the_counts_and_shown_to_the_next(self, store: Store, desk: dict[str, int]) -> None:
        done = write(store, "Tunggu kabar Polsek, 0812-3456-7890.")
        assert "3456" not in done.note
        assert done.figures["in_hand"] == summary(store).counts[Figure.IN_HAND]
        after = summary(store, moment=NOW + SHIFT, now=NOW + SHIFT)
        assert after.before is not None
        assert after.before.id == done.id

    def test_the_second_writer_sees_the_first(self, store: Store) -> None:
        first = write(store)
        with pytest.raises(StaleHandoverError) as caught:
            write(store, "Punya saya", actor="budi")
        assert caught.value.written == first
        again = write(store, "Dua-duanya", first.revision, "budi")
        assert (again.id, again.note, again.actor, again.revision) == (first.id, "Dua-duanya", "budi", 2)

    def test_of_many_at_once_exactly_one_wins(self, store: Store, another_store: Callable[[], Store]) -> None:
        stores = [store, another_store()]

        def attempt(number: int) -> bool:
            try:
                stores[number % 2].retrying(
                    lambda session: service.write(
                        session, "63", NOW, f"catatan {number}", actor=f"a{number}", revision=0, rules=RULES, now=NOW
                    )
                )
            except StaleHandoverError:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            wins = list(pool.map(attempt, range(8)))
        assert sum(wins) == 1
        with store.read() as session:
            assert session.scalars(select(HandoverRow.note)).all() == [f"catatan {wins.index(True)}"]

    @pytest.mark.parametrize("note", ["", " \n", "\x00", "x" * 4001])
    def test_empty_and_huge_ones_are_refused(self, store: Store, note: str) -> None:
        with pytest.raises(InputError):
            write(store, note)

    def test_only_the_shift_of_now_and_the_one_before(self, store: Store) -> None:
        write(store, moment=NOW - SHIFT)
        for moment in (NOW - 2 * SHIFT, NOW + SHIFT):
            with pytest.raises(ConflictError):
                write(store, moment=moment)

    def test_each_desk_and_shift_has_its_own(self, store: Store) -> None:
        write(store)
        write(store, moment=NOW - SHIFT)
        with store.read() as session:
            assert len(repository.newest(session, "63", 10)) == 2
            assert repository.newest(session, "64", 10) == []


class TestReceipt:
    def test_somebody_else_takes_over_once(self, store: Store) -> None:
        done = write(store)
        with pytest.raises(ConflictError, match="yourself"):
            receive(store, done.id, "ani")
        taken = receive(store, done.id)
        assert (taken.received_by, taken.received_at) == ("budi", NOW + HOUR)
        with pytest.raises(ConflictError, match="budi"):
            receive(store, done.id, "citra")
        with pytest.raises(ConflictError, match="took this shift over"):
            write(store, "terlambat", 1)

    def test_not_of_another_region_and_not_what_is_not_there(self, store: Store) -> None:
        done = write(store)
        for id_, within in ((done.id, "64"), (done.id, "63.03"), (done.id + 1, None)):
            with pytest.raises(NotFoundError):
                receive(store, id_, within=within)

    def test_notes_go_after_a_year(self, store: Store) -> None:
        done = write(store)
        purge(store, done.shift.end + NOTICE_RETENTION)
        with store.read() as session:
            assert session.get(HandoverRow, done.id) is not None
        assert purge(store, done.shift.end + NOTICE_RETENTION + timedelta(seconds=1)).notices == 1
