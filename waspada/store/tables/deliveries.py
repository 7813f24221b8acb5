"""Messages on their way out of this product."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json

_WAITING = text("sent_at IS NULL AND failed_at IS NULL AND dropped_at IS NULL")
_TRIED = text("tried_at IS NOT NULL")


class DeliveryRow(Base):
    """One message to one target (waspada.notify.outbox). Its body holds what masking has passed, and nothing else.

    It waits until one of `sent_at`, `failed_at` and `dropped_at` is set; `next_try_at` is also the end of the lease of
    a worker that sends it now. One that failed with `handed_at` set is uncertain: the other side may have it.
    """

    __tablename__ = "deliveries"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))  # waspada.notify.messages.Channel
    target: Mapped[str]  # an account's contact, a webhook's id; no content
    about: Mapped[str]  # notice/12, escalation/3/7, webhook/4
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
    bulk: Mapped[bool] = mapped_column(default=False, server_default=false())  # has its own run and pace
    tried_at: Mapped[datetime | None]  # when the newest try of a bulk one began: what its pace counts
    handed_at: Mapped[datetime | None]  # when a bulk one was handed over, before any answer came
    __table_args__ = (
        Index("ix_deliveries_waiting", "next_try_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
        Index("ix_deliveries_about", "about"),
        Index("ix_deliveries_due", "due_at"),
        Index("ix_deliveries_tried", "channel", "tried_at", sqlite_where=_TRIED, postgresql_where=_TRIED),
    )
