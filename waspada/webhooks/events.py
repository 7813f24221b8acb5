"""alert history -> deliveries: what webhooks are told is put into the outbox, once each.

A delivery holds no words: the event and the alert by their ids. What is sent is composed at the door when it goes
(`sender`), so that a text that was erased meanwhile, or masked better, is not sent as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from waspada.notify import outbox
from waspada.notify.messages import Channel, Message
from waspada.store import Store
from waspada.store.tables import WebhookRow
from waspada.webhooks import repository
from waspada.webhooks.policy import fits, kind_of, may_leave
from waspada.webhooks.types import Change, EventKind, Filter, Subject

#: Transactions commit out of order on PostgreSQL: an event may appear after one with a higher id. So many are looked at
#: once more, of the last hour; what was put is not put twice.
_LOOK_BACK_ROWS = 200
_LOOK_BACK = timedelta(hours=1)
_BATCH = 1000


def put_due(store: Store, now: datetime) -> int:
    """Puts what happened to alerts since the last time; returns how many messages that were. Raises StoreError.

    It looks without a lock first: a desk without webhooks writes nothing.
    """
    with store.read() as session:
        if not _waits(session, now):
            return 0
    return store.retrying(lambda session: _put(session, now))


def message(webhook_id: int, kind: EventKind, alert_id: int, change: Change, *, again: int = 0) -> Message:
    """The message of one event to one webhook. The id that the receiver sees is the same for every try of it."""
    key = key_of(webhook_id, change.id)
    return Message(
        channel=Channel.WEBHOOK,
        target=str(webhook_id),
        about=f"webhook/{webhook_id}/{change.id}",
        body={"type": kind.value, "alert": alert_id, "event": change.id, "id": key.replace("/", "_")},
        key=f"{key}/again/{again}" if again else key,
    )


def key_of(webhook_id: int, event_id: int) -> str:
    return f"webhook/{webhook_id}/{event_id}"


def _waits(session: Session, now: datetime) -> bool:
    """Whether something is to be put, or the look-back has grown long."""
    rows = repository.every(session, active_only=True)
    messages, newest = _found(session, rows, now)
    keys = {one.key for one in messages}
    return bool(keys - repository.known_keys(session, keys)) or any(
        row.seen_event_id < newest - _LOOK_BACK_ROWS for row in rows
    )


def _put(session: Session, now: datetime) -> int:
    messages, newest = _found(session, repository.every(session, active_only=True, lock=True), now)
    count = sum(outbox.put(session, one, now=now) is not None for one in messages)
    repository.advance(session, newest)
    return count


def _found(session: Session, rows: Sequence[WebhookRow], now: datetime) -> tuple[list[Message], int]:
    """What the webhooks are to be told, and the newest event that was looked at."""
    if not rows:
        return [], 0
    after = max(0, min(row.seen_event_id for row in rows) - _LOOK_BACK_ROWS)
    found = repository.changes(session, after, _BATCH)
    subjects = repository.subjects(session, [alert_id for alert_id, _ in found])
    out = []
    for alert_id, change in found:
        kind, subject = kind_of(change), subjects.get(alert_id)
        if kind is None or subject is None:
            continue
        for row in rows:
            if _is_news(row, change, now) and _wanted(row, change, subject):
                out.append(message(row.id, kind, alert_id, change))
    return out, found[-1][1].id if found else 0


def _is_news(row: WebhookRow, change: Change, now: datetime) -> bool:
    if change.at < row.since_at:
        return False
    return change.id > row.seen_event_id or change.at >= now - _LOOK_BACK


def _wanted(row: WebhookRow, change: Change, subject: Subject) -> bool:
    told_of = Filter(row.region, row.label, row.min_level, row.state)
    return fits(told_of, change, subject) and may_leave(change, subject, internal=row.internal)
