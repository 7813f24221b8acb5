"""Views of the alert list that accounts keep, and how far each account has looked at them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey


class SavedViewRow(Base):
    """Choices that narrow the alert list: region, label, level, state, time, topic, "mine". Never words to look for:
    a view has a feed, and so would be a standing search (design, rule 9)."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(60))  # names no person (waspada.topics.names)
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())  # with everybody of the desk
    region: Mapped[str | None] = mapped_column(String(13))
    label: Mapped[str | None] = mapped_column(String(20))
    min_level: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(20), default="open")  # an AlertState, "open" or "any"
    period: Mapped[str] = mapped_column(String(5), default="any")  # waspada.views.types.Period
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"))
    mine: Mapped[bool] = mapped_column(default=False, server_default=false())  # in the hand of whoever looks
    created_at: Mapped[datetime]
    __table_args__ = (
        UniqueConstraint("user_id", "title"),
        Index("ix_saved_views_shared", "shared"),
        Index("ix_saved_views_topic", "topic_id"),
    )


class ViewLookRow(Base):
    """The newest alert there was when an account last looked at a view: what came later is new to it."""

    __tablename__ = "view_looks"
    view_id: Mapped[int] = mapped_column(ForeignKey("saved_views.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    alert_id: Mapped[int] = mapped_column(BigKey)  # no key: the alert may be gone
