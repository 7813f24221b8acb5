"""What may be done with a field report, and by whom: the whole of the state machine, searched for a way around it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.api.sample import NOW
from tests.reports.people import DISTRICT, ELSEWHERE, REGENCY, VILLAGE, new_report
from waspada.errors import ConflictError, InputError
from waspada.places import is_within
from waspada.reports import policy
from waspada.reports.types import VERDICTS, EventKind, FieldReport, HowKnown, ReportState, Rhythm, Span, StoryReports

REGIONS = st.sampled_from(["63", REGENCY, "63.71", DISTRICT, ELSEWHERE, VILLAGE, "63.03.05.1002", "63.71.01.1001"])


def stored(number: int, region: str, state: ReportState, cited_by: int | None = None) -> FieldReport:
    return FieldReport(
        number, region, region, policy.level_of(region), EventKind.HOAX, HowKnown.TOLD, state, 1, "", NOW, NOW,
        None, None, "", None, None, None, None, False, cited_by=cited_by,
    )  # fmt: skip


class Case(RuleBasedStateMachine):
    """Any order of steps: only what the policy lets through changes anything."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ReportState.SENT
        self.is_open = True
        self.was_decided = False

    @rule(verdict=st.sampled_from(ReportState))
    def decide(self, verdict: ReportState) -> None:
        may = self.is_open and verdict in VERDICTS and verdict is not self.state
        try:
            policy.check_verdict(self.state, verdict, is_open=self.is_open)
        except (ConflictError, InputError):
            assert not may
        else:
            assert may
            self.state, self.was_decided = verdict, True

    @rule(has_sender=st.booleans())
    def ask(self, has_sender: bool) -> None:
        try:
            policy.check_question(self.state, is_open=self.is_open, has_sender=has_sender)
        except ConflictError:
            assert not (self.is_open and has_sender and self.state not in VERDICTS)
        else:
            assert has_sender
            self.state = ReportState.ASKED

    @rule()
    def answer(self) -> None:
        try:
            policy.check_answer(self.state, is_open=self.is_open)
        except ConflictError:
            assert self.state is not ReportState.ASKED or not self.is_open
        else:
            self.state = ReportState.SENT

    @rule()
    def close(self) -> None:
        try:
            policy.check_closing(self.state, is_open=self.is_open)
        except ConflictError:
            assert self.state not in VERDICTS or not self.is_open
        else:
            self.is_open = False

    @invariant()
    def a_verdict_comes_from_a_person_and_stays_one(self) -> None:
        assert (self.state in VERDICTS) == self.was_decided
        assert self.is_open or self.was_decided


TestCase = Case.TestCase


@given(REGIONS, st.none() | REGIONS)
def test_who_clarifies_holds_the_region(region: str, bound: str | None) -> None:
    assert policy.may_clarify(bound, region) == (bound is None or is_within(region, bound))


@given(REGIONS, st.none() | REGIONS)
def test_who_may_know_the_sender_is_of_that_level(region: str, bound: str | None) -> None:
    may = policy.may_open_sender(bound, region)
    assert may == (bound in (region, policy.above(region)) and bound is not None)
    assert not may or policy.may_clarify(bound, region)


@given(st.lists(st.tuples(REGIONS, st.sampled_from(ReportState), st.booleans()), max_size=5))
def test_what_goes_up_goes_one_level_once_and_clarified(told: list[tuple[str, ReportState, bool]]) -> None:
    """So there is no circle: the region of the new one is always shorter than those of its children."""
    children = [stored(n, region, state, 99 if cited else None) for n, (region, state, cited) in enumerate(told, 1)]
    good = {ReportState.CLARIFIED, ReportState.CANNOT_TELL}
    above = {policy.above(child.region) for child in children}
    fits = len(above) == 1 and None not in above
    fits = fits and all(child.state in good and child.cited_by is None for child in children)
    try:
        target = policy.forwarded_region(children)
    except (ConflictError, InputError):
        assert not fits
    else:
        assert fits
        assert above == {target}
        assert all(len(target) < len(child.region) and is_within(child.region, target) for child in children)


