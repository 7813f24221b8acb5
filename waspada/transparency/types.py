"""The shape of the report. Every number that could point at somebody is a `Count`, which hides small ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from waspada.shares import wilson

#: A number under this is given as "<5" where it could point at somebody.
LEAST_SHOWN = 5


def shown(number: int) -> str:
    """A count as it may be published: 0, "<5", or the number."""
    return f"<{LEAST_SHOWN}" if 0 < number < LEAST_SHOWN else str(number)


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `n`, with Wilson's 95 % interval. Where `n` is 0 nothing is known: the interval is 0 to 1."""

    hits: int
    n: int

    @property
    def value(self) -> float | None:
        return self.hits / self.n if self.n else None

    @property
    def is_shown(self) -> bool:
        """Whether there are enough to be given as a share."""
        return self.n >= LEAST_SHOWN

    @property
    def low(self) -> float:
        return self._interval()[0]

    @property
    def high(self) -> float:
        return self._interval()[1]

    def _interval(self) -> tuple[float, float]:
        return wilson(self.hits / self.n if self.n else 0.0, self.n)


@dataclass(frozen=True, slots=True)
class ModelFigures:
    """The model in use and what its card says of it: name of a figure -> (value, low, high)."""

    version: str
    figures: Mapping[str, tuple[float, float, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StopLine:
    """A stop of the collection: what it held, from when to when; not who set it, and not why."""

    about: str
    at: datetime
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Report:
    """One month of a desk, in its zone: `start` <= time < `end`. Names of regions, labels and kinds; no persons.

    `escalations` are counts by kind of recipient; `field_reports` by state, without those that only pass others on.
    `erased` is rows by class of data that went on request, `aged` those that were past their time.
    """

    month: str
    region: str
    start: datetime
    end: datetime
    made_at: datetime
    sources: Mapping[str, Mapping[str, int]]  # kind -> state -> how many
    items: Mapping[str, int]  # article | post -> how many
    alerts: Mapping[str, Mapping[str, int]]  # label -> state -> how many
    levels: Mapping[int, int]
    precision: Mapping[str, Share]  # label -> verified of those that a person decided on
    acknowledged: int
    median_acknowledgement: timedelta | None
    escalations: Mapping[str, int]
    digests: Mapping[str, int]  # channel -> how many digests and corrections were sent
    field_reports: Mapping[str, int]  # state -> how many that came in the time
    requests: Mapping[str, Mapping[str, int]]  # kind -> outcome -> how many
    in_time: Share
    erased: Mapping[str, int]
    aged: Mapping[str, int]
    deleted_at_place: int
    stops: Sequence[StopLine]
    sign_ins_refused: int
    searches: int
    exports: int
    audit_rows: int
    audit_whole_at: datetime | None
    model: ModelFigures | None

    @property
    def last_day(self) -> date:
        return (self.end - timedelta(seconds=1)).date()

    def as_json(self) -> dict[str, Any]:
        """The report as it may be published: small counts that could point at somebody are hidden here, too."""
        hours = self.median_acknowledgement
        return {
            "month": self.month,
            "region": self.region,
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "made_at": self.made_at.isoformat(),
            "sources": {kind: dict(states) for kind, states in self.sources.items()},
            "items": dict(self.items),
            "alerts": _hidden(self.alerts),
            "levels": {str(level): shown(count) for level, count in self.levels.items()},
            "precision": {label: _share(share) for label, share in self.precision.items()},
            "acknowledged": shown(self.acknowledged),
            "median_acknowledgement_seconds": None if hours is None else int(hours.total_seconds()),
            "escalations": {kind: shown(count) for kind, count in self.escalations.items()},
            "digests": {channel: shown(count) for channel, count in self.digests.items()},
            "field_reports": {state: shown(count) for state, count in self.field_reports.items()},
            "requests": _hidden(self.requests),
            "erased_on_request": {key: shown(count) for key, count in self.erased.items()},
            "removed_past_their_time": dict(self.aged),
            "deleted_at_place": shown(self.deleted_at_place),
            "stops": [
                {
                    "about": stop.about,
                    "at": stop.at.isoformat(),
                    "lifted_at": stop.lifted_at.isoformat() if stop.lifted_at else None,
                }
                for stop in self.stops
            ],
            "sign_ins_refused": shown(self.sign_ins_refused),
            "searches": shown(self.searches),
            "exports": shown(self.exports),
            "audit_rows": self.audit_rows,
            "audit_whole_at": self.audit_whole_at.isoformat() if self.audit_whole_at else None,
            "model": None
            if self.model is None
            else {"version": self.model.version, "figures": {k: list(v) for k, v in self.model.figures.items()}},
        }


def _hidden(counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, str]]:
    return {outer: {inner: shown(count) for inner, count in row.items()} for outer, row in counts.items()}


def _share(share: Share) -> dict[str, Any]:
    known = share.is_shown
    return {
        "verified": shown(share.hits),
        "decided": shown(share.n),
        "value": share.value if known else None,
        "low": share.low if known else None,
        "high": share.high if known else None,
    }
