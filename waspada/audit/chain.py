"""The arithmetic of the chain, without a database: every row's hash covers the row before it.

hash = HMAC-SHA256(key, previous hash + canonical JSON of the row). The key is the installation's own, so that somebody
who can write to the database but not read the key cannot build a new chain that looks right.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime

from waspada.audit.types import Detail

GENESIS = "0" * 64


def chain_key(secret_key: bytes) -> bytes:
    """The key of the chain, derived so that the secret itself signs nothing twice."""
    return hmac.digest(secret_key, b"waspada/audit/chain", hashlib.sha256)


def row_hash(
    key: bytes,
    previous: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    object_: str,
    purpose: str,
    detail: Detail,
) -> str:
    """64 hex digits that stand for this row and all before it. `at` must be aware; microseconds count."""
    row = {
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "object": object_,
        "purpose": purpose,
        "detail": detail,
    }
    canonical = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hmac.new(key, f"{previous}{canonical}".encode(), hashlib.sha256).hexdigest()


def seal(key: bytes, *, at: datetime, row_id: int, rows: int, head: str) -> str:
    """64 hex digits that only this installation can write beside a checkpoint: so far the chain was whole."""
    text = f"checkpoint:{at.astimezone(UTC).isoformat(timespec='microseconds')}:{row_id}:{rows}:{head}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def keyed_hash(key: bytes, text: str) -> str:
    """16 hex digits that stand for a text which must not be in the log itself; the same text gives the same digits."""
    return hmac.new(key, b"text:" + text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:16]
