"""Why one alert stands above another: their scores, part by part. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from waspada.alerts.exits import mask
from waspada.alerts.types import AlertSummary
from waspada.alerts.weights import PARTS
from waspada.alerts.wording import PART_WORDS, points

#: The sentence over all parts names so many of those that speak for the upper alert, and of those that speak against.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class PartDifference:
    """One part of two scores. `difference` is the upper alert's points less the lower one's, exactly.

    `notes` say what stands behind the points of either, as they may leave: a stage of the calendar may carry a name.
    """

    part: str
    upper: float
    lower: float
    notes: tuple[str, ...]
    sentence: str

    @property
    def difference(self) -> float:
        return self.upper - self.lower


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two alerts as they stand, `upper` first, and their parts, the largest difference first.

    The differences of the parts add up to the difference of the scores, exactly: all are quarter points.
    """

    upper: AlertSummary
    lower: AlertSummary
    parts: tuple[PartDifference, ...]
    sentence: str

    @property
    def difference(self) -> float:
        return self.upper.score - self.lower.score


def compare(a: AlertSummary, b: AlertSummary) -> Comparison:
    """Two alerts part by part, in whatever order they are given."""
    upper, lower = sorted((a, b), key=lambda alert: (-alert.score, -alert.id))
    names = [*PARTS, *sorted({*upper.parts, *lower.parts} - {*PARTS})]
    found = [_part(name, upper, lower) for name in names if name in upper.parts or name in lower.parts]
    ordered = tuple(sorted(found, key=lambda one: (-abs(one.difference), names.index(one.part))))
    return Comparison(upper, lower, ordered, _sentence(upper, lower, ordered))


def _part(name: str, upper: AlertSummary, lower: AlertSummary) -> PartDifference:
    high, low = upper.parts.get(name, 0.0), lower.parts.get(name, 0.0)
    words = PART_WORDS.get(name, name)
    if high == low:
        said = f"{words.capitalize()}: sama, {points(high)} poin"
    else:
        said = f"{words.capitalize()}: {points(high)} melawan {points(low)} poin ({signed(high - low)})"
    notes = tuple(f"peringatan {one.id}: {mask(one.notes[name])}" for one in (upper, lower) if one.notes.get(name))
    return PartDifference(name, high, low, notes, f"{'; '.join([said, *notes])}.")


def _sentence(upper: AlertSummary, lower: AlertSummary, parts: tuple[PartDifference, ...]) -> str:
    for_it = [one for one in parts if one.difference > 0][:_NAMED]
    against = [one for one in parts if one.difference < 0][:_NAMED]
    gap, ids = upper.score - lower.score, (f"Peringatan {upper.id}", f"peringatan {lower.id}")
    scores = points(upper.score), points(lower.score)
    if gap == 0:
        said = f"{ids[0]} dan {ids[1]} sama poinnya ({scores[0]}); yang lebih baru di atas"
    else:
        said = f"{ids[0]} ({scores[0]} poin) di atas {ids[1]} ({scores[1]} poin) dengan selisih {points(gap)}"
    if for_it:
        said += f", terutama karena {_list(for_it)}"
    if against:
        said += f"; peringatan {lower.id} lebih unggul pada {_list(against)}"
    if upper.weights_version != lower.weights_version:
        said += "; keduanya dinilai dengan bobot yang berbeda"
    return f"{said}."


def _list(parts: list[PartDifference]) -> str:
    words = [f"{PART_WORDS.get(one.part, one.part)} ({signed(one.difference)})" for one in parts]
    return " dan ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def signed(value: float) -> str:
    return f"{'+' if value > 0 else '−' if value < 0 else ''}{points(abs(value))}"
