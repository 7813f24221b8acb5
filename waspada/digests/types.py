"""The shape of a digest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from waspada.alerts.types import AlertSummary, Coverage


@dataclass(frozen=True, slots=True)
class DigestEntry:
    """One alert in one sentence of quoted evidence; all texts are masked already."""

    alert: AlertSummary
    headline: str
    quote: str
    place: str
    outlets: Sequence[str]
    link: str
    claim_line: str = ""


@dataclass(frozen=True, slots=True)
class Digest:
    """What a subscriber of a region gets for a day: verified first, then what is not, the rest as counts."""

    region: str
    region_name: str
    day: date
    verified: Sequence[DigestEntry]
    unverified: Sequence[DigestEntry]
    held_back: Mapping[str, int]  # label -> alerts of the day beyond the entries
    coverage: Coverage
    erased: int = 0  # alerts of the day and region that lost items to an erasure
    stopped_since: datetime | None = None  # from when on nothing was collected, where that is so

    @property
    def is_empty(self) -> bool:
        return not self.verified and not self.unverified
