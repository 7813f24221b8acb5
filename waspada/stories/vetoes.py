"""What keeps two items apart however alike they are: the same wording about another event.

A veto needs something that both say and that cannot both be true of one event. What only one of them says is none.
"""

from __future__ import annotations

from datetime import timedelta, timezone
from enum import StrEnum

from waspada.places import regency_of
from waspada.stories.facts import Manner, Unit
from waspada.stories.likeness import contradict, elsewhere
from waspada.stories.terms import cosine
from waspada.stories.types import Fingerprint
from waspada.taxonomy import ItemKind


class Veto(StrEnum):
    """Why two items are not one story."""

    PLACE = "place"  # one wording, other kabupaten
    DATE = "date"  # one wording, other day of the event
    FIGURES = "figures"  # one wording, other figures
    STATION = "station"  # another polling station
    PREVENTION = "prevention"  # an appeal or a drill against an event
    SERIES = "series"  # what comes every day, of another day


#: Cosine of rare words from which two items are one wording, where their shingles are not at hand.
WORDING_COSINE = 0.7
#: Below this share of common figures, of the item with fewer, one wording tells of other figures.
COMMON_FIGURES = 0.5
#: With fewer figures than this an item has none of its own.
FEWEST_FIGURES = 2
#: An appeal this much alike is a report on the event that it answers.
PREVENTION_COSINE = 0.4
#: Days of a series are those of the country's middle zone.
_ZONE = timezone(timedelta(hours=8))


def veto(a: Fingerprint, b: Fingerprint, is_one_wording: bool = False) -> Veto | None:
    """The first thing that speaks against one event; symmetric. `is_one_wording` where their shingles tell it."""
    if contradict(a, b, Unit.STATION):
        return Veto.STATION
    if _is_other_of_series(a, b):
        return Veto.SERIES
    alike = cosine(a.terms, b.terms)
    if is_one_wording or alike >= WORDING_COSINE:
        return _of_one_wording(a, b)
    return Veto.PREVENTION if _is_prevention_of(a, b, alike) or _is_prevention_of(b, a, alike) else None


def _of_one_wording(a: Fingerprint, b: Fingerprint) -> Veto | None:
    if elsewhere(a, b) and regency_of(a.regions[0]) and regency_of(b.regions[0]):
        return Veto.PLACE
    if _differ_in_figures(a, b):
        return Veto.DATE if contradict(a, b, Unit.DATE) else Veto.FIGURES
    return None


def _is_other_of_series(a: Fingerprint, b: Fingerprint) -> bool:
    if Manner.SERIES not in a.facts.manners & b.facts.manners:
        return False
    if a.at is None or b.at is None:
        return contradict(a, b, Unit.DATE)
    return a.at.astimezone(_ZONE).date() != b.at.astimezone(_ZONE).date()


def _is_prevention_of(appeal: Fingerprint, event: Fingerprint, alike: float) -> bool:
    if {appeal.kind, event.kind} != {ItemKind.ARTICLE} or alike >= PREVENTION_COSINE:
        return False
    is_appeal = Manner.PREVENTION in appeal.facts.manners and not appeal.labels
    return is_appeal and Manner.PREVENTION not in event.facts.manners and bool(event.labels)


def _differ_in_figures(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two items of one wording have figures of their own, and few of them in common."""
    ours, theirs = ({figure.value for figure in each.facts.figures} for each in (a, b))
    fewer = min(len(ours), len(theirs))
    return fewer >= FEWEST_FIGURES and len(ours & theirs) < COMMON_FIGURES * fewer
