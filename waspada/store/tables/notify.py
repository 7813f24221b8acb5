"""Interruptions of a desk, and what holds them back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

_WAITING = text("ready_at IS NULL AND dropped_at IS NULL")


class NoticeRow(Base):
    """One interruption of a desk by an alert, or what was held back of it (waspada.notify). Codes and counts only."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    desk: Mapped[str] = mapped_column(String(13))  # region that the people of the desk are bound to
    number: Mapped[int]  # counts the notices of the alert to the desk, from 1
    kind: Mapped[str] = mapped_column(String(10))  # first | update | repeat | raised
    revision: Mapped[int]  # of the alert when it was last decided
    facts: Mapped[Json]  # level, labels, places, outlets, texts, changes
    due_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]  # first held; stays when it comes free
    held_reason: Mapped[str | None] = mapped_column(String(10))  # silence | parent | cap
    held_by: Mapped[str] = mapped_column(String(60), default="")  # silence/3, alert/12, shift/2024-11-20T07:00:00+08:00
    dropped_at: Mapped[datetime | None]  # needed no more
    drop_reason: Mapped[str | None] = mapped_column(String(15))
    __table_args__ = (
        UniqueConstraint("alert_id", "desk", "number"),
        Index("ix_notices_desk", "desk", "id"),
        Index("ix_notices_ready", "desk", "ready_at", "dropped_at"),
        Index("ix_notices_waiting", "held_by", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )


class SilenceRow(Base):
    """Notices of a region, of one alert, or by one report are held until then, by a person who says why.

    It hides no alert. That of an alert or a report has the region where the alert happened.
    """

    __tablename__ = "silences"
    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(13))
    label: Mapped[str | None] = mapped_column(String(20))  # None: every label
    until: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]
    alert_id: Mapped[int | None] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    level: Mapped[int | None]  # of the alert when it was silenced: what is higher breaks through


class AlertParentRow(Base):
    """A person said that another alert speaks for this one: its notices are held while the other is open."""

    __tablename__ = "alert_parents"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
