"""What each account has seen of the desk."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base


class AlertSeenRow(Base):
    """The revision of an alert that an account had before it last. Goes with the alert."""

    __tablename__ = "alert_seen"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True, index=True)
    revision: Mapped[int]
    at: Mapped[datetime]
