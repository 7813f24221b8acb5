"""The stage that decides notices, on both databases: once each, also after kill -9 and with two workers at once."""

from __future__ import annotations

import random
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from tests.api.sample import CLASH, NEUTRALITY, NOW, Report, Sample, add_alert
from tests.killed import run_module
from tests.plans import Asked
from waspada.access import Role, add_user
from waspada.errors import ConflictError
from waspada.jobs.notify import notify_due
from waspada.notify import repository, service
from waspada.notify.policy import rules_of, shift_of
from waspada.notify.types import HeldReason, NoticeState
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import (
    AlertPlaceRow,
    AlertRow,
    ItemRow,
    NoticeRow,
    PlaceRow,
    SilenceRow,
    StoryItemRow,
    StoryRow,
)
from waspada.taxonomy import Label

HOUR = timedelta(hours=1)
FLOOD = Sample(
    label=Label.DISASTER,
    level=2,
    parts={"level": 28.0},
    headline="Banjir merendam dua kecamatan",
    regions=["63.07"],
    reports=[Report("Warta Intan", "Banjir merendam dua kecamatan", "Air naik sejak subuh. «Banjir merendam dua.»")],
)


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


def fill(store: Store, samples: Sequence[Sample]) -> list[int]:
    with store.write() as session:
        return [add_alert(session, sample) for sample in samples]


def rows(store: Store, desk: str = "63") -> list[NoticeRow]:
    with store.read() as session:
        found = session.scalars(select(NoticeRow).where(NoticeRow.desk == desk).order_by(NoticeRow.id)).all()
        session.expunge_all()
        return list(found)


def many(count: int, level: int = 2) -> list[Sample]:
    return [replace(FLOOD, level=level, headline=f"Banjir ke-{n}", parts={"level": 20.0 + n}) for n in range(count)]


def test_a_due_notice_becomes_ready_once(store: Store, settings: Settings) -> None:
    (alert_id,) = fill(store, [CLASH])
    assert notify_due(store, settings, NOW) == 1
    assert notify_due(store, settings, NOW) == 0
    assert notify_due(store, settings, NOW + HOUR) == 0
    (row,) = rows(store)
    assert (row.alert_id, row.kind, row.ready_at, row.number) == (alert_id, "first", NOW, 1)
    assert row.facts["places"] == ["63.03"]
    assert row.facts["labels"] == ["conflict", "polarization"]


def test_an_alert_that_just_opened_waits(store: Store, settings: Settings) -> None:
    fill(store, [replace(FLOOD, hours_ago=0.1)])
    assert notify_due(store, settings, NOW) == 0
    assert notify_due(store, settings, NOW + timedelta(minutes=7)) == 1


def test_scoring_again_tells_nobody_and_news_that_matters_does(store: Store, settings: Settings) -> None:
    (alert_id,) = fill(store, [replace(FLOOD, state="acknowledged")])
    notify_due(store, settings, NOW)
    with store.write() as session:  # a better model, without a new text
        session.execute(
            update(AlertRow).values(score=99.0, level=3, labels={"disaster": 0.9, "conflict": 0.8}, revision=2)
        )
    assert notify_due(store, settings, NOW + 3 * HOUR) == 0
    with store.write() as session:
        session.execute(update(ItemRow).values(version=2))  # an edit, tagged and ranked
    assert notify_due(store, settings, NOW + 3 * HOUR) == 1
    assert [(row.alert_id, row.kind, row.facts["changes"]) for row in rows(store)][-1] == (
        alert_id,
        "update",
        ["level", "label"],
    )


def test_an_edit_that_is_not_ranked_yet_is_not_lost(store: Store, settings: Settings) -> None:
    fill(store, [FLOOD])
    with store.write() as session:
        session.execute(update(ItemRow).values(version=2, stage="new"))
    assert notify_due(store, settings, NOW) == 1
    with store.write() as session:
        session.execute(update(ItemRow).values(stage="grouped"))
        session.execute(update(StoryRow).values(stale=True))
    assert notify_due(store, settings, NOW + 3 * HOUR) == 0
    with store.write() as session:
        session.execute(update(StoryRow).values(stale=False))
        session.execute(update(AlertRow).values(level=3))
    assert notify_due(store, settings, NOW + 3 * HOUR) == 1


