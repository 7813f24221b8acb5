"""Mails that came back (delivery status notifications, RFC 3464), read with the standard library.

A bounce counts where it holds a word that this installation signed (`waspada.notify.senders.returns`): in the address
that it was returned to, or in the Message-ID of the mail that it quotes. Anything else is refused and set aside, since
anybody may write to the mailbox. What the other server says is kept as numbers only.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes
from email.message import EmailMessage, Message
from email.policy import default
from enum import StrEnum

from sqlalchemy.orm import Session

from waspada.escalations import service as escalations
from waspada.notify.contacts import service as contacts
from waspada.notify.senders.returns import Returns
from waspada.settings import Settings
from waspada.store.tables import DeliveryRow, SubscriptionRow
from waspada.subscriptions import repository, service
from waspada.subscriptions.types import target_of

MAX_MAIL_BYTES = 1024 * 1024
_MAX_PARTS = 30
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_TO_HEADERS = ("delivered-to", "x-original-to", "to", "x-envelope-to")
#: No such mailbox or domain, or it moved (RFC 3463, X.1.X), and a mailbox that was disabled (X.2.1).
_FINAL = re.compile(r"5\.(?:1\.\d{1,3}|2\.1)")
#: Refused for reasons of rights and policy (X.7.X): the mailbox is not to blame.
_POLICY = re.compile(r"5\.7\.\d{1,3}")
_MAX_PROBLEM_CHARS = 60


class Read(StrEnum):
    """What a mail was."""

    FINAL = "final"  # there is no such mailbox
    PASSING = "passing"  # it may take mails again
    POLICY = "policy"  # the other server wants no such mail, or none from here: it ends nothing
    DELAYED = "delayed"  # the other server still tries
    OTHER = "other"  # no bounce of a mail from here


@dataclass(frozen=True, slots=True)
class Bounce:
    delivery_id: int
    read: Read
    status: str


def bounce_of(raw: bytes, settings: Settings) -> Bounce | None:
    """What came back, as far as it is of a mail from here; None for anything else, however broken it is."""
    if len(raw) > MAX_MAIL_BYTES:
        return None
    try:
        return _read(message_from_bytes(raw, policy=default), Returns(settings))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):  # the parser meets anything here
        return None


def note(session: Session, found: Bounce, *, now: datetime) -> str | None:
    """Writes down that a mail came back, and ends the subscription or the contact where it must end; returns what the
    mail went to ("subscription/12", "contact/4"; "delivery/7" for anything else), None where that mail is not known
    (any more). The same bounce twice counts once. Runs in the caller's transaction."""
    row = repository.subscription_of_delivery(session, found.delivery_id)
    delivery = session.get(DeliveryRow, found.delivery_id, with_for_update=True)
    if delivery is None:
        return None
    to = _went_to(row, delivery)
    said = f"It came back ({found.status or 'without a status'})."[:_MAX_PROBLEM_CHARS]
    if found.read is Read.DELAYED or delivery.last_problem.startswith("It came back"):
        return to
    delivery.last_problem, delivery.failed_at = said, now
    delivery.sent_at, delivery.handed_at = None, None
    session.flush()
    escalations.note_returned(session, delivery.about, now)
    if found.read is Read.POLICY:
        return to
    if row is not None:
        if row.opt_in_at is None or delivery.created_at >= row.opt_in_at:  # else it went to an address before this one
            service.note_bounce(session, row, is_final=found.read is Read.FINAL, now=now)
    else:
        contacts.end_returned(session, delivery.target, delivery.created_at, said, now=now)
    return to


def _went_to(row: SubscriptionRow | None, delivery: DeliveryRow) -> str:
    """The address of an office is in no line of the log."""
    if row is not None:
        return target_of(row.id)
    return f"delivery/{delivery.id}" if "@" in delivery.target else delivery.target


def _read(mail: Message, returns: Returns) -> Bounce | None:
    parts = list(_parts(mail))
    reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
    if not reports:
        return None
    delivery_id = returns.delivery_in(" ".join(_words_of(mail, parts)))
    if delivery_id is None:
        return None
    action, status = _said(reports)
    if action == "delayed":
        return Bounce(delivery_id, Read.DELAYED, status)
    return Bounce(delivery_id, _failure(status), status) if action == "failed" else None


def _failure(status: str) -> Read:
    if _FINAL.fullmatch(status):
        return Read.FINAL
    return Read.POLICY if _POLICY.fullmatch(status) else Read.PASSING


def _parts(mail: Message) -> Iterator[Message]:
    for number, part in enumerate(mail.walk()):
        if number >= _MAX_PARTS:
            return
        yield part


def _words_of(mail: Message, parts: list[Message]) -> Iterator[str]:
    """Where a word of ours may stand: whom the bounce was sent to, and the headers of the mail that it quotes."""
    for name in _TO_HEADERS:
        yield from (str(value) for value in mail.get_all(name, []))
    for part in parts[1:]:
        yield str(part.get("Message-ID", ""))
        if part.get_content_type() == "text/rfc822-headers":
            quoted = part.get_payload(decode=True)
            yield quoted.decode("ascii", "replace")[:20_000] if isinstance(quoted, bytes) else ""


def _said(reports: list[Message]) -> tuple[str, str]:
    """The action and the status of the recipient; the parser makes a message of each block of fields."""
    for report in reports:
        blocks = report.get_payload()
        for block in blocks if isinstance(blocks, list) else []:
            if isinstance(block, Message | EmailMessage) and block.get("Action"):
                found = _STATUS.search(str(block.get("Status", "")))
                return str(block["Action"]).strip().lower()[:20], found[0] if found else ""
    return "", ""
