"""Topics of the desk, and the items that belong to them."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, Json
from waspada.store.types import Vector


class TopicRow(Base):
    """What a desk wants to find beside the eight labels: a thing, an event, a place or an institution, never a person.

    `vectors`, `floor`, `threshold` and `sampled` are of `model`; the worker makes them (waspada.jobs.topics).
    """

    __tablename__ = "topics"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    examples: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)  # Kemendagri codes; none: everywhere
    threshold: Mapped[float | None]  # an item above it belongs to the topic
    floor: Mapped[float | None]  # the threshold on an empty store
    sampled: Mapped[int] = mapped_column(default=0)  # stored items from which the threshold was chosen
    model: Mapped[str | None] = mapped_column(String(80))
    vectors: Mapped[NDArray[np.float32] | None] = mapped_column(Vector)  # of title with description, and each example
    chosen_at: Mapped[datetime | None]  # when the threshold was
    tried_at: Mapped[datetime | None]  # when a head of this model was, or could have been
    failed_at: Mapped[datetime | None]  # when the model last failed on its sentences
    looks_back: Mapped[bool] = mapped_column(default=False)  # stored items are to be compared with it
    actor: Mapped[str]
    at: Mapped[datetime]
    off_at: Mapped[datetime | None]
    off_by: Mapped[str | None]


class TopicTagRow(Base):
    """An item belongs to a topic: by likeness (`score` is a cosine), by the head (a probability) or by a person (1)."""

    __tablename__ = "topic_tags"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    score: Mapped[float]
    how: Mapped[str] = mapped_column(String(10))  # waspada.topics.types.TagOrigin
    model: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class TopicLabelRow(Base):
    """A person's answer whether an item belongs to a topic; `revision` guards against two of them."""

    __tablename__ = "topic_labels"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    fits: Mapped[bool]
    actor: Mapped[str]
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class TopicHeadRow(Base):
    """What was learned from the answers of a topic, one row a try; the newest counts, if it is `used`."""

    __tablename__ = "topic_heads"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]  # counts the tries of the topic, from 1
    model: Mapped[str] = mapped_column(String(80))
    weights: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    bias: Mapped[float]
    cut: Mapped[float]  # an item above this probability belongs to the topic
    used: Mapped[bool]
    figures: Mapped[Json]  # waspada.topics.head.Figures
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("topic_id", "version"),)


class TopicQueueRow(Base):
    """An item that waits to be compared with the topics: new, edited, or asked for again by a topic (`again`).

    `asked` counts the requests, so that one which comes while a worker compares is not lost.
    """

    __tablename__ = "topic_queue"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    again: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_topic_queue_order", "again", "item_id"),)
