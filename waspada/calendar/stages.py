"""Reading the calendar: a CSV with election, region, stage, start, end, weight, status and source.

`data/stages.csv` ships the Pilkada of 2024 (PKPU 2/2024) and what followed; an operator names another file in
`WASPADA_CALENDAR_FILE`. An empty region means the whole country; a start may be open. `weight` (0..1) is what the stage
means for a desk; where it is empty, or the file has no such column, a vote has 1 and everything else 0. The status
`provisional` says that the dates may still move.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from waspada.errors import SettingsError

DEFAULT_FILE = Path(__file__).parent / "data" / "stages.csv"
_VOTE = "pemungutan suara"
_PROVISIONAL = "provisional"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an election, first to last day inclusive; `region` is a Kemendagri code, None for everywhere.

    `own_weight` is what the file says, None where it says nothing.
    """

    election: str
    name: str
    start: date | None
    end: date
    region: str | None = None
    status: str = "final"
    source: str = ""
    own_weight: float | None = None

    @property
    def is_vote(self) -> bool:
        return self.name.lower().startswith(_VOTE)

    @property
    def is_provisional(self) -> bool:
        return self.status == _PROVISIONAL

    @property
    def weight(self) -> float:
        """0..1: what the stage means for a desk on its own days."""
        return float(self.is_vote) if self.own_weight is None else self.own_weight


def load_stages(path: Path | None = None) -> tuple[Stage, ...]:
    """The stages of a file, by their last day. Raises SettingsError naming the file and the line."""
    path = path or DEFAULT_FILE
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(enumerate(csv.DictReader(file), start=2))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"The calendar {path} cannot be read: {error}.", hint="Check WASPADA_CALENDAR_FILE."
        ) from None
    return tuple(sorted((_stage(row, f"{path}, line {n}") for n, row in rows), key=lambda stage: stage.end))


def _stage(row: dict[str, str], where: str) -> Stage:
    try:
        return Stage(
            election=row["election"],
            name=row["stage"],
            start=date.fromisoformat(row["start"]) if row.get("start") else None,
            end=date.fromisoformat(row["end"]),
            region=row.get("region") or None,
            status=(row.get("status") or "final").strip().lower(),
            source=row.get("source") or "",
            own_weight=_weight(row.get("weight")),
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The calendar has a line that cannot be read ({where}): {error!r}.",
            hint="Columns are election, region, stage, start, end, weight, status, source; dates are YYYY-MM-DD, "
            "a weight is a number from 0 to 1.",
        ) from None


def _weight(written: str | None) -> float | None:
    if not written or not written.strip():
        return None
    weight = float(written)
    if not 0 <= weight <= 1:
        raise ValueError(f"a weight of {written}")
    return weight
