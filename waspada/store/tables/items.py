"""Articles and posts: their versions, tags and places."""

from __future__ import annotations

from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import JSON, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json
from waspada.store.types import Vector


class ItemRow(Base):
    """One article or post. Its text stands in its versions; `version` names the current one."""

    __tablename__ = "items"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    outlet: Mapped[str]
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(String(64), unique=True)
    article_key: Mapped[str | None] = mapped_column(String(64), index=True)  # shared by addresses of one article
    title: Mapped[str]
    lang: Mapped[str | None] = mapped_column(String(8))
    voice: Mapped[str | None] = mapped_column(String(40))  # keyed pseudonym: privacy/pseudonyms.py says for what
    published_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    stage: Mapped[str] = mapped_column(String(10), default="new")  # new -> tagged -> grouped
    __table_args__ = (
        Index("ix_items_stage", "stage", "id"),
        Index("ix_items_found", "found_at"),
        Index("ix_items_heard", "found_at", "source_id", "published_at"),
        Index("ix_items_kind", "kind", "found_at"),
    )

    @property
    def at(self) -> datetime:
        """When it happened for ranking: published, else found."""
        return self.published_at or self.found_at


class ItemVersionRow(Base):
    __tablename__ = "item_versions"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    seen_at: Mapped[datetime]


class TagRow(Base):
    """What one model said of one version of an item."""

    __tablename__ = "tags"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    labels: Mapped[Json]
    aux: Mapped[Json]
    conflict_level: Mapped[int]
    alert_level: Mapped[int]
    alert_p: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))  # waspada.taxonomy.AlertP
    evidence: Mapped[list[Json]] = mapped_column(JSON)
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    log_odds: Mapped[NDArray[np.float32] | None] = mapped_column(Vector)  # of the model's base: new heads stand on them
    tagged_at: Mapped[datetime]
    beside: Mapped[bool] = mapped_column(default=False, server_default=false())  # of a model not in use: read by nobody


class PlaceRow(Base):
    """A place that the current version of an item names."""

    __tablename__ = "places"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(13))
    name: Mapped[str]
    level: Mapped[str] = mapped_column(String(10))
    mention: Mapped[str]
    field: Mapped[str] = mapped_column(String(5))
    start: Mapped[int]
    end: Mapped[int]
