"""Documents of items: articles and public posts."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Document
from api.schemas.places import PlaceOut
from waspada.items.diff import ChangeKind
from waspada.reports.types import ReportState
from waspada.taxonomy import ItemKind, TextField


class EvidenceOut(Document):
    """A sentence that carries a label; `start` and `end` are code points of `field` as given in this document."""

    label: str = Field(examples=["conflict"])
    field: str = Field(examples=["text"])
    sentence: str = Field(examples=["Dua kelompok saling lempar batu di depan balai desa."])
    start: int = Field(examples=[120])
    end: int = Field(examples=[172])


class VersionOut(Document):
    version: int = Field(examples=[1])
    title: str
    seen_at: datetime


class FullVersionOut(VersionOut):
    text: str


class ItemVersionsOut(Document):
    """Every version of an item, oldest first."""

    item_id: int = Field(examples=[301])
    versions: list[VersionOut]


class PieceOut(Document):
    text: str = Field(examples=["tiga pompa"])
    changed: bool = Field(description="Whether the other version lacks it.", examples=[True])


class ChangeOut(Document):
    """One sentence, or the title. `old` is empty for what was added, `new` for what was removed."""

    kind: ChangeKind
    field: TextField
    old: list[PieceOut]
    new: list[PieceOut]


class VersionDiffOut(Document):
    """What the outlet changed from one version to another, in the texts as they may leave."""

    item_id: int = Field(examples=[301])
    old: VersionOut
    new: VersionOut
    summary: str = Field(examples=["judul diubah; 2 kalimat ditambah, 1 dihapus"])
    changes: list[ChangeOut] = Field(description="In the order of the text, the title first; at most 500.")
    left_out: int = Field(description="How many changes there are beyond those.", examples=[0])


class ItemOut(Document):
    """An article or a public post. The address of a post is left out: it would name who wrote it."""

    id: int = Field(examples=[301])
    source_id: str = Field(examples=["contoh-pos"])
    story_id: int | None = Field(examples=[40])
    kind: ItemKind
    outlet: str = Field(examples=["Contoh Pos"])
    url: str | None = Field(examples=["https://contoh.example/berita/301"])
    title: str
    text: str
    lang: str | None = Field(description="id, bjn, jv, en, ms or other; null where nothing tells.", examples=["bjn"])
    published_at: datetime | None
    found_at: datetime
    version: int = Field(examples=[1])
    how: str | None = Field(description="Why it stands in its story: first, copy or event.", examples=["first"])
    model: str | None = Field(description="Name and version of the model that tagged it.", examples=["waspada-id-v1+7"])
    labels: dict[str, float] = Field(examples=[{"conflict": 0.92}])
    report_state: ReportState | None = Field(
        default=None, description="Of a field report: whether a person clarified it. Null for all others."
    )
    conflict_level: int = Field(ge=0, le=3, examples=[2])
    alert_level: int = Field(ge=0, le=3, examples=[2])
    evidence: list[EvidenceOut]
    places: list[PlaceOut]
    versions: list[VersionOut]


class ItemDetailOut(ItemOut):
    versions: list[FullVersionOut]  # type: ignore[assignment]  # narrower on purpose: with the texts
