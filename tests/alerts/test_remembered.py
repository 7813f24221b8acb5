"""What is remembered of alerts stands for exactly what it was made of: whoever changes a row, the next reading sees."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import delete, update

from tests.api.sample import CLASH, NOW, add_alert, fill
from waspada.alerts import repository, seen
from waspada.alerts.types import NOBODY, OPEN_STATES, AlertFilter, AlertState, AlertSummary
from waspada.store import Store
from waspada.store.tables import AlertPlaceRow, AlertRow, AlertSeenRow, UserRow


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    with store.write() as session:
        return fill(session)


def listed(store: Store, **wanted: object) -> list[AlertSummary]:
    with store.read() as session:
        return list(repository.search(session, AlertFilter(**wanted)))  # type: ignore[arg-type]


def one(store: Store, alert_id: int) -> AlertSummary:
    return next(view for view in listed(store) if view.id == alert_id)


def test_an_alert_that_is_as_it_was_is_the_same_one(store: Store, desk: dict[str, int]) -> None:
    first, second = listed(store), listed(store)
    assert all(a is b for a, b in zip(first, second, strict=True))
    with store.read() as session:
        assert repository.by_ids(session, [desk["clash"]])[0] is one(store, desk["clash"])


@pytest.mark.parametrize(
    "change",
    [
        {"headline": "Judul lain"},
        {"notes": {"burst": "lain"}},
        {"owner": "liaison-1"},
        {"due_at": NOW + timedelta(hours=1)},
        {"state": AlertState.VERIFIED.value},
        {"labels": {"conflict": 0.5}},
        {"last_item_at": NOW},
    ],
)
def test_what_another_process_changes_is_seen_at_the_next_reading(
    store: Store, desk: dict[str, int], another_store: Callable[[], Store], change: dict[str, object]
) -> None:
    """Without a new revision: nothing but the row says it."""
    before = one(store, desk["clash"])
    with another_store().write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk["clash"]).values(**change))
    after = one(store, desk["clash"])
    assert after != before
    for name, value in change.items():
        assert getattr(after, name) == value
    assert {name for name in AlertSummary.__dataclass_fields__ if getattr(after, name) != getattr(before, name)} == set(
        change
    )


def test_its_places_are_part_of_it(store: Store, desk: dict[str, int], another_store: Callable[[], Store]) -> None:
    assert one(store, desk["clash"]).regions
    with another_store().write() as session:
        session.execute(delete(AlertPlaceRow).where(AlertPlaceRow.alert_id == desk["clash"]))
        session.add(AlertPlaceRow(alert_id=desk["clash"], code="64.71", position=0))
    assert list(one(store, desk["clash"]).regions) == ["64.71"]


def test_moments_come_back_as_they_were_stored(store: Store, desk: dict[str, int]) -> None:
    at = NOW.replace(microsecond=7)
    with store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk["clash"]).values(due_at=at, changed_at=at))
    view = one(store, desk["clash"])
    assert (view.due_at, view.changed_at) == (at, at)
    assert view.opened_at.utcoffset() == timedelta(0)


def test_a_change_in_the_same_transaction_is_seen(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        row = session.get_one(AlertRow, desk["clash"])
        row.headline = "Belum ditulis"
        assert repository.by_ids(session, [row.id])[0].headline == "Belum ditulis"


def test_one_statement_serves_every_moment_and_every_owner(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        session.execute(update(AlertRow).where(AlertRow.id == desk["clash"]).values(owner="liaison-1"))
        session.execute(update(AlertRow).where(AlertRow.id == desk["hoax"]).values(owner="liaison-2"))
    everything = {view.id for view in listed(store)}
    assert {view.id for view in listed(store, owner="liaison-1")} == {desk["clash"]}
    made = repository._page.cache_info().misses
    assert {view.id for view in listed(store, owner="liaison-2")} == {desk["hoax"]}
    assert listed(store, owner="liaison-3") == []
    assert repository._page.cache_info().misses == made
    assert {view.id for view in listed(store, owner=NOBODY)} == everything - {desk["clash"], desk["hoax"]}
    assert [view.id for view in listed(store, since=NOW - timedelta(hours=3))] == [desk["clash"]]
    made = repository._page.cache_info().misses
    assert {view.id for view in listed(store, since=NOW - timedelta(days=900))} == everything
    assert repository._page.cache_info().misses == made
    newest = max(everything)
    with store.read() as session:
        assert repository.count(session, AlertFilter(after_id=newest)) == 0
        assert repository.count(session, AlertFilter(after_id=newest - 1)) == 1


def test_what_is_unread_is_counted_for_each_reader(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        session.add_all(UserRow(id=n, name=f"reader-{n}", role="liaison", created_at=NOW) for n in (101, 102))
        session.flush()
        session.add(AlertSeenRow(user_id=101, alert_id=desk["clash"], revision=9, at=NOW))
    for wanted in (AlertFilter(states=OPEN_STATES), AlertFilter(states=OPEN_STATES, since=NOW - timedelta(days=2))):
        with store.read() as session:
            first, second = (seen.tally(session, account, wanted, NOW) for account in (101, 102))
            assert (second.total, second.unread) == (first.total, first.unread + 1)


def test_so_much_is_remembered_and_no_more(store: Store) -> None:
    for remembering in (repository._page, repository._number, repository._numbers, repository._recent):
        assert remembering.cache_parameters()["maxsize"] == repository._STATEMENTS
    assert repository._read.cache_parameters()["maxsize"] == repository._SUMMARIES
    with store.write() as session:
        for n in range(3):
            add_alert(session, replace(CLASH, headline=f"Judul {n}"))
    assert len({view.headline for view in listed(store)}) == 3