@pytest.mark.parametrize(
    ("changes", "fits"),
    [
        ({}, True),
        ({"place": DISTRICT}, True),
        ({"place": ELSEWHERE}, False),
        ({"place": "63.03.99.9999"}, False),
        ({"place": "'; DROP TABLE items"}, False),
        ({"text": "a" * policy.MAX_TEXT_CHARACTERS}, True),
        ({"text": "a" * (policy.MAX_TEXT_CHARACTERS + 1)}, False),
        ({"text": "a" * 10 * 1024 * 1024}, False),
        ({"text": "  \n "}, False),
        ({"key": "short"}, False),
        ({"key": "k" * 65}, False),
        ({"key": "é" * 20}, False),
        ({"happened_at": NOW + timedelta(hours=2)}, False),
        ({"happened_at": NOW - timedelta(days=400)}, False),
    ],
)
def test_what_a_report_may_say(changes: dict[str, object], fits: bool) -> None:
    new = replace(new_report(), **changes)  # type: ignore[arg-type]
    if fits:
        policy.check_new(new, DISTRICT, NOW)
        return
    with pytest.raises(InputError):
        policy.check_new(new, DISTRICT, NOW)


@pytest.mark.parametrize("region", [None, "", "63", REGENCY, "63.03.99", "abc", "63.03.05.9999"])
def test_nobody_reports_from_a_wider_region(region: str | None) -> None:
    assert not policy.is_reporters_region(region)


def test_reporters_are_of_a_desa_or_kecamatan() -> None:
    assert policy.is_reporters_region(DISTRICT)
    assert policy.is_reporters_region(VILLAGE)


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.sampled_from([Rhythm.DAILY, Rhythm.WEEKLY]))
def test_spans_follow_each_other_and_are_over(today: date, rhythm: Rhythm) -> None:
    spans = policy.spans_due(rhythm, today, date(2019, 1, 1))
    assert len(spans) == policy.LOOKED_BACK
    assert all(span.last < today for span in spans)
    for newer, older in pairwise(spans):
        assert older.last + timedelta(days=1) == newer.first
    assert {span.days for span in spans} == {1 if rhythm is Rhythm.DAILY else 7}
    assert all(policy.span_of(day, rhythm) == span for span in spans for day in (span.first, span.last))


def test_nothing_is_owed_of_the_time_before_the_first_account() -> None:
    today = date(2024, 11, 20)  # a Wednesday
    assert policy.spans_due(Rhythm.WEEKLY, today, date(2024, 11, 5)) == [Span(date(2024, 11, 11), date(2024, 11, 17))]
    assert policy.spans_due(Rhythm.OFF, today, date(2024, 1, 1)) == []


def test_a_periodic_report_is_missing_some_hours_after_its_time() -> None:
    zone = ZoneInfo("Asia/Makassar")
    span = Span(date(2024, 11, 11), date(2024, 11, 17))
    assert policy.due_at(span, zone) == datetime(2024, 11, 18, 18, tzinfo=zone)


def test_a_case_ends_by_itself() -> None:
    assert policy.closes_at(ReportState.SENT, NOW, None) == NOW + policy.GIVEN_UP_AFTER
    later = NOW + timedelta(days=3)
    assert policy.closes_at(ReportState.REFUTED, NOW, later) == later + policy.CLOSED_AFTER


def test_what_leaves_is_a_number() -> None:
    assert policy.count_words(StoryReports(unclarified=1)) == "1 laporan lapangan, belum diklarifikasi"
    both = policy.count_words(StoryReports(unclarified=2, clarified=1))
    assert both == "1 laporan lapangan, terklarifikasi; 2 laporan lapangan, belum diklarifikasi"
    assert policy.count_words(StoryReports()) == ""
