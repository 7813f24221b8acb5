"""How far accounts agree, where they differ, and how much they follow what is filled in before. Pure.

Of an account's answers for one item the newest counts. Krippendorff's alpha (Content Analysis, 4th ed., ch. 12) is
ordinal for the fields that are levels, nominal for the others. It is written out here because the library for it
(krippendorff) is under the GPL, and this product under the Apache licence; a test compares the two. Positive agreement
(2a / (2a + b + c) over pairs: a both say yes, b and c only one does) is Cicchetti and Feinstein's (1990): with rare
labels alpha is low however well accounts agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from waspada.clock import DEFAULT_ZONE
from waspada.labels.codebook import LEVELS, distance
from waspada.labels.types import Answer, Label
from waspada.taxonomy import FIELDS

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
RESAMPLES = 1000
SEED = 20241127
#: Ends of a 95 % interval.
_TAILS = (0.025, 0.975)
#: Where fewer of the resamples than this have an alpha at all, too little varies to give an interval.
_LEAST_DEFINED = 0.9
#: So many weights are drawn at once: 16 MB.
_MOST_WEIGHTS = 2_000_000


class Undefined(StrEnum):
    """Why there is no figure."""

    ONE_ACCOUNT = "one_account"  # nobody else answered
    NO_COMMON_ITEM = "no_common_item"  # no item has two answers
    NO_VARIATION = "no_variation"  # everybody said the same of everything: nothing to be right about by chance
    NO_POSITIVES = "no_positives"  # nobody said yes
    TOO_FEW = "too_few"  # an interval would lie
    NOT_SHOWN = "not_shown"  # no answer with the proposal shown
    NOT_HIDDEN = "not_hidden"  # no answer with the proposal hidden


@dataclass(frozen=True, slots=True)
class Interval:
    """95 % of the resamples lie in it."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class FieldAgreement:
    """Agreement in one field: over `items` with two answers or more, `pairs` of answers of one item.

    `alpha` is 1 for full agreement, 0 for that of chance; `positive` is 0..1. Either is None where it is not defined,
    and the reason stands beside it.
    """

    field: str
    items: int
    pairs: int
    alpha: float | None
    alpha_interval: Interval | None
    positive: float | None
    no_alpha: Undefined | None = None
    no_interval: Undefined | None = None
    no_positive: Undefined | None = None


