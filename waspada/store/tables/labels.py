"""What analysts said of items, and which items wait for their word."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class LabelRow(Base):
    """One answer of one account for one version of an item. A changed answer is a new row; of an account's answers for
    an item at most one is `standing`.

    It outlives the item, without any of its words: `item_id` is no foreign key, spans are offsets.
    """

    __tablename__ = "labels"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # the client's own: an answer sent twice is kept once
    item_id: Mapped[int] = mapped_column(BigKey)
    version: Mapped[int]
    item_hash: Mapped[str] = mapped_column(String(64))  # waspada.items.policy.content_sha256 of that version
    story_id: Mapped[int | None]  # at that time: reports of one event stay in one fold
    fold: Mapped[str] = mapped_column(String(5))  # waspada.labels.folds.Fold
    role: Mapped[str] = mapped_column(String(11))  # waspada.labels.types.Role
    fields: Mapped[Json]  # every field of the codebook -> its value
    spans: Mapped[list[Json]] = mapped_column(JSON)  # label, field, start, end (code points)
    note: Mapped[str] = mapped_column(default="")
    codebook: Mapped[str] = mapped_column(String(10))
    queue: Mapped[str] = mapped_column(String(16))  # waspada.labels.types.Queue
    queue_label: Mapped[str | None] = mapped_column(String(16))
    model: Mapped[str | None] = mapped_column(String(80))
    proposed: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))  # what the model said, field -> value
    shown: Mapped[bool]  # whether the proposal was filled in before
    seconds: Mapped[float | None]  # from the item on the screen to the answer
    actor: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    standing: Mapped[bool] = mapped_column(default=True)
    __table_args__ = (
        Index("ix_labels_item", "item_id", "actor"),
        Index("ix_labels_actor", "actor", "at"),
        Index(
            "uq_labels_standing",
            "item_id",
            "actor",
            unique=True,
            sqlite_where=text("standing"),
            postgresql_where=text("standing"),
        ),
    )


class LabelTaskRow(Base):
    """An item that waits for answers: `seats` accounts are to give one, each by themselves."""

    __tablename__ = "label_tasks"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int]
    queue: Mapped[str] = mapped_column(String(16))
    queue_label: Mapped[str | None] = mapped_column(String(16))
    rank: Mapped[int]  # the lowest comes first
    seats: Mapped[int] = mapped_column(default=1)
    model: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]
    __table_args__ = (Index("ix_label_tasks_rank", "rank"),)


class LabelSeatRow(Base):
    """An account has an item on its screen until `until`, or left it (`skipped`) for others."""

    __tablename__ = "label_seats"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    actor: Mapped[str] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    skipped: Mapped[bool] = mapped_column(default=False)
