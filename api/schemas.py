"""The documents of the API. What they say of an alert's meaning stands in `docs/codebook.md`; all times are UTC.

Nothing here is about persons in content: no field, filter or order (design, rule 1; a test reads this file's schema).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from api.paging import MAX_ID
from waspada.access.types import Action, Role, Scope
from waspada.alerts.policy import MAX_NOTE_CHARACTERS
from waspada.alerts.types import AlertState
from waspada.claims.service import MAX_CLAIM, MAX_VERDICT
from waspada.claims.types import MATCHER, CheckOrigin, MatchOrigin, MatchState
from waspada.claims.verdicts import Standing
from waspada.items.diff import ChangeKind
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.sources.types import CoverageState, HealthState, Reach
from waspada.stories.edits import EditKind
from waspada.taxonomy import ItemKind, TextField
from waspada.topics.service import MAX_DESCRIPTION, MAX_EXAMPLE, MAX_TITLE, MOST_EXAMPLES, MOST_PLACES
from waspada.topics.types import TagOrigin

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


class Point(Document):
    """Degrees, WGS 84."""

    lat: float = Field(ge=-90, le=90, examples=[-3.32])
    lon: float = Field(ge=-180, le=180, examples=[114.59])


class PlaceDetailOut(PlaceOut):
    """A region in its tree. Lists with `region={code}` hold what belongs to the region and to all below it."""

    path: list[PlaceOut] = Field(description="From the province down to the place itself.")
    parent: PlaceOut | None = Field(description="The region right above; null for a province.")
    children: list[PlaceOut] = Field(description="The regions right below, in code order; empty for a desa/kelurahan.")
    point: Point | None = Field(description="The seat of its kabupaten/kota; null for a province.")


class TopicNameOut(Document):
    id: int = Field(examples=[2])
    title: str = Field(examples=["Sengketa lahan"])


class AlertOut(Document):
    """A ranked alert. `sum(parts.values()) == score`; `confidence` is the probability of `label`."""

    id: int = Field(examples=[12])
    story_id: int = Field(examples=[40])
    state: AlertState
    label: str = Field(examples=["conflict"])
    level: int = Field(ge=0, le=3, examples=[3])
    score: float = Field(examples=[78.5])
    parts: dict[str, float] = Field(
        examples=[
            {"level": 38.0, "expectation": 9.5, "focus": 4.0, "confidence": 5.5, "outlets": 6.0, "feedback": -1.5}
        ]
    )
    limits: dict[str, float] = Field(
        description="The most points that each part could give; 100 together. Only feedback may take points away.",
        examples=[{"level": 38.0, "expectation": 12.0, "focus": 4.0, "outlets": 8.0, "feedback": 6.0}],
    )
    notes: dict[str, str] = Field(
        description="What stands behind the points of a part, where the number alone does not say it.",
        examples=[
            {"stage": "Masa tenang (pilkada-2024)", "vulnerability": "netral: tidak ada indeks untuk wilayah ini"}
        ],
    )
    weights_version: int | None = Field(
        description="The version of learned weights that it was scored by; null for the prior.", examples=[None]
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
    exercise: bool = Field(description="Whether it is an exercise of the canary: nothing of it happened.")
    merged_into: int | None = Field(
        description="The alert that speaks for its items since their stories were merged.", examples=[None]
    )
    places: list[PlaceOut]
    topics: list[TopicNameOut] = Field(description="Topics of the desk that tag a report of it.")


class ComparedOut(Document):
    """One of two alerts that are compared."""

    id: int = Field(examples=[12])
    headline: str = Field(examples=["Massa dua kubu saling dorong di depan kantor kecamatan"])
    level: int = Field(ge=0, le=3, examples=[3])
    score: float = Field(examples=[78.5])


class PartDifferenceOut(Document):
    """A part of two scores; `difference` is the upper alert's points less the lower one's."""

    part: str = Field(examples=["outlets"])
    upper: float = Field(examples=[6.0])
    lower: float = Field(examples=[2.5])
    difference: float = Field(examples=[3.5])
    notes: list[str] = Field(examples=[["peringatan 12: 2 jaringan dari 3 media"]])
    sentence: str = Field(examples=["Media independen: 6 melawan 2,5 poin (+3,5)."])


class ComparisonOut(Document):
    """Why `upper` stands above `lower`: largest difference first. `sum(part.difference) == difference`."""

    upper: ComparedOut
    lower: ComparedOut
    difference: float = Field(examples=[12.25])
    sentence: str = Field(
        examples=["Peringatan 12 (78,5 poin) di atas peringatan 9 (66,25 poin) dengan selisih 12,25."]
    )
    parts: list[PartDifferenceOut]


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


class NoticeOut(Document):
    """One interruption of a desk by an alert: handed to delivery (ready), held back, or dropped as no longer needed.

    `level`, `labels`, `places` and `outlets` are what was told; `changes` what was new in an update.
    """

    id: int = Field(examples=[5])
    alert_id: int = Field(examples=[12])
    desk: str = Field(description="Kemendagri code of the region whose people it is for.", examples=["63"])
    kind: Occasion
    state: NoticeState
    due_at: datetime
    ready_at: datetime | None
    held_at: datetime | None = Field(description="When it was first held; stays when it comes free.")
    held_reason: HeldReason | None
    held_by: str = Field(description="The silence, alert or shift that holds or held it.", examples=["silence/3"])
    dropped_at: datetime | None
    drop_reason: DropReason | None
    changes: list[Change]
    level: int = Field(ge=0, le=3, examples=[3])
    labels: list[str] = Field(examples=[["conflict"]])
    places: list[PlaceOut] = Field(description="Where it happened first.")
    outlets: int = Field(examples=[3])
    label: str = Field(description="Of the alert now.", examples=["conflict"])
    headline: str
    alert_state: AlertState


class ShiftOut(Document):
    """How often a desk was interrupted in a shift, and everything that its cap held back in it."""

    desk: str = Field(examples=["63"])
    start: datetime
    end: datetime
    cap: int = Field(examples=[2])
    used: int = Field(examples=[2])
    held_by_label: dict[str, int] = Field(examples=[{"conflict": 3}])
    held: list[NoticeOut]


class SilenceOut(Document):
    """Notices of a region are held until then. No alert is hidden by it, and level 3 breaks through."""

    id: int = Field(examples=[3])
    region: PlaceOut
    label: str | None = Field(description="null: every label.", examples=["disaster"])
    until: datetime
    reason: str
    actor: str = Field(examples=["liaison-1"])
    at: datetime
    ended_at: datetime | None
    ended_by: str | None
    active: bool
    holds: int = Field(description="How many notices it holds back now.", examples=[2])


class NewSilence(Document):
    """A silence ends by itself, after 14 days at the latest."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"region": "63.03", "label": "disaster", "until": "2024-11-22T00:00:00Z", "reason": "Banjir sudah "
                 "ditangani posko"}
            ]
        },
    )  # fmt: skip
    region: str = Field(max_length=13)
    label: str | None = Field(default=None, max_length=20)
    until: AwareDatetime
    reason: str = Field(max_length=2 * MAX_REASON_CHARACTERS)


