"""Answers that are likely wrong, as the newest training found them (`models.made_of`, key "suspects")."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.labels import repository
from waspada.labels.policy import resolved
from waspada.labels.types import Label
from waspada.models.repository import newest_made_of
from waspada.taxonomy import FIELDS

KEY = "suspects"
#: So many are shown at most: the rest comes once these are answered.
MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Suspect:
    """Persons gave an item a value in a field, and the other items speak for another one.

    `score` is the probability of the given value (0..1): the lower, the more suspect.
    """

    item_id: int
    field: str
    given: int
    likely: int
    score: float


@dataclass(frozen=True, slots=True)
class Suspected:
    """What the training of a model found, and is not answered yet, most suspect first."""

    model: str
    at: datetime
    suspects: Sequence[Suspect]


def suspected(session: Session) -> Suspected | None:
    """The suspects of the newest training that looked for them; None where none did."""
    newest = newest_made_of(session, KEY)
    if newest is None:
        return None
    model, at, kept = newest
    found = as_suspects(kept if isinstance(kept, list) else [])
    answers: dict[int, list[Label]] = {}
    for one in repository.standing(session, sorted({one.item_id for one in found})):
        answers.setdefault(one.item_id, []).append(one)
    return Suspected(model, at, still_open(found, answers, at))


def still_open(found: Sequence[Suspect], answers: Mapping[int, Sequence[Label]], since: datetime) -> list[Suspect]:
    """Those whose value still stands and whose item nobody has answered since. Pure."""
    return [
        one
        for one in found
        if (given := answers.get(one.item_id))
        and all(answer.at <= since for answer in given)
        and resolved(given)[one.field] == one.given
    ]


def as_suspects(kept: Sequence[object]) -> list[Suspect]:
    """What a training kept, most suspect first; what is none is passed over, and so is a second one of an item's field.
    Pure."""
    found: dict[tuple[int, str], Suspect] = {}
    for one in filter(None, map(_suspect, kept)):
        found.setdefault((one.item_id, one.field), one)
    return sorted(found.values(), key=lambda one: (one.score, one.item_id, one.field))


def _suspect(kept: object) -> Suspect | None:
    if not isinstance(kept, Mapping) or kept.get("field") not in FIELDS:
        return None
    numbers = [kept.get(name) for name in ("item_id", "given", "likely")]
    score = kept.get("score")
    if any(not isinstance(one, int) or isinstance(one, bool) for one in numbers):
        return None
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        return None
    found = Suspect(kept["item_id"], kept["field"], kept["given"], kept["likely"], float(score))
    values = range(FIELDS[found.field] + 1)
    fits = found.item_id > 0 and found.given in values and found.likely in values and found.given != found.likely
    return found if fits else None
