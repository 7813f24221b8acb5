"""SQL of webhooks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from waspada.errors import NotFoundError
from waspada.notify import outbox
from waspada.store.tables import AlertEventRow, AlertRegionRow, AlertRow, DeliveryRow, WebhookAttemptRow, WebhookRow
from waspada.webhooks.policy import PAUSED_AFTER
from waspada.webhooks.types import (
    Answer,
    Attempt,
    Change,
    DeliveryState,
    DeliveryView,
    EventKind,
    Filter,
    Subject,
    Webhook,
)

_MAX_PROBLEM_CHARS = 300


def as_webhook(row: WebhookRow) -> Webhook:
    return Webhook(
        id=row.id,
        title=row.title,
        url=row.url,
        told_of=Filter(row.region, row.label, row.min_level, row.state),
        internal=row.internal,
        internal_reason=row.internal_reason,
        active=row.active,
        paused_at=row.paused_at,
        actor=row.actor,
        created_at=row.created_at,
        failures=row.failures,
        last_at=row.last_at,
        last_status=row.last_status,
    )


def row_of(session: Session, webhook_id: int, *, lock: bool = False) -> WebhookRow:
    """Raises NotFoundError."""
    found = session.get(WebhookRow, webhook_id, with_for_update=lock or None, populate_existing=lock)
    if found is None:
        raise NotFoundError(f"There is no webhook {webhook_id}.", hint="GET /api/v1/webhooks lists them.")
    return found


def every(session: Session, *, active_only: bool = False, lock: bool = False) -> Sequence[WebhookRow]:
    query = select(WebhookRow).order_by(WebhookRow.id)
    if active_only:
        query = query.where(WebhookRow.active)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.scalars(query).all()


def newest_event(session: Session) -> int:
    return session.scalar(select(func.max(AlertEventRow.id))) or 0


def changes(session: Session, after_id: int, limit: int) -> list[tuple[int, Change]]:
    """(alert, change) after an id, in their order."""
    rows = session.scalars(
        select(AlertEventRow).where(AlertEventRow.id > after_id).order_by(AlertEventRow.id).limit(limit)
    )
    return [(row.alert_id, as_change(row)) for row in rows]


def change(session: Session, event_id: int) -> tuple[int, Change] | None:
    row = session.get(AlertEventRow, event_id)
    return (row.alert_id, as_change(row)) if row is not None else None


def as_change(row: AlertEventRow) -> Change:
    return Change(row.id, row.action, row.from_state, row.to_state, row.detail, row.at)


def subjects(session: Session, alert_ids: Collection[int]) -> dict[int, Subject]:
    """The alerts of changes as they stand now."""
    ids = sorted(set(alert_ids))
    regions: dict[int, set[str]] = {}
    for alert_id, code in session.execute(
        select(AlertRegionRow.alert_id, AlertRegionRow.code).where(AlertRegionRow.alert_id.in_(ids))
    ):
        regions.setdefault(alert_id, set()).add(code)
    rows = session.execute(
        select(AlertRow.id, AlertRow.state, AlertRow.label, AlertRow.level, AlertRow.exercise).where(
            AlertRow.id.in_(ids)
        )
    )
    return {row[0]: Subject(*row, frozenset(regions.get(row[0], ()))) for row in rows}


def known_keys(session: Session, keys: Collection[str]) -> set[str]:
    """Which of these messages were put before."""
    return set(session.scalars(select(DeliveryRow.key).where(DeliveryRow.key.in_(sorted(keys)))))


def note_try(session: Session, webhook_id: int, delivery_id: int, attempt: int, answer: Answer, now: datetime) -> bool:
    """Writes down how a try ended; returns whether the webhook is paused by it."""
    row = session.get(WebhookRow, webhook_id, with_for_update=True, populate_existing=True)
    if row is None:  # removed meanwhile
        return False
    session.add(
        WebhookAttemptRow(
            webhook_id=webhook_id,
            delivery_id=delivery_id,
            at=now,
            attempt=attempt,
            outcome=answer.word,
            status=answer.status,
            milliseconds=answer.milliseconds,
            problem=answer.problem[:_MAX_PROBLEM_CHARS],
        )
    )
    row.last_at, row.last_status = now, answer.status
    row.failures = 0 if answer.word == "sent" else row.failures + 1
    if row.failures < PAUSED_AFTER or not row.active:
        return False
    row.active, row.paused_at = False, now
    outbox.drop_waiting(session, f"webhook/{webhook_id}", now)
    return True


def deliveries(session: Session, webhook_id: int, *, before_id: int | None, limit: int) -> list[DeliveryView]:
    """Messages to a webhook, the newest first, each with its tries."""
    query = select(DeliveryRow).where(DeliveryRow.channel == "webhook", DeliveryRow.target == str(webhook_id))
    if before_id is not None:
        query = query.where(DeliveryRow.id < before_id)
    rows = session.scalars(query.order_by(DeliveryRow.id.desc()).limit(limit)).all()
    tries: dict[int, list[Attempt]] = {}
    for row in session.scalars(
        select(WebhookAttemptRow)
        .where(WebhookAttemptRow.webhook_id == webhook_id, WebhookAttemptRow.delivery_id.in_([one.id for one in rows]))
        .order_by(WebhookAttemptRow.id.desc())
    ):
        tries.setdefault(row.delivery_id, []).append(
            Attempt(row.at, row.attempt, row.outcome, row.status, row.milliseconds, row.problem)
        )
    return [_view(row, tuple(tries.get(row.id, ()))) for row in rows]


def delivery_row(session: Session, webhook_id: int, delivery_id: int) -> DeliveryRow:
    """Raises NotFoundError."""
    row = session.get(DeliveryRow, delivery_id)
    if row is None or row.channel != "webhook" or row.target != str(webhook_id):
        raise NotFoundError(f"Webhook {webhook_id} has no delivery {delivery_id}.", hint="It may have been purged.")
    return row


def repeats(session: Session, key: str) -> int:
    """How often a message was put again after it had ended."""
    begins = f"{key}/again/"
    same = func.substr(DeliveryRow.key, 1, len(begins)) == begins
    return session.scalar(select(func.count()).select_from(DeliveryRow).where(same)) or 0


def advance(session: Session, event_id: int) -> None:
    """What was looked at is not looked at again (but for the look-back of `events`)."""
    session.execute(
        update(WebhookRow).where(WebhookRow.active, WebhookRow.seen_event_id < event_id).values(seen_event_id=event_id)
    )


def _view(row: DeliveryRow, tries: tuple[Attempt, ...]) -> DeliveryView:
    ended = row.sent_at or row.failed_at or row.dropped_at
    state = (
        DeliveryState.SENT
        if row.sent_at
        else DeliveryState.FAILED
        if row.failed_at
        else DeliveryState.DROPPED
        if row.dropped_at
        else DeliveryState.WAITING
    )
    is_digest = "digest" in row.body
    return DeliveryView(
        id=row.id,
        kind=EventKind.DIGEST if is_digest else EventKind(row.body.get("type", EventKind.TEST.value)),
        alert_id=row.body.get("alert"),
        state=state,
        created_at=row.created_at,
        next_try_at=row.next_try_at,
        ended_at=ended,
        problem=row.last_problem,
        attempts=tries,
    )
