"""The work on an alert: owner, due time, notes, clarification, duplicates; and two people and a machine at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from tests.api.sample import CLASH, NEUTRALITY, NOW, add_alert
from waspada.access import Role, add_user, disable_user
from waspada.access.service import change_user
from waspada.alerts import changes, owners, repository, service
from waspada.alerts.policy import STEPS, VERDICTS, reasons_for
from waspada.alerts.types import SYSTEM, AlertState, AlertSummary, Field, StaleRevisionError
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertRow, StoryRow

S = AlertState


@pytest.fixture
def alert_id(store: Store) -> int:
    with store.write() as session:
        for name, role, region in (
            ("ani", Role.LIAISON, None),
            ("budi", Role.ANALYST, "63"),
            ("citra", Role.LIAISON, "64"),
            ("dedi", Role.OPERATOR, None),
        ):
            add_user(session, name, role, region, actor="test", now=NOW)
        return add_alert(session, CLASH)


def seen(store: Store, alert_id: int) -> AlertSummary:
    with store.read() as session:
        return repository.summary(session, alert_id)


def lines(store: Store, alert_id: int) -> list[tuple[str, str, dict[str, Any]]]:
    with store.read() as session:
        return [(line.actor, line.action, dict(line.detail)) for line in repository.history(session, alert_id)]


def moved(store: Store, alert_id: int, to: S, revision: int, actor: str = "ani", **given: Any) -> None:
    with store.write() as session:
        service.move(session, alert_id, to, actor=actor, revision=revision, now=NOW, **given)


def by_machine(store: Store, alert_id: int, level: int, action: str | None = None) -> None:
    """What the ranking does when a level changes (tests/jobs runs the real one)."""
    with store.write() as session:
        row = session.get_one(AlertRow, alert_id)
        before, row.level, row.revision = row.level, level, row.revision + 1
        detail = {"from": before, "to": level}
        said = action or ("raised" if level > before else "lowered")
        session.add(
            AlertEventRow(alert_id=alert_id, at=NOW, actor=SYSTEM, action=said, revision=row.revision, detail=detail)
        )


class TestOwner:
    def test_acknowledging_makes_one_the_owner_where_there_is_none(self, store: Store, alert_id: int) -> None:
        moved(store, alert_id, S.ACKNOWLEDGED, 1)
        assert seen(store, alert_id).owner == "ani"
        moved(store, alert_id, S.VERIFIED, 2, "budi")
        assert seen(store, alert_id).owner == "ani"

    def test_whoever_finds_no_threat_owns_nothing(self, store: Store, alert_id: int) -> None:
        moved(store, alert_id, S.NOT_A_THREAT, 1, reason="old_news")
        assert seen(store, alert_id).owner is None

    def test_it_goes_from_one_to_another_and_to_nobody(self, store: Store, alert_id: int) -> None:
        for revision, owner in enumerate(("ani", "budi", None), 1):
            with store.write() as session:
                done = service.assign(session, alert_id, owner, actor="ani", revision=revision, now=NOW)
            assert (done.owner, done.revision) == (owner, revision + 1)
        assert [line[1:] for line in lines(store, alert_id)][:3] == [
            ("assigned", {"owner_before": "budi", "owner_after": None}),
            ("assigned", {"owner_before": "ani", "owner_after": "budi"}),
            ("assigned", {"owner_before": None, "owner_after": "ani"}),
        ]

    @pytest.mark.parametrize("name", ["citra", "dedi", "nobody-there", "", "ani'; --", "x" * 500])
    def test_only_who_sees_it_and_may_move_it(self, store: Store, alert_id: int, name: str) -> None:
        with pytest.raises(InputError), store.write() as session:
            service.assign(session, alert_id, name, actor="ani", revision=1, now=NOW)
        assert seen(store, alert_id).revision == 1

    def test_candidates_are_the_active_accounts_of_the_region(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            assert owners.candidates(session, alert_id) == ["ani", "budi"]
            disable_user(session, "budi", actor="test", now=NOW)
            assert owners.candidates(session, alert_id) == ["ani"]

    def test_twice_the_same_and_a_finished_one_are_refused(self, store: Store, alert_id: int) -> None:
        moved(store, alert_id, S.ACKNOWLEDGED, 1)
        with pytest.raises(ConflictError), store.write() as session:
            service.assign(session, alert_id, "ani", actor="ani", revision=2, now=NOW)
        moved(store, alert_id, S.DUPLICATE, 2)
        for work in (service.assign, service.set_due):
            with pytest.raises(ConflictError), store.write() as session:
                work(session, alert_id, None, actor="ani", revision=3, now=NOW)

    def test_an_alert_of_another_region_is_not_there(self, store: Store, alert_id: int) -> None:
        works: list[tuple[Any, Any]] = [(service.assign, "ani"), (service.set_due, NOW + timedelta(hours=1))]
        for work, value in works:
            with pytest.raises(NotFoundError), store.write() as session:
                work(session, alert_id, value, actor="citra", revision=1, now=NOW, within="64")
        with pytest.raises(NotFoundError), store.write() as session:
            service.note(session, alert_id, "x", actor="citra", now=NOW, within="64")

    def test_alerts_of_an_account_that_ends_become_nobodys(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            done = add_alert(session, NEUTRALITY)
            session.execute(update(AlertRow).where(AlertRow.id == done).values(owner="budi", state="closed"))
        moved(store, alert_id, S.ACKNOWLEDGED, 1, "budi")
        with store.write() as session:
            disable_user(session, "budi", actor="admin", now=NOW)
        assert (seen(store, alert_id).owner, seen(store, alert_id).revision) == (None, 3)
        assert lines(store, alert_id)[0] == (
            "admin", "released", {"owner_before": "budi", "owner_after": None, "why": "disabled"}
        )  # fmt: skip
        assert seen(store, done).owner == "budi"  # who finished it stays known
        with pytest.raises(StaleRevisionError, match="admin"):
            moved(store, alert_id, S.VERIFIED, 2)

    def test_who_moves_lets_go_of_what_lies_out_of_reach(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            elsewhere = add_alert(session, NEUTRALITY)
            session.execute(update(AlertRow).values(owner="budi", state="acknowledged"))
            change_user(session, "budi", role=Role.LIAISON, region="63.03", actor="admin", now=NOW)
        assert seen(store, alert_id).owner == "budi"
        assert seen(store, elsewhere).owner is None
        assert lines(store, elsewhere)[0] == (
            "admin", "released", {"owner_before": "budi", "owner_after": None, "why": "moved"}
        )  # fmt: skip
        with store.write() as session:
            change_user(session, "budi", role=Role.AUDITOR, region="63.03", actor="admin", now=NOW)
        assert seen(store, alert_id).owner is None


class TestDue:
    def test_it_is_set_told_and_taken_back(self, store: Store, alert_id: int) -> None:
        until = NOW + timedelta(hours=2)
        with store.write() as session:
            assert service.set_due(session, alert_id, until, actor="ani", revision=1, now=NOW).due_at == until
        found = seen(store, alert_id)
        assert not found.is_overdue(NOW)
        assert not found.is_overdue(until)
        assert found.is_overdue(until + timedelta(seconds=1))
        assert not replace(found, state=S.CLOSED).is_overdue(until + timedelta(days=1))
        with store.write() as session:
            service.set_due(session, alert_id, None, actor="ani", revision=2, now=NOW)
        assert lines(store, alert_id)[0][2] == {"due_before": until.isoformat(), "due_after": None}

    def test_reopening_takes_an_old_due_time_away(self, store: Store, alert_id: int) -> None:
        moved(store, alert_id, S.ACKNOWLEDGED, 1)
        with store.write() as session:
            service.set_due(session, alert_id, NOW + timedelta(hours=1), actor="ani", revision=2, now=NOW)
        moved(store, alert_id, S.CLOSED, 3, reason="resolved")
        moved(store, alert_id, S.ACKNOWLEDGED, 4, "budi")
        assert (seen(store, alert_id).due_at, seen(store, alert_id).owner) == (None, "ani")


class TestNotes:
    def test_a_note_is_kept_without_contacts_and_changes_no_revision(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            service.note(session, alert_id, "Hubungi 0812-3456-7890\x00 atau a@b.co", actor="ani", now=NOW)
        with store.read() as session:
            line = repository.history(session, alert_id)[0]
        assert (line.action, line.actor) == ("noted", "ani")
        assert "3456" not in line.note
        assert "a@b.co" not in line.note
        assert seen(store, alert_id).revision == 1

    @pytest.mark.parametrize("text", ["", " \n\t", "\x00", "\ud800", "x" * 2001])
    def test_empty_and_huge_ones_are_refused(self, store: Store, alert_id: int, text: str) -> None:
        with pytest.raises(InputError), store.write() as session:
            service.note(session, alert_id, text, actor="ani", now=NOW)

    def test_many_notes_at_once_are_all_kept(
        self, store: Store, alert_id: int, another_store: Callable[[], Store]
    ) -> None:
        stores = [store, another_store()]

        def write(number: int) -> None:
            stores[number % 2].retrying(
                lambda session: service.note(session, alert_id, f"catatan {number}", actor="ani", now=NOW)
            )

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(write, range(12)))
        assert sum(action == "noted" for _, action, _ in lines(store, alert_id)) == 12

    def test_a_merged_alert_takes_none(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            other = add_alert(session, NEUTRALITY)
            into = session.get_one(AlertRow, other).story_id
            story = session.get_one(AlertRow, alert_id).story_id
            session.execute(update(StoryRow).where(StoryRow.id == story).values(merged_into=into))
        with pytest.raises(ConflictError, match=f"alert {other}"), store.write() as session:
            service.note(session, alert_id, "x", actor="ani", now=NOW)


class TestClarification:
    def test_an_office_is_asked_and_the_alert_stays_open(self, store: Store, alert_id: int) -> None:
        moved(
            store,
            alert_id,
            S.NEEDS_CLARIFICATION,
            1,
            office="  KPU   Kabupaten Banjar ",
            note="TPS 4 dibuka? 081234567890",
        )
        with store.read() as session:
            line = repository.history(session, alert_id)[0]
        assert line.detail["office"] == "KPU Kabupaten Banjar"
        assert "081234567890" not in line.note
        assert seen(store, alert_id).owner == "ani"

    @pytest.mark.parametrize(
        ("office", "note"),
        [
            ("", "Benarkah?"), ("   ", "Benarkah?"), ("KPU", ""), ("KPU", "  "), ("x" * 81, "Benarkah?"),
            ("Budi Santoso", "Benarkah?"), ("KPU (Rudi Hartono)", "Benarkah?"), ("KPU 0812 3456 7890", "Benarkah?"),
        ],
    )  # fmt: skip
    def test_no_person_no_nothing(self, store: Store, alert_id: int, office: str, note: str) -> None:
        with pytest.raises(InputError):
            moved(store, alert_id, S.NEEDS_CLARIFICATION, 1, office=office, note=note)
        assert seen(store, alert_id).state is S.NEW

    @pytest.mark.parametrize(
        "office",
        ["KPU Kabupaten Banjar", "Polsek Karang Intan", "FKUB Kalsel", "Camat Martapura", "Kodim 1006/Banjar"],
    )
    def test_offices_pass(self, office: str) -> None:
        assert service.office_of(office) == office

    def test_other_steps_ask_nobody(self, store: Store, alert_id: int) -> None:
        with pytest.raises(InputError, match="asks no office"):
            moved(store, alert_id, S.ACKNOWLEDGED, 1, office="KPU")


class TestDuplicates:
    def test_it_names_the_one_that_stays(self, store: Store, alert_id: int) -> None:
        with store.write() as session:
            other = add_alert(session, NEUTRALITY)
        moved(store, alert_id, S.DUPLICATE, 1, duplicate_of=other)
        assert lines(store, alert_id)[0][2]["alert"] == other
        assert (seen(store, alert_id).state, seen(store, alert_id).reason) == (S.DUPLICATE, "duplicate")
        with pytest.raises(InputError, match="duplicate itself"):
            moved(store, other, S.DUPLICATE, 1, duplicate_of=alert_id)

    def test_what_cannot_be_doubled(self, store: Store, alert_id: int) -> None:
        with pytest.raises(InputError, match="itself"):
            moved(store, alert_id, S.DUPLICATE, 1, duplicate_of=alert_id)
        with pytest.raises(NotFoundError):
            moved(store, alert_id, S.DUPLICATE, 1, duplicate_of=10**9)
        with pytest.raises(InputError, match="names no other"):
            moved(store, alert_id, S.ACKNOWLEDGED, 1, duplicate_of=1)
        assert seen(store, alert_id).revision == 1


class TestOvertaken:
    def test_what_changed_is_told_field_by_field(self, store: Store, alert_id: int) -> None:
        moved(store, alert_id, S.ACKNOWLEDGED, 1)
        with store.write() as session:
            service.set_due(session, alert_id, NOW + timedelta(hours=1), actor="ani", revision=2, now=NOW)
        with pytest.raises(StaleRevisionError) as caught:
            moved(store, alert_id, S.ACKNOWLEDGED, 1, "budi")
        told = {(c.actor, f.field, f.before, f.after) for c in caught.value.changes for f in c.fields}
        assert told == {
            ("ani", Field.STATE, "new", "acknowledged"),
            ("ani", Field.OWNER, None, "ani"),
            ("ani", Field.DUE, None, (NOW + timedelta(hours=1)).isoformat()),
        }
        assert not caught.value.is_by_machine

    def test_the_machine_alone_refuses_verdicts_only(self, store: Store, alert_id: int) -> None:
        by_machine(store, alert_id, 2)
        with pytest.raises(StaleRevisionError, match="level 3 -> 2") as caught:
            moved(store, alert_id, S.NOT_A_THREAT, 1, reason="old_news")
        assert caught.value.is_by_machine
        moved(store, alert_id, S.ACKNOWLEDGED, 1)
        by_machine(store, alert_id, 3)
        with store.write() as session:
            service.assign(session, alert_id, "budi", actor="ani", revision=3, now=NOW)

    def test_a_level_that_is_what_it_was_refuses_nothing(self, store: Store, alert_id: int) -> None:
        by_machine(store, alert_id, 1)
        by_machine(store, alert_id, 3)
        moved(store, alert_id, S.NOT_A_THREAT, 1, reason="old_news")

    def test_history_without_revisions_refuses(self, store: Store, alert_id: int) -> None:
        """Lines from before migration 0022: what happened is not known, so nobody is overwritten."""
        by_machine(store, alert_id, 2)
        with store.write() as session:
            session.execute(update(AlertEventRow).values(revision=None))
        with pytest.raises(StaleRevisionError):
            moved(store, alert_id, S.ACKNOWLEDGED, 1)

    def test_a_revision_that_is_still_to_come_refuses(self, store: Store, alert_id: int) -> None:
        with pytest.raises(StaleRevisionError):
            moved(store, alert_id, S.ACKNOWLEDGED, 7)


@dataclass
class Desk:
    """What a test knows of one alert: who looked at which revision, and what every accepted action did."""

    revision: int = 1
    level: int = 3
    state: S = S.NEW
    owner: str | None = None
    due: Any = None
    by_people: list[int] = field(default_factory=list)  # revisions that people made
    looks: dict[str, tuple[int, int]] = field(default_factory=dict)  # who -> (revision, level) seen
    notes: int = 0


ACTORS = ("ani", "budi")
ACTIONS = st.one_of(
    st.tuples(st.just("look"), st.sampled_from(ACTORS)),
    st.tuples(st.just("move"), st.sampled_from(ACTORS), st.sampled_from(list(S)[1:])),
    st.tuples(st.just("assign"), st.sampled_from(ACTORS), st.sampled_from([*ACTORS, None])),
    st.tuples(st.just("due"), st.sampled_from(ACTORS), st.sampled_from([1, 2, None])),
    st.tuples(st.just("note"), st.sampled_from(ACTORS)),
    st.tuples(st.just("machine"), st.sampled_from([1, 2, 3])),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25)
@given(st.lists(ACTIONS, max_size=14))
def test_no_update_is_lost_in_whatever_order(store: Store, steps: list[tuple[Any, ...]]) -> None:
    """Two people who look and act in any order, and a machine: whoever was overtaken by a person is refused, whoever
    was not is never refused for it, and what was accepted stands as it was said."""
    with store.write() as session:
        alert_id = add_alert(session, CLASH)
        for name in ACTORS:
            if name not in owners.candidates(session, alert_id):
                add_user(session, name, Role.LIAISON, None, actor="test", now=NOW)
    desk = Desk(looks=dict.fromkeys(ACTORS, (1, 3)))
    for step in steps:
        _take(store, alert_id, desk, *step)
    found = seen(store, alert_id)
    assert (found.state, found.owner, found.due_at, found.level) == (desk.state, desk.owner, desk.due, desk.level)
    assert found.revision == desk.revision
    with store.read() as session:
        rows = session.scalars(select(AlertEventRow).where(AlertEventRow.alert_id == alert_id)).all()
        assert sum(row.action == "noted" for row in rows) == desk.notes
        told = changes.since(session, alert_id, 1, found.revision)
        assert told is not None
        assert len(told) == desk.revision - 1


def _take(store: Store, alert_id: int, desk: Desk, action: str, *given: Any) -> None:
    if action == "machine":
        if given[0] != desk.level:
            by_machine(store, alert_id, given[0])
            desk.level, desk.revision = given[0], desk.revision + 1
        return
    who = given[0]
    if action == "look":
        desk.looks[who] = (desk.revision, desk.level)
        return
    if action == "note":
        with store.write() as session:
            service.note(session, alert_id, "catatan", actor=who, now=NOW)
        desk.notes += 1
        return
    revision, level = desk.looks[who]
    overtaken = any(made > revision for made in desk.by_people)
    wanted = given[1]
    is_verdict = action == "move" and wanted in VERDICTS
    try:
        with store.write() as session:
            _act(session, alert_id, action, wanted, who, revision, desk.state)
    except StaleRevisionError:
        assert overtaken or (is_verdict and level != desk.level), "refused without need"
        return
    except ConflictError:
        assert not overtaken
        assert _is_impossible(desk, action, wanted)
        return
    assert not overtaken, "somebody's change was overwritten unseen"
    assert not is_verdict or level == desk.level, "a verdict on what was not seen"
    desk.revision += 1
    desk.by_people.append(desk.revision)
    if action == "assign":
        desk.owner = wanted
    elif action == "due":
        desk.due = _due(wanted)
    else:
        if desk.state in (S.NOT_A_THREAT, S.DUPLICATE, S.CLOSED) and wanted is S.ACKNOWLEDGED:
            desk.due = None
        desk.state = wanted
        if desk.owner is None and wanted in (S.ACKNOWLEDGED, S.VERIFIED, S.NEEDS_CLARIFICATION):
            desk.owner = who


def _act(session: Any, alert_id: int, action: str, wanted: Any, who: str, revision: int, state: S) -> None:
    if action == "assign":
        service.assign(session, alert_id, wanted, actor=who, revision=revision, now=NOW)
    elif action == "due":
        service.set_due(session, alert_id, _due(wanted), actor=who, revision=revision, now=NOW)
    else:
        reasons = reasons_for(wanted, state)
        asked: dict[str, Any] = {"office": "KPU", "note": "Benarkah?"} if wanted is S.NEEDS_CLARIFICATION else {}
        service.move(
            session, alert_id, wanted, actor=who, revision=revision, now=NOW,
            reason=reasons[0] if reasons else None, **asked,
        )  # fmt: skip


def _due(hours: int | None) -> Any:
    return NOW + timedelta(hours=hours) if hours else None


def _is_impossible(desk: Desk, action: str, wanted: Any) -> bool:
    is_finished = desk.state in (S.NOT_A_THREAT, S.DUPLICATE, S.CLOSED)
    if action == "assign":
        return is_finished or wanted == desk.owner
    if action == "due":
        return is_finished or _due(wanted) == desk.due
    return wanted not in STEPS[desk.state]
