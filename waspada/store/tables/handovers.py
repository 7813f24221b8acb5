"""What one shift of a desk leaves to the next."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, Json


class HandoverRow(Base):
    """The hand-over of a shift: a note, counts of how things stood, and who took over. `revision` guards the note."""

    __tablename__ = "handovers"
    id: Mapped[int] = mapped_column(primary_key=True)
    desk: Mapped[str] = mapped_column(String(13))  # region that the people of the desk are bound to
    shift_start: Mapped[datetime]
    shift_end: Mapped[datetime]
    actor: Mapped[str]  # who wrote the note last
    at: Mapped[datetime]
    note: Mapped[str]
    figures: Mapped[Json]  # waspada.handover.types.FIGURES -> count, when it was written; no words
    revision: Mapped[int] = mapped_column(default=1)
    received_by: Mapped[str | None]
    received_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("desk", "shift_start"),)
