"""Deciding which story an item belongs to. Pure: the item and the candidates in, a decision out.

An item joins the story of its closest copy; else the story whose members are most like it in content among those of
the same place and time; else it opens a story of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from waspada.stories.fingerprint import jaccard
from waspada.stories.types import Candidate, Fingerprint, How, Join

#: Jaccard of three-word shingles from which two items are copies of one text: 8 % of the words changed leaves 0.64.
COPY_JACCARD = 0.4
#: Cosine from which two items tell of one event, by what else they share. `benchmarks/stories.py` measures the choice.
EVENT_COSINE = 0.34
EVENT_COSINE_UNDATED = 0.5
#: Two reports of one event in other words lie at most this far apart.
EVENT_WINDOW = timedelta(hours=72)
#: A quiet item joins another quiet item only when they are this much closer: routine reads alike.
QUIET_SURCHARGE = 0.12


def decide(item: Fingerprint, candidates: Sequence[Candidate]) -> Join:
    """The story to join. Ties go to the older story, so that the answer does not depend on the order of candidates."""
    copy = _closest_copy(item, candidates)
    if copy is not None:
        return copy
    likeness: dict[int, list[float]] = defaultdict(list)
    for candidate in candidates:
        value = event_likeness(item, candidate.fingerprint)
        if value is not None:
            likeness[candidate.story_id].append(value)
    best = max(((max(values), -story) for story, values in likeness.items()), default=None)
    if best is None:
        return Join(None, How.FIRST, 1.0)
    return Join(-best[1], How.EVENT, round(min(1.0, best[0]), 4))


def _closest_copy(item: Fingerprint, candidates: Sequence[Candidate]) -> Join | None:
    scored = ((jaccard(item.shingles, c.fingerprint.shingles), -c.story_id) for c in candidates)
    best = max(scored, default=(0.0, 0))
    return Join(-best[1], How.COPY, round(best[0], 4)) if best[0] >= COPY_JACCARD else None


def event_likeness(a: Fingerprint, b: Fingerprint) -> float | None:
    """Cosine of two items that may tell of one event, or None where something speaks against it."""
    if not set(a.regions) & set(b.regions):
        return None
    dated = a.at is not None and b.at is not None
    if a.at is not None and b.at is not None and abs(a.at - b.at) > EVENT_WINDOW:
        return None
    if bool(a.labels) != bool(b.labels) or (a.labels and not a.labels & b.labels):
        return None  # an appeal after the clash is not the clash; a flood is not a vote bought
    needed = EVENT_COSINE if dated else EVENT_COSINE_UNDATED
    if not a.labels:
        needed += QUIET_SURCHARGE
    cosine = float(a.embedding @ b.embedding)
    return cosine if cosine >= needed else None