class NewParent(Document):
    """Which alert speaks for this one: its notices are held while that one is open. null ends it."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"parent_id": 12, "reason": "Bagian dari banjir yang sama"}]}
    )
    parent_id: int | None = Field(ge=1, le=2**63 - 1)
    reason: str = Field(default="", max_length=2 * MAX_REASON_CHARACTERS)


class ParentOut(Document):
    alert_id: int = Field(examples=[14])
    parent_id: int | None = Field(examples=[12])


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


class FactCheckOut(Document):
    """A verdict on a claim: an outlet's article, an import, or a verdict of this desk. It is that outlet's word."""

    id: str = Field(examples=["item-77"])
    claim: str = Field(description="What circulated, as far as it is quoted.")
    title: str = Field(examples=["[SALAH] Pulpen di TPS berisi tinta yang hilang"])
    verdict: str = Field(description="As its outlet wrote it.", examples=["SALAH"])
    standing: Standing = Field(description="`supports` and `unclear`: a match with it is no refutation.")
    url: str | None = Field(examples=["https://cek.example/77"])
    outlet: str = Field(examples=["Cek Contoh"])
    checked_on: date | None = Field(examples=["2024-11-20"])
    origin: CheckOrigin
    actor: str | None = Field(description="Who imported it or gave the verdict.", examples=[None])
    reason: str = Field(description="What a verdict of this desk rests on.", examples=[""])
    revision: int = Field(description="Another one after every change.", examples=[1732240800000000])


class MatchOut(Document):
    """A fact-check that an item may repeat. What a person set, no machine changes."""

    id: int = Field(examples=[9])
    item_id: int = Field(examples=[301])
    state: MatchState
    origin: MatchOrigin = Field(description="Who set the state.")
    score: Probability = Field(examples=[0.71])
    actor: str = Field(examples=["waspada"])
    at: datetime
    reason: str = Field(examples=[""])
    model: str = Field(examples=[MATCHER])
    revision: int = Field(description="Send it back in If-Match when you decide.", examples=[1])
    fact_check: FactCheckOut


class MatchEventOut(Document):
    """One step of a match; `to_state` null says that the machine took its suggestion back."""

    at: datetime
    actor: str = Field(examples=["liaison-1"])
    from_state: str | None = Field(examples=["suggested"])
    to_state: str | None = Field(examples=["rejected"])
    reason: str = Field(examples=["Klaim lain: ini soal TPS di kota lain."])
    score: float = Field(examples=[0.48])
    model: str = Field(examples=[MATCHER])


class MatchDetailOut(MatchOut):
    history: list[MatchEventOut]


class MatchListOut(Document):
    """Which fact-checks an alert or an item may repeat, the surest first, what a person rejected last."""

    claim_line: str = Field(
        description="In one line, or that none is known; empty where neither is to be said.",
        examples=["Belum ada cek fakta yang diketahui."],
    )
    matches: list[MatchOut]


class NewDecision(Document):
    """A person's word on a match. `reason` is asked for when it is rejected."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"confirmed": False, "reason": "Klaim lain: ini soal TPS di kota lain."}]},
    )
    confirmed: bool
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class NewVerdict(Document):
    """A verdict of this desk on a claim, in the words in which it circulates."""

    claim: str = Field(min_length=1, max_length=MAX_CLAIM, examples=["TPS di Banjarbaru tutup pukul 10.00."])
    verdict: str = Field(min_length=1, max_length=MAX_VERDICT, examples=["SALAH"])
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, examples=["KPU kota: sampai pukul 13.00."])
    url: str | None = Field(default=None, max_length=2000)
    revision: int | None = Field(default=None, description="Of the verdict on the same words that this one replaces.")


