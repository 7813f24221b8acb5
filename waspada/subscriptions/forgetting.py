"""What goes of subscriptions when its time is over (`waspada.privacy.retention`)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, or_, select, update
from sqlalchemy.orm import Session

from waspada.privacy.retention import Periods
from waspada.store.tables import SubscriptionRow


def old_addresses(now: datetime, kept: Periods) -> Select[int]:
    """Those that ended so long ago that nobody needs the address any more."""
    has_one = or_(SubscriptionRow.sealed != "", SubscriptionRow.digest != "")
    return select(SubscriptionRow.id).where(has_one, SubscriptionRow.ended_at < now - kept.ended_addresses)


def forget_addresses(session: Session, ids: Sequence[int]) -> None:
    session.execute(update(SubscriptionRow).where(SubscriptionRow.id.in_(ids)).values(sealed="", digest=""))


def old(now: datetime, kept: Periods) -> Select[int]:
    """Those that nobody confirmed, and those that ended long ago; what each was sent goes with it."""
    unconfirmed = and_(
        SubscriptionRow.confirmed_at.is_(None),
        SubscriptionRow.ended_at.is_(None),
        SubscriptionRow.created_at < now - kept.unconfirmed_subscriptions,
        or_(SubscriptionRow.opt_in_at.is_(None), SubscriptionRow.opt_in_at < now - kept.unconfirmed_subscriptions),
    )
    return select(SubscriptionRow.id).where(or_(unconfirmed, SubscriptionRow.ended_at < now - kept.ended_subscriptions))