def test_the_cap_shows_what_it_held_back(store: Store, settings: Settings) -> None:
    fill(store, [*many(5), replace(NEUTRALITY, state="new", parts={"level": 5.0})])
    assert notify_due(store, settings, NOW) == 6
    assert notify_due(store, settings, NOW + HOUR) == 0
    with store.read() as session:
        shift = service.shift_view(session, "63", rules_of(settings), NOW)
        later = service.shift_view(session, "63", rules_of(settings), NOW + 24 * HOUR)
        assert (shift.used, shift.cap, shift.held_by_label) == (1, 2, {"disaster": 4, "neutrality": 1})
        assert {view.notice.held_reason for view in shift.held} == {HeldReason.CAP}
        assert later.held == shift.held  # they wait still
    evening = shift_of(NOW, rules_of(settings)).end
    notify_due(store, settings, evening)
    assert Counter(row.ready_at for row in rows(store)) == {NOW: 1, evening: 1, None: 4}


def test_each_desk_has_its_own_interruptions(store: Store, settings: Settings) -> None:
    fill(store, [CLASH, replace(NEUTRALITY, state="new"), *many(3)])
    with store.write() as session:
        add_user(session, "banjarmasin", Role.LIAISON, "63.71", actor="test", now=NOW)
        add_user(session, "operator", Role.OPERATOR, "63.72", actor="test", now=NOW)
        assert repository.desks(session, settings) == ["63", "63.71"]
    notify_due(store, settings, NOW)
    (row,) = rows(store, "63.71")
    assert row.ready_at == NOW
    assert sum(row.ready_at is not None for row in rows(store)) == 1


def test_an_alert_outside_the_region_of_the_desk_interrupts_nobody(store: Store, settings: Settings) -> None:
    fill(store, [replace(CLASH, regions=["64.72"])])
    assert notify_due(store, settings, NOW) == 0


def test_a_silence_holds_and_lets_go(store: Store, settings: Settings) -> None:
    fill(store, [FLOOD])
    with store.write() as session:
        one = service.add_silence(
            session, "63.07", "disaster", NOW + 6 * HOUR, "posko sudah ada", actor="liaison-1", now=NOW
        )
    notify_due(store, settings, NOW)
    (row,) = rows(store)
    assert (row.ready_at, row.held_reason, row.held_by) == (None, "silence", f"silence/{one.id}")
    with store.read() as session:
        assert [view.holds for view in service.list_silences(session, NOW)] == [1]
        assert len(repository.search(session, "63", [NoticeState.HELD])) == 1
    assert notify_due(store, settings, NOW + 5 * HOUR) == 0
    assert notify_due(store, settings, NOW + 6 * HOUR) == 1
    (row,) = rows(store)
    assert (row.ready_at, row.held_at, row.number) == (NOW + 6 * HOUR, NOW, 1)


def test_all_silences_in_force_hold_however_many_there_are(store: Store, settings: Settings) -> None:
    fill(store, [FLOOD])
    with store.write() as session:
        first = service.add_silence(session, "63.07", None, NOW + HOUR, "posko", actor="liaison-1", now=NOW)
        session.add_all(
            SilenceRow(region="63.01", label=None, until=NOW + HOUR, actor="liaison-1", reason="posko", at=NOW)
            for _ in range(service.SILENCES_SHOWN)
        )
    notify_due(store, settings, NOW)
    assert [row.held_by for row in rows(store)] == [f"silence/{first.id}"]
    with store.write() as session:
        assert len(service.list_silences(session, NOW, active_only=True)) == service.SILENCES_SHOWN
        with pytest.raises(ConflictError):
            service.add_silence(session, "63.07", None, NOW + HOUR, "posko", actor="liaison-1", now=NOW)


def test_the_pages_read_what_waits_and_no_year_of_notices(store: Store, settings: Settings) -> None:
    fill(store, many(4))
    with store.write() as session:
        for code in ("63.07", "63.71"):
            service.add_silence(session, code, None, NOW + HOUR, "posko", actor="liaison-1", now=NOW)
    notify_due(store, settings, NOW)
    asked = Asked(store)
    with store.read() as session:
        assert [view.holds for view in service.list_silences(session, NOW)] == [0, 4]
        assert len(asked.about("FROM notices")) == 1
        service.shift_view(session, "63", rules_of(settings), NOW)
    if store.is_sqlite:
        about = [step for step in asked.plan("FROM notices") if "notices" in step]
        assert about
        assert all(step.startswith("SEARCH") for step in about), about
        assert not [step for step in about if step.endswith("ix_notices_desk (desk=?)")]
        assert any("ix_notices_waiting" in step for step in about), about