class ImportedClaims(Document):
    """Fact-checks as lines of `docs/contracts/claim.schema.json`, at most 500 at once."""

    source: str | None = Field(
        default=None, min_length=1, max_length=100, description="Whose ids they are; else the host of each address."
    )
    claims: list[dict[str, Any]] = Field(min_length=1, max_length=500)


class ImportedOut(Document):
    """What an import did; `problems` names the lines that could not be used, from 1 on."""

    new: int = Field(examples=[12])
    changed: int = Field(examples=[1])
    same: int = Field(examples=[40])
    bad: int = Field(examples=[0])
    problems: list[str] = Field(examples=[[]])


class TopicOut(Document):
    """What a desk wants to find beside the labels. `threshold` is null while the worker has not made it ready."""

    id: int = Field(examples=[2])
    title: str = Field(examples=["Sengketa lahan"])
    description: str = Field(examples=["Perselisihan tanah antara warga dan perusahaan."])
    examples: list[str] = Field(examples=[["Warga dan perusahaan sawit berselisih soal batas lahan garapan."]])
    places: list[PlaceOut] = Field(description="Only items of these regions; none is everywhere.")
    threshold: float | None = Field(description="The cosine above which an item belongs to it.", examples=[0.62])
    sampled: int = Field(description="Stored items, up to 5,000, when the threshold was chosen.", examples=[5000])
    model: str | None = Field(examples=["waspada-id-v1+7"])
    actor: str = Field(examples=["analyst-1"])
    at: datetime
    off_at: datetime | None
    off_by: str | None
    failed_at: datetime | None = Field(description="When the model last could not read it; it is tried again.")
    tagged: int = Field(description="Items of it, those that you may not read included.", examples=[12])
    answers: int = Field(description="What persons said of items of it.", examples=[24])
    head: int | None = Field(description="Version of the head that decides instead of likeness.", examples=[1])


