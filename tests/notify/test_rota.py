"""The rota: gaps and double duty as arithmetic, and what is done with it on both databases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.access import Role, add_user, disable_user
from waspada.clock import ZONES
from waspada.errors import ConflictError, InputError, NotFoundError, WaspadaError
from waspada.notify.duty import calendar, policy, service
from waspada.notify.duty.types import DutyShift, Span
from waspada.settings import Settings, load_settings
from waspada.store import Store

ZONE = ZONES["WITA"]
#: Monday 25 November 2024, 00.00 WITA.
MONDAY = date(2024, 11, 25)
START = datetime(2024, 11, 24, 16, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEEK = Span(START, START + 7 * DAY)


def shift(begin: float, end: float, user_id: int = 1, **given: Any) -> DutyShift:
    """`begin` and `end` in hours from the Monday's start."""
    values: dict[str, Any] = {"id": int(begin * 10), "desk": "63", "user": f"akun-{user_id}", "position": 1, **given}
    return DutyShift(starts_at=START + begin * HOUR, ends_at=START + end * HOUR, user_id=user_id, **values)


def test_gaps_are_what_nobody_covers() -> None:
    shifts = [shift(7, 19), shift(19, 31, 2), shift(10, 12, 3, position=2)]
    assert policy.gaps(shifts, Span(START, START + 2 * DAY)) == [
        Span(START, START + 7 * HOUR), Span(START + 31 * HOUR, START + 48 * HOUR)
    ]  # fmt: skip
    assert policy.gaps([shift(0, 200)], WEEK) == []
    assert policy.gaps([], WEEK) == [WEEK]
    assert policy.gaps([shift(0, 200, is_active=False)], WEEK) == [WEEK]


def test_double_duty_is_one_account_twice_at_a_time() -> None:
    found = policy.doubles([shift(7, 19), shift(18, 30, desk="63.71"), shift(7, 19, 2)], WEEK)
    assert [(one.user, one.desks, one.span) for one in found] == [
        ("akun-1", ("63", "63.71"), Span(START + 18 * HOUR, START + 19 * HOUR))
    ]


def test_who_is_on_duty_is_in_order_and_there_once() -> None:
    shifts = [shift(0, 24, 1, position=2), shift(0, 24, 2), shift(5, 9, 1), shift(0, 24, 3, is_active=False)]
    assert [one.user_id for one in policy.on_duty(shifts, START + 6 * HOUR)] == [2, 1]
    assert policy.on_duty(shifts, START + 24 * HOUR) == []


@given(st.lists(st.tuples(st.integers(0, 160), st.integers(1, 40), st.integers(1, 4)), max_size=12))
def test_gaps_and_duty_agree_at_every_hour(drawn: list[tuple[int, int, int]]) -> None:
    shifts = [shift(begin, begin + length, user) for begin, length, user in drawn]
    open_ = policy.gaps(shifts, WEEK)
    for hour in range(7 * 24):
        moment = START + hour * HOUR
        assert any(gap.start <= moment < gap.end for gap in open_) == (policy.on_duty(shifts, moment) == [])


def test_a_shift_over_midnight_stands_in_both_days() -> None:
    found = policy.days([shift(19, 31)], MONDAY, 2, ZONE)
    assert [len(day.shifts) for day in found] == [1, 1]
    assert [day.gaps for day in found] == [
        [Span(START, START + 19 * HOUR)],
        [Span(START + 31 * HOUR, START + 48 * HOUR)],
    ]


def test_a_moved_shift_keeps_its_time_of_day_where_clocks_change() -> None:
    from zoneinfo import ZoneInfo

    zone = ZoneInfo("Europe/Berlin")
    before = datetime(2024, 10, 26, 7, 0, tzinfo=zone).astimezone(UTC)
    assert policy.moved(before, 7, zone).astimezone(zone).hour == 7


@pytest.fixture(scope="module")
def settings() -> Settings:
    return load_settings()


@pytest.fixture
def desk(store: Store) -> Store:
    with store.write() as session:
        for name, role, region in (
            ("ana", Role.LIAISON, None), ("budi", Role.ANALYST, "63"), ("citra", Role.LIAISON, "63.71"),
            ("operator", Role.OPERATOR, None), ("jauh", Role.LIAISON, "64"), ("admin", Role.ADMIN, None),
        ):  # fmt: skip
            add_user(session, name, role, region, actor="test", now=START)
    return store


def add(store: Store, settings: Settings, user: str, begin: float, end: float, **given: Any) -> DutyShift:
    values = {"desk": "63", "position": 1, "within": None, **given}
    desk, position, within = values["desk"], values["position"], values["within"]
    with store.write() as session:
        return service.add(
            session, desk, user, START + begin * HOUR, START + end * HOUR, position, settings,
            actor="admin", now=START, within=within,
        )  # fmt: skip


