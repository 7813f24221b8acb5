"""When a source is polled next: the table, and what holds for every history."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.sources import policy
from waspada.sources.policy import next_poll, validators
from waspada.sources.types import Fault, PollOutcome, PollState, SourceState

NOW = datetime(2024, 11, 3, 8, 0, tzinfo=UTC)
DAY = timedelta(hours=24)


def state(**given: object) -> PollState:
    return replace(PollState(next_poll_at=NOW, last_poll_at=NOW - timedelta(minutes=30)), **given)  # type: ignore[arg-type]


def ok(seen: int, entries: int = 20, **given: object) -> PollOutcome:
    outcome = PollOutcome(SourceState.OK, http_status=200, entries=entries, seen_entries=seen)
    return replace(outcome, **given)  # type: ignore[arg-type]


def failed(fault: Fault = Fault.SOFT, **given: object) -> PollOutcome:
    return replace(PollOutcome(SourceState.BROKEN, fault, 500), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("seen", "successes", "expected_seconds"),
    [
        (20, 0, 1800),  # the first success never moves the interval
        (20, 1, 2700),  # nothing new: longer
        (14, 1, 2700),
        (13, 1, 1800),  # between a third and two thirds: stays
        (7, 1, 1800),
        (6, 1, 1200),  # much new: shorter
        (0, 1, 1200),
    ],
)
def test_the_interval_moves_after_two_on_time_successes(seen: int, successes: int, expected_seconds: int) -> None:
    after = next_poll(state(on_time_successes=successes), ok(seen), NOW, 0.5)
    assert after.interval_seconds == expected_seconds
    assert after.next_poll_at == NOW + timedelta(seconds=expected_seconds)


def test_a_late_poll_says_nothing_about_the_rhythm() -> None:
    late = state(next_poll_at=NOW - timedelta(hours=5), on_time_successes=1)
    assert next_poll(late, ok(20), NOW, 0.5).interval_seconds == 1800


@pytest.mark.parametrize(("fault", "weight"), [(Fault.HARD, 1.0), (Fault.SOFT, 0.5), (Fault.TEMPORARY_DNS, 0.25)])
def test_failures_weigh_by_their_kind(fault: Fault, weight: float) -> None:
    after = next_poll(state(failures=2.0), failed(fault), NOW, 0.5)
    assert after.failures == 2.0 + weight
    assert after.next_poll_at > NOW + timedelta(seconds=1800)


def test_a_source_is_parked_at_thirty_retried_daily_and_comes_back_by_itself() -> None:
    parked = next_poll(state(failures=29.5), failed(), NOW, 0.0)
    assert parked.parked
    assert parked.next_poll_at == NOW + DAY
    back = next_poll(replace(parked, next_poll_at=NOW + DAY), ok(3), NOW + DAY, 0.0)
    assert (back.parked, back.failures, back.state) == (False, 0.0, SourceState.OK)


@pytest.mark.parametrize(
    ("asked", "least"),
    [(timedelta(seconds=5), timedelta(minutes=30)), (timedelta(hours=3), timedelta(hours=3)), (DAY * 9, DAY)],
)
def test_retry_after_is_obeyed_up_to_a_day(asked: timedelta, least: timedelta) -> None:
    wait = next_poll(state(), failed(retry_after=asked), NOW, 0.0).next_poll_at - NOW
    assert least <= wait <= max(least, timedelta(hours=1))


def test_after_too_many_requests_up_to_a_minute_is_added_at_random() -> None:
    waits = [next_poll(state(), failed(http_status=429), NOW, jitter).next_poll_at for jitter in (0.0, 1.0)]
    assert waits[1] - waits[0] == timedelta(seconds=60)


def test_one_validator_only_and_a_full_request_at_least_daily() -> None:
    fresh = state(etag='"a"', last_modified="b", last_full_fetch_at=NOW - timedelta(hours=1))
    assert validators(fresh, NOW) == {"If-None-Match": '"a"'}
    assert validators(replace(fresh, etag=None), NOW) == {"If-Modified-Since": "b"}
    assert validators(replace(fresh, last_full_fetch_at=NOW - timedelta(hours=23, minutes=31)), NOW) == {}
    assert validators(replace(fresh, last_full_fetch_at=None), NOW) == {}


def test_a_304_keeps_the_validators_and_does_not_count_as_a_full_request() -> None:
    before = state(etag='"a"', body_sha256="x", last_full_fetch_at=NOW - timedelta(hours=2))
    outcome = PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True)
    after = next_poll(before, outcome, NOW, 0.0)
    assert (after.etag, after.body_sha256, after.last_full_fetch_at) == ('"a"', "x", NOW - timedelta(hours=2))
    assert after.last_success_at == NOW


def test_pages_are_tried_five_times_with_growing_pauses() -> None:
    waits = [policy.page_retry_at(attempts, NOW) for attempts in range(1, 6)]
    assert [int((w - NOW).total_seconds() // 60) for w in waits if w] == [10, 20, 40, 80]
    assert waits[-1] is None


@pytest.mark.parametrize(
    ("old", "new", "updated", "checked", "edited"),
    [
        ("Judul", "Judul baru", None, None, True),
        ("Judul", "Judul", None, NOW, False),
        ("Judul", "", None, NOW, False),
        ("Judul", "Judul", NOW - timedelta(hours=1), NOW - timedelta(hours=2), True),
        ("Judul", "Judul", NOW - timedelta(hours=3), NOW - timedelta(hours=2), False),
        ("Judul", "Judul", NOW + timedelta(hours=3), NOW - timedelta(hours=2), False),  # stamped ahead of time
        ("Judul", "Judul", NOW - timedelta(hours=1), None, False),  # not fetched yet anyway
    ],
)
def test_what_counts_as_an_edit(
    old: str, new: str, updated: datetime | None, checked: datetime | None, edited: bool
) -> None:
    assert policy.is_edited(old, new, updated, checked, NOW) is edited


def test_a_feed_that_stamps_the_time_of_serving_on_all_entries_is_not_believed() -> None:
    assert not policy.updates_are_believable([True] * 19 + [False])
    assert policy.updates_are_believable([True] * 5 + [False] * 15)
    assert policy.updates_are_believable([True, True])


OUTCOMES = st.one_of(
    st.builds(ok, seen=st.integers(0, 20), conditional=st.booleans()),
    st.builds(
        failed,
        fault=st.sampled_from(Fault),
        http_status=st.sampled_from([None, 403, 404, 429, 503]),
        retry_after=st.none() | st.timedeltas(timedelta(0), timedelta(days=400)),
    ),
    st.just(PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True)),
)


@given(
    history=st.lists(st.tuples(OUTCOMES, st.floats(0, 1), st.timedeltas(timedelta(0), timedelta(days=2))), max_size=60)
)
def test_no_source_starves_and_none_is_polled_under_ten_minutes_apart(
    history: list[tuple[PollOutcome, float, timedelta]],
) -> None:
    now, current = NOW, state()
    for outcome, jitter, late in history:
        current = next_poll(current, outcome, now, jitter)
        wait = current.next_poll_at - now
        assert timedelta(minutes=10) <= wait <= DAY + timedelta(seconds=60)
        assert 600 <= current.interval_seconds <= 86_400
        assert 0 <= current.failures <= policy.PARK_AT
        assert current.parked == (current.failures >= policy.PARK_AT)
        now = current.next_poll_at + late