@dataclass(frozen=True, slots=True)
class Week:
    """Agreement over the items whose later answer was given in an ISO week ("2024-W48")."""

    name: str
    fields: tuple[FieldAgreement, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`accounts` that answered, agreement by field over everything, and the same by week, oldest first."""

    accounts: int
    fields: tuple[FieldAgreement, ...]
    weeks: tuple[Week, ...]


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """One field in which accounts differ, what each said, and how far the farthest lie apart."""

    field: str
    said: Mapping[str, int]
    distance: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """An item that accounts read differently. `distance` sums that of its fields."""

    item_id: int
    fields: tuple[FieldDifference, ...]
    distance: int


@dataclass(frozen=True, slots=True)
class Following:
    """How often answers equal what the model proposed, where that was shown and where it was hidden.

    `field` is None for the whole answer. `difference` is shown minus hidden: about 0 where accounts judge by
    themselves, above 0 where they follow what is filled in.
    """

    field: str | None
    shown: int
    hidden: int
    rate_shown: float | None
    rate_hidden: float | None
    difference: float | None
    interval: Interval | None
    why: Undefined | None = None


def agreement(
    answers: Iterable[Answer], *, zone: ZoneInfo = DEFAULT_ZONE, resamples: int = RESAMPLES, seed: int = SEED
) -> Agreement:
    """Agreement by field, overall and by week of `zone`. The same seed gives the same intervals."""
    items = _by_item(answers)
    accounts = len({one.actor for given in items.values() for one in given})
    common = [given for given in items.values() if len(given) > 1]
    weeks: dict[str, list[list[Answer]]] = defaultdict(list)
    for given in common:
        year, week, _ = max(one.at for one in given).astimezone(zone).isocalendar()
        weeks[f"{year:04d}-W{week:02d}"].append(given)
    return Agreement(
        accounts=accounts,
        fields=_fields(common, accounts, resamples, seed),
        weeks=tuple(Week(name, _fields(weeks[name], accounts, resamples, seed)) for name in sorted(weeks)),
    )


def answer_of(one: Label) -> Answer:
    """An answer as agreement is counted from it."""
    return Answer(one.item_id, one.actor, one.values, one.at, one.proposed, one.shown)


def disagreements(answers: Iterable[Answer]) -> list[Disagreement]:
    """The items that accounts read differently, farthest apart first, then by item."""
    found = [_disagreement(item_id, given) for item_id, given in _by_item(answers).items()]
    return sorted((one for one in found if one.fields), key=lambda one: (-one.distance, -len(one.fields), one.item_id))


def following(answers: Iterable[Answer], *, resamples: int = RESAMPLES, seed: int = SEED) -> list[Following]:
    """How much accounts follow the proposal: the whole answer first, then by field. Resampled over items."""
    items = list(_by_item(one for one in answers if one.proposed is not None).values())
    return [_following(field, items, resamples, seed) for field in (None, *FIELDS)]


def alpha_of(counts: Ints, *, ordinal: bool) -> float | None:
    """Krippendorff's alpha of (items, values) counts: how many accounts gave an item a value, values in rising order.

    None where no item has two answers, or all of those are one value.
    """
    found = _alphas(_coincidences(counts).sum(axis=0)[np.newaxis], ordinal)[0]
    return None if np.isnan(found) else float(found)


def _by_item(answers: Iterable[Answer]) -> dict[int, list[Answer]]:
    """The newest answer of each account by item, items and accounts in order."""
    newest: dict[tuple[int, str], Answer] = {}
    for one in answers:
        known = newest.get((one.item_id, one.actor))
        if known is None or one.at >= known.at:
            newest[one.item_id, one.actor] = one
    items: dict[int, list[Answer]] = defaultdict(list)
    for (item_id, _actor), one in sorted(newest.items()):
        items[item_id].append(one)
    return items


def _fields(items: Sequence[Sequence[Answer]], accounts: int, resamples: int, seed: int) -> tuple[FieldAgreement, ...]:
    pairs = sum(len(given) * (len(given) - 1) // 2 for given in items)
    if not items:
        why = Undefined.ONE_ACCOUNT if accounts < 2 else Undefined.NO_COMMON_ITEM
        return tuple(FieldAgreement(field, 0, 0, None, None, None, why, why, why) for field in FIELDS)
    counts = {field: _counts(items, field) for field in FIELDS}
    intervals = _alpha_intervals(counts, resamples, seed)
    return tuple(_field(field, counts[field], pairs, intervals[field]) for field in FIELDS)


def _field(field: str, counts: Ints, pairs: int, interval: Interval | None) -> FieldAgreement:
    alpha, positive = alpha_of(counts, ordinal=field in LEVELS), _positive(counts)
    no_interval = Undefined.NO_VARIATION if alpha is None else Undefined.TOO_FEW if interval is None else None
    return FieldAgreement(
        field=field,
        items=len(counts),
        pairs=pairs,
        alpha=alpha,
        alpha_interval=interval if alpha is not None else None,
        positive=positive,
        no_alpha=Undefined.NO_VARIATION if alpha is None else None,
        no_interval=no_interval,
        no_positive=Undefined.NO_POSITIVES if positive is None else None,
    )


def _counts(items: Sequence[Sequence[Answer]], field: str) -> Ints:
    """(items, values): how many accounts gave each value."""
    counts = np.zeros((len(items), FIELDS[field] + 1), dtype=np.int64)
    for row, given in enumerate(items):
        for one in given:
            counts[row, one.values[field]] += 1
    return counts


def _positive(counts: Ints) -> float | None:
    """2a / (2a + b + c) over pairs of answers; yes is any value above 0."""
    yes, no = counts[:, 1:].sum(axis=1), counts[:, 0]
    both, one = int((yes * (yes - 1) // 2).sum()), int((yes * no).sum())
    return 2 * both / (2 * both + one) if both or one else None


def _coincidences(counts: Ints) -> Floats:
    """(items, values, values): each item's part of the coincidence matrix; nothing where it has a single answer."""
    answers = counts.sum(axis=1)
    pairs = counts[:, :, np.newaxis] * counts[:, np.newaxis, :] - counts[:, :, np.newaxis] * np.eye(
        counts.shape[1], dtype=np.int64
    )
    return np.asarray(pairs / np.maximum(answers - 1, 1)[:, np.newaxis, np.newaxis], dtype=np.float64)


def _alphas(observed: Floats, ordinal: bool) -> Floats:
    """Alpha of each of (n, values, values) coincidence matrices; NaN where it is not defined."""
    totals = observed.sum(axis=2)
    size = totals.sum(axis=1)
    values = observed.shape[1]
    expected = totals[:, :, np.newaxis] * totals[:, np.newaxis, :]
    expected = expected - totals[:, :, np.newaxis] * np.eye(values)
    apart = _ordinal_distances(totals) if ordinal else np.broadcast_to(1.0 - np.eye(values), observed.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        chance = (expected * apart).sum(axis=(1, 2)) / (size - 1)
        found = 1 - (observed * apart).sum(axis=(1, 2)) / chance
    return np.where((size > 1) & (chance > 0), found, np.nan)


def _ordinal_distances(totals: Floats) -> Floats:
    """(n, values, values): squared number of answers that lie between two values, their own ones by half."""
    middle = np.cumsum(totals, axis=1) - totals / 2
    return np.asarray((middle[:, :, np.newaxis] - middle[:, np.newaxis, :]) ** 2, dtype=np.float64)


def _alpha_intervals(counts: Mapping[str, Ints], resamples: int, seed: int) -> dict[str, Interval | None]:
    """By field, from the same resampled items."""
    parts = {field: _coincidences(found) for field, found in counts.items()}
    drawn: dict[str, list[Floats]] = {field: [] for field in counts}
    for weights in _weights(len(next(iter(counts.values()))), resamples, seed):
        for field, part in parts.items():
            observed = (weights @ part.reshape(len(part), -1)).reshape(-1, *part.shape[1:])
            drawn[field].append(_alphas(observed, field in LEVELS))
    return {field: _interval(np.concatenate(found)) for field, found in drawn.items()}


def _weights(items: int, resamples: int, seed: int) -> Iterator[Floats]:
    """How often each item is drawn in each resample, (some resamples, items) at a time."""
    rng = np.random.default_rng(seed)
    at_once = max(1, _MOST_WEIGHTS // max(items, 1))
    for begin in range(0, resamples, at_once):
        size = min(at_once, resamples - begin)
        yield rng.multinomial(items, np.full(items, 1 / items), size=size).astype(np.float64)


def _interval(drawn: Floats) -> Interval | None:
    defined = drawn[~np.isnan(drawn)]
    if not len(drawn) or len(defined) < _LEAST_DEFINED * len(drawn):
        return None
    low, high = np.quantile(defined, _TAILS)
    return Interval(float(low), float(high))


def _disagreement(item_id: int, given: Sequence[Answer]) -> Disagreement:
    fields = []
    for field in FIELDS:
        said = {one.actor: one.values[field] for one in given}
        apart = max((distance(field, one, other) for one, other in combinations(said.values(), 2)), default=0)
        if apart:
            fields.append(FieldDifference(field, said, apart))
    return Disagreement(item_id, tuple(fields), sum(one.distance for one in fields))


def _following(field: str | None, items: Sequence[Sequence[Answer]], resamples: int, seed: int) -> Following:
    sums = np.array([_followed(field, given) for given in items], dtype=np.float64).reshape(-1, 4)
    same_shown, shown, same_hidden, hidden = sums.sum(axis=0)
    rates = [float(same / all_) if all_ else None for same, all_ in ((same_shown, shown), (same_hidden, hidden))]
    why = None if shown and hidden else Undefined.NOT_SHOWN if not shown else Undefined.NOT_HIDDEN
    difference = interval = None
    if why is None:
        difference = float(same_shown / shown - same_hidden / hidden)
        interval = _interval(np.concatenate([_differences(one @ sums) for one in _weights(len(sums), resamples, seed)]))
        why = Undefined.TOO_FEW if interval is None else None
    return Following(field, int(shown), int(hidden), rates[0], rates[1], difference, interval, why)


def _followed(field: str | None, given: Sequence[Answer]) -> tuple[int, int, int, int]:
    """Of one item: answers that equal the proposal and all, shown; the same, hidden."""
    found = [0, 0, 0, 0]
    for one in given:
        proposed = one.proposed or {}
        fields = proposed.keys() & FIELDS.keys() if field is None else proposed.keys() & {field}
        if fields:
            begin = 0 if one.shown else 2
            found[begin] += all(one.values[name] == proposed[name] for name in fields)
            found[begin + 1] += 1
    return (found[0], found[1], found[2], found[3])


def _differences(sums: Floats) -> Floats:
    """(resamples, 4) sums to the difference of the rates; NaN where a resample has none of either kind."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(sums[:, 0] / sums[:, 1] - sums[:, 2] / sums[:, 3], dtype=np.float64)
