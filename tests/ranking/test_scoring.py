"""The score: parts that add up exactly, each within its documented range, each answering to its fact."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ranking.members import ANY_MEMBERS, HOUSES, SEVEN, THREE, post, report
from tests.rows import NOW
from waspada.alerts.burst import Rate, Window
from waspada.alerts.eligibility import Member
from waspada.alerts.feedback import Feedback
from waspada.alerts.scoring import (
    CONFLICT_SHARES,
    CONTEXT_CONFIDENCE,
    FOCUS_SHARES,
    LEVEL_SHARES,
    Surroundings,
    assess,
    breadth,
    expected_gain,
    held,
    news_at,
    novelty,
    part_values,
    quarter,
    region_of,
)
from waspada.alerts.weights import FULL_SCORE, LEAST, MOST, PARTS, PRIOR, PRIOR_POINTS, Weights, in_quarters
from waspada.alerts.wording import leading, notes, why
from waspada.calendar import Stage, StageNow, load_stages, stage_at
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, MAIN_LABELS, Label

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "ranking.md"

VOTE = Stage("pilkada-2024", "Pemungutan suara", None, date(2024, 11, 27))
WINDOW = st.builds(
    Window,
    days=st.sampled_from([1, 3, 7]),
    count=st.integers(0, 600),
    weight=st.floats(0.4, 30),
    rate=st.builds(Rate, shape=st.floats(0.5, 2000), days=st.floats(14, 42)),
)
SURROUNDINGS = st.builds(
    Surroundings,
    now=st.just(NOW),
    min_voices=st.integers(5, 8),
    stage=st.builds(StageNow, weight=st.floats(0, 1), stage=st.just(VOTE), days_to=st.integers(-20, 30)),
    vulnerability=st.none() | st.floats(0, 1),
    windows=st.lists(WINDOW, max_size=3).map(tuple),
    feedback=st.builds(Feedback, verified=st.just(1), decided=st.just(3), value=st.floats(-1, 1)),
)
BUSY = (Window(1, 40, 1.0, Rate(14.0, 28.0)),)


@st.composite
def any_weights(draw: st.DrawFn) -> Weights:
    """Weights as learning may leave them: within the bounds, in quarters, a hundred points together."""
    drawn = np.array([draw(st.floats(LEAST, MOST)) * prior for prior in PRIOR_POINTS.values()])
    return Weights(dict(zip(PARTS, in_quarters(drawn * FULL_SCORE / drawn.sum()), strict=True)), version=7)


def documented_ranges() -> dict[str, tuple[float, float]]:
    """Part -> least and most points, as docs/ranking.md tells its readers."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = {name: [float(n) for n in re.findall(r"-?\d+", points)] for name, points in rows}
    return {name: (min(found), max(found)) for name, found in numbers.items()}


def score_of(members: list[Member], **around: object) -> float:
    found = assess(members, Surroundings(now=NOW, **around))  # type: ignore[arg-type]
    assert found is not None
    return found.score


def parts_of(members: list[Member], **around: object) -> dict[str, float]:
    found = assess(members, Surroundings(now=NOW, **around))  # type: ignore[arg-type]
    assert found is not None
    return found.parts


@given(ANY_MEMBERS, SURROUNDINGS, any_weights(), st.randoms(use_true_random=False))
def test_parts_add_up_to_the_score_exactly(
    members: list[Member], around: Surroundings, weights: Weights, rng: random.Random
) -> None:
    """Also with weights that were learned."""
    found = assess(members, around, weights)
    if found is None:
        return
    shuffled = list(found.parts.values())
    rng.shuffle(shuffled)
    assert sum(shuffled) == found.score == sum(found.parts.values())
    stored = json.loads(json.dumps({"parts": found.parts, "score": found.score}))
    assert sum(stored["parts"].values()) == stored["score"]


