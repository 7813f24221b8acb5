"""The score: parts that add up exactly, each within its documented range, each answering to its fact."""

from __future__ import annotations

import json
import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ranking.members import ANY_MEMBERS, post, report
from tests.rows import NOW
from waspada.alerts.eligibility import Member
from waspada.alerts.scoring import (
    CONFLICT_POINTS,
    CONTEXT_CONFIDENCE,
    FOCUS_POINTS,
    LEVEL_POINTS,
    Surroundings,
    assess,
    breadth,
    burst,
    novelty,
    quarter,
    region_of,
)
from waspada.alerts.wording import why
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, MAIN_LABELS, Label

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "ranking.md"

SURROUNDINGS = st.builds(
    Surroundings,
    now=st.just(NOW),
    min_voices=st.integers(5, 8),
    stage_closeness=st.floats(0, 1),
    vulnerability=st.floats(0, 1),
    region_stories_today=st.integers(0, 600),
    region_stories_per_day=st.floats(0, 60),
)


def documented_ranges() -> dict[str, tuple[float, float]]:
    """Part -> least and most points, as docs/ranking.md tells its readers."""
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE)
    numbers = {name: [float(n) for n in re.findall(r"\d+", points)] for name, points in rows}
    return {name: (min(found), max(found)) for name, found in numbers.items()}


def score_of(members: list[Member], **around: object) -> float:
    found = assess(members, Surroundings(now=NOW, **around))  # type: ignore[arg-type]
    assert found is not None
    return found.score


def parts_of(members: list[Member], **around: object) -> dict[str, float]:
    found = assess(members, Surroundings(now=NOW, **around))  # type: ignore[arg-type]
    assert found is not None
    return found.parts


@given(ANY_MEMBERS, SURROUNDINGS, st.randoms(use_true_random=False))
def test_parts_add_up_to_the_score_exactly(members: list[Member], around: Surroundings, rng: random.Random) -> None:
    found = assess(members, around)
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


def test_all_ranges_together_are_a_hundred_points() -> None:
    assert sum(most for _, most in documented_ranges().values()) == 100


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
    assert score_of(grave) > score_of(loud, region_stories_today=9)


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


class TestBurst:
    def test_quiet_region_is_no_burst(self) -> None:
        assert burst(0, 0.0) == 0
        assert burst(0, 5.0) == 0

    def test_usual_day_of_a_busy_region_is_no_burst(self) -> None:
        assert burst(5, 5.0) < 0.15

    def test_same_number_surprises_more_where_less_happens(self) -> None:
        assert burst(6, 0.2) > burst(6, 2.0) > burst(6, 6.0)

    def test_one_in_a_thousand_is_full(self) -> None:
        assert burst(30, 1.0) == 1.0
        assert parts_of([report(1)], region_stories_today=30, region_stories_per_day=1.0)["burst"] == 6.0

    def test_tail_is_that_of_the_distribution(self) -> None:
        """Against scipy's negative binomial, where the training extra is installed."""
        stats = pytest.importorskip("scipy.stats", reason="not run: scipy is in the extra `train`")
        from math import log10

        for today, per_day in [(1, 0.0), (3, 0.5), (7, 2.0), (12, 6.0), (40, 30.0)]:
            tail = float(stats.nbinom.sf(today - 1, 1 + 14 * per_day, 15 / 16))
            assert burst(today, per_day) == pytest.approx(min(1.0, -log10(tail) / 3), abs=1e-6)

    @given(st.integers(0, 300), st.floats(0, 50))
    def test_more_stories_are_never_less_of_a_burst(self, today: int, per_day: float) -> None:
        assert 0 <= burst(today, per_day) <= burst(today + 1, per_day) + 1e-9 <= 1 + 1e-9


class TestNovelty:
    def test_halves_every_twelve_hours(self) -> None:
        assert novelty(NOW, NOW) == 1
        assert novelty(NOW - timedelta(hours=12), NOW) == pytest.approx(0.5)
        assert novelty(NOW - timedelta(hours=24), NOW) == pytest.approx(0.25)

    def test_clock_of_a_source_that_runs_ahead_gains_nothing(self) -> None:
        assert novelty(NOW + timedelta(hours=5), NOW) == 1

    def test_newest_member_counts(self) -> None:
        old = report(1, at=NOW - timedelta(days=3))
        assert parts_of([old, report(2, at=NOW)])["novelty"] == documented_ranges()["novelty"][1]
        assert parts_of([old])["novelty"] < 0.5


class TestSurroundingParts:
    @pytest.mark.parametrize(("closeness", "points"), [(0.0, 0.0), (0.5, 2.0), (1.0, 4.0)])
    def test_stage(self, closeness: float, points: float) -> None:
        assert parts_of([report(1)], stage_closeness=closeness)["stage"] == points

    @pytest.mark.parametrize(("prior", "points"), [(0.0, 0.0), (0.5, 1.0), (1.0, 2.0)])
    def test_vulnerability(self, prior: float, points: float) -> None:
        assert parts_of([report(1)], vulnerability=prior)["vulnerability"] == points

    def test_severity_is_the_conflict_level(self) -> None:
        points = [parts_of([report(1, conflict_level=n)])["severity"] for n in (0, 1, 2, 3)]
        assert points == list(CONFLICT_POINTS) == sorted(points)

    def test_level_weighs_most_and_rises(self) -> None:
        points = [parts_of([report(1, alert_level=n)])["level"] for n in (1, 2, 3)]
        assert points == list(LEVEL_POINTS[1:]) == sorted(points)
        assert documented_ranges()["level"][1] == max(most for _, most in documented_ranges().values())

    def test_focus_is_what_the_desk_is_there_for(self) -> None:
        points = {label: parts_of([report(1, {label: 0.9})])["focus"] for label in EVENT_LABELS}
        assert points == FOCUS_POINTS
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
