"""Documents of alerts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.claims import MatchOut
from api.schemas.common import Document, Probability
from api.schemas.items import ItemOut
from api.schemas.places import PlaceOut
from api.schemas.topics import TopicNameOut
from waspada.alerts.policy import MAX_NOTE_CHARACTERS, MAX_OFFICE_CHARACTERS
from waspada.alerts.seen import Mark
from waspada.alerts.story_text import Voice
from waspada.alerts.types import AlertState


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
    confidence_words: str = Field(
        description="The same in words by fixed steps (docs/desk.md): of the model, never of a person who looked.",
        examples=["sangat mungkin"],
    )
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
    reason: str | None = Field(description="Why it is no threat, or how it was closed.", examples=[None])
    revision: int = Field(description="Send it back in If-Match when you change the alert.", examples=[3])
    owner: str | None = Field(description="The account that has it in hand; null: nobody.", examples=["liaison-1"])
    due_at: datetime | None = Field(description="Until when it is to be done.", examples=[None])
    mark: Mark | None = Field(
        default=None,
        description="In a list: whether your account has opened it in the console, or marked it as read, in this "
        "revision.",
        examples=["changed"],
    )
    exercise: bool = Field(description="Whether it is an exercise of the canary: nothing of it happened.")
    raised_to: list[PlaceOut] = Field(description="Desks of the team above its own that it was raised to.")
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


class StoryQuoteOut(Document):
    """A sentence of a report, or the line on a fact-check; masked."""

    text: str = Field(examples=["Dua kelompok saling lempar batu di depan balai desa."])
    lead: str = Field(description="Whose word it is.", examples=["Contoh Pos (27 Nov 2024, 14.05 WITA)"])
    outlet: str = Field(examples=["Contoh Pos"])
    voice: Voice = Field(description="counter: a report that denies, corrects or calms. title: no report has evidence.")
    at: datetime | None = Field(description="When the report was published, else found; null of a fact-check.")
    item_id: int | None = Field(examples=[301])
    others: int = Field(description="Further outlets with the same sentence.", examples=[2])


class StoryTextOut(Document):
    """What happened, in the reports' own sentences: nothing is summarised. In Indonesian, times in the desk's zone."""

    paragraph: str = Field(
        description="All quotes with their leads; empty where no report is left.",
        examples=["Contoh Pos (27 Nov 2024, 14.05 WITA): “Dua kelompok saling lempar batu di depan balai desa.”"],
    )
    quotes: list[StoryQuoteOut] = Field(description="In the order of time, at most four, a fact-check last.")


class NeighbourOut(Document):
    """The alert beside this one, and which part makes the difference."""

    alert: ComparedOut
    difference: float = Field(description="The upper alert's score less the lower one's.", examples=[12.25])
    part: str | None = Field(description="The part that differs most; null where none does.", examples=["outlets"])
    sentence: str = Field(
        examples=["Peringatan 12 (78,5 poin) di atas peringatan 9 (66,25 poin) dengan selisih 12,25."]
    )


class NeighboursOut(Document):
    """The alerts right above and below in the default list (open, with a report of seven days) of what you may see."""

    listed: bool = Field(description="Whether the alert stands in that list; else it has no neighbours.")
    above: NeighbourOut | None = Field(description="null: it is the first.")
    below: NeighbourOut | None = Field(description="null: it is the last.")


class AlertDetailOut(AlertOut):
    story: StoryTextOut
    neighbours: NeighboursOut
    items: list[ItemOut] = Field(description="The newest items of the story, at most 50.")
    history: list[EventOut]
    claim_line: str = Field(
        description="Which fact-check it may repeat, or that none is known; empty where neither is to be said.",
        examples=["Belum ada cek fakta yang diketahui."],
    )
    claims: list[MatchOut] = Field(description="The surest matches of the story's items, at most 20.")


class Move(Document):
    """A step with an alert (docs/workflow.md). `reason` is asked for when `to` is not_a_threat or closed, `office` and
    a question in `note` when it is needs_clarification; `duplicate_of` may be named when it is duplicate."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"to": "acknowledged", "note": "Menghubungi kecamatan."},
                {"to": "not_a_threat", "reason": "prevention_only"},
                {"to": "needs_clarification", "office": "KPU Kabupaten Banjar", "note": "Apakah TPS 4 dibuka?"},
                {"to": "duplicate", "duplicate_of": 9},
            ]
        },
    )
    to: AlertState
    reason: str | None = Field(default=None, max_length=30)
    note: str = Field(default="", max_length=MAX_NOTE_CHARACTERS)
    office: str = Field(default="", max_length=2 * MAX_OFFICE_CHARACTERS, description="An office, never a person.")
    duplicate_of: int | None = Field(default=None, ge=1, le=2**63 - 1)
