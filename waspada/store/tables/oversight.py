"""What keeps a desk honest: stops of the collection, checkpoints of the log, requests from outside, erasures."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

_IN_FORCE = text("lifted_at IS NULL")


class CollectionStopRow(Base):
    """Nothing is collected (of a source, of a region) from `at` until it is lifted (waspada.stops)."""

    __tablename__ = "collection_stops"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    role: Mapped[str] = mapped_column(String(20))  # of the account; an auditor's stop is lifted by another account
    source_id: Mapped[str | None] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    region: Mapped[str | None] = mapped_column(String(13))  # with neither: everything
    reason: Mapped[str]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None]
    lifted_why: Mapped[str] = mapped_column(default="")
    __table_args__ = (Index("ix_collection_stops_in_force", "id", sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),)


class AuditCheckpointRow(Base):
    """So far the chain of the audit log was whole; `seal` needs the key of the chain. A trigger refuses UPDATE."""

    __tablename__ = "audit_checkpoints"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    row_id: Mapped[int] = mapped_column(BigKey)  # the newest row that was looked at
    rows: Mapped[int] = mapped_column(BigKey)  # rows up to it, itself included
    head: Mapped[str] = mapped_column(String(64))  # the hash of that row
    seal: Mapped[str] = mapped_column(String(64))


class CorrectionRow(Base):
    """Somebody outside asked to correct or erase something, or objected. No name and no document of theirs is kept."""

    __tablename__ = "corrections"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)  # when the desk heard of it
    due_at: Mapped[datetime]
    actor: Mapped[str]  # the account that wrote it down
    kind: Mapped[str] = mapped_column(String(10))  # correct | erase | object
    about: Mapped[str] = mapped_column(String(80))  # item/12, alert/3, story/4, address/<hash of it>
    region: Mapped[str | None] = mapped_column(String(13))
    reason: Mapped[str]
    state: Mapped[str] = mapped_column(String(10), default="open")  # open | granted | refused
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str] = mapped_column(default="")  # why
    effects: Mapped[Json] = mapped_column(default=dict)  # counts by class of data, ids of digests and exports
    revision: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_corrections_state", "state", "due_at"),)


class ErasureRow(Base):
    """Items of an alert were erased: what is said of it from then on says so. Counts, no words."""

    __tablename__ = "erasures"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    cause: Mapped[str] = mapped_column(String(10))  # request | place (deleted where it was published)
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("corrections.id", ondelete="SET NULL"))
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    items: Mapped[int]
