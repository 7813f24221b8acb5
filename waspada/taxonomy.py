"""What an item can be tagged with: label names, levels, and the shape of a tag.

The meaning of every label stands in the codebook (`docs/codebook.md`); the names here are the ones that the API, the
console, the JSONL contracts and the model files use. This module imports nothing but `waspada.places.types`, so that
the `nlp` room can speak the same language without ever seeing a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from waspada.places.types import PlaceMention

EMBEDDING_DIM = 384
MAX_LEVEL = 3
#: P(alert >= 1), P(alert >= 2), P(alert 3), calibrated, never rising.
AlertP = tuple[float, float, float]


def embedding_of(model: str) -> str:
    """The model whose embeddings these are: new heads on a known encoder are named after it, `BASE~WHAT`."""
    return model.partition("~")[0]


class Label(StrEnum):
    """The eight labels of an item, main ones first."""

    CONFLICT = "conflict"
    POLARIZATION = "polarization"
    NEUTRALITY = "neutrality"
    MISINFORMATION = "misinformation"
    FRAUD = "fraud"
    LOGISTICS = "logistics"
    DISASTER = "disaster"
    ELECTION = "election"


MAIN_LABELS = (Label.CONFLICT, Label.POLARIZATION, Label.NEUTRALITY, Label.MISINFORMATION)
SECONDARY_LABELS = (Label.FRAUD, Label.LOGISTICS, Label.DISASTER, Label.ELECTION)
#: Labels that say that something happens which a desk may want to know; `election` only says what an item is about.
EVENT_LABELS = (*MAIN_LABELS, Label.FRAUD, Label.LOGISTICS, Label.DISASTER)


#: Field of the codebook -> highest value it may have.
FIELDS: Mapping[str, int] = {
    "conflict": 3,
    "polarization": 1,
    "neutrality": 1,
    "misinformation": 2,
    "fraud": 1,
    "logistics": 1,
    "disaster": 1,
    "election": 1,
    "alert": 3,
    "foreign": 1,
}


class Aux(StrEnum):
    """Auxiliary outputs: measured, shown to analysts, never a reason for an alert by themselves."""

    HATE = "hate"


class ItemKind(StrEnum):
    ARTICLE = "article"
    POST = "post"
    REPORT = "report"  # of the field (waspada.reports); never in a file that comes from outside


#: What a file of items may call them.
FOUND_KINDS = (ItemKind.ARTICLE, ItemKind.POST)


class MisinformationKind(StrEnum):
    """`claim`: the item itself states the hoax; `report`: it reports or debunks one (codebook 7)."""

    CLAIM = "claim"
    REPORT = "report"


class TextField(StrEnum):
    TITLE = "title"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class ItemText:
    """What a tagger reads of an item.

    `home` is the Kemendagri code of the outlet's home region ("63", "63.71") or None; it is the prior for places.
    """

    id: str
    title: str = ""
    text: str = ""
    kind: ItemKind = ItemKind.ARTICLE
    home: str | None = None


@dataclass(frozen=True, slots=True)
class LabelTag:
    """Calibrated probability (0..1) of a label and whether it passes the label's own threshold."""

    p: float
    on: bool
    kind: MisinformationKind | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """One sentence that carries a label. `start` and `end` are Unicode code points within the field."""

    label: Label
    field: TextField
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Tags:
    """Everything a tagger says of one item. `conflict_level` is 0 exactly when conflict is off.

    `alert_p` is P(alert >= 1), P(>= 2), P(3), never rising, or None of a tagger that gives none; it stays inside the
    product (ranking), `as_contract` leaves it out, and `log_odds` (heads,), on which new heads are learned: those of
    the model's base.
    """

    id: str
    model: str
    labels: Mapping[Label, LabelTag]
    aux: Mapping[Aux, LabelTag]
    conflict_level: int
    alert_level: int
    evidence: Sequence[Evidence] = ()
    places: Sequence[PlaceMention] = ()
    embedding: NDArray[np.float32] = field(default_factory=lambda: np.zeros(EMBEDDING_DIM, dtype=np.float32))
    alert_p: AlertP | None = None
    log_odds: NDArray[np.float32] | None = None

    def on(self) -> list[Label]:
        """The labels that are on, in the order of `Label`."""
        return [label for label in Label if self.labels[label].on]

    def as_contract(self) -> dict[str, Any]:
        """The output line of `waspada classify` (docs/contracts/classify.schema.json)."""
        return {
            "id": self.id,
            "model": self.model,
            "labels": {name.value: _tag(self.labels[name]) for name in Label},
            "aux": {name.value: _tag(self.aux[name]) for name in Aux},
            "conflict_level": self.conflict_level,
            "alert_level": self.alert_level,
            "evidence": [
                {
                    "label": e.label.value,
                    "field": e.field.value,
                    "sentence": e.sentence,
                    "start": e.start,
                    "end": e.end,
                }
                for e in self.evidence
            ],
            "places": [p.as_contract() for p in self.places],
        }


class Tagger(Protocol):
    """What the jobs need of a model; `nlp.load()` gives one."""

    @property
    def model(self) -> str:
        """Name and version of the model, stored with every tag."""

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        """Tags in the order of the items; never raises on odd text."""


def _tag(tag: LabelTag) -> dict[str, Any]:
    out: dict[str, Any] = {"p": tag.p, "on": tag.on}
    if tag.kind is not None and tag.on:
        out["kind"] = tag.kind.value
    return out
