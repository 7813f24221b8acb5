"""The shapes of labelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.taxonomy import TextField


class Role(StrEnum):
    """As what an account gave an answer. What an adjudicator says stands above the others."""

    LABELLER = "labeller"
    ADJUDICATOR = "adjudicator"
    IMPORT = "import"


class Queue(StrEnum):
    """Why an item waits for an answer."""

    UNCERTAIN = "uncertain"  # the model's probability lies next to its threshold
    RARE = "rare"  # the likeliest of a label that has few positives
    DIVERSE = "diverse"  # unlike everything that has an answer
    DISAGREEMENT = "disagreement"  # the model and the baseline differ
    DISMISSED = "dismissed"  # its alert was found to be no threat
    RANDOM = "random"  # drawn by lot: what rates and calibration are measured on
    ASKED = "asked"  # somebody asked for this one, or it was imported


@dataclass(frozen=True, slots=True)
class LabelSpan:
    """A sentence that carries a field of the codebook: code points `start` <= n < `end` of title or text."""

    label: str
    field: TextField
    start: int
    end: int

    def as_json(self) -> dict[str, str | int]:
        return {"label": self.label, "field": self.field.value, "start": self.start, "end": self.end}


@dataclass(frozen=True, slots=True)
class Given:
    """An answer as it comes in. `key` is the client's own for it: the same key again changes nothing."""

    key: str
    item_id: int
    version: int
    values: Mapping[str, int]
    spans: Sequence[LabelSpan] = ()
    note: str = ""
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Label:
    """An answer as it is kept. `proposed` is what the model said then; `shown` whether it was filled in before."""

    id: int
    key: str
    item_id: int
    version: int
    role: Role
    values: Mapping[str, int]
    spans: Sequence[LabelSpan]
    note: str
    codebook: str
    queue: Queue
    queue_label: str | None
    model: str | None
    proposed: Mapping[str, int] | None
    shown: bool
    seconds: float | None
    actor: str
    at: datetime
    standing: bool


@dataclass(frozen=True, slots=True)
class Task:
    """An item on an account's screen until `until`, why it came, and what the model proposes of it.

    `shown` says whether the proposal is filled in before; a fifth of the items hides it, to see how much people follow
    it. `own` is the answer that this account gave before.
    """

    item_id: int
    version: int
    queue: Queue
    queue_label: str | None
    model: str | None
    proposed: Mapping[str, int] | None
    shown: bool
    until: datetime
    own: Label | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How labelling stands: items that wait by queue, answers that stand, items with two answers or more that differ,
    and what the account itself gave since midnight UTC."""

    waiting: Mapping[Queue, int]
    labels: int
    items: int
    today: int
