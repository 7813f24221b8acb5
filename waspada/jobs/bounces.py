"""mailbox -> bounce -> subscription or contact: mails that came back are read over IMAP, where the operator named a
mailbox.

It has a thread of its own: a mailbox that answers slowly must hold nothing up. What was understood is deleted there,
since it quotes addresses. Anything else stays, marked as seen, and is listed among the rejects: anybody may write to
that mailbox.
"""

from __future__ import annotations

import imaplib
import logging
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from threading import Event
from urllib.parse import unquote, urlsplit

from sqlalchemy.orm import Session

from waspada.alerts.types import SYSTEM
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.errors import StoreError
from waspada.items.repository import reject
from waspada.jobs.beside import beside
from waspada.settings import Settings
from waspada.store import Store
from waspada.subscriptions import bounces

log = logging.getLogger("waspada.bounces")

EVERY_SECONDS = 300.0
TIMEOUT_SECONDS = 20.0
_PORT = 993
_MOST_A_TIME = 200
STAGE = "bounce"
_UNKNOWN = "A mail came back that is not known here any more; it was left there."
_REFUSED = "A mail to the bounce mailbox is no bounce of a mail from here; it was left there."
_ACTIONS = {"subscription": AuditAction.SUBSCRIPTION_CHANGED, "contact": AuditAction.CONTACT_CHANGED}
_SEEN, _DELETED = r"(\Seen)", r"(\Deleted)"


@dataclass(frozen=True, slots=True)
class Looked:
    """How many mails were read, and how many were no bounce of ours."""

    taken: int = 0
    refused: int = 0


def take(store: Store, settings: Settings, raw: bytes, now: datetime, *, actor: str = SYSTEM, name: str = "") -> bool:
    """One mail that came back; whether it was a bounce of a mail known here. `name` is what a reject calls it."""

    def work(session: Session) -> bool:
        found = bounces.bounce_of(raw, settings)
        went_to = bounces.note(session, found, now=now) if found is not None else None
        if found is None or went_to is None:
            problem = _REFUSED if found is None else _UNKNOWN
            reject(session, STAGE, f"bounce {name or 'by hand'}", problem, now)
            return False
        audit_log(settings).append(
            session,
            actor=actor,
            action=_ACTIONS.get(went_to.partition("/")[0], AuditAction.DELIVERY_RETURNED),
            object=went_to,
            detail={"step": "bounce", "read": found.read.value, "delivery": found.delivery_id},
            now=now,
        )
        return True

    return store.retrying(work)


@contextmanager
def reading(
    store: Store,
    settings: Settings,
    stop: Event,
    clock: Callable[[], datetime],
    context: ssl.SSLContext | None = None,
) -> Iterator[None]:
    """The mailbox is looked at every five minutes beside the work of the block, where one is named; it ends with `stop`
    and with the block."""
    if settings.bounce_url is None:
        yield
        return
    with beside("bounces", lambda ends: look(store, settings, clock, context, ends.is_set), stop, EVERY_SECONDS):
        yield


def look(
    store: Store,
    settings: Settings,
    clock: Callable[[], datetime],
    context: ssl.SSLContext | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Looked:
    """Reads what is new in the mailbox; nothing where none is named. A mailbox that cannot be read is said and tried
    again, whatever the reason. Raises StoreError."""
    if settings.bounce_url is None:
        return Looked()
    try:
        return _read(store, settings, clock, context or ssl.create_default_context(), stopping)
    except StoreError:
        raise
    except Exception as error:  # a password that is not ASCII, an answer that is no IMAP; its text may quote either
        log.warning("The bounce mailbox cannot be read (%s).", type(error).__name__)
        return Looked()


def _read(
    store: Store,
    settings: Settings,
    clock: Callable[[], datetime],
    context: ssl.SSLContext,
    stopping: Callable[[], bool],
) -> Looked:
    assert settings.bounce_url is not None  # noqa: S101 (look)
    parts = urlsplit(settings.bounce_url.get_secret_value())
    taken = refused = 0
    with imaplib.IMAP4_SSL(
        parts.hostname or "", parts.port or _PORT, ssl_context=context, timeout=TIMEOUT_SECONDS
    ) as mailbox:
        mailbox.login(unquote(parts.username or ""), unquote(parts.password or ""))
        mailbox.select(parts.path.strip("/") or "INBOX")
        _, found = mailbox.uid("SEARCH", "UNSEEN", "SMALLER", str(bounces.MAX_MAIL_BYTES))
        for uid in (found[0] or b"").split()[:_MOST_A_TIME]:
            if stopping():
                break
            word = uid.decode("ascii", "replace")
            _, answer = mailbox.uid("FETCH", word, "(BODY.PEEK[])")
            raw = next((part[1] for part in answer if isinstance(part, tuple)), b"")
            is_ours = take(store, settings, raw, clock(), name=word)
            mailbox.uid("STORE", word, "+FLAGS", _DELETED if is_ours else _SEEN)
            taken, refused = taken + is_ours, refused + (not is_ours)
        mailbox.expunge()
    return Looked(taken, refused)
