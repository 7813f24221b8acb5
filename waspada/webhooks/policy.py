"""What a webhook is told, when it is let alone, and how a message is signed. Pure.

Signatures are those of the Standard Webhooks specification (standardwebhooks.com): the header `webhook-signature` holds
`v1,` and the Base64 of HMAC-SHA256 over `webhook-id.webhook-timestamp.body` under the bytes of the secret, which is
written as `whsec_` and their Base64.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from waspada.alerts.types import AlertState
from waspada.notify.messages import GivenUp, Outcome, Retry, Sent
from waspada.webhooks.types import Change, EventKind, Filter, Subject

#: After so many failures in a row a webhook is paused: somebody has to look.
PAUSED_AFTER = 20
_SECRET_PREFIX = "whsec_"  # noqa: S105 (what a secret begins with)
_GONE = frozenset({410})
_ASKED_TO_WAIT = frozenset({429, 503})
_KINDS = {
    "opened": EventKind.OPENED,
    "raised": EventKind.RAISED,
    "merged": EventKind.MERGED,
    "merged_into": EventKind.MERGED,
}


def kind_of(change: Change) -> EventKind | None:
    """What a line of an alert's history is to a webhook; None for what is no news to one: a step of the machine that no
    text caused but another model is none either."""
    if "by_model" in change.detail:
        return None
    return _KINDS.get(change.action) or (EventKind.STATE if change.to_state is not None else None)


def may_leave(change: Change, subject: Subject, *, internal: bool) -> bool:
    """Whether this may leave at all: a person verifies before anything does (design, rule 8).

    A target of the team itself is told everything. Any other one is told of an alert that a person verified, and that a
    verified alert is one no longer: who was warned must hear that too.
    """
    if internal:
        return True
    verified = AlertState.VERIFIED.value
    return verified in (subject.state, change.from_state, change.to_state)


def fits(told_of: Filter, change: Change, subject: Subject) -> bool:
    """Whether a webhook asked for this. Exercises of the canary are nobody's news."""
    if subject.exercise:
        return False
    if told_of.region is not None and told_of.region not in subject.regions:
        return False
    if told_of.label is not None and told_of.label != subject.label:
        return False
    if told_of.state is not None and told_of.state not in (subject.state, change.from_state, change.to_state):
        return False
    return _highest(change, subject) >= told_of.min_level


def _highest(change: Change, subject: Subject) -> int:
    """The alert's level, or the one that it fell from with this change."""
    before = change.detail.get("from")
    return max(subject.level, before if isinstance(before, int) else 0)


def outcome_of(status: int, retry_after: str | None) -> Outcome:
    """What an HTTP status means. Redirects are not followed: whoever sets the webhook up names its last address."""
    if 200 <= status < 300:
        return Sent()
    if status in _GONE:
        return GivenUp(f"HTTP {status}: the receiver wants no more of it.")
    if 300 <= status < 400:
        return Retry(f"HTTP {status}: redirects are not followed.")
    wait = _seconds(retry_after) if status in _ASKED_TO_WAIT else timedelta(0)
    return Retry(f"HTTP {status}.", wait)


def _seconds(header: str | None) -> timedelta:
    text = (header or "").strip()
    return timedelta(seconds=int(text)) if text.isascii() and text.isdecimal() and len(text) <= 6 else timedelta(0)


def key_of(installation: bytes, nonce: str) -> bytes:
    """The key of a webhook: made of the installation's key and the webhook's nonce, so that no secret is stored."""
    return hmac.digest(hmac.digest(installation, b"waspada/webhooks", hashlib.sha256), nonce.encode(), hashlib.sha256)


def secret_of(key: bytes) -> str:
    """The key as the receiver gets it."""
    return _SECRET_PREFIX + base64.b64encode(key).decode()


def signature(key: bytes, message_id: str, at: datetime, body: bytes) -> str:
    """The header `webhook-signature` of a message."""
    signed = f"{message_id}.{int(at.timestamp())}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