def test_a_week_is_made_seen_and_copied(desk: Store, settings: Settings) -> None:
    for day in range(7):
        add(desk, settings, "ana", day * 24 + 7, day * 24 + 19)
        add(desk, settings, "budi", day * 24 + 19, day * 24 + 31, position=2)
    with desk.read() as session:
        view = service.view(session, "63", MONDAY, 7, ZONE)
        assert [len(day.shifts) for day in view.days] == [2, 3, 3, 3, 3, 3, 3]
        assert [len(day.gaps) for day in view.days] == [1, 0, 0, 0, 0, 0, 0]
        assert [one.user for one in service.on_duty(session, "63", START + 8 * HOUR)] == ["ana"]
    for expected in ((14, 0), (0, 14)):  # twice changes nothing
        with desk.write() as session:
            found = service.copy_week(
                session, "63", MONDAY + 2 * DAY, MONDAY + 9 * DAY, settings, actor="admin", now=START
            )
        assert (len(found.added), found.left_out) == expected
    with desk.write() as session:
        disable_user(session, "ana", actor="admin", now=START)
        third = service.copy_week(session, "63", MONDAY, MONDAY + 14 * DAY, settings, actor="admin", now=START)
        assert (len(third.added), third.left_out) == (7, 7)
        assert service.on_duty(session, "63", START + 8 * HOUR) == []


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({"user": "operator"}, InputError), ({"user": "jauh"}, InputError), ({"user": "citra"}, InputError),
        ({"user": "siapa"}, NotFoundError), ({"user": "a\x00\ud800"}, NotFoundError),
        ({"desk": "72"}, NotFoundError), ({"within": "64"}, NotFoundError),
        ({"begin": 19.0, "end": 7.0}, InputError), ({"end": 7.1}, InputError), ({"end": 7.0 + 24 * 8}, InputError),
        ({"begin": 24.0 * 500, "end": 24.0 * 500 + 2}, InputError), ({"position": 0}, InputError),
        ({"position": 10}, InputError),
    ],
)  # fmt: skip
def test_what_cannot_be_a_shift_is_refused(
    desk: Store, settings: Settings, given: dict[str, Any], error: type[WaspadaError]
) -> None:
    values: dict[str, Any] = {"user": "ana", "begin": 7.0, "end": 19.0, **given}
    with pytest.raises(error):
        add(desk, settings, values.pop("user"), values.pop("begin"), values.pop("end"), **values)


def test_nobody_is_on_duty_twice_at_one_desk_and_a_shift_can_go(desk: Store, settings: Settings) -> None:
    made = add(desk, settings, "ana", 7, 19)
    with pytest.raises(ConflictError):
        add(desk, settings, "ana", 18, 20, position=2)
    add(desk, settings, "ana", 19, 20)
    add(desk, settings, "ana", 7, 9, desk="63.71")
    with desk.read() as session:
        assert [one.desks for one in service.view(session, "63", MONDAY, 7, ZONE).doubles] == [("63", "63.71")]
    with desk.write() as session, pytest.raises(NotFoundError):
        service.remove(session, made.id, within="64")
    with desk.write() as session:
        service.remove(session, made.id)
    with desk.write() as session, pytest.raises(NotFoundError):
        service.remove(session, made.id)


def test_a_calendar_goes_out_and_comes_in_again(desk: Store, settings: Settings) -> None:
    made = [add(desk, settings, "ana", 7, 19), add(desk, settings, "budi", 19, 31, position=2)]
    data = calendar.written("63", made, START)
    with desk.write() as session:
        for one in made:
            service.remove(session, one.id)
        found = service.add_entries(session, "63", calendar.read(data, ZONE), settings, actor="admin", now=START)
        assert [(one.user, one.position, one.starts_at) for one in found.added] == [
            (one.user, one.position, one.starts_at) for one in made
        ]
        again = service.add_entries(session, "63", calendar.read(data, ZONE), settings, actor="admin", now=START)
        assert (len(again.added), len(again.left_out)) == (0, 2)


@pytest.mark.parametrize("data", [b"", b"xx", b"\xff\xfe\x00", b"BEGIN:VCALENDAR\r\n", b"x" * (calendar.MAX_BYTES + 1)])
def test_what_is_no_calendar_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        calendar.read(data, ZONE)


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ("SUMMARY:1 Budi Santai;rapat\r\nDTSTART:20241125T070000Z\r\nDTEND:20241125T190000Z", "summary"),
        ("SUMMARY:1 ana\r\nDTSTART;VALUE=DATE:20241125\r\nDTEND;VALUE=DATE:20241126", "time of day"),
        ("SUMMARY:1 ana\r\nDTSTART:kemarin\r\nDTEND:20241125T190000Z", "time of day"),
        ("SUMMARY:1 ana\r\nDTSTART:20241125T070000Z\r\nDTEND:20241125T190000Z\r\nRRULE:FREQ=DAILY", "repeats"),
        ("DTSTART:20241125T070000Z", "summary"),
    ],
)
def test_odd_events_come_back_with_their_problem(lines: str, problem: str) -> None:
    data = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    (entry,) = calendar.read(data, ZONE)
    assert problem in entry.problem
    assert entry.starts_at is None


@given(st.text(max_size=300))
def test_any_event_is_a_shift_or_has_its_problem(words: str) -> None:
    lines = f"SUMMARY:1 ana\r\nDTSTART:20241125T070000Z\r\n{words}\r\nDTEND:20241125T190000Z"
    data = f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode("utf-8", "replace")
    try:
        found = calendar.read(data, ZONE)
    except InputError:
        return
    assert all(bool(one.problem) != (one.starts_at is not None) for one in found)


def test_a_time_without_a_zone_is_of_the_desk() -> None:
    lines = "SUMMARY:ana\r\nDTSTART:20241125T070000\r\nDTEND:20241125T190000"
    data = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n".encode()
    (entry,) = calendar.read(data, ZONE)
    assert (entry.starts_at, entry.position) == (START + 7 * HOUR, 1)
