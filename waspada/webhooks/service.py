"""What an admin does with webhooks. Everything runs in the caller's writing transaction, beside its audit line."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from waspada import places
from waspada.alerts.types import AlertState
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import clean_text
from waspada.net import check_url
from waspada.notify import outbox
from waspada.notify.messages import Channel, Message
from waspada.places import is_within
from waspada.privacy.reasons import reason_of
from waspada.store.tables import DeliveryRow, WebhookRow
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL
from waspada.webhooks import events, repository
from waspada.webhooks.policy import fits, key_of, kind_of, may_leave, secret_of
from waspada.webhooks.repository import as_webhook
from waspada.webhooks.types import DeliveryView, EventKind, Filter, Issued, NewWebhook, Webhook

MAX_WEBHOOKS = 50
MAX_TITLE_CHARACTERS = 80
MAX_URL_CHARACTERS = 500


def add(
    session: Session,
    new: NewWebhook,
    *,
    installation: bytes,
    actor: str,
    now: datetime,
    within: str | None = None,
    allowed: Collection[str] = frozenset(),
) -> Issued:
    """Sets a webhook up; its secret is in the answer and nowhere else.

    Raises InputError for an address that is not https or not public, an unknown region, label, level or state, and an
    internal one without a reason; NotFoundError for a region outside the admin's; ConflictError for too many. `allowed`
    are exact "host:port" exceptions, passed by code (tests).
    """
    title = _title(new.title)
    _check_address(new.url, allowed)
    _check_filter(new.told_of, within)
    reason = reason_of(new.internal_reason, is_needed=True) if new.internal else ""
    if len(repository.every(session)) >= MAX_WEBHOOKS:
        raise ConflictError(f"There are {MAX_WEBHOOKS} webhooks already.", hint="Remove one that nobody needs.")
    row = WebhookRow(
        title=title,
        url=new.url,
        nonce=secrets.token_hex(32),
        region=new.told_of.region,
        label=new.told_of.label,
        min_level=new.told_of.min_level,
        state=new.told_of.state,
        internal=new.internal,
        internal_reason=reason,
        active=True,
        actor=actor,
        created_at=now,
        since_at=now,
        seen_event_id=repository.newest_event(session),
    )
    session.add(row)
    session.flush()
    return Issued(as_webhook(row), secret_of(key_of(installation, row.nonce)))


def listed(session: Session, within: str | None = None) -> list[Webhook]:
    """All that an admin may see: one who is bound to a region sees those of that region."""
    return [as_webhook(row) for row in repository.every(session) if _is_seen(row, within)]


def find(session: Session, webhook_id: int, within: str | None = None) -> Webhook:
    """Raises NotFoundError."""
    return as_webhook(_row(session, webhook_id, within))


def deliveries(
    session: Session, webhook_id: int, *, within: str | None = None, before_id: int | None = None, limit: int = 50
) -> list[DeliveryView]:
    """Messages to a webhook, the newest first. Raises NotFoundError."""
    _row(session, webhook_id, within)
    return repository.deliveries(session, webhook_id, before_id=before_id, limit=limit)


def pause(session: Session, webhook_id: int, *, now: datetime, within: str | None = None) -> Webhook:
    """Tells it nothing any more; what waits is dropped. Twice is no error. Raises NotFoundError."""
    row = _row(session, webhook_id, within, lock=True)
    if row.active:
        row.active, row.paused_at = False, now
        outbox.drop_waiting(session, f"webhook/{webhook_id}", now)
    return as_webhook(row)


def resume(session: Session, webhook_id: int, *, now: datetime, within: str | None = None) -> Webhook:
    """Tells it again, of what happens from now on. Raises NotFoundError."""
    row = _row(session, webhook_id, within, lock=True)
    if not row.active:
        row.active, row.paused_at, row.failures = True, None, 0
        row.since_at, row.seen_event_id = now, repository.newest_event(session)
    return as_webhook(row)


def renew_secret(session: Session, webhook_id: int, *, installation: bytes, within: str | None = None) -> Issued:
    """A new secret; the old one signs nothing from now on. Raises NotFoundError."""
    row = _row(session, webhook_id, within, lock=True)
    row.nonce = secrets.token_hex(32)
    return Issued(as_webhook(row), secret_of(key_of(installation, row.nonce)))


def remove(session: Session, webhook_id: int, *, now: datetime, within: str | None = None) -> None:
    """Takes it away with its tries; what waits is dropped. Raises NotFoundError."""
    row = _row(session, webhook_id, within, lock=True)
    outbox.drop_waiting(session, f"webhook/{webhook_id}", now)
    session.delete(row)
    session.flush()


def send_test(session: Session, webhook_id: int, *, now: datetime, within: str | None = None) -> int:
    """Puts a test message; returns the id of its delivery. Raises NotFoundError, ConflictError for a paused one."""
    row = _row(session, webhook_id, within)
    _refuse_paused(row)
    token = secrets.token_hex(8)
    message = Message(
        channel=Channel.WEBHOOK,
        target=str(webhook_id),
        about=f"webhook/{webhook_id}/test",
        body={"type": EventKind.TEST.value, "id": f"webhook_{webhook_id}_test_{token}"},
        key=f"webhook/{webhook_id}/test/{token}",
    )
    put = outbox.put(session, message, now=now)
    assert put is not None  # noqa: S101 (64 random bits)
    return put


def redeliver(session: Session, webhook_id: int, delivery_id: int, *, now: datetime, within: str | None = None) -> int:
    """Puts a message that ended once more, with the id by which the receiver knows it; returns its new delivery.

    Raises NotFoundError, and ConflictError where it still waits, the webhook is paused, or the alert may not leave as
    it stands now.
    """
    row = _row(session, webhook_id, within)
    _refuse_paused(row)
    old = repository.delivery_row(session, webhook_id, delivery_id)
    if not (old.sent_at or old.failed_at or old.dropped_at):
        raise ConflictError(f"Delivery {delivery_id} still waits.", hint="It is tried again by itself.")
    if "digest" in old.body:
        raise ConflictError("A digest is not sent again from here.", hint="See its subscription.")
    if "event" not in old.body:
        return send_test(session, webhook_id, now=now, within=within)
    return _again(session, row, old, now)


def _again(session: Session, row: WebhookRow, old: DeliveryRow, now: datetime) -> int:
    found = repository.change(session, old.body["event"])
    subject = repository.subjects(session, [found[0]]).get(found[0]) if found else None
    if found is None or subject is None:
        raise ConflictError("What this delivery told of is gone.", hint="It was erased; there is nothing to send.")
    alert_id, change = found
    kind = kind_of(change)
    told_of = Filter(row.region, row.label, row.min_level, row.state)
    leaves = may_leave(change, subject, internal=row.internal) and fits(told_of, change, subject)
    if kind is None or not leaves:
        raise ConflictError(
            "This may not leave as the alert stands now.", hint="A person verifies before anything leaves."
        )
    number = repository.repeats(session, events.key_of(row.id, change.id)) + 1
    put = outbox.put(session, events.message(row.id, kind, alert_id, change, again=number), now=now)
    if put is None:
        raise ConflictError("Somebody else asked for the same just now.", hint="Look at the list again.")
    return put


def _row(session: Session, webhook_id: int, within: str | None, *, lock: bool = False) -> WebhookRow:
    row = repository.row_of(session, webhook_id, lock=lock)
    if not _is_seen(row, within):
        raise NotFoundError(f"There is no webhook {webhook_id} in your area.", hint="It may be of a wider region.")
    return row


def _is_seen(row: WebhookRow, within: str | None) -> bool:
    return within is None or (row.region is not None and is_within(row.region, within))


def _refuse_paused(row: WebhookRow) -> None:
    if not row.active:
        raise ConflictError(f"Webhook {row.id} is paused.", hint="Switch it on first.")


def _title(given: str) -> str:
    text = " ".join(clean_text(given).split())
    if not 0 < len(text) <= MAX_TITLE_CHARACTERS:
        raise InputError(
            f"A webhook needs a title of at most {MAX_TITLE_CHARACTERS} characters.", hint="Say whose program it is."
        )
    return text


def _check_address(url: str, allowed: Collection[str]) -> None:
    if len(url) > MAX_URL_CHARACTERS or not url.isascii() or not url.isprintable() or " " in url or "#" in url:
        raise InputError("The address cannot be used.", hint="Write it as https://host/path, in ASCII.")
    check_url(url, allowed)
    secure = url.lower().startswith("https://")
    if not secure and url.partition("//")[2].partition("/")[0] not in allowed:
        raise InputError("The address is not https.", hint="Give the receiver a certificate.")
    if "@" in url.partition("//")[2].partition("/")[0]:
        raise InputError("The address holds a name or password.", hint="The signature is what proves who sends.")


def _check_filter(told_of: Filter, within: str | None) -> None:
    if told_of.region is not None and places.place(told_of.region) is None:
        raise InputError(f"The region {told_of.region!r} is not known.", hint="Give a code such as 63 or 63.03.")
    if within is not None and (told_of.region is None or not is_within(told_of.region, within)):
        raise NotFoundError("That region is not in your area.", hint=f"Yours is {within}.")
    if told_of.label is not None and told_of.label not in EVENT_LABELS:
        raise InputError(f"Alerts have no label {told_of.label!r}.", hint=f"Use one of: {', '.join(EVENT_LABELS)}.")
    if not 0 <= told_of.min_level <= MAX_LEVEL:
        raise InputError(f"Levels are 0 to {MAX_LEVEL}.")
    states: Sequence[str] = [state.value for state in AlertState]
    if told_of.state is not None and told_of.state not in states:
        raise InputError(f"Alerts have no state {told_of.state!r}.", hint=f"Use one of: {', '.join(states)}.")
