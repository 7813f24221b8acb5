"""Who is called when a desk is interrupted: channels of accounts, hours of duty, and what was sent to whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey

_OPEN = text("ended_at IS NULL")


class ContactRow(Base):
    """A channel on which an account of this product wants to be called. Its address is sealed with the installation's
    key (waspada.notify.contacts.sealing); `digest` is a keyed hash of it, to know the same one again."""

    __tablename__ = "contacts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(10))  # mail | telegram | push
    sealed: Mapped[str]
    digest: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]  # 1 is tried first
    created_at: Mapped[datetime]
    code_sha256: Mapped[str | None] = mapped_column(String(64))  # of the code that was sent there last
    code_sent_at: Mapped[datetime | None]
    code_tries: Mapped[int] = mapped_column(default=0)
    verified_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]  # the other side refuses it for good
    ended_reason: Mapped[str] = mapped_column(default="")
    __table_args__ = (UniqueConstraint("user_id", "channel", "digest"),)


class DutyShiftRow(Base):
    """An account is on duty for a desk: `starts_at` <= time < `ends_at`; `position` 1 is called first."""

    __tablename__ = "duty_shifts"
    id: Mapped[int] = mapped_column(primary_key=True)
    desk: Mapped[str] = mapped_column(String(13))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    actor: Mapped[str]
    at: Mapped[datetime]
    __table_args__ = (Index("ix_duty_shifts_desk", "desk", "ends_at"),)


class CallRow(Base):
    """One message to one account about one or more alerts of a desk. Calls of one chain follow each other until
    somebody answers: `step` counts them, those to everybody have the same one. Open until `ended_at` is set."""

    __tablename__ = "calls"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    chain_id: Mapped[int | None] = mapped_column(BigKey, index=True)  # the first call of the chain
    step: Mapped[int]
    how: Mapped[str] = mapped_column(String(10))  # rota | fallback | everybody | nobody
    desk: Mapped[str] = mapped_column(String(13))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"), index=True)
    level: Mapped[int]
    exercise: Mapped[bool] = mapped_column(default=False, server_default=false())
    ready_at: Mapped[datetime]  # of its earliest notice
    made_at: Mapped[datetime] = mapped_column(index=True)
    sent_at: Mapped[datetime | None]  # first handed over to a channel
    failed_at: Mapped[datetime | None]  # every channel gave it up
    problem: Mapped[str] = mapped_column(default="")
    held_at: Mapped[datetime | None]  # not sent: this account was interrupted often enough in its shift
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str | None]
    escalated_at: Mapped[datetime | None]
    escalated_to: Mapped[int | None] = mapped_column(BigKey)  # the call that came after it
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None] = mapped_column(String(15))
    __table_args__ = (
        Index("ix_calls_open", "chain_id", "id", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_calls_desk", "desk", "id"),
    )


class CallNoticeRow(Base):
    """What a call is about. An exercise of the canary has no notice. `was_new`: nobody had the alert in hand then."""

    __tablename__ = "call_notices"
    call_id: Mapped[int] = mapped_column(ForeignKey("calls.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True, index=True)
    notice_id: Mapped[int | None] = mapped_column(ForeignKey("notices.id", ondelete="SET NULL"), index=True)
    was_new: Mapped[bool] = mapped_column(default=True)
