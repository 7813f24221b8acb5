"""The documents of the API. What they say of an alert's meaning stands in `docs/codebook.md`; all times are UTC.

Nothing here is about persons in content: no field, filter or order (design, rule 1; a test reads this file's schema).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from api.paging import MAX_ID
from waspada.access.types import Action, Role, Scope
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import AlertState
from waspada.items.diff import ChangeKind
from waspada.sources.types import CoverageState, HealthState, Reach
from waspada.stories.edits import EditKind
from waspada.stories.service import MAX_REASON_CHARACTERS
from waspada.taxonomy import ItemKind, TextField

T = TypeVar("T")
Probability = Annotated[float, Field(ge=0, le=1)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Document, Generic[T]):
    """One page of a list. `next` is the cursor of the next page, null on the last one."""

    data: list[T]
    next: str | None = Field(default=None, examples=["WzYyLjUsMTJd"])


class PlaceOut(Document):
    code: str = Field(description="Kemendagri code.", examples=["63.71"])
    name: str = Field(examples=["Kota Banjarmasin"])
    level: str = Field(examples=["regency"])


class PlaceWithPath(PlaceOut):
    path: list[PlaceOut] = Field(description="From the province down to the place itself.")


class AlertOut(Document):
    """A ranked alert. `sum(parts.values()) == score`; `confidence` is the probability of `label`."""

    id: int = Field(examples=[12])
    story_id: int = Field(examples=[40])
    state: AlertState
    label: str = Field(examples=["conflict"])
    level: int = Field(ge=0, le=3, examples=[3])
    score: float = Field(examples=[78.5])
    parts: dict[str, float] = Field(
        examples=[{"level": 48.0, "focus": 4.0, "confidence": 9.5, "outlets": 6.0, "novelty": 7.5}]
    )
    confidence: Probability = Field(examples=[0.92])
    labels: dict[str, float] = Field(examples=[{"conflict": 0.92, "election": 0.88}])
    headline: str = Field(examples=["Massa dua kubu saling dorong di depan kantor kecamatan"])
    why: str = Field(examples=["Tingkat 3 (segera dilihat): konflik, keyakinan 92 %; 4 media. Belum diverifikasi."])
    verified: bool = Field(description="Whether a person has verified it; until then nothing may leave the team.")
    item_count: int = Field(examples=[6])
    outlet_count: int = Field(examples=[4])
    voice_count: int = Field(description="Independent voices among public posts.", examples=[0])
    opened_at: datetime
    changed_at: datetime
    last_item_at: datetime
    ranked_at: datetime
    reason: str | None = Field(description="Why it was dismissed or closed.", examples=[None])
    revision: int = Field(description="Send it back in If-Match when you move the alert.", examples=[3])
    merged_into: int | None = Field(
        description="The alert that speaks for its items since their stories were merged.", examples=[None]
    )
    places: list[PlaceOut]


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
    conflict_level: int = Field(ge=0, le=3, examples=[2])
    alert_level: int = Field(ge=0, le=3, examples=[2])
    evidence: list[EvidenceOut]
    places: list[PlaceOut]
    versions: list[VersionOut]


class ItemDetailOut(ItemOut):
    versions: list[FullVersionOut]  # type: ignore[assignment]  # narrower on purpose: with the texts


class EventOut(Document):
    """One line of an alert's history; the actor is an account of this product, or "waspada" itself."""

    id: int = Field(examples=[7])
    at: datetime
    actor: str = Field(examples=["liaison-1"])
    action: str = Field(examples=["moved"])
    from_state: str | None = Field(examples=["new"])
    to_state: str | None = Field(examples=["acknowledged"])
    reason: str | None = Field(examples=[None])
    note: str = Field(examples=["Menghubungi kecamatan."])
    detail: dict[str, Any]


class AlertDetailOut(AlertOut):
    items: list[ItemOut] = Field(description="The newest items of the story, at most 50.")
    history: list[EventOut]


