"""Digests as they were made, the layouts and the texts that they were made with."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class DigestRow(Base):
    """A digest that was written down once, whoever gets it. `content` is waspada.digests.types.Content as JSON, masked
    and fully worded; an erasure takes words out of it. The hashes are of what it was at first."""

    __tablename__ = "digests"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(200))  # waspada.digests.types.Wanted.key
    kind: Mapped[str] = mapped_column(String(12))  # waspada.digests.types.Kind
    region: Mapped[str] = mapped_column(String(13))
    day: Mapped[str] = mapped_column(String(10))  # of its moment in its own zone, as 2026-11-27
    at: Mapped[datetime]  # the moment that it was made for
    kept_at: Mapped[datetime] = mapped_column(index=True)
    content: Mapped[str]  # empty when its time is over
    layout: Mapped[str] = mapped_column(ForeignKey("digest_layouts.sha256"))
    sha256: Mapped[str] = mapped_column(String(64))
    html_sha256: Mapped[str] = mapped_column(String(64))
    text_sha256: Mapped[str] = mapped_column(String(64))
    erased_at: Mapped[datetime | None]
    __table_args__ = (
        UniqueConstraint("sha256"),
        Index("ix_digests_key", "key", "at"),
        Index("ix_digests_region", "region", "id"),
        Index("ix_digests_day", "day", "id"),
    )


class DigestEntryRow(Base):
    """Which alert a kept digest tells of, and in which part (waspada.digests.types.Part)."""

    __tablename__ = "digest_entries"
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigKey, primary_key=True, index=True)  # no key: the alert may be gone
    part: Mapped[str] = mapped_column(String(12))
    erased_at: Mapped[datetime | None] = mapped_column(index=True)  # when its words were taken out


class DigestCorrectionRow(Base):
    """What of a kept digest was found wrong, why, and the kept correction that says so."""

    __tablename__ = "digest_corrections"
    digest_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    why: Mapped[str] = mapped_column(String(20), primary_key=True)
    correction_id: Mapped[int] = mapped_column(ForeignKey("digests.id", ondelete="CASCADE"), index=True)


class DigestLayoutRow(Base):
    """The templates that gave digests their form, each kept once: a later release still writes them as they were."""

    __tablename__ = "digest_layouts"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    html: Mapped[str]
    text: Mapped[str]
    pdf: Mapped[str]  # in Typst


class DigestTemplateRow(Base):
    """The editable texts around a kind of digest, in one language. Append-only: the newest version is in use, one
    without blocks is a reset to what the program ships."""

    __tablename__ = "digest_templates"
    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    language: Mapped[str] = mapped_column(String(2))
    version: Mapped[int]
    blocks: Mapped[Json]  # waspada.digests.texts.Block -> text
    actor: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("kind", "language", "version"),)
