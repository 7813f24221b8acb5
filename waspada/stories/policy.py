"""Deciding which story an item belongs to. Pure: the item and the candidates in, a decision out.

An item joins the story of its closest copy; else the story whose members it is most likely to share an event with (its
best member and the mean of its best few, so that one odd member does not make a chain); else it opens a story of its
own. A veto keeps two items apart however alike they are.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from waspada.stories.fingerprint import jaccard
from waspada.stories.likeness import WINDOW, lies_in, pair_score
from waspada.stories.types import Candidate, Fingerprint, How, Join
from waspada.stories.vetoes import Veto, veto

#: Jaccard of three-word shingles from which two items are copies of one text, unless a veto tells them apart. 8 % of
#: the words changed leaves 0.64 of the original; two such copies share 0.43 with each other, and 0.34 where each adds a
#: fifth of its length at the end. Notices that an office sends out for each of its regions are as much alike, ...
SURE_JACCARD = 0.6
#: ... so that below it, and down to this, copies must agree in place and figures as well. All three were chosen on
#: other notices and other copies than those that `python -m benchmarks.collect --only copies` judges by.
COPY_JACCARD = 0.3
#: From here on so few words differ that a place among them is what the notice is about; below, a copy changed in every
#: line may have lost its place, and figures decide.
TEMPLATE_JACCARD = 0.8
#: Fewer shingles are a remark ("banjir lagi"): the same one of another place or week tells of another event.
FEW_SHINGLES = 8
#: The share of the figures of the item with fewer of them that the other must have, too.
COMMON_NUMBERS = 0.5
#: Probability of one event from which an item joins a story, and where one has no date to tell two events apart. Chosen
#: with the weights (waspada/stories/likeness.py).
EVENT_P = 0.7
EVENT_P_UNDATED = 0.9
#: A story is judged by half its best member and half the mean of so many of its best.
TOP_MEMBERS = 3
BEST_SHARE = 0.5
#: Two reports of one event in other words lie at most this far apart.
EVENT_WINDOW = WINDOW
#: A copy further away than this is the same words about something else: a yearly notice, a template.
COPY_WINDOW = timedelta(days=14)
#: Pages of one article come out together, under one title of at least so many words.
PAGES_WINDOW = timedelta(hours=24)
PAGES_TITLE_WORDS = 4
#: Log-odds of the pages of one article, and of a member that a veto keeps apart.
_PAGES, _VETOED = 6.0, -6.0


def decide(item: Fingerprint, candidates: Sequence[Candidate]) -> Join:
    """The story to join. Ties go to the older story, so that the answer does not depend on the order of candidates."""
    copy = closest_copy(item, candidates)
    if copy is not None:
        return copy
    members: dict[int, list[tuple[float, float]]] = defaultdict(list)
    for candidate in candidates:
        members[candidate.story_id].append(_log_odds(item, candidate.fingerprint))
    best = max(((_of_story(odds), -story) for story, odds in members.items()), default=None)
    if best is None or best[0] < 0:
        return Join(None, How.FIRST, 1.0)
    return Join(-best[1], How.EVENT, round(_probability(best[0] + _needed(item, item)), 4))


def _of_story(members: Sequence[tuple[float, float]]) -> float:
    """What speaks for a story, in log-odds above what is needed, from its members' log-odds and needs."""
    best = sorted((odds - needed for odds, needed in members), reverse=True)[:TOP_MEMBERS]
    return BEST_SHARE * best[0] + (1 - BEST_SHARE) * sum(best) / len(best)


def event_likeness(a: Fingerprint, b: Fingerprint) -> float | None:
    """Probability that two items tell of one event; None where it is too low or something speaks against it."""
    odds, needed = _log_odds(a, b)
    return _probability(odds) if odds >= needed else None


def _log_odds(a: Fingerprint, b: Fingerprint) -> tuple[float, float]:
    """Log-odds of one event, and those that are needed to believe it."""
    needed = _needed(a, b)
    if not _within(EVENT_WINDOW, a, b) or veto(a, b) is not None:
        return _VETOED, needed
    if _are_pages(a, b):
        return _PAGES, needed
    return pair_score(a, b).log_odds, needed


def _needed(a: Fingerprint, b: Fingerprint) -> float:
    p = EVENT_P_UNDATED if a.at is None or b.at is None else EVENT_P
    return math.log(p / (1 - p))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds))


def _are_pages(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two items are pages of one article: one outlet, one day, one title that says something."""
    title = a.facts.title
    is_one_title = len(title) >= PAGES_TITLE_WORDS and title.keys() == b.facts.title.keys()
    return is_one_title and a.outlet == b.outlet and _within(PAGES_WINDOW, a, b)


def closest_copy(item: Fingerprint, candidates: Sequence[Candidate]) -> Join | None:
    """The story of the closest copy of the item; None where there is none."""
    near = [c for c in candidates if _within(COPY_WINDOW, item, c.fingerprint)]
    scored = ((jaccard(item.shingles, c.fingerprint.shingles), -c.story_id, c.fingerprint) for c in near)
    copies = [(value, story) for value, story, other in scored if _is_copy(value, item, other)]
    best = max(copies, default=None)
    return Join(-best[1], How.COPY, round(best[0], 4)) if best is not None else None


def _is_copy(likeness: float, a: Fingerprint, b: Fingerprint) -> bool:
    is_remark = min(len(a.shingles), len(b.shingles)) < FEW_SHINGLES
    if likeness < COPY_JACCARD or (is_remark and not _within(EVENT_WINDOW, a, b)):
        return False
    found = veto(a, b, is_one_wording=True)
    if likeness == 1 and not is_remark:
        return found is not Veto.SERIES
    if likeness < SURE_JACCARD:  # so many words differ that a figure or a place may have been lost among them
        return found is not Veto.SERIES and _may_be_one_place(a, b) and _have_common_numbers(a, b)
    return found is None or (found is Veto.PLACE and likeness < TEMPLATE_JACCARD and _have_common_numbers(a, b))


def _may_be_one_place(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether the main place of one is among the other's; one that names no place may be about any."""
    if not (a.is_placed and b.is_placed and a.regions and b.regions):
        return True
    return lies_in(a.regions[0], b) or lies_in(b.regions[0], a)


def _have_common_numbers(a: Fingerprint, b: Fingerprint) -> bool:
    ours, theirs = _numbers(a.shingles), _numbers(b.shingles)
    return len(ours & theirs) >= COMMON_NUMBERS * min(len(ours), len(theirs))


def _numbers(shingles: frozenset[str]) -> set[str]:
    return {word for shingle in shingles for word in shingle.split() if not word.isalpha()}


def _within(window: timedelta, a: Fingerprint, b: Fingerprint) -> bool:
    return a.at is None or b.at is None or abs(a.at - b.at) <= window
