"""The shapes of a request from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from waspada.errors import ConflictError

#: UU 27/2022, Pasal 30 (correction) and Pasal 41 (restriction): 3 x 24 hours from the request. For erasure and
#: objection the law names no hours; the desk holds itself to the same.
DUE_WITHIN = timedelta(hours=72)


class RequestKind(StrEnum):
    CORRECT = "correct"
    ERASE = "erase"
    OBJECT = "object"


class RequestState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REFUSED = "refused"


class Effect(StrEnum):
    """What a granted request does to the items that it is about."""

    ERASE = "erase"  # the items go, and are not collected again
    STRIKE = "strike"  # a passage is taken out of one item
    READ_AGAIN = "read-again"  # the items go, and their pages are read anew, as the outlet has them now


class StaleRequestError(ConflictError):
    """Somebody else decided first."""

    def __init__(self, request: CorrectionRequest) -> None:
        super().__init__(
            f"Request {request.id} was decided by {request.decided_by} meanwhile ({request.state.value}).",
            hint="Look at it again.",
        )
        self.revision = request.revision


@dataclass(frozen=True, slots=True)
class CorrectionRequest:
    """One request. `about` is item/12, story/4, alert/3, periodic/5 (a periodic report of a kecamatan), or
    address/<hash> for an address of which nothing is stored.

    `effects` of a granted one: `counts` (rows by class of data), `digests` and `exports` (rows of the audit log in
    which the alerts left before), `notes` (how many notes of persons stand on the alerts, which a person has to read),
    `above` (how many reports above went along) and `above_left` (items of those from which nothing was taken, since
    they do not have the passage: a person has to read them).
    """

    id: int
    at: datetime
    due_at: datetime
    actor: str
    kind: RequestKind
    about: str
    region: str | None
    reason: str
    state: RequestState
    decided_at: datetime | None
    decided_by: str | None
    decision: str
    effects: Mapping[str, Any]
    revision: int

    def is_late(self, now: datetime) -> bool:
        return (self.decided_at or now) > self.due_at


@dataclass(frozen=True, slots=True)
class Reach:
    """What a request is about, as it stands now: the items, the alerts that rest on them, the items of the field
    reports above that cite them and go with them, and the periodic report."""

    items: Sequence[int]
    alerts: Sequence[int]
    above: Sequence[int] = ()
    periodic: int | None = None
