"""Reading the calendar: a CSV with election, region, stage, start, end, status and source.

`data/stages.csv` ships the Pilkada of 2024 (PKPU 2/2024) and what followed; an operator names another file in
`WASPADA_CALENDAR_FILE`. An empty region means the whole country; a start may be open.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from waspada.errors import SettingsError

DEFAULT_FILE = Path(__file__).parent / "data" / "stages.csv"
_VOTE = "pemungutan suara"


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of an election, first to last day inclusive; `region` is a Kemendagri code, None for everywhere."""

    election: str
    name: str
    start: date | None
    end: date
    region: str | None = None
    status: str = "final"
    source: str = ""

    @property
    def is_vote(self) -> bool:
        return self.name.lower().startswith(_VOTE)


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
            status=row.get("status") or "final",
            source=row.get("source") or "",
        )
    except (KeyError, ValueError, TypeError, AttributeError) as error:
        raise SettingsError(
            f"The calendar has a line that cannot be read ({where}): {error!r}.",
            hint="Columns are election, region, stage, start, end, status, source; dates are YYYY-MM-DD.",
        ) from None
