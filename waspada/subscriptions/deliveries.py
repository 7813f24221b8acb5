"""What left, and what did not: the messages of the outbox as people look at them, without their words.

Whoever is bound to a region sees the digests of subscriptions in it and nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from waspada.alerts.items import under
from waspada.errors import NotFoundError
from waspada.notify import outbox
from waspada.notify.senders.files import path_of
from waspada.settings import Settings
from waspada.store.tables import DeliveryRow, SubscriptionRow, SubscriptionSendRow
from waspada.subscriptions.repository import state_of
from waspada.subscriptions.types import SendState

_MAX_PREVIEW_CHARS = 60_000


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """One message: to what (a contact, a subscription, an institution's office), about what, how it went."""

    id: int
    channel: str
    target: str
    about: str
    bulk: bool
    state: SendState
    created_at: datetime
    due_at: datetime
    attempts: int
    next_try_at: datetime | None
    ended_at: datetime | None
    problem: str
    subscription_id: int | None


@dataclass(frozen=True, slots=True)
class DeliveryFilter:
    channel: str | None = None
    state: SendState | None = None
    subscription_id: int | None = None
    within: str | None = None


def listed(session: Session, asked: DeliveryFilter, *, before_id: int | None = None, limit: int) -> list[DeliveryLine]:
    """The newest first."""
    query = _base().where(*_matching(asked))
    if before_id is not None:
        query = query.where(DeliveryRow.id < before_id)
    return [_line(row[0], row[1]) for row in session.execute(query.order_by(DeliveryRow.id.desc()).limit(limit))]


def find(session: Session, delivery_id: int, *, within: str | None = None) -> DeliveryLine:
    """Raises NotFoundError."""
    query = _base().where(DeliveryRow.id == delivery_id, *_matching(DeliveryFilter(within=within)))
    found = session.execute(query).first()
    if found is None:
        raise NotFoundError(f"There is no delivery {delivery_id} in your area.", hint="It may have been purged.")
    return _line(found[0], found[1])


def preview(line: DeliveryLine, settings: Settings) -> str | None:
    """What was written to a file instead of being sent (development); None where nothing was."""
    if settings.delivery != "files":
        return None
    try:
        return path_of(settings, line.channel, line.id).read_text("utf-8", "replace")[:_MAX_PREVIEW_CHARS]
    except (OSError, ValueError):
        return None


def _base() -> Select[*tuple[Any, ...]]:
    return (
        select(DeliveryRow, SubscriptionSendRow.subscription_id)
        .outerjoin(SubscriptionSendRow, SubscriptionSendRow.delivery_id == DeliveryRow.id)
        .outerjoin(SubscriptionRow, SubscriptionRow.id == SubscriptionSendRow.subscription_id)
    )


def _matching(asked: DeliveryFilter) -> list[ColumnElement[bool]]:
    found = [] if asked.within is None else [under(SubscriptionRow.region, asked.within)]
    if asked.channel is not None:
        found.append(DeliveryRow.channel == asked.channel)
    if asked.subscription_id is not None:
        found.append(SubscriptionSendRow.subscription_id == asked.subscription_id)
    match asked.state:
        case SendState.WAITING:
            found.append(outbox.IS_WAITING)
        case SendState.SENT:
            found.append(DeliveryRow.sent_at.is_not(None))
        case SendState.UNCERTAIN:
            found.append(outbox.IS_UNCERTAIN)
        case SendState.FAILED:
            found.append(and_(DeliveryRow.failed_at.is_not(None), DeliveryRow.handed_at.is_(None)))
        case SendState.DROPPED:
            found.append(DeliveryRow.dropped_at.is_not(None))
    return found


def _line(row: DeliveryRow, subscription_id: int | None) -> DeliveryLine:
    state = state_of(row)
    return DeliveryLine(
        id=row.id,
        channel=row.channel,
        target=row.target.partition("/")[0] if "@" not in row.target else "office",
        about=row.about,
        bulk=row.bulk,
        state=state,
        created_at=row.created_at,
        due_at=row.due_at,
        attempts=row.attempts,
        next_try_at=row.next_try_at if state is SendState.WAITING else None,
        ended_at=row.sent_at or row.failed_at or row.dropped_at,
        problem=row.last_problem,
        subscription_id=subscription_id,
    )