@given(ANY_MEMBERS, SURROUNDINGS)
def test_each_part_keeps_its_documented_range(members: list[Member], around: Surroundings) -> None:
    found = assess(members, around)
    if found is None:
        return
    ranges = documented_ranges()
    assert list(found.parts) == list(ranges)
    for name, points in found.parts.items():
        least, most = ranges[name]
        assert least <= points <= most
        assert points * 4 == int(points * 4)


@given(ANY_MEMBERS, SURROUNDINGS, any_weights())
def test_learned_weights_bound_their_parts(members: list[Member], around: Surroundings, weights: Weights) -> None:
    found = assess(members, around, weights)
    if found is not None:
        assert found.weights is weights
        for name, points in found.parts.items():
            assert abs(points) <= weights[name]
            assert points >= 0 or name == "feedback"
        assert found.score <= FULL_SCORE


def test_all_ranges_together_are_a_hundred_points() -> None:
    assert sum(most for _, most in documented_ranges().values()) == 100
    assert {name: most for name, (_, most) in documented_ranges().items()} == dict(PRIOR.points)


@given(ANY_MEMBERS, SURROUNDINGS, st.randoms(use_true_random=False))
def test_order_of_members_does_not_change_the_score(
    members: list[Member], around: Surroundings, rng: random.Random
) -> None:
    shuffled = list(members)
    rng.shuffle(shuffled)
    one, other = assess(members, around), assess(shuffled, around)
    assert (one is None) == (other is None)
    if one is not None and other is not None:
        assert (one.score, one.parts, one.level, one.regions) == (other.score, other.parts, other.level, other.regions)


@given(ANY_MEMBERS, SURROUNDINGS)
def test_assessment_speaks_of_events_only(members: list[Member], around: Surroundings) -> None:
    found = assess(members, around)
    if found is not None:
        assert found.label in EVENT_LABELS
        assert 1 <= found.level <= 3
        assert 0 <= found.confidence <= 1
        assert why(found).startswith(f"Tingkat {found.level} ")


@pytest.mark.parametrize(
    "members",
    [
        [report(1, {})],
        [report(1, {Label.ELECTION: 0.99})],
        [report(1, alert_level=0)],
        [],
    ],
)
def test_no_alert_without_an_event_at_level_one(members: list[Member]) -> None:
    assert assess(members, Surroundings(now=NOW)) is None


def test_context_needs_a_label_that_is_more_likely_than_not() -> None:
    for level, p, alerted in [
        (1, CONTEXT_CONFIDENCE - 0.01, False),
        (1, CONTEXT_CONFIDENCE, True),
        (2, CONTEXT_CONFIDENCE - 0.01, True),
    ]:
        found = assess([report(1, {Label.CONFLICT: p}, alert_level=level)], Surroundings(now=NOW))
        assert (found is not None) is alerted, (level, p)


def test_higher_level_outranks_everything_the_lower_one_can_gather_but_breadth() -> None:
    loud = [report(n, {Label.DISASTER: 0.95}, alert_level=1) for n in range(10)]
    grave = [report(1, {Label.CONFLICT: 0.6}, alert_level=3, at=NOW - timedelta(days=1), reliability=0.2)]
    assert score_of(grave) > score_of(loud, windows=BUSY)


