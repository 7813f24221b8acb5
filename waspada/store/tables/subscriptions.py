"""Who gets digests, and what each of them was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey

_LIVE = text("confirmed_at IS NOT NULL AND ended_at IS NULL")


class SubscriptionRow(Base):
    """Somebody outside the console who gets digests, known by the address of one channel and nothing else. The address
    is sealed with the installation's key (waspada.subscriptions.sealing); `digest` is a keyed hash of it, to know the
    same one again. Both are emptied some days after the end."""

    __tablename__ = "subscriptions"
    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(10))  # mail | telegram | webhook
    sealed: Mapped[str]  # "" before a chat is found, and after the end
    digest: Mapped[str] = mapped_column(String(64), index=True)
    region: Mapped[str] = mapped_column(String(13), index=True)
    labels: Mapped[list[str]] = mapped_column(JSON)
    min_level: Mapped[int]
    language: Mapped[str] = mapped_column(String(2))
    zone: Mapped[str] = mapped_column(String(4))  # WIB | WITA | WIT
    period: Mapped[str] = mapped_column(String(10))  # waspada.digests.types.Period
    days: Mapped[int]  # bits, Monday the lowest
    hour: Mapped[int]  # of `zone`
    quiet_from: Mapped[int]  # hours of `zone` in which nothing is sent; the same twice for none
    quiet_until: Mapped[int]
    created_at: Mapped[datetime]
    created_by: Mapped[str]  # an account, or "subscriber"
    opt_in_at: Mapped[datetime | None]  # when it was last asked to confirm
    confirmed_at: Mapped[datetime | None]  # by whoever reads at the address
    paused_until: Mapped[datetime | None]
    next_due_at: Mapped[datetime | None]  # of the digest that comes next; None while none does
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(String(15), default="")
    address_version: Mapped[int] = mapped_column(default=1)  # links of an older one are not good
    link_version: Mapped[int] = mapped_column(default=1)  # the same for links that change something
    bounces: Mapped[int] = mapped_column(default=0)  # in a row, of the kind that may pass
    bounced_at: Mapped[datetime | None]
    __table_args__ = (
        Index("ix_subscriptions_due", "next_due_at", sqlite_where=_LIVE, postgresql_where=_LIVE),
        {"sqlite_autoincrement": True},  # links name an id: none is given twice
    )


class SubscriptionSendRow(Base):
    """What a subscription was sent, or was not: one row an occasion ("2024-11-25", "2024-W48", "2024-11",
    "ralat/12", "opt-in/2"). How it went says the delivery."""

    __tablename__ = "subscription_sends"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    subscription_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))  # digest | correction | opt_in
    occasion: Mapped[str] = mapped_column(String(40))
    day: Mapped[str] = mapped_column(String(10))  # of the subscriber, on which it was put
    at: Mapped[datetime] = mapped_column(index=True)
    digest_id: Mapped[int | None] = mapped_column(BigKey, index=True)  # the newest one made for it
    delivery_id: Mapped[int | None] = mapped_column(BigKey, index=True)
    skipped: Mapped[str] = mapped_column(String(15), default="")  # why it is not sent
    __table_args__ = (UniqueConstraint("subscription_id", "occasion"),)
