"""Where an alert gets its score: a sum of named parts, in points. `docs/ranking.md` explains each to its readers.

Every part is a function of facts known at the moment with values from 0 to 1 (feedback: -1 to 1), times the points
that `Weights` give it, rounded to quarter points: quarters add up without rounding error, so the parts shown are
exactly the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from waspada.alerts.burst import Window, most_surprising
from waspada.alerts.eligibility import Member, countable, independent_voices
from waspada.alerts.feedback import NO_FEEDBACK, Feedback
from waspada.alerts.vulnerability import NEUTRAL
from waspada.alerts.weights import PRIOR, Weights
from waspada.calendar import BETWEEN_ELECTIONS, StageNow
from waspada.reports.types import NO_REPORTS, StoryReports
from waspada.sources.types import VOICES, SourceRole
from waspada.stories.facts import Figure
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL, Label

#: Shares of the points of a part, by alert level and by conflict level.
LEVEL_SHARES = (0.0, 8 / 38, 22 / 38, 1.0)
CONFLICT_SHARES = (0.0, 1 / 6, 0.5, 1.0)
#: What an item of each level is worth to a desk: 2^level - 1, the gain by which the ranking is judged.
GAINS = (0, 1, 3, 7)
#: A tag without probabilities is taken to be as sure of its level as tags usually are.
USUAL_CERTAINTY = 0.7
NOVELTY_HALF_LIFE = timedelta(hours=12)
#: What a report says of level and violence counts in full for so long, then half as much every so many hours more: a
#: story that a routine item brings back is not worth what its gravest report was days ago. Chosen on gold train.
HELD_FOR = timedelta(hours=24)
HELD_HALF_LIFE = timedelta(hours=48)
#: What a desk of kewaspadaan dini is there for, first; disasters have a desk of their own (BPBD) beside it.
FOCUS_SHARES = {
    Label.CONFLICT: 1.0,
    Label.POLARIZATION: 1.0,
    Label.NEUTRALITY: 1.0,
    Label.MISINFORMATION: 1.0,
    Label.FRAUD: 0.75,
    Label.LOGISTICS: 0.75,
    Label.DISASTER: 0.0,
}
#: A level-1 item is context, and there is much of it: it becomes an alert only when its label is more likely than not.
CONTEXT_CONFIDENCE = 0.5
#: A copy of an agency report adds this much of an outlet: it spreads the word, it does not confirm it.
COPY_WEIGHT = 0.25
#: Five independent outlets are as good as ten.
FULL_OUTLETS = 5.0
#: Before all that members of a giant story told; it is news no more.
LONG_AGO = datetime.min.replace(tzinfo=UTC)
#: What a report tells: what it counts, and what it is about.
Fact = Figure | Label


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the story itself.

    `windows` count the region's other stories of the label's group (`waspada.alerts.burst`); `vulnerability` is 0..1,
    None where nothing is known; `feedback` is -1..1 with the decisions on alerts like this that it rests on; `told`
    are the facts of a giant story's reports that are too old to be among its members, None where none is.
    """

    now: datetime
    min_voices: int = 5
    stage: StageNow = BETWEEN_ELECTIONS
    vulnerability: float | None = None
    windows: tuple[Window, ...] = ()
    feedback: Feedback = NO_FEEDBACK
    told: frozenset[Fact] | None = None


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an alert says of a story. `sum(parts.values()) == score`, exactly.

    `networks` counts independent outlets, `news_at` is when the story last told something new, `level_at` is when its
    level was last reported.
    """

    label: Label
    level: int
    score: float
    parts: dict[str, float]
    confidence: float
    labels: dict[Label, float]
    headline: str
    regions: tuple[str, ...]
    items: tuple[int, ...]
    outlet_count: int
    voice_count: int
    last_item_at: datetime
    news_at: datetime
    level_at: datetime
    networks: int
    around: Surroundings
    weights: Weights = PRIOR
    reports: StoryReports = NO_REPORTS


def region_of(members: Sequence[Member], min_voices: int) -> str | None:
    """Where a story is, as fine as it is told: the region that most of its countable members name first."""
    regions = _regions(countable(members, min_voices))
    return regions[0] if regions else None


def label_of(members: Sequence[Member], min_voices: int) -> Label | None:
    """The main label of the alert that a story deserves; None when it deserves none."""
    carrying = [m for m in countable(members, min_voices) if _carries(m)]
    return _main_label(carrying) if carrying else None


def assess(members: Sequence[Member], around: Surroundings, weights: Weights = PRIOR) -> Assessment | None:
    """The alert that a story deserves, or None when it deserves none.

    A story deserves an alert when a countable member has an event label on and level 2 or more, or level 1 and a
    label of at least `CONTEXT_CONFIDENCE`.
    """
    seen = countable(members, around.min_voices)
    carrying = [m for m in seen if _carries(m)]
    if not carrying:
        return None
    labels = _strongest(seen)
    label = _main_label(carrying)
    level = min(MAX_LEVEL, max(m.alert_level for m in carrying))
    parts = score_parts(seen, label, level, labels[label], around, weights)
    return Assessment(
        label=label,
        level=level,
        score=sum(parts.values()),
        parts=parts,
        confidence=labels[label],
        labels=labels,
        headline=_headline(carrying, level),
        regions=_regions(carrying),
        items=tuple(m.item_id for m in seen),
        outlet_count=len({m.outlet for m in seen if m.role not in VOICES}),
        voice_count=independent_voices(seen),
        last_item_at=max(m.at for m in seen),
        news_at=news_at(seen, around.told),
        level_at=max(m.at for m in carrying if m.alert_level >= level),
        networks=len(_independent(m for m in seen if m.role not in VOICES)),
        reports=_reports(seen),
        around=around,
        weights=weights,
    )


def score_parts(
    members: Sequence[Member],
    label: Label,
    level: int,
    confidence: float,
    around: Surroundings,
    weights: Weights = PRIOR,
) -> dict[str, float]:
    """Every part of the score, in points, in the order in which they are shown."""
    values = part_values(members, label, level, confidence, around)
    return {name: quarter(weights[name] * value) for name, value in values.items()}


def part_values(
    members: Sequence[Member], label: Label, level: int, confidence: float, around: Surroundings
) -> dict[str, float]:
    """Every part before its points: 0..1, feedback -1..1."""
    return {
        "level": max(LEVEL_SHARES[min(level, m.alert_level)] * held(m, around.now) for m in members),
        "expectation": max(expected_gain(m) * held(m, around.now) for m in members) / GAINS[-1],
        "focus": FOCUS_SHARES[label],
        "severity": max(CONFLICT_SHARES[m.conflict_level] * held(m, around.now) for m in members),
        "confidence": confidence,
        "outlets": breadth(members),
        "burst": most_surprising(around.windows)[0],
        "novelty": novelty(news_at(members, around.told), around.now),
        "stage": around.stage.weight,
        "vulnerability": NEUTRAL if around.vulnerability is None else around.vulnerability,
        "reliability": max(m.reliability for m in members),
        "feedback": around.feedback.value,
    }


def quarter(points: float) -> float:
    """Rounded to a quarter point: exact in binary, so that sums are exact in any order."""
    return round(points * 4) / 4


def held(member: Member, now: datetime) -> float:
    """What of a report's level still counts: 1 for `HELD_FOR`, then halved every `HELD_HALF_LIFE`."""
    age = max(timedelta(0), now - member.at - HELD_FOR)
    return float(0.5 ** (age / HELD_HALF_LIFE))


