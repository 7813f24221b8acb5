"""Fitting the two thresholds to what persons said of matches. Pure; the prior stays unless the new pair proves itself.

One part of the decisions chooses, the other judges; all matches with one fact-check are in the same part. The pair is
used only where, among the judged ones, it confirms nothing less right than `FLOOR` and does no worse than the prior.
Persons saw only what was suggested: below the prior's own suggestions nothing is known, and no threshold goes there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from waspada.claims.types import Decision, Fitted, Thresholds

#: Fewest decisions at all, of each kind, and confirmed-by-score ones in the judging part.
MIN_DECISIONS = 60
MIN_OF_EACH = 15
MIN_JUDGED = 20
#: Least share of right ones among those that the machine confirms (the issue's floor).
FLOOR = 0.95
#: What a wrong suggestion costs, in right ones: from one right in six on, looking is worth a person's time.
SUGGESTION_COST = 0.2
#: One person's word is at most so large a share of what is fitted on, so that nobody bends the desk alone.
MAX_SHARE_OF_ONE = 0.6
_JUDGING_SHARE = 3
_STEP = 0.01


def refit(decisions: Sequence[Decision], prior: Thresholds, in_use: Thresholds | None = None) -> Fitted:
    """Thresholds from persons' decisions; those in use, and why they stay, where these are too few, alike or contrary.

    Where what persons said since no longer bears out the pair in use either, the prior takes its place.
    """
    stays, judged = in_use or prior, [one for one in decisions if _judges(one)]
    why = _too_thin(decisions)
    if why:
        return Fitted(stays, used=False, why=why, figures=_figures(decisions, stays))
    chosen = _choose([one for one in decisions if not _judges(one)], prior)
    why = "no score parts right from wrong well enough" if chosen is None else _not_proven(judged, chosen, prior)
    if chosen is not None and not why:
        return Fitted(chosen, used=True, why="", figures=_figures(judged, chosen))
    share, count = _right(judged, stays.confirmed_from)
    if stays != prior and share is not None and share < FLOOR and count >= MIN_JUDGED:
        why = f"{share:.2f} of what the thresholds in use confirm is right by now"
        return Fitted(prior, used=True, why=why, figures=_figures(judged, stays))
    return Fitted(stays, used=False, why=why, figures=_figures(judged, chosen or stays))


def _too_thin(decisions: Sequence[Decision]) -> str:
    confirmed = sum(one.confirmed for one in decisions)
    fewer = min(confirmed, len(decisions) - confirmed)
    if len(decisions) < MIN_DECISIONS:
        return f"{len(decisions)} decisions; {MIN_DECISIONS} are needed"
    if fewer < MIN_OF_EACH:
        return f"{confirmed} confirmed and {len(decisions) - confirmed} rejected; {MIN_OF_EACH} of each are needed"
    most = max(sum(other.actor == actor for other in decisions) for actor in {one.actor for one in decisions})
    if most > MAX_SHARE_OF_ONE * len(decisions):
        return f"{most} of {len(decisions)} decisions are one person's; at most {MAX_SHARE_OF_ONE:.0%} may be"
    return ""


def _judges(one: Decision) -> bool:
    """Whether a decision is kept for judging: by its fact-check, the same in every run."""
    return hashlib.sha256(one.group.encode("utf-8", "surrogatepass")).digest()[0] % _JUDGING_SHARE == 0


def _choose(decisions: Sequence[Decision], prior: Thresholds) -> Thresholds | None:
    """The pair worth most on these decisions; the lower one of two that are worth the same."""
    kept = [t for t in _grid(prior) if _keeps_floor(decisions, t)]
    if not kept:
        return None
    confirmed = max(kept, key=lambda t: (_worth(decisions, Thresholds(t, t)), -t))
    below = [t for t in _grid(prior) if t <= confirmed]
    suggested = max(below, key=lambda t: (_worth(decisions, Thresholds(t, confirmed)), -t))
    return Thresholds(suggested, confirmed)


def _grid(prior: Thresholds) -> list[float]:
    steps = round((1.0 - prior.suggested_from) / _STEP)
    return [round(prior.suggested_from + step * _STEP, 4) for step in range(steps + 1)]


def _keeps_floor(decisions: Sequence[Decision], threshold: float) -> bool:
    share, count = _right(decisions, threshold)
    return share is not None and count >= MIN_JUDGED and share >= FLOOR


def _right(decisions: Sequence[Decision], threshold: float) -> tuple[float | None, int]:
    """Share of right ones among those from the threshold on, None where there are none; and how many they are."""
    above = [one.confirmed for one in decisions if one.score >= threshold]
    return (sum(above) / len(above) if above else None), len(above)


def _not_proven(judged: Sequence[Decision], chosen: Thresholds, prior: Thresholds) -> str:
    share, count = _right(judged, chosen.confirmed_from)
    if share is None or count < MIN_JUDGED:
        return f"only {count} decisions to judge it by lie above the new threshold; {MIN_JUDGED} are needed"
    if share < FLOOR:
        return f"{share:.2f} of what it would confirm is right among decisions kept for judging; {FLOOR} is the floor"
    if _worth(judged, chosen) < _worth(judged, prior):
        return "among decisions kept for judging it does worse than the shipped thresholds"
    return ""


def _worth(decisions: Sequence[Decision], thresholds: Thresholds) -> float:
    """A right confirmation is worth 1, a wrong one costs what the floor makes of it, a suggestion half of either."""
    cost = FLOOR / (1 - FLOOR)
    worth = 0.0
    for one in decisions:
        if one.score >= thresholds.confirmed_from:
            worth += 1.0 if one.confirmed else -cost
        elif one.score >= thresholds.suggested_from:
            worth += 0.5 if one.confirmed else -0.5 * SUGGESTION_COST
    return worth


def _figures(decisions: Sequence[Decision], thresholds: Thresholds) -> dict[str, float]:
    confirmed, confirmed_count = _right(decisions, thresholds.confirmed_from)
    suggested, suggested_count = _right(decisions, thresholds.suggested_from)
    return {
        "decisions": float(len(decisions)),
        "confirmed": float(confirmed_count),
        "confirmed_right": round(confirmed or 0.0, 4),
        "suggested": float(suggested_count),
        "suggested_right": round(suggested or 0.0, 4),
    }
