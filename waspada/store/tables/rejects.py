"""What could not be handled."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey


class RejectRow(Base):
    """What could not be handled, kept aside and listed: nothing is lost in silence."""

    __tablename__ = "rejects"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    stage: Mapped[str] = mapped_column(String(20))
    object: Mapped[str]
    problem: Mapped[str]
    __table_args__ = (UniqueConstraint("stage", "object"),)