def expected_gain(member: Member) -> float:
    """0..7: what a desk may expect of an item, the sum of what each level adds times its probability."""
    if member.alert_p is None:
        return USUAL_CERTAINTY * GAINS[member.alert_level]
    return math.fsum(p * (GAINS[n + 1] - GAINS[n]) for n, p in enumerate(member.alert_p))


def breadth(members: Iterable[Member]) -> float:
    """0..1: independent outlets on a logarithmic scale: a network is one outlet, all posts together are one, what only
    copies a text or an agency's report is a quarter, and field reports are none."""
    weight = _independent(members)
    beyond_first = sum(weight.values()) - max(weight.values(), default=0.0)
    return min(1.0, math.log1p(beyond_first) / math.log1p(FULL_OUTLETS - 1.0))


def _independent(members: Iterable[Member]) -> dict[str, float]:
    weight: dict[str, float] = {}
    for member in members:
        if member.role is SourceRole.REPORT:
            continue
        network = "posts" if member.role is SourceRole.POST else member.network or member.outlet
        own = COPY_WEIGHT if member.how is How.COPY or member.is_wire else 1.0
        weight[network] = max(weight.get(network, 0.0), own)
    return weight


def news_at(members: Sequence[Member], told: Iterable[Fact] | None = None) -> datetime:
    """When the story last told something new: its first report, and each later one that is no copy and has an event
    label or a figure that none before it had. A level is no fact: a higher one raises other parts.

    `told` are the facts of reports before these: the first of these then is one more, and `LONG_AGO` where none has
    a new fact.
    """
    moments = sorted({m.at for m in members})
    newest, facts = moments[0] if told is None else LONG_AGO, set(told or ())
    for moment in moments:
        then = [m for m in members if m.at == moment]
        if any(m.how is not How.COPY and not _facts(m) <= facts for m in then):
            newest = moment
        facts.update(*map(_facts, then))
    return newest