class TestOutlets:
    def test_independent_outlet_counts_more_than_a_copy(self) -> None:
        first = [report(1)]
        with_copy = [*first, report(2, how=How.COPY)]
        with_other = [*first, report(2)]
        assert breadth(first) == 0
        assert 0 < breadth(with_copy) < breadth(with_other)
        assert score_of(first) < score_of(with_copy) < score_of(with_other)

    def test_four_copies_are_as_good_as_one_outlet_of_its_own(self) -> None:
        copies = [report(1), *(report(n, how=How.COPY) for n in range(2, 6))]
        assert breadth(copies) == pytest.approx(breadth([report(1), report(2)]))

    def test_same_outlet_twice_is_one_outlet(self) -> None:
        assert breadth([report(1, outlet="a"), report(2, outlet="a")]) == 0

    def test_outlets_of_one_network_are_one_outlet(self) -> None:
        newsrooms = [report(n, outlet=f"kabar {n}", network="Grup Banua") for n in range(4)]
        assert breadth(newsrooms) == 0
        assert breadth([*newsrooms, report(9)]) == pytest.approx(breadth([report(1), report(2)]))
        found = assess(newsrooms, Surroundings(now=NOW))
        assert found is not None
        assert (found.networks, found.outlet_count) == (1, 4)
        assert notes(found)["outlets"] == "1 jaringan dari 4 media"

    def test_agency_report_counts_as_a_copy(self) -> None:
        wired = [report(n, is_wire=True) for n in range(2)]
        assert breadth(wired) == breadth([report(1), report(2, how=How.COPY)])
        assert 0 < breadth(wired) < breadth([report(1), report(2)])

    def test_all_posts_together_are_one_outlet(self) -> None:
        assert breadth([post(n) for n in range(30)]) == 0
        assert breadth([report(1), *(post(n) for n in range(2, 30))]) == pytest.approx(breadth([report(1), report(2)]))

    def test_five_outlets_are_as_good_as_ten(self) -> None:
        assert breadth([report(n) for n in range(5)]) == pytest.approx(1.0)
        assert breadth([report(n) for n in range(10)]) == 1.0

    @given(ANY_MEMBERS, st.integers(1, 9))
    def test_more_members_never_make_it_narrower(self, members: list[Member], number: int) -> None:
        for how in How:
            assert breadth([*members, report(number, how=how)]) >= breadth(members)
        copy, other = (breadth([*members, report(99, outlet="baru", how=how)]) for how in (How.COPY, How.EVENT))
        assert copy <= other


class TestNovelty:
    def test_halves_every_twelve_hours(self) -> None:
        assert novelty(NOW, NOW) == 1
        assert novelty(NOW - timedelta(hours=12), NOW) == pytest.approx(0.5)
        assert novelty(NOW - timedelta(hours=24), NOW) == pytest.approx(0.25)

    def test_clock_of_a_source_that_runs_ahead_gains_nothing(self) -> None:
        assert novelty(NOW + timedelta(hours=5), NOW) == 1

    def test_newest_member_with_something_new_counts(self) -> None:
        old = report(1, at=NOW - timedelta(days=3), figures=frozenset({THREE}))
        new = report(2, at=NOW, figures=frozenset({SEVEN}))
        assert parts_of([old, new])["novelty"] == documented_ranges()["novelty"][1]
        assert parts_of([old])["novelty"] < 0.5

    @pytest.mark.parametrize(
        ("changes", "renews"),
        [
            ({}, False),
            ({"figures": frozenset({THREE})}, False),
            ({"figures": frozenset({THREE, HOUSES})}, True),
            ({"figures": frozenset({HOUSES}), "how": How.COPY}, False),
            ({"labels": {Label.CONFLICT: 0.9, Label.ELECTION: 0.9}}, False),
            ({"labels": {Label.CONFLICT: 0.9, Label.FRAUD: 0.9}}, True),
        ],
    )
    def test_copies_and_reports_without_a_new_fact_do_not_renew(self, changes: dict[str, Any], renews: bool) -> None:
        first = report(1, at=NOW - timedelta(days=2), figures=frozenset({THREE}))
        later = report(2, at=NOW, **changes)
        assert (news_at([first, later]) == NOW) is renews
        found = assess([first, later], Surroundings(now=NOW))
        assert found is not None
        assert ("novelty" in notes(found)) is not renews

    @given(ANY_MEMBERS)
    def test_is_the_moment_of_a_member(self, members: list[Member]) -> None:
        assert min(m.at for m in members) <= news_at(members) <= max(m.at for m in members)

    @given(ANY_MEMBERS, st.integers(1, 9))
    def test_what_comes_later_never_makes_it_older(self, members: list[Member], hours: int) -> None:
        later = report(99_999, at=max(m.at for m in members) + timedelta(hours=hours))
        assert news_at([*members, later]) >= news_at(members)


