"""The processes of this installation, and what was erased (for whoever restores a backup)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class ProcessRow(Base):
    """A process and its last sign of life (waspada.processes). `host` is a keyed hash of the machine's name."""

    __tablename__ = "processes"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    role: Mapped[str] = mapped_column(String(10))  # collector | worker | stream | api
    host: Mapped[str] = mapped_column(String(16))
    pid: Mapped[int]
    started_at: Mapped[datetime]
    beat_at: Mapped[datetime]
    version: Mapped[str] = mapped_column(String(40))
    detail: Mapped[Json]  # counts and names of parts (the model), no content
    __table_args__ = (UniqueConstraint("role", "host", "pid"),)


class ErasedItemRow(Base):
    """An item that was removed or whose text was emptied, by the key of its address: a restore erases it once more.

    Triggers of the database write these rows, whoever erases (waspada.store.erasure_triggers); that a passage was taken
    out, which no trigger can tell from an edit, is written by who takes it, and so are the words of a periodic report
    (`text` or `passage`, by a key made of its region and days).
    """

    __tablename__ = "erased_items"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    url_key: Mapped[str] = mapped_column(String(64))
    what: Mapped[str] = mapped_column(String(10))  # item | text | passage
    at: Mapped[datetime]
    __table_args__ = (Index("ix_erased_items_at", "at"),)
