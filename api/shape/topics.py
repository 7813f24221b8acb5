"""From what the store says of topics to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from api import schemas
from api.shape.items import item
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.alerts.types import ItemView
from waspada.topics.types import ItemAnswered, StoredHead, Topic, TopicItem


def topic(view: Topic) -> schemas.TopicOut:
    return schemas.TopicOut(**_topic_fields(view))


def topic_detail(view: Topic, heads: Sequence[StoredHead]) -> schemas.TopicDetailOut:
    shown = [
        schemas.TopicHeadOut(version=one.version, model=one.model, used=one.used, at=one.at, **asdict(one.figures))
        for one in heads
    ]
    return schemas.TopicDetailOut(**_topic_fields(view), heads=shown)


def _topic_fields(view: Topic) -> dict[str, Any]:
    names = (
        "id",
        "threshold",
        "sampled",
        "model",
        "actor",
        "at",
        "off_at",
        "off_by",
        "failed_at",
        "tagged",
        "answers",
        "head",
    )
    return {
        **{name: getattr(view, name) for name in names},
        "title": mask(view.title),
        "description": mask(view.description),
        "examples": [mask(one) for one in view.examples],
        "places": [place(code) for code in view.places],
    }


def topic_item(view: TopicItem, of: ItemView) -> schemas.TopicItemOut:
    return schemas.TopicItemOut(
        item=item(of), score=view.score, how=view.how, fits=view.fits, actor=view.actor, revision=view.revision
    )


def answer(done: ItemAnswered) -> schemas.AnswerOut:
    return schemas.AnswerOut(**asdict(done))