class TestHeld:
    """A line of today is worth what today's reports add."""

    def test_report_of_a_day_counts_in_full_and_is_halved_every_two_days(self) -> None:
        for hours, share in [(-5, 1.0), (0, 1.0), (24, 1.0), (72, 0.5), (120, 0.25)]:
            assert held(report(1, at=NOW - timedelta(hours=hours)), NOW) == pytest.approx(share)

    def test_routine_item_does_not_revive_what_an_old_one_was_worth(self) -> None:
        old = report(1, alert_level=3, conflict_level=3, at=NOW - timedelta(days=3))
        routine = report(2, alert_level=1, conflict_level=0, at=NOW)
        revived, fresh = parts_of([old, routine]), parts_of([replace(old, at=NOW), routine])
        for part in ("level", "expectation", "severity"):
            assert revived[part] == quarter(fresh[part] / 2)
        assert score_of([old, routine]) < score_of([report(3, alert_level=2, at=NOW)])

    def test_level_stays_and_its_note_says_when_it_was_reported(self) -> None:
        old, routine = report(1, alert_level=3, at=NOW - timedelta(days=3)), report(2, alert_level=1, at=NOW)
        found = assess([old, routine], Surroundings(now=NOW))
        assert found is not None
        assert found.level == 3
        assert notes(found)["level"] == "tingkat 3 terakhir dilaporkan 3 hari lalu"
        again = assess([old, replace(routine, alert_level=3)], Surroundings(now=NOW))
        assert again is not None
        assert "level" not in notes(again)

    @given(ANY_MEMBERS, SURROUNDINGS)
    def test_time_alone_never_raises_it(self, members: list[Member], around: Surroundings) -> None:
        later = replace(around, now=around.now + timedelta(hours=7))
        now, then = (part_values(members, Label.CONFLICT, 3, 0.9, one) for one in (around, later))
        assert all(then[part] <= now[part] for part in ("level", "expectation", "severity", "novelty"))


class TestExpectation:
    def test_sure_item_is_worth_what_its_level_is(self) -> None:
        for level, p in enumerate([(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (1.0, 1.0, 1.0)]):
            assert expected_gain(report(1, alert_p=p)) == 2**level - 1

    def test_likely_level_two_stands_above_an_unlikely_one(self) -> None:
        sure, unsure = (report(1, alert_p=p) for p in [(0.98, 0.9, 0.3), (0.9, 0.5, 0.05)])
        assert parts_of([sure])["expectation"] > parts_of([unsure])["expectation"]
        assert parts_of([sure])["level"] == parts_of([unsure])["level"]

    def test_tag_without_probabilities_counts_as_usually_sure(self) -> None:
        gains = [expected_gain(report(1, alert_level=level)) for level in range(4)]
        assert gains == sorted(gains)
        assert expected_gain(report(1, alert_p=(1, 1, 0))) > gains[2] > expected_gain(report(1, alert_p=(1, 0.2, 0)))


class TestMonotony:
    """More of what speaks for an alert never lowers it, whatever else the story holds."""

    @given(ANY_MEMBERS, SURROUNDINGS, st.data())
    def test_more_level(self, members: list[Member], around: Surroundings, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(members) - 1))
        raised = replace(members[at], alert_level=min(3, members[at].alert_level + 1))
        self._never_lower(members, [*members[:at], raised, *members[at + 1 :]], around, ("level", "expectation"))

    @given(ANY_MEMBERS, SURROUNDINGS, st.sampled_from(list(How)))
    def test_another_outlet(self, members: list[Member], around: Surroundings, how: How) -> None:
        newest = max(m.at for m in members)
        more = report(99_999, {}, outlet="baru", how=how, at=newest, alert_level=0, conflict_level=0)
        self._never_lower(members, [*members, more], around, ("outlets", "reliability", "novelty"))

    @given(ANY_MEMBERS, SURROUNDINGS, st.floats(0, 1), st.floats(-1, 1), st.integers(1, 50))
    def test_more_around_it(
        self, members: list[Member], around: Surroundings, share: float, judged: float, events: int
    ) -> None:
        more = replace(
            around,
            stage=replace(around.stage, weight=max(share, around.stage.weight)),
            feedback=replace(around.feedback, value=max(judged, around.feedback.value)),
            windows=tuple(replace(window, count=window.count + events) for window in around.windows),
        )
        before, after = assess(members, around), assess(members, more)
        if before is not None and after is not None:
            assert all(after.parts[name] >= points for name, points in before.parts.items())

    def _never_lower(
        self, members: list[Member], more: list[Member], around: Surroundings, parts: tuple[str, ...]
    ) -> None:
        before, after = (part_values(m, Label.CONFLICT, 2, 0.9, around) for m in (members, more))
        assert all(after[name] >= before[name] for name in before)
        assert set(parts) <= set(before)
        one, other = assess(members, around), assess(more, around)
        if one is not None:
            assert other is not None
            assert other.parts["level"] >= one.parts["level"]


