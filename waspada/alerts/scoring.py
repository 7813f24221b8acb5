"""Where an alert gets its score: a sum of named parts, in points. `docs/ranking.md` explains each to its readers.

Every part is a function of facts known at the moment, has a range, and is rounded to quarter points: quarters add up
without rounding error, so the parts shown are exactly the score.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from waspada.alerts.eligibility import Member, countable, independent_voices
from waspada.sources.types import SourceRole
from waspada.stories.types import How
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL, Label

LEVEL_POINTS = (0.0, 10.0, 28.0, 48.0)
CONFLICT_POINTS = (0.0, 1.0, 3.0, 6.0)
CONFIDENCE_POINTS = 10.0
OUTLETS_POINTS = 10.0
BURST_POINTS = 6.0
NOVELTY_POINTS = 8.0
NOVELTY_HALF_LIFE = timedelta(hours=12)
STAGE_POINTS = 4.0
VULNERABILITY_POINTS = 2.0
RELIABILITY_POINTS = 2.0
#: What a desk of kewaspadaan dini is there for, first; disasters have a desk of their own (BPBD) beside it.
FOCUS_POINTS = {
    Label.CONFLICT: 4.0,
    Label.POLARIZATION: 4.0,
    Label.NEUTRALITY: 4.0,
    Label.MISINFORMATION: 4.0,
    Label.FRAUD: 3.0,
    Label.LOGISTICS: 3.0,
    Label.DISASTER: 0.0,
}
#: A level-1 item is context, and there is much of it: it becomes an alert only when its label is more likely than not.
CONTEXT_CONFIDENCE = 0.5
#: A copy of an agency report adds this much of an outlet: it spreads the word, it does not confirm it.
COPY_WEIGHT = 0.25
#: Five independent outlets are as good as ten.
FULL_OUTLETS = 5.0


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What is known beside the story itself.

    `region_stories_today` counts other eventful stories of the region with news in the last 24 hours,
    `region_stories_per_day` is the mean of the 14 days before. `stage_closeness` and `vulnerability` are 0..1.
    """

    now: datetime
    min_voices: int = 5
    stage_closeness: float = 0.0
    vulnerability: float = 0.5
    region_stories_today: int = 0
    region_stories_per_day: float = 0.0


@dataclass(frozen=True, slots=True)
class Assessment:
    """What an alert says of a story. `sum(parts.values()) == score`, exactly."""

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
    why: str = field(default="")


def region_of(members: Sequence[Member], min_voices: int) -> str | None:
    """Where a story is, as fine as it is told: the region that most of its countable members name first."""
    regions = _regions(countable(members, min_voices))
    return regions[0] if regions else None


def assess(members: Sequence[Member], around: Surroundings) -> Assessment | None:
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
    parts = score_parts(seen, label, level, labels[label], around)
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
        outlet_count=len({m.outlet for m in seen if m.role is not SourceRole.POST}),
        voice_count=independent_voices(seen),
        last_item_at=max(m.at for m in seen),
    )


def score_parts(
    members: Sequence[Member], label: Label, level: int, confidence: float, around: Surroundings
) -> dict[str, float]:
    """Every part of the score, in points, in the order in which they are shown."""
    newest = max(m.at for m in members)
    parts = {
        "level": LEVEL_POINTS[level],
        "focus": FOCUS_POINTS[label],
        "severity": CONFLICT_POINTS[max(m.conflict_level for m in members)],
        "confidence": CONFIDENCE_POINTS * confidence,
        "outlets": OUTLETS_POINTS * breadth(members),
        "burst": BURST_POINTS * burst(around.region_stories_today, around.region_stories_per_day),
        "novelty": NOVELTY_POINTS * novelty(newest, around.now),
        "stage": STAGE_POINTS * around.stage_closeness,
        "vulnerability": VULNERABILITY_POINTS * around.vulnerability,
        "reliability": RELIABILITY_POINTS * max(m.reliability for m in members),
    }
    return {name: quarter(points) for name, points in parts.items()}


def quarter(points: float) -> float:
    """Rounded to a quarter point: exact in binary, so that sums are exact in any order."""
    return round(points * 4) / 4


def breadth(members: Iterable[Member]) -> float:
    """0..1: independent outlets on a logarithmic scale, copies counted as a quarter, posts as one outlet together."""
    weight: dict[str, float] = {}
    for member in members:
        outlet = "posts" if member.role is SourceRole.POST else member.outlet
        own = COPY_WEIGHT if member.how is How.COPY else 1.0
        weight[outlet] = max(weight.get(outlet, 0.0), own)
    beyond_first = max(0.0, sum(weight.values()) - 1.0)
    return min(1.0, math.log1p(beyond_first) / math.log1p(FULL_OUTLETS - 1.0))


def novelty(newest: datetime, now: datetime) -> float:
    """1 for news of this moment, halved every 12 hours."""
    age = max(timedelta(0), now - newest)
    return float(0.5 ** (age / NOVELTY_HALF_LIFE))


def burst(today: int, per_day: float) -> float:
    """0..1: how surprising the region's number of eventful stories is against its own past.

    -log10 of P(X >= today) for a Gamma-Poisson (negative binomial) count whose rate has a Gamma prior worth one day at
    one story a day beside the 14 days observed; 3 (one in a thousand) and more is 1. Clayton and Kaldor 1987.
    """
    shape, rate = 1.0 + 14 * per_day, 15.0
    return min(1.0, max(0.0, -math.log10(_tail(today, shape, rate)) / 3.0))


def _tail(count: int, shape: float, rate: float) -> float:
    """P(X >= count) of a negative binomial: Poisson with a Gamma(shape, rate) rate."""
    stay, go = math.log(rate / (rate + 1.0)), math.log(1.0 / (rate + 1.0))
    below, log_term = 0.0, shape * stay  # in logarithms: a busy region's first terms are too small for a float
    for k in range(count):
        below += math.exp(log_term)
        log_term += math.log((shape + k) / (k + 1)) + go
    return max(1e-12, 1.0 - below)


def _carries(member: Member) -> bool:
    best = max((p for label, p in member.labels.items() if label in EVENT_LABELS), default=0.0)
    least = CONTEXT_CONFIDENCE if member.alert_level == 1 else 0.0
    return member.alert_level > 0 and best > 0.0 and best >= least


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
    """The title of the newest report of the highest level; "" when only posts speak: nobody's post is a headline."""
    reports = [m for m in members if m.role is not SourceRole.POST and m.title]
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
