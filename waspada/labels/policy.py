"""Deciding about labels: what an answer may hold, what a model proposes, which answer of several counts. Pure."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import StrEnum

from waspada.errors import InputError
from waspada.labels.types import Label, LabelSpan, Role
from waspada.taxonomy import FIELDS, MisinformationKind, TextField
from waspada.taxonomy import Label as Tag

#: Of so many items one hides what the model proposes.
ONE_HIDDEN_OF = 5
#: Of so many stories one is never learned from: candidates and models in use are compared on it.
ONE_TESTED_OF = 5
#: Of so many items of a queue one goes to two accounts.
ONE_DOUBLE_OF = 10
MAX_NOTE = 500
MAX_SPANS = 40
MAX_KEY = 64
#: A longer time on the screen says that somebody went for coffee.
MOST_SECONDS = 600.0


class Fold(StrEnum):
    TRAIN = "train"
    TEST = "test"


def fold_of(group: str) -> Fold:
    """The fold of everything that tells of one story; the same for ever."""
    return Fold.TEST if _lot("fold", group) % ONE_TESTED_OF == 0 else Fold.TRAIN


def is_shown(item_id: int, actor: str) -> bool:
    """Whether this account sees the model's proposal for this item before it answers. Drawn once, without memory."""
    return _lot("shown", f"{item_id} {actor}") % ONE_HIDDEN_OF != 0


def seats_of(item_id: int) -> int:
    """How many accounts are to answer for an item."""
    return 2 if _lot("seats", str(item_id)) % ONE_DOUBLE_OF == 0 else 1


def checked_values(values: Mapping[str, int]) -> dict[str, int]:
    """Every field of the codebook with its value; what is not named is 0. Raises InputError."""
    unknown = sorted(set(values) - set(FIELDS))
    if unknown:
        raise InputError(
            f"{', '.join(repr(one[:40]) for one in unknown[:5])}: no such field.", hint="See docs/codebook.md."
        )
    full = {field: values.get(field, 0) for field in FIELDS}
    wrong = [
        f"{field}={value!r:.20}"
        for field, value in full.items()
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= FIELDS[field]
    ]
    if wrong:
        raise InputError(f"{', '.join(wrong)}: outside the codebook.", hint="See docs/codebook.md.")
    return full


def contradictions(values: Mapping[str, int]) -> list[str]:
    """Fields that the codebook sets to 0 where the item is `foreign` (clarification 17), and are not."""
    of_foreign = ("conflict", "alert", "fraud", "logistics", "disaster")
    return [field for field in of_foreign if values["foreign"] and values[field]]


def checked_spans(spans: Sequence[LabelSpan], values: Mapping[str, int], lengths: Mapping[TextField, int]) -> None:
    """Raises InputError for a span that lies outside its text, or carries a field that is 0."""
    if len(spans) > MAX_SPANS:
        raise InputError(f"{len(spans)} sentences are too many.", hint=f"Mark at most {MAX_SPANS}.")
    for span in spans:
        if span.label not in FIELDS or not values[span.label]:
            raise InputError(f"A sentence is marked for {span.label[:40]!r}, which is 0.", hint="Set it, or unmark.")
        if not 0 <= span.start < span.end <= lengths[span.field]:
            raise InputError(
                f"A sentence lies outside the {span.field}.", hint="The text may have changed: look again."
            )


def proposal(labels: Mapping[str, Mapping[str, object]], conflict_level: int, alert_level: int) -> dict[str, int]:
    """What tags say, in the fields of the codebook. `foreign` is no tag: the others show the model's guess of it."""
    found = {tag.value: int(bool(labels[tag.value]["on"])) for tag in Tag}
    claims = labels[Tag.MISINFORMATION.value].get("kind") == MisinformationKind.CLAIM
    found["conflict"] = conflict_level
    found["misinformation"] = found["misinformation"] and (1 if claims else 2)
    return {field: found.get(field, 0) for field in FIELDS} | {"alert": alert_level}


def resolved(answers: Sequence[Label]) -> dict[str, int]:
    """The values that count of the standing answers for one item: an adjudicator's newest, else field by field what
    most say, and the lower of two that are as many (codebook, rule 8). There is one answer at least."""
    judged = [one for one in answers if one.role is Role.ADJUDICATOR]
    if judged:
        return dict(max(judged, key=lambda one: (one.at, one.id)).values)
    return {field: _most(sorted(one.values[field] for one in answers)) for field in FIELDS}


def differ(answers: Sequence[Label]) -> list[str]:
    """The fields in which standing answers for one item differ, unless an adjudicator has spoken."""
    if any(one.role is Role.ADJUDICATOR for one in answers):
        return []
    return [field for field in FIELDS if len({one.values[field] for one in answers}) > 1]


def _most(values: Sequence[int]) -> int:
    counted = Counter(values)
    return min(counted, key=lambda value: (-counted[value], value))


def _lot(what: str, of: str) -> int:
    return int.from_bytes(hashlib.sha256(f"{what} {of}".encode()).digest()[:8])