class Move(Document):
    """A step with an alert. `reason` is asked for exactly when `to` is dismissed or closed."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"to": "acknowledged", "note": "Menghubungi kecamatan."},
                {"to": "dismissed", "reason": "prevention_only"},
            ]
        },
    )
    to: AlertState
    reason: str | None = Field(default=None, max_length=30)
    note: str = Field(default="", max_length=MAX_NOTE_CHARACTERS)


class HeadlineOut(Document):
    """A headline of a story and since when it stood; `item_id` is the item whose title it is, where there is one."""

    at: datetime
    headline: str
    item_id: int | None = Field(examples=[301])


class StoryEditOut(Document):
    """Items went from `story_id` to `into_id`: by an account of this product, or by "waspada" itself."""

    id: int = Field(examples=[4])
    at: datetime
    actor: str = Field(examples=["analyst-1"])
    kind: EditKind
    story_id: int = Field(description="Of a merge the story that ended, of a split the one parted.", examples=[41])
    into_id: int = Field(examples=[40])
    item_ids: list[int] = Field(description="The items that moved, as far as they still exist.", examples=[[301, 307]])
    reason: str
    undoes: int | None = Field(description="The edit that an undo takes back.", examples=[None])
    undone_by: int | None = Field(description="The undo of this edit.", examples=[None])


class StoryEditedOut(StoryEditOut):
    stayed: list[int] = Field(description="After an undo: items that came since and stay where they are.")


class StoryOut(Document):
    """Items about one event, newest first. Its edits and headlines: the newest 100 of each."""

    id: int = Field(examples=[40])
    headline: str
    opened_at: datetime
    last_item_at: datetime
    item_count: int = Field(examples=[6])
    alert_id: int | None = Field(examples=[12])
    revision: int = Field(description="Its newest edit, 0 where there is none. Send it back in If-Match.", examples=[4])
    merged_into: int | None = Field(description="The story that has its items now.", examples=[None])
    edits: list[StoryEditOut]
    headlines: list[HeadlineOut]
    items: Page[ItemOut]


class MergeStories(Document):
    """Joins the story with another one, into the older of the two; their alerts become one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"story_id": 41, "reason": "Satu kejadian."}]}
    )
    story_id: int = Field(ge=1, le=MAX_ID, description="The other story.")
    revision: int | None = Field(default=None, ge=0, le=MAX_ID, description="Of the other story, where you read it.")
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class SplitStory(Document):
    """Moves some of its items out of the story into a new one."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"item_ids": [301, 307], "reason": "Kejadian lain."}]}
    )
    item_ids: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(min_length=1, max_length=1000)
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class UndoEdit(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "Keliru."}]})
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class SourceOut(Document):
    """A source and how well it can be heard."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    url: str = Field(examples=["https://contoh.example/feed"])
    kind: str = Field(examples=["rss"])
    role: str = Field(examples=["news"])
    region: str | None = Field(examples=["63"])
    tier: str = Field(examples=["B"])
    verified: bool
    enabled: bool
    state: str = Field(examples=["ok"])
    parked: bool
    health: HealthState = Field(description="How it stands with its own habit; `state` is what the last poll found.")
    heard: bool = Field(description="Whether it said something within its rhythm, or within 28 days without one.")
    reliability: Probability
    failures: float
    interval_seconds: int = Field(examples=[1800])
    next_poll_at: datetime
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_item_at: datetime | None