def _facts(member: Member) -> set[Fact]:
    return {*member.figures, *(label for label in member.labels if label in EVENT_LABELS)}


def novelty(newest: datetime, now: datetime) -> float:
    """1 for news of this moment, halved every 12 hours."""
    age = max(timedelta(0), now - newest)
    return float(0.5 ** (age / NOVELTY_HALF_LIFE))


def _carries(member: Member) -> bool:
    best = max((p for label, p in member.labels.items() if label in EVENT_LABELS), default=0.0)
    least = CONTEXT_CONFIDENCE if member.alert_level == 1 else 0.0
    return member.alert_level > 0 and best > 0.0 and best >= least


def _reports(members: Sequence[Member]) -> StoryReports:
    told = [m.is_clarified for m in members if m.role is SourceRole.REPORT]
    return StoryReports(unclarified=told.count(False), clarified=told.count(True))


def _strongest(members: Iterable[Member]) -> dict[Label, float]:
    best: dict[Label, float] = {}
    for member in members:
        for label, p in member.labels.items():
            best[label] = max(best.get(label, 0.0), p)
    return {label: best[label] for label in Label if label in best}


def _main_label(members: Sequence[Member]) -> Label:
    """The event label with the most weight among the members of the highest level; ties in the order of `Label`."""
    top = max(m.alert_level for m in members)
    at_top = [m.labels for m in members if m.alert_level == top]
    present = [label for label in EVENT_LABELS if any(label in labels for labels in at_top)]
    return max(present, key=lambda label: math.fsum(labels.get(label, 0.0) for labels in at_top))


def _headline(members: Sequence[Member], level: int) -> str:
    """The title of the newest report of the highest level; "" when no outlet speaks: nobody's post or field report is
    a headline."""
    reports = [m for m in members if m.role not in VOICES and m.title]
    best = max(reports, key=lambda m: (m.alert_level == level, m.at, -m.item_id), default=None)
    return best.title if best else ""


def _regions(members: Sequence[Member]) -> tuple[str, ...]:
    """Where the members happened, the most often first-named kabupaten/kota first, each as fine as it is told.

    A province stands after the regencies named within it; a kabupaten whose kecamatan is named stands for nothing more.
    """
    weight: dict[str, float] = {}
    by_regency: dict[str, float] = {}
    for member in members:
        finest = [code for code in member.regions if not _holds_another(code, member.regions)]
        for position, code in enumerate(finest[:3]):
            weight[code] = weight.get(code, 0.0) + 1.0 / (1 + position)
            by_regency[code[:5]] = by_regency.get(code[:5], 0.0) + 1.0 / (1 + position)
    told = [code for code in weight if len(code) == 2 or not _holds_another(code, weight)]
    order = sorted(told, key=lambda code: (_holds_another(code, told), -by_regency[code[:5]], -weight[code], code))
    return tuple(order[:5])


def _holds_another(code: str, codes: Iterable[str]) -> bool:
    return any(other.startswith(f"{code}.") for other in codes)
