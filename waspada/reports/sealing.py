"""Who sent a report is sealed, and found again only with the key of this installation.

Two things stand in the database beside a report: the sealed name, which opens for that report alone, and a mark, which
is another one for every report of the same account. So a copy of the database tells neither who sent a report nor which
reports are one person's; an account's own list is found by trying its mark on the reports of its region.

Drafts are kept the same way, under keys of a domain of their own: two copies of the database, one with a draft and one
with the report that it became, share nothing either.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping

from waspada.access.vault import Vault
from waspada.errors import ConflictError
from waspada.reports.types import Sender


class Keys:
    """Cheap; holds keys and nothing else."""

    def __init__(self, secret_key: bytes) -> None:
        self._senders = Vault(secret_key, "reports")
        self._drafts = Vault(secret_key, "report-drafts")
        self._key = hmac.digest(secret_key, b"waspada/reports/mark", hashlib.sha256)

    def seal(self, sender: Sender, report_id: int) -> str:
        told = {"user": sender.user_id, "name": sender.name, "region": sender.region}
        return self._senders.seal(json.dumps(told), _about(report_id))

    def open(self, sealed: str, report_id: int) -> Sender:
        """Raises ConflictError: it was sealed under another key, for another report, or was changed."""
        told = self._senders.open(sealed, _about(report_id))
        if told is None:
            raise ConflictError(
                "The sender cannot be opened with the secret key of this installation.",
                hint="Restore secret.key from the backup of this database.",
            )
        found = json.loads(told)
        return Sender(found["user"], found["name"], found["region"])

    def mark(self, user_id: int, report_id: int) -> str:
        """64 hex digits; another one for every report."""
        return self._hash("report", str(user_id), str(report_id))

    def form_key(self, user_id: int, key: str) -> str:
        """What tells a report from another one of the same account, made of the form's own key."""
        return self._hash("form", str(user_id), key)

    def draft_key(self, user_id: int, key: str) -> str:
        """What tells a draft from another one; it has nothing in common with the `form_key` of the report."""
        return self._hash("draft", str(user_id), key)

    def draft_mark(self, user_id: int, draft_key: str) -> str:
        """64 hex digits; another one for every draft."""
        return self._hash("draft-mark", str(user_id), draft_key)

    def owner(self, user_id: int) -> str:
        """For browsers alone, which keep it beside what they store, to know whether it is somebody else's; no database
        holds it."""
        return self._hash("drafts", str(user_id))

    def seal_draft(self, fields: Mapping[str, str], user_id: int, key: str) -> str:
        return self._drafts.seal(json.dumps({"key": key, "fields": dict(fields)}), self.draft_key(user_id, key))

    def open_draft(self, sealed: str, draft_key: str) -> tuple[str, dict[str, str]] | None:
        """(its key, its fields). None where it cannot be read."""
        told = self._drafts.open(sealed, draft_key)
        if told is None:
            return None
        found = json.loads(told)
        return found["key"], found["fields"]

    def _hash(self, *parts: str) -> str:
        return hmac.new(self._key, "\0".join(parts).encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _about(report_id: int) -> str:
    return f"report {report_id}"