class TestSurroundingParts:
    @pytest.mark.parametrize(("weight", "points"), [(0.0, 0.0), (0.5, 2.0), (1.0, 4.0)])
    def test_stage(self, weight: float, points: float) -> None:
        assert parts_of([report(1)], stage=StageNow(weight, VOTE))["stage"] == points

    @pytest.mark.parametrize(("prior", "points"), [(0.0, 0.0), (0.5, 1.0), (1.0, 2.0), (None, 1.0)])
    def test_vulnerability(self, prior: float | None, points: float) -> None:
        assert parts_of([report(1)], vulnerability=prior)["vulnerability"] == points

    def test_unknown_vulnerability_is_shown_as_neutral(self) -> None:
        for prior, shown in [(None, True), (0.5, False)]:
            found = assess([report(1)], Surroundings(now=NOW, vulnerability=prior))
            assert found is not None
            assert ("netral" in notes(found).get("vulnerability", "")) is shown

    @pytest.mark.parametrize(("value", "points"), [(-1.0, -6.0), (0.0, 0.0), (0.5, 3.0)])
    def test_feedback_may_take_points_away(self, value: float, points: float) -> None:
        assert parts_of([report(1)], feedback=Feedback(1, 2, value))["feedback"] == points

    def test_severity_is_the_conflict_level(self) -> None:
        points = [parts_of([report(1, conflict_level=n)])["severity"] for n in (0, 1, 2, 3)]
        assert points == [6 * share for share in CONFLICT_SHARES] == sorted(points)

    def test_level_weighs_most_and_rises(self) -> None:
        points = [parts_of([report(1, alert_level=n)])["level"] for n in (1, 2, 3)]
        assert points == [quarter(38 * share) for share in LEVEL_SHARES[1:]] == sorted(points)
        assert documented_ranges()["level"][1] == max(most for _, most in documented_ranges().values())

    def test_focus_is_what_the_desk_is_there_for(self) -> None:
        points = {label: parts_of([report(1, {label: 0.9})])["focus"] for label in EVENT_LABELS}
        assert points == {label: 4 * share for label, share in FOCUS_SHARES.items()}
        assert min(points, key=lambda label: points[label]) is Label.DISASTER
        assert all(points[label] == max(points.values()) for label in MAIN_LABELS)

    def test_most_reliable_source_counts(self) -> None:
        assert parts_of([report(1, reliability=0.1), report(2, reliability=0.75)])["reliability"] == 1.5


@pytest.mark.parametrize(("points", "rounded"), [(0.0, 0.0), (0.124, 0.0), (0.126, 0.25), (11.9, 12.0), (3.30, 3.25)])
def test_quarters(points: float, rounded: float) -> None:
    assert quarter(points) == rounded


