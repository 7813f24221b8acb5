"""Programs elsewhere that are told of alerts, and how the tries to tell them ended."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey


class WebhookRow(Base):
    """An address that is told of alerts (waspada.webhooks). Its secret is made of `nonce` and the installation's key:
    neither alone gives it. What it is told of is narrowed by region, label, level and state, never by words."""

    __tablename__ = "webhooks"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]  # what the receiver is, in the words of the admin
    url: Mapped[str]
    nonce: Mapped[str] = mapped_column(String(64))
    region: Mapped[str | None] = mapped_column(String(13))
    label: Mapped[str | None] = mapped_column(String(20))
    min_level: Mapped[int] = mapped_column(default=0)
    state: Mapped[str | None] = mapped_column(String(15))
    internal: Mapped[bool] = mapped_column(default=False)  # of this team: also what nobody has verified yet
    internal_reason: Mapped[str] = mapped_column(default="")
    active: Mapped[bool] = mapped_column(default=True)
    paused_at: Mapped[datetime | None]  # by itself, after too many failures in a row
    actor: Mapped[str]  # the account that set it up
    created_at: Mapped[datetime]
    since_at: Mapped[datetime]  # set up, or switched on again: it is told of what happens from then on
    seen_event_id: Mapped[int] = mapped_column(BigKey)  # of alert_events: looked at up to here
    failures: Mapped[int] = mapped_column(default=0)  # in a row
    last_at: Mapped[datetime | None]
    last_status: Mapped[int | None]
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 (subscriptions name an id: none is given twice)


class WebhookAttemptRow(Base):
    """One try to tell a webhook. What the other side answered is not kept, its status is."""

    __tablename__ = "webhook_attempts"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"))
    delivery_id: Mapped[int] = mapped_column(BigKey)  # of deliveries, which may be gone by now
    at: Mapped[datetime]
    attempt: Mapped[int]
    outcome: Mapped[str] = mapped_column(String(10))  # sent | retry | given_up
    status: Mapped[int | None]  # of HTTP; none where there was no answer
    milliseconds: Mapped[int]
    problem: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("ix_webhook_attempts_webhook", "webhook_id", "id"),
        Index("ix_webhook_attempts_at", "at"),
    )
