"""The shapes of labelling."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from waspada.taxonomy import ItemKind, TextField


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
    """How labelling stands: items that wait by queue, answers that stand, items that have one, and what the account
    itself gave since midnight UTC."""

    waiting: Mapping[Queue, int]
    labels: int
    items: int
    today: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What one account said of one item, as agreement is counted from it.

    `proposed` is what the model said then, None where it said nothing; `shown` whether the account saw that before it
    answered.
    """

    item_id: int
    actor: str
    values: Mapping[str, int]
    at: datetime
    proposed: Mapping[str, int] | None = None
    shown: bool = False


@dataclass(frozen=True, slots=True)
class LabelRecord:
    """An answer with its item, on its way in or out of a file. `id` is the item's name in that file.

    `values` holds every field of the codebook, or nothing where the item goes out to be labelled. Two accounts that
    answered for one item are two records with the same id. `proposed` is what a model says of the item.
    """

    id: str
    values: Mapping[str, int]
    title: str = ""
    text: str = ""
    kind: ItemKind = ItemKind.ARTICLE
    url: str = ""
    outlet: str = ""
    published_at: datetime | None = None
    spans: tuple[LabelSpan, ...] = ()
    note: str = ""
    actor: str = ""
    codebook: str = ""
    at: datetime | None = None
    proposed: Mapping[str, int] | None = None

    def content(self, field: TextField) -> str:
        return self.title if field is TextField.TITLE else self.text


@dataclass(frozen=True, slots=True)
class BadRecord:
    """A record of a file that was not taken: its number (lines of JSONL, tasks or records else, from 1) and why."""

    number: int
    reason: str


@dataclass(frozen=True, slots=True)
class DeskItem:
    """An item as the labelling screen shows it.

    `start` are the values it begins with: the account's own earlier answer, or the proposal where that is shown, or
    nothing. `note` and `spans` are those of the earlier answer; a terminal marks no sentences, and keeps those that
    were marked. `why` says in the reader's language why it waits.
    """

    item_id: int
    version: int
    title: str
    text: str
    about: str = ""
    why: str = ""
    start: Mapping[str, int] | None = None
    note: str = ""
    spans: Sequence[LabelSpan] = ()


class LabelDesk(Protocol):
    """What the labelling screen needs of the service. Raises WaspadaError where a step is not possible."""

    def next(self) -> DeskItem | None:
        """The next item for this account, or None where nothing waits."""

    def answer(self, given: Given) -> None:
        """Keeps an answer; another one for the same item takes its place."""

    def skip(self, item_id: int) -> None:
        """Leaves an item to others."""

    def undo(self) -> DeskItem | None:
        """Takes the account's last answer back and returns its item with the values it had; None: there is none."""