class TopicHeadOut(Document):
    """A try to learn from answers, judged on answers that it had not seen beside likeness."""

    version: int = Field(examples=[1])
    model: str = Field(examples=["waspada-id-v1+7"])
    used: bool = Field(description="Whether it beat likeness.")
    answers: int = Field(examples=[24])
    fitting: int = Field(examples=[10])
    head_wrong: int = Field(description="Answers that it got wrong.", examples=[3])
    likeness_wrong: int = Field(examples=[9])
    head_order: Probability = Field(description="Share of pairs put in the right order.", examples=[0.93])
    likeness_order: Probability = Field(examples=[0.71])
    head_share: Probability = Field(description="Share of the stored items that it takes.", examples=[0.01])
    likeness_share: Probability = Field(examples=[0.01])
    at: datetime


class TopicDetailOut(TopicOut):
    heads: list[TopicHeadOut] = Field(description="Every try, newest first.")


class TopicItemOut(Document):
    """An item of a topic. `score` is a cosine where `how` is likeness, a probability where it is head."""

    item: ItemOut
    score: float | None = Field(description="null for one that a person took out.", examples=[0.71])
    how: TagOrigin | None
    fits: bool | None = Field(description="What a person said; null where nobody did.", examples=[None])
    actor: str | None = Field(examples=[None])
    revision: int = Field(description="Send it back when you answer; 0 where nobody did.", examples=[0])


class NewTopicIn(Document):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "title": "Sengketa lahan",
                    "description": "Perselisihan tanah antara warga dan perusahaan.",
                    "examples": [
                        "Warga dan perusahaan sawit berselisih soal batas lahan garapan.",
                        "Petani bertahan di lahan yang digusur karena ganti rugi belum dibayar.",
                        "Sengketa tanah adat dibawa ke pengadilan setelah mediasi gagal.",
                    ],
                    "places": ["63"],
                }
            ]
        },
    )
    title: str = Field(min_length=1, max_length=2 * MAX_TITLE)
    description: str = Field(default="", max_length=2 * MAX_DESCRIPTION)
    examples: list[Annotated[str, Field(max_length=2 * MAX_EXAMPLE)]] = Field(max_length=MOST_EXAMPLES)
    places: list[Annotated[str, Field(max_length=60)]] = Field(default=[], max_length=MOST_PLACES)


class NewAnswer(Document):
    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"item_id": 301, "fits": True, "revision": 0}]}
    )
    item_id: int = Field(ge=1, le=MAX_ID)
    fits: bool
    revision: int = Field(ge=0, le=2**31 - 1, description="Of the answer as you read it; 0 where nobody answered.")


class AnswerOut(Document):
    topic_id: int = Field(examples=[2])
    item_id: int = Field(examples=[301])
    fits: bool
    revision: int = Field(examples=[1])
    actor: str = Field(examples=["analyst-1"])
    at: datetime


class AlertDetailOut(AlertOut):
    items: list[ItemOut] = Field(description="The newest items of the story, at most 50.")
    history: list[EventOut]
    claim_line: str = Field(
        description="Which fact-check it may repeat, or that none is known; empty where neither is to be said.",
        examples=["Belum ada cek fakta yang diketahui."],
    )
    claims: list[MatchOut] = Field(description="The surest matches of the story's items, at most 20.")


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


class Ready(Health):
    exercise: str = Field(
        description="How the canary went: off, waiting, ok, late or missing (docs/quieting.md).", examples=["ok"]
    )


class ProblemOut(BaseModel):
    """RFC 9457. `hint` is the next step; a 422 has `errors`, a 412 has `revision` and `changes`."""

    type: str = Field(examples=["urn:waspada:problem:not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no alert 12 in your area."])
    hint: str = Field(examples=["It may belong to another region."])
    instance: str = Field(examples=["/api/v1/alerts/12"])
