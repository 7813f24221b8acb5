"""Documents of topics."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import ConfigDict, Field

from api.paging import MAX_ID
from api.schemas.common import Document, Probability
from api.schemas.items import ItemOut
from api.schemas.places import PlaceOut
from waspada.topics.service import MAX_DESCRIPTION, MAX_EXAMPLE, MAX_TITLE, MOST_EXAMPLES, MOST_PLACES
from waspada.topics.types import TagOrigin


class TopicNameOut(Document):
    id: int = Field(examples=[2])
    title: str = Field(examples=["Sengketa lahan"])


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
