"""The keys of pseudonyms, as they lie in the store: made once a month, turned with it, destroyed after the next."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
from sqlalchemy import select

from waspada.privacy.voices import destroy_old_keys, voice_of
from waspada.store import Store
from waspada.store.tables import PseudonymKeyRow

NOVEMBER = datetime(2024, 11, 30, 23, 59, tzinfo=UTC)
DECEMBER = datetime(2024, 12, 1, 0, 0, tzinfo=UTC)
JANUARY = datetime(2025, 1, 1, 0, 0, tzinfo=UTC)


def voice(store: Store, handle: str | None, now: datetime) -> str | None:
    with store.write() as session:
        return voice_of(session, handle, now)


def periods(store: Store) -> list[str]:
    with store.read() as session:
        return sorted(session.scalars(select(PseudonymKeyRow.period)))


def test_an_account_has_one_voice_a_month_and_another_in_the_next(store: Store) -> None:
    first = voice(store, "@warga@sosial.example", NOVEMBER)
    assert first == voice(store, " @Warga@sosial.example", datetime(2024, 11, 1, tzinfo=UTC))
    assert first != voice(store, "@warga2@sosial.example", NOVEMBER)
    assert periods(store) == ["2024-11"]
    assert first != voice(store, "@warga@sosial.example", DECEMBER)
    assert periods(store) == ["2024-11", "2024-12"]


@pytest.mark.parametrize("handle", [None, "", "  ", "@", " @ "])
def test_nobody_has_no_voice_and_costs_no_key(store: Store, handle: str | None) -> None:
    assert voice(store, handle, NOVEMBER) is None
    assert periods(store) == []


def test_keys_are_random_and_long(store: Store) -> None:
    voice(store, "warga", NOVEMBER)
    voice(store, "warga", DECEMBER)
    with store.read() as session:
        keys = session.scalars(select(PseudonymKeyRow.key)).all()
    assert [len(key) for key in keys] == [32, 32]
    assert len(set(keys)) == 2


def test_a_key_lives_to_the_end_of_the_next_month(store: Store) -> None:
    voice(store, "warga", NOVEMBER)
    voice(store, "warga", DECEMBER)
    with store.write() as session:
        assert destroy_old_keys(session, datetime(2024, 12, 31, 23, 59, tzinfo=UTC)) == []
    with store.write() as session:
        assert destroy_old_keys(session, JANUARY) == ["2024-11"]
    assert periods(store) == ["2024-12"]
    with store.write() as session:
        assert destroy_old_keys(session, JANUARY) == []


def test_a_destroyed_key_leads_back_to_nobody(store: Store) -> None:
    """Whoever knows the handle cannot make the old pseudonym again: a new key would not be the old one."""
    old = voice(store, "warga", NOVEMBER)
    with store.write() as session:
        destroy_old_keys(session, JANUARY)
    assert voice(store, "warga", JANUARY) != old
    assert voice(store, "warga", NOVEMBER) != old


def test_of_two_processes_that_make_a_key_at_once_one_stands(store: Store, another_store: Callable[[], Store]) -> None:
    start = Barrier(2)
    stores = [store, another_store()]

    def make(one: Store) -> str | None:
        start.wait(10)
        return one.retrying(lambda session: voice_of(session, "warga", NOVEMBER))

    with ThreadPoolExecutor(2) as both:
        made = list(both.map(make, stores))
    assert made[0] == made[1]
    assert periods(store) == ["2024-11"]
