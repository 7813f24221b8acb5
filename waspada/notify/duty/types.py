"""The shapes of the rota."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class DutyShift:
    """`user` is on duty for a desk, `starts_at` <= time < `ends_at`; `position` 1 is called first. `is_active`: the
    account is open and may read what the desk is told; one that is not is called no more."""

    id: int
    desk: str
    starts_at: datetime
    ends_at: datetime
    user_id: int
    user: str
    position: int
    is_active: bool = True
    is_reachable: bool = True


@dataclass(frozen=True, slots=True)
class Span:
    """`start` <= time < `end`."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Double:
    """An account that is on duty twice in a span, at `desks`."""

    user: str
    desks: Sequence[str]
    span: Span


@dataclass(frozen=True, slots=True)
class Day:
    """One calendar day of a desk, in its zone."""

    day: date
    span: Span
    shifts: Sequence[DutyShift]
    gaps: Sequence[Span]


@dataclass(frozen=True, slots=True)
class RotaView:
    """A run of days of a desk. `doubles` are those of the accounts that stand in it, also at other desks."""

    desk: str
    days: Sequence[Day]
    doubles: Sequence[Double]


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of a copy: those added, and how many were left out because the account was on duty there already."""

    added: Sequence[DutyShift]
    left_out: int


@dataclass(frozen=True, slots=True)
class Imported:
    """What came of a calendar: the shifts added, and of the others which event (counted from 1) and why not."""

    added: Sequence[DutyShift]
    left_out: Sequence[tuple[int, str]]
