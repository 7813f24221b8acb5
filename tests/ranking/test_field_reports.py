"""What a field report may do to an alert: level 2 at most and no neutrality before a person clarified it, nothing once
one refuted it, and never as an outlet, a voice, or a second source of what it cites."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ranking.members import ANY_MEMBERS, any_member, post, report
from tests.rows import NOW
from waspada.alerts.eligibility import MAX_UNCLARIFIED_LEVEL, Member
from waspada.alerts.scoring import Assessment, Surroundings, assess
from waspada.alerts.wording import headline_of_voices, why
from waspada.reports.types import ReportState
from waspada.sources.types import SourceRole
from waspada.taxonomy import ItemKind, Label

NEUTRALITY = {Label.NEUTRALITY: 0.95}
UNCLARIFIED = [ReportState.SENT, ReportState.ASKED, ReportState.CANNOT_TELL]


def field(number: int = 1, state: ReportState = ReportState.SENT, labels: Any = None, **changes: Any) -> Member:
    given: dict[str, Any] = {
        "kind": ItemKind.REPORT, "role": SourceRole.REPORT, "outlet": "Laporan lapangan", "title": "",
        "reliability": 0.5, "report": state, "alert_level": 3, "alert_p": (0.99, 0.97, 0.95), **changes,
    }  # fmt: skip
    return report(number, labels, **given)


def alert_of(*members: Member) -> Assessment | None:
    return assess(list(members), Surroundings(now=NOW, min_voices=5))


@pytest.mark.parametrize("state", UNCLARIFIED)
@pytest.mark.parametrize("count", [1, 3, 30])
def test_however_many_they_are_level_2_before_one_is_clarified(state: ReportState, count: int) -> None:
    found = alert_of(*(field(n, state) for n in range(count)))
    assert found is not None
    assert found.level == MAX_UNCLARIFIED_LEVEL
    assert found.parts["expectation"] < alert_of(field(1, ReportState.CLARIFIED)).parts["expectation"]  # type: ignore[union-attr]


def test_a_clarified_one_counts_as_it_reads() -> None:
    found = alert_of(field(1), field(2, ReportState.CLARIFIED))
    assert found is not None
    assert found.level == 3


def test_refuted_ones_raise_nothing() -> None:
    assert alert_of(field(1, ReportState.REFUTED), field(2, ReportState.REFUTED)) is None
    found = alert_of(report(1), field(2, ReportState.REFUTED))
    assert found is not None
    assert (found.level, found.items, bool(found.reports)) == (2, (1,), False)


@pytest.mark.parametrize("state", [*UNCLARIFIED, ReportState.REFUTED])
def test_neutrality_never_from_one_that_nobody_clarified(state: ReportState) -> None:
    assert alert_of(*(field(n, state, NEUTRALITY) for n in range(9))) is None


def test_neutrality_from_a_clarified_one() -> None:
    found = alert_of(field(1, ReportState.CLARIFIED, NEUTRALITY))
    assert found is not None
    assert found.label is Label.NEUTRALITY


def test_a_forwarded_one_is_no_second_source() -> None:
    """With it, whatever its state, the alert is what it is without it."""
    child = field(1, ReportState.CLARIFIED)
    for state in ReportState:
        with_parent = alert_of(child, field(2, state, cites=True))
        assert with_parent == alert_of(child)
    assert alert_of(field(2, ReportState.CLARIFIED, cites=True)) is None


def test_reports_are_no_outlets_and_no_voices() -> None:
    alone, beside = alert_of(report(1)), alert_of(report(1), *(field(n, ReportState.CLARIFIED) for n in range(2, 9)))
    assert alone is not None
    assert beside is not None
    assert (beside.outlet_count, beside.voice_count, beside.networks) == (1, 0, 1)
    assert beside.parts["outlets"] == alone.parts["outlets"]
    assert beside.headline == "Laporan 1"


@pytest.mark.parametrize("state", ReportState)
def test_a_report_lifts_no_single_post(state: ReportState) -> None:
    """Posts need five voices or an outlet; a field report is none."""
    found = alert_of(post(1), field(2, state))
    assert found is None or 1 not in found.items


def test_the_words_are_a_number() -> None:
    found = alert_of(field(1), field(2))
    assert found is not None
    assert headline_of_voices(found) == (
        "Laporan lapangan tentang konflik di Kabupaten Banjar: 2 laporan lapangan, belum diklarifikasi"
    )
    assert "2 laporan lapangan, belum diklarifikasi" in why(found)
    clarified = alert_of(report(3), field(1, ReportState.CLARIFIED))
    assert clarified is not None
    assert "1 media dan 1 laporan lapangan, terklarifikasi" in why(clarified)


@given(st.lists(any_member(), max_size=6), st.lists(st.sampled_from(UNCLARIFIED), min_size=1, max_size=6))
def test_unclarified_reports_never_make_level_3(members: list[Member], states: list[ReportState]) -> None:
    """Whatever else is in the story: the level is at most that of the others, or 2."""
    others = [m for m in members if m.role is not SourceRole.REPORT]
    without = assess(others, Surroundings(now=NOW)) if others else None
    found = assess([*others, *(field(9000 + n, state) for n, state in enumerate(states))], Surroundings(now=NOW))
    assert found is not None
    assert found.level <= max(MAX_UNCLARIFIED_LEVEL, without.level if without else 0)


@given(ANY_MEMBERS)
def test_members_of_the_role_report_are_taken_as_unclarified(members: list[Member]) -> None:
    """One that lacks its state counts as one that nobody clarified."""
    only = [m for m in members if m.role is SourceRole.REPORT]
    found = assess(only, Surroundings(now=NOW)) if only else None
    assert found is None or found.level <= MAX_UNCLARIFIED_LEVEL
