"""Messages of the Common Alerting Protocol, as they were issued."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class CapMessageRow(Base):
    """One CAP message of an alert (waspada.cap). Its XML holds what masking has passed, and nothing else."""

    __tablename__ = "cap_messages"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    identifier: Mapped[str] = mapped_column(String(160), unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    number: Mapped[int]  # counts the messages of the alert, from 1
    msg_type: Mapped[str] = mapped_column(String(10))  # Alert | Update | Cancel
    status: Mapped[str] = mapped_column(String(10))  # Actual | Exercise | Test
    sender: Mapped[str]
    sent_at: Mapped[datetime]  # whole seconds
    refs: Mapped[list[str]] = mapped_column(JSON)  # identifiers of the messages that it updates or cancels
    told: Mapped[Json]  # level, labels, places, outlets: what a change is measured by; no words
    xml: Mapped[str]  # emptied when its words are past their time
    __table_args__ = (
        UniqueConstraint("alert_id", "number"),
        Index("ix_cap_messages_sent", "sent_at", "id"),
    )
