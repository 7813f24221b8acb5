"""The shape of a stop of the collection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Stop:
    """From `at` on nothing is collected, until `lifted_at`. With neither source nor region it holds for everything.

    `role` is what the account was when it stopped the collection: an auditor's stop is lifted by another account.
    """

    id: int
    at: datetime
    actor: str
    role: str
    source_id: str | None
    region: str | None
    reason: str
    lifted_at: datetime | None = None
    lifted_by: str | None = None
    lifted_why: str = ""

    @property
    def in_force(self) -> bool:
        return self.lifted_at is None

    @property
    def is_whole(self) -> bool:
        return self.source_id is None and self.region is None

    @property
    def about(self) -> str:
        """What it stops, as the audit log names it."""
        if self.source_id is not None:
            return f"source/{self.source_id}"
        return f"region/{self.region}" if self.region is not None else "everything"