class SourceHealthOut(Document):
    """How a source stands with its own habit (`docs/coverage.md`): a silent source is not a calm region."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    region: str | None = Field(examples=["63"])
    state: HealthState
    alarm: bool = Field(description="Whether it is silent for longer than its own history makes plausible.")
    last_item_at: datetime | None = Field(description="When it last said something new; null beyond 56 days.")
    usual_gap_seconds: int | None = Field(
        description="Median time between two hours in which it speaks; null while its rhythm is unknown.",
        examples=[7200],
    )
    rings_at: datetime | None = Field(description="From when its silence is an alarm, unless it speaks.")
    items_7_days: int = Field(examples=[80])
    items_28_days: int = Field(examples=[310])


class RegionSourceOut(Document):
    """A source that speaks for a region; the figures count its items that name a place in it."""

    id: str = Field(examples=["contoh-pos"])
    name: str = Field(examples=["Contoh Pos"])
    outlet: str = Field(examples=["Contoh Pos"])
    reach: Reach
    state: HealthState
    last_item_at: datetime | None
    items_7_days: int = Field(examples=[6])
    items_28_days: int = Field(examples=[21])


class RegionCoverageOut(Document):
    """How well a region can be heard (`docs/coverage.md`). National sources that did not name it are only counted."""

    region: PlaceOut
    state: CoverageState
    last_item_at: datetime | None
    items_7_days: int = Field(description="Items that name a place in it.", examples=[9])
    items_28_days: int = Field(examples=[40])
    source_count: int = Field(description="Enabled sources that speak for it, national ones too.", examples=[12])
    working_count: int = Field(description="Those in which something new would be noticed.", examples=[10])
    sources: list[RegionSourceOut] = Field(description="Nearest first.")


class SourceEventOut(Document):
    """One poll of a source, or a notice to the operator about it (`silent`, `parked`, `failing`, `refused`)."""

    at: datetime
    outcome: str = Field(examples=["ok"])
    http_status: int | None = Field(examples=[200])
    entries: int = Field(examples=[20])
    new_entries: int = Field(examples=[3])
    detail: str


class SourceDetailOut(SourceOut):
    alarm: bool = Field(description="Whether it is silent for longer than its own history makes plausible.")
    usual_gap_seconds: int | None = Field(
        description="Median time between two hours in which it speaks; null while its rhythm is unknown.",
        examples=[7200],
    )
    rings_at: datetime | None = Field(description="From when its silence is an alarm, unless it speaks.")
    terms: str = Field(description="What its terms allow, as noted when it was added.")
    events: list[SourceEventOut]


class RejectOut(Document):
    """Something that could not be handled and was kept aside."""

    id: int = Field(examples=[5])
    at: datetime
    stage: str = Field(examples=["tag"])
    object: str = Field(examples=["item 301"])
    problem: str


class AuditOut(Document):
    """One line of the audit log: ids and keyed hashes, never content."""

    id: int = Field(examples=[900])
    at: datetime
    actor: str = Field(examples=["liaison-1"])
    action: str = Field(examples=["alert.read"])
    object: str = Field(examples=["alert/12"])
    purpose: str = Field(examples=["daily watch"])
    detail: dict[str, Any]
    hash: str


class VerificationOut(Document):
    """Whether the chain of the audit log is whole. Note `head` elsewhere: it shows a log cut short at its end."""

    ok: bool
    rows: int = Field(examples=[900])
    broken_id: int | None = Field(examples=[None])
    head: str


class MeOut(Document):
    """Who the token at hand belongs to and what it may do."""

    name: str = Field(examples=["liaison-1"])
    role: Role
    scope: Scope
    region: str | None = Field(examples=["63"])
    may: list[Action]


class TokenOut(Document):
    id: int = Field(examples=[3])
    name: str = Field(examples=["laptop"])
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None


class NewToken(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "laptop", "scope": "read", "days": 90}]}
    )
    name: str = Field(min_length=1, max_length=60)
    scope: Scope
    days: int = Field(default=90, ge=1, le=365)


class IssuedTokenOut(TokenOut):
    secret: str = Field(description="Shown once; only its hash is kept.", examples=["wsp_..."])


class UserOut(Document):
    name: str = Field(examples=["liaison-1"])
    role: Role
    region: str | None = Field(examples=["63"])
    active: bool
    created_at: datetime


class NewUser(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"name": "liaison-1", "role": "liaison", "region": "63"}]}
    )
    name: str = Field(max_length=80)
    role: Role
    region: str | None = Field(default=None, max_length=13)


class Health(Document):
    status: str = Field(examples=["ok"])


class ProblemOut(BaseModel):
    """RFC 9457. `hint` is the next step; a 422 has `errors`, a 412 has `revision` and `changes`."""

    type: str = Field(examples=["urn:waspada:problem:not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no alert 12 in your area."])
    hint: str = Field(examples=["It may belong to another region."])
    instance: str = Field(examples=["/api/v1/alerts/12"])
