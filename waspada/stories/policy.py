"""Deciding which story an item belongs to. Pure: the item and the candidates in, a decision out.

An item joins the story of its closest copy; else the story whose members are most like it in content among those of
the same place and time; else it opens a story of its own.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from waspada.stories.fingerprint import jaccard
from waspada.stories.terms import cosine
from waspada.stories.types import Candidate, Fingerprint, How, Join
from waspada.taxonomy import ItemKind

#: Jaccard of three-word shingles from which two items are copies of one text, whatever they tell. 8 % of the words
#: changed leaves 0.64 of the original; two such copies share 0.43 with each other, and 0.34 where each adds a fifth of
#: its length at the end. Notices that an office sends out for each of its regions are as much alike, ...
SURE_JACCARD = 0.6
#: ... so that below it, and down to this, copies must agree in place and figures as well. All three were chosen on
#: other notices and other copies than those that `python -m benchmarks.collect --only copies` judges by.
COPY_JACCARD = 0.3
#: The share of the figures of the item with fewer of them that the other must have, too.
COMMON_NUMBERS = 0.5
#: Term cosine from which two items tell of one event. Chosen on the demo's 323 authored items, where 0.24 to 0.28 do
#: alike; `python -m benchmarks.stories` prints the figures. Higher where there is no time to tell two events apart.
EVENT_COSINE = 0.26
EVENT_COSINE_UNDATED = 0.4
#: Two reports of one event in other words lie at most this far apart.
EVENT_WINDOW = timedelta(hours=72)
#: A copy further away than this is the same words about something else: a yearly notice, a template.
COPY_WINDOW = timedelta(days=14)
#: Taken off where the labels of two items do not agree: the classifier may err, but an appeal is rarely the event.
LABELS_PENALTY = 0.04
#: Taken off where only one of two items names the regency and the other its province.
PROVINCE_PENALTY = 0.03
#: Added where one of the two is a public post: a few words share less with a report than another report does.
POST_ALLOWANCE = 0.07


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
    near = [c for c in candidates if _within(COPY_WINDOW, item, c.fingerprint)]
    scored = ((jaccard(item.shingles, c.fingerprint.shingles), -c.story_id, c.fingerprint) for c in near)
    copies = [(value, story) for value, story, other in scored if _is_copy(value, item, other)]
    best = max(copies, default=None)
    return Join(-best[1], How.COPY, round(best[0], 4)) if best is not None else None


def _is_copy(likeness: float, a: Fingerprint, b: Fingerprint) -> bool:
    if likeness >= SURE_JACCARD or likeness < COPY_JACCARD:
        return likeness >= SURE_JACCARD
    return _may_be_one_place(a, b) and _have_common_numbers(a, b)


def _may_be_one_place(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether the main place of one is among the other's; one that names no place may be about any."""
    if not (a.is_placed and b.is_placed and a.regions and b.regions):
        return True
    has_common = a.regions[0] in b.regions or b.regions[0] in a.regions
    return has_common or _one_above_other(a.regions[:1], b.regions[:1])


def _have_common_numbers(a: Fingerprint, b: Fingerprint) -> bool:
    ours, theirs = _numbers(a.shingles), _numbers(b.shingles)
    return len(ours & theirs) >= COMMON_NUMBERS * min(len(ours), len(theirs))


def _numbers(shingles: frozenset[str]) -> set[str]:
    return {word for shingle in shingles for word in shingle.split() if not word.isalpha()}


def event_likeness(a: Fingerprint, b: Fingerprint) -> float | None:
    """Term cosine, adjusted, of two items that may tell of one event; None where something speaks against it.

    Two items with dates need a common region and window; where a date is missing, content alone decides and must say
    more.
    """
    if a.at is None or b.at is None:
        likeness, needed = cosine(a.terms, b.terms), EVENT_COSINE_UNDATED
    elif _within(EVENT_WINDOW, a, b) and (set(a.regions) & set(b.regions) or _one_above_other(a.regions, b.regions)):
        likeness, needed = cosine(a.terms, b.terms) + adjustment(a, b), EVENT_COSINE
    else:
        return None
    return likeness if likeness >= needed else None


def _within(window: timedelta, a: Fingerprint, b: Fingerprint) -> bool:
    return a.at is None or b.at is None or abs(a.at - b.at) <= window


def adjustment(a: Fingerprint, b: Fingerprint) -> float:
    """What kind, labels and regions of two items add to their likeness or take off it."""
    added = POST_ALLOWANCE if ItemKind.POST in (a.kind, b.kind) else 0.0
    if bool(a.labels) != bool(b.labels) or (a.labels and not a.labels & b.labels):
        added -= LABELS_PENALTY
    if not set(a.regions) & set(b.regions):
        added -= PROVINCE_PENALTY
    return added


def _one_above_other(a: Iterable[str], b: Iterable[str]) -> bool:
    return any(x.startswith(f"{y}.") or y.startswith(f"{x}.") for x in a for y in b)
