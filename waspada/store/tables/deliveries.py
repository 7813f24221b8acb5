"""Messages on their way out of this product."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

_WAITING = text("sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL")


class DeliveryRow(Base):
    """One message to one target (waspada.notify.outbox). Its body holds what masking has passed, and nothing else.

    It waits until one of `sent_at`, `failed_at` and `dropped_at` is set; `next_try_at` is also the end of the lease of
    a worker that sends it now.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))  # waspada.notify.messages.Channel
    target: Mapped[str]  # an account's contact, a webhook's id; no content
    about: Mapped[str]  # notice/12, escalation/3, webhook/4
    body: Mapped[Json]
    key: Mapped[str] = mapped_column(String(120), unique=True)  # the same message is put once
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(default=0)  # counted when one begins
    next_try_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]  # given up
    dropped_at: Mapped[datetime | None]  # needed no more
    last_problem: Mapped[str] = mapped_column(default="")
    __table_args__ = (
        Index("ix_deliveries_waiting", "next_try_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_deliveries_about", "about"),
        Index("ix_deliveries_due", "due_at"),
    )