def test_headline_is_of_the_newest_report_never_of_a_post() -> None:
    members = [
        report(1, title="Lama", at=NOW - timedelta(hours=9)),
        report(2, title="Baru", at=NOW - timedelta(hours=2)),
        post(3, title="Kata warga", at=NOW, alert_level=2),
    ]
    found = assess(members, Surroundings(now=NOW))
    assert found is not None
    assert found.headline == "Baru"


def test_region_is_the_one_most_members_name_first() -> None:
    members = [
        report(1, regions=("63.03", "63.71")),
        report(2, regions=("63.71", "63.03")),
        report(3, regions=("63.71",)),
    ]
    assert region_of(members, 5) == "63.71"
    assert region_of([report(1, regions=())], 5) is None
    assert region_of([post(1, regions=("63.03",))], 5) is None


def test_regions_are_as_fine_as_they_are_told_and_counted_by_kabupaten() -> None:
    members = [
        report(1, regions=("63.03.05.1001", "63.03.05", "63.03")),
        report(2, regions=("63.03",)),
        report(3, regions=("63.03.06", "63.03")),
        report(4, regions=("63.71",)),
        report(5, regions=("63.71",)),
        report(6, regions=("63",)),
    ]
    found = assess(members, Surroundings(now=NOW))
    assert found is not None
    assert found.regions == ("63.03.05.1001", "63.03.06", "63.71", "63")
    assert region_of(members, 5) == "63.03.05.1001"


def test_main_label_is_that_of_the_most_serious_members() -> None:
    members = [
        report(1, {Label.DISASTER: 0.99}, alert_level=1),
        report(2, {Label.DISASTER: 0.99}, alert_level=1),
        report(3, {Label.CONFLICT: 0.6}, alert_level=3),
    ]
    found = assess(members, Surroundings(now=NOW))
    assert found is not None
    assert (found.label, found.level, found.confidence) == (Label.CONFLICT, 3, 0.6)
    assert found.labels == {Label.CONFLICT: 0.6, Label.DISASTER: 0.99}


def test_reason_names_the_leading_parts_and_the_stage() -> None:
    stage = StageNow(0.9, Stage("pilkada-2024", "Masa tenang", date(2024, 11, 24), date(2024, 11, 26)))
    found = assess([report(1), report(2)], Surroundings(now=NOW, stage=stage, windows=BUSY))
    assert found is not None
    said = why(found)
    assert "tahapan: Masa tenang (pilkada-2024)" in said
    assert "poin terbanyak dari tingkat peringatan 22, " in said
    assert len(leading(found.parts)) == 3
    assert notes(found)["burst"] == "40 kejadian lain dalam 1 hari, biasanya 0,5"


def test_year_without_an_election_ranks_land_disputes_floods_and_village_elections() -> None:
    """Between elections the calendar rests, and the rest of the score serves."""
    now = datetime(2027, 3, 3, 4, tzinfo=UTC)
    around = Surroundings(now=now, stage=stage_at(now.date(), "63.03", load_stages()))
    at = now - timedelta(hours=1)
    dispute = report(1, {Label.CONFLICT: 0.93}, alert_level=3, conflict_level=2, at=at, title="Sengketa lahan memanas")
    village = report(2, {Label.POLARIZATION: 0.8, Label.ELECTION: 0.9}, at=at, title="Pilkades ditunda")
    flood = report(3, {Label.DISASTER: 0.97}, at=at, title="Banjir merendam dua desa")
    found = [assess([member], around) for member in (dispute, village, flood)]
    assert [one.parts["stage"] for one in found if one is not None] == [0.0, 0.0, 0.0]
    assert [one.headline for one in sorted(found, key=lambda one: -one.score if one else 0) if one] == [
        "Sengketa lahan memanas",
        "Pilkades ditunda",
        "Banjir merendam dua desa",
    ]