def test_an_event_of_the_province_speaks_for_its_kabupaten(store: Store, settings: Settings) -> None:
    wide, _ = fill(store, [replace(FLOOD, regions=["63"]), replace(FLOOD, headline="Banjir di satu desa")])
    with store.write() as session:
        first = session.scalars(select(StoryItemRow.item_id).order_by(StoryItemRow.item_id)).first()
        session.execute(update(PlaceRow).where(PlaceRow.item_id == first).values(code="63", level="province"))
    notify_due(store, settings, NOW)
    told, held = rows(store)
    assert (told.alert_id, told.ready_at) == (wide, NOW)
    assert (held.held_reason, held.held_by) == ("parent", f"alert/{wide}")


def test_a_report_without_a_place_speaks_for_nobody(store: Store, settings: Settings) -> None:
    """The home of its outlet stands for the place it does not name."""
    fill(store, [replace(FLOOD, regions=["63"], parts={"level": 60.0}), FLOOD])
    with store.write() as session:
        session.query(PlaceRow).delete()
    notify_due(store, settings, NOW)
    assert {row.held_reason for row in rows(store)} == {None, "cap"}


def test_the_exercise_interrupts_nobody(store: Store, settings: Settings) -> None:
    fill(store, [CLASH])
    with store.write() as session:
        session.execute(update(AlertRow).values(exercise=True))
    assert notify_due(store, settings, NOW) == 0


def test_what_waits_is_dropped_when_its_alert_is_done_or_moves_away(store: Store, settings: Settings) -> None:
    fill(store, many(4))
    notify_due(store, settings, NOW)
    with store.write() as session:
        session.execute(update(AlertRow).values(state="not_a_threat"))
        session.execute(update(AlertPlaceRow).values(code="64.72"))
    notify_due(store, settings, NOW + HOUR)
    assert Counter(row.drop_reason for row in rows(store)) == {"finished": 3, None: 1}
    assert notify_due(store, settings, NOW + 2 * HOUR) == 0


def test_two_workers_at_once_decide_each_notice_once(
    store: Store, settings: Settings, another_store: Callable[[], Store]
) -> None:
    fill(store, [*many(6), *many(4, level=3)])
    stores = [store, another_store()]

    def decide(number: int) -> int:
        return notify_due(stores[number % 2], settings, NOW)

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(decide, range(12))) == 10
    found = rows(store)
    assert len({row.alert_id for row in found}) == len(found) == 10
    assert sum(row.ready_at is not None for row in found) == 2


def _work(url: str, statements: int = 0) -> tuple[int, str]:
    return run_module("tests.jobs.notify_process", url, statements)


def _picture(store: Store) -> list[tuple[Any, ...]]:
    return [(row.alert_id, row.number, row.kind, row.due_at, row.ready_at, row.held_at) for row in rows(store)]


def test_killed_at_any_moment_it_decides_the_same(store: Store, store_url: str, settings: Settings) -> None:
    """kill -9 after a random number of statements, five times, then to the end: as if nobody had killed it."""
    fill(store, [CLASH, *many(3)])
    calm = [NOW + n * timedelta(minutes=15) for n in range(96)]
    rng, kills = random.Random(5), 0
    for _ in range(5):
        code, said = _work(store_url, rng.randint(5, 900))
        assert code in (0, -signal.SIGKILL), said
        kills += code != 0
        _check_cap(rows(store), settings)
    assert kills
    assert _work(store_url)[0] == 0
    killed = _picture(store)
    with store.write() as session:
        session.query(NoticeRow).delete()
    for moment in calm:
        notify_due(store, settings, moment)
    assert killed == _picture(store)
    assert sum(row[4] is not None for row in killed) > 2


def _check_cap(found: Sequence[NoticeRow], settings: Settings) -> None:
    rules = rules_of(settings)
    ready: list[datetime] = [row.ready_at for row in found if row.ready_at is not None]
    assert max(Counter(shift_of(moment, rules).start for moment in ready).values(), default=0) <= rules.per_shift
