"""Guessing is slowed down: the rules as a table, and the counting on a real store."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from waspada.access.throttle import (
    ACCOUNT,
    ADDRESS,
    FORGET_AFTER,
    Failures,
    Rule,
    Throttle,
    by_account,
    by_address,
    by_code,
    seconds_left,
    wait_after,
)
from waspada.access.types import TooManyTriesError
from waspada.store import Store
from waspada.store.tables import SignInFailureRow

NOW = datetime(2024, 11, 20, 3, 0, tzinfo=UTC)
KEY = b"k" * 32
HERE, THERE = by_address("203.0.113.7"), by_address("203.0.113.8")


@pytest.mark.parametrize(
    ("rule", "failures", "seconds"),
    [
        (ADDRESS, 0, 0),
        (ADDRESS, 9, 0),
        (ADDRESS, 10, 10),
        (ADDRESS, 11, 20),
        (ADDRESS, 12, 40),
        (ADDRESS, 16, 640),
        (ADDRESS, 17, 900),
        (ADDRESS, 10_000, 900),
        (ACCOUNT, 4, 0),
        (ACCOUNT, 5, 5),
        (ACCOUNT, 6, 10),
        (ACCOUNT, 8, 40),
        (ACCOUNT, 9, 60),
        (ACCOUNT, 10_000_000, 60),
    ],
)
def test_a_few_failures_are_free_then_the_wait_doubles(rule: Rule, failures: int, seconds: int) -> None:
    assert wait_after(failures, rule).total_seconds() == seconds


@pytest.mark.parametrize(
    ("count", "ago_seconds", "left"),
    [
        (0, 0, 0),
        (9, 0, 0),
        (10, 0, 10),
        (10, 9.5, 1),
        (10, 10, 0),
        (17, 0, 900),
        (17, 899, 1),
        (17, 3601, 0),
    ],
)
def test_what_is_left_to_wait(count: int, ago_seconds: float, left: int) -> None:
    seen = Failures(count, NOW - timedelta(seconds=ago_seconds))
    assert seconds_left(seen, ADDRESS, NOW) == left
    assert seconds_left(None, ADDRESS, NOW) == 0


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_more_failures_never_wait_less_and_never_past_the_limit(one: int, two: int) -> None:
    for rule in (ADDRESS, ACCOUNT):
        assert wait_after(min(one, two), rule) <= wait_after(max(one, two), rule) <= rule.longest_wait


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8::1", "2001:db8::ffff:2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("fe80::1%eth0", "fe80::2", True),
        ("unknown", "unknown", True),
    ],
)
def test_which_addresses_count_together(one: str, two: str, same: bool) -> None:
    assert (by_address(one) == by_address(two)) is same


def test_failures_outlive_a_restart_and_are_shared_by_processes(
    store: Store, another_store: Callable[[], Store]
) -> None:
    first = Throttle(store, KEY)
    for _ in range(ADDRESS.free):
        first.enter([HERE], NOW)
    other = Throttle(another_store(), KEY)
    with pytest.raises(TooManyTriesError) as refused:
        other.enter([HERE], NOW)
    assert refused.value.wait_seconds == other.wait_seconds([HERE], NOW) == 10
    assert other.wait_seconds([THERE], NOW) == 0
    other.enter([HERE], NOW + timedelta(seconds=10))
    assert first.wait_seconds([HERE], NOW + timedelta(seconds=10)) == 20
    assert first.wait_seconds([HERE], NOW + timedelta(seconds=10) + FORGET_AFTER + timedelta(seconds=1)) == 0


def test_many_tries_at_once_do_not_slip_through(store: Store, another_store: Callable[[], Store]) -> None:
    throttles = [Throttle(store, KEY), Throttle(another_store(), KEY)]

    def knock(number: int) -> bool:
        try:
            throttles[number % 2].enter([by_account("liaison-1")], NOW)
        except TooManyTriesError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        let_in = sum(pool.map(knock, range(20)))
    assert let_in == ACCOUNT.free


def test_a_right_password_forgives_the_account_but_not_the_address(store: Store) -> None:
    throttle = Throttle(store, KEY)
    own, victim = by_account("attacker"), by_account("liaison-1")
    for _ in range(4):
        throttle.enter([HERE, victim], NOW)
    for _ in range(20):
        throttle.enter([HERE, own], NOW)
        throttle.passed([HERE, own])
    for _ in range(6):
        throttle.enter([HERE], NOW)
    assert throttle.wait_seconds([own], NOW) == 0
    assert throttle.wait_seconds([HERE], NOW) == 10


def test_nobody_is_locked_out_by_others(store: Store) -> None:
    """However often strangers fail for an account, its owner waits a minute at most, and not at all in a browser that
    the account has used."""
    throttle, at = Throttle(store, KEY), NOW
    for number in range(40):
        throttle.enter([by_address(f"198.51.100.{number}"), by_account("liaison-1")], at)
        at += ACCOUNT.longest_wait
    at -= ACCOUNT.longest_wait
    assert 0 < throttle.wait_seconds([by_account("liaison-1")], at) <= 60
    assert throttle.wait_seconds([HERE, by_account("liaison-1", "mark-of-the-browser")], at) == 0
    assert throttle.wait_seconds([by_code(1)], at) == 0


def test_the_store_holds_neither_addresses_nor_names(store: Store) -> None:
    Throttle(store, KEY).enter([HERE, by_account("liaison-1"), by_account("\ud800 kata sandi"), by_code(7)], NOW)
    with store.read() as session:
        rows = session.scalars(select(SignInFailureRow)).all()
    assert len(rows) == 4
    assert all(len(row.key) == 64 and int(row.key, 16) for row in rows)
    other = Throttle(store, b"x" * 32)
    other.enter([HERE], NOW)
    with store.read() as session:
        assert len(session.scalars(select(SignInFailureRow)).all()) == 5
