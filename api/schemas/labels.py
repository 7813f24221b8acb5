"""Documents of labels."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field, StrictInt

from api.paging import MAX_ID
from api.schemas.common import Document
from waspada.labels.advice import Says
from waspada.labels.policy import MAX_KEY, MAX_NOTE, MAX_SPANS
from waspada.labels.service import MOST_AHEAD
from waspada.labels.types import Queue, Role
from waspada.taxonomy import FIELDS, ItemKind, Label, TextField

_VALUES = {"conflict": 2, "alert": 2}
Values = Annotated[
    dict[str, StrictInt],
    Field(max_length=len(FIELDS), description="Fields of the codebook; what is not named is 0.", examples=[_VALUES]),
]


class SentenceOut(Document):
    """A sentence of an item, masked. `start` and `end` are code points of the stored text: a span names them."""

    field: TextField
    start: int = Field(examples=[0])
    end: int = Field(examples=[58])
    text: str = Field(examples=["Massa merusak kantor desa setelah rekapitulasi."])


class LabelSpanOut(Document):
    label: str = Field(examples=["conflict"])
    field: TextField
    start: int = Field(examples=[0])
    end: int = Field(examples=[58])


class LabelOut(Document):
    """An answer of an account for an item. `proposed` is what the model said then, `shown` whether it was filled in."""

    id: int = Field(examples=[7])
    key: str = Field(examples=["0b9e4c1e-5b0e-4f0f-9a43-3f0ad1c0a2d1"])
    item_id: int = Field(examples=[12])
    version: int = Field(examples=[1])
    role: Role
    values: dict[str, int] = Field(examples=[_VALUES])
    spans: list[LabelSpanOut]
    note: str = Field(examples=[""])
    codebook: str = Field(description="Version of the codebook.", examples=["1.1"])
    queue: Queue
    queue_label: str | None = Field(examples=["fraud"])
    model: str | None = Field(examples=["waspada-id-v1+7"])
    proposed: dict[str, int] | None = Field(examples=[_VALUES])
    shown: bool
    seconds: float | None = Field(examples=[3.4])
    actor: str = Field(examples=["analyst-1"])
    at: datetime
    standing: bool = Field(description="False: taken back, or another answer took its place.")


class TaskOut(Document):
    """An item that is on your screen until `until`, why it came, and what the model proposes (null: hidden)."""

    item_id: int = Field(examples=[12])
    version: int = Field(examples=[1])
    kind: ItemKind
    outlet: str = Field(examples=["Kabar Banjar"])
    at: datetime
    sentences: list[SentenceOut]
    queue: Queue
    queue_label: str | None = Field(description="The label that it is there for.", examples=["fraud"])
    proposed: dict[str, int] | None = Field(examples=[_VALUES])
    until: datetime
    own: LabelOut | None = Field(description="What you said of it before.")


class TasksOut(Document):
    data: list[TaskOut]


class StandingOut(Document):
    """How labelling stands."""

    waiting: dict[Queue, int] = Field(description="Items that wait, by queue.", examples=[{"random": 12}])
    labels: int = Field(description="Answers that stand.", examples=[240])
    items: int = Field(description="Items that have one.", examples=[221])
    today: int = Field(description="Yours since midnight UTC.", examples=[40])


class GainOut(Document):
    """Average precision (0 to 1) that is expected to come; `low` and `high` hold nine draws in ten."""

    expected: float = Field(examples=[0.012])
    low: float = Field(examples=[0.003])
    high: float = Field(examples=[0.021])


class OutlookOut(Document):
    """`gain`: worth it; `little`: `high` is below 0.2 points; `too_few`: answers, to learn from or to say."""

    says: Says
    gain: GainOut | None
    missing: int = Field(description="So many examples more, and it begins to learn.", examples=[0])


class LabelOutlookOut(OutlookOut):
    label: Label


class AdviceOut(Document):
    """What `more` answers are expected to gain. `model` is null, and nothing else is said, before a first training."""

    model: str | None = Field(description="The model whose training says so.", examples=["waspada-id-v1~3.4f0a9c"])
    trained_at: datetime | None
    answers: int = Field(description="Items that it learned from.", examples=[240])
    more: int = Field(examples=[50])
    overall: OutlookOut | None = Field(description="The mean over the labels that learned.")
    labels: list[LabelOutlookOut] = Field(description="What to label next, first.")
    most: Label | None = Field(description="The label that gains most.")


class DisagreementOut(Document):
    item_id: int = Field(examples=[12])
    fields: list[str] = Field(examples=[["conflict"]])
    answers: list[LabelOut]


class DisagreementsOut(Document):
    data: list[DisagreementOut]


class NewTasks(Document):
    model_config = ConfigDict(extra="forbid")
    limit: int = Field(default=1, ge=1, le=MOST_AHEAD)


class NewSpan(Document):
    model_config = ConfigDict(extra="forbid")
    label: str = Field(max_length=40, examples=["conflict"])
    field: TextField
    start: int = Field(ge=0, le=2**31 - 1, examples=[0])
    end: int = Field(ge=0, le=2**31 - 1, examples=[58])


class NewLabel(Document):
    """An answer. `key` is your own for it: sent again it changes nothing."""

    model_config = ConfigDict(extra="forbid")
    key: str = Field(min_length=8, max_length=MAX_KEY, pattern=r"^[0-9A-Za-z-]+$", examples=["0b9e4c1e-5b0e-4f0f"])
    item_id: int = Field(ge=1, le=MAX_ID, examples=[12])
    version: int = Field(ge=1, le=2**31 - 1, examples=[1])
    values: Values
    spans: list[NewSpan] = Field(default=[], max_length=MAX_SPANS)
    note: str = Field(default="", max_length=MAX_NOTE, examples=["Judul tidak sesuai isi."])
    seconds: float | None = Field(default=None, ge=0, le=1e6, examples=[3.4])


class NewSkip(Document):
    model_config = ConfigDict(extra="forbid")
    item_id: int = Field(ge=1, le=MAX_ID, examples=[12])
