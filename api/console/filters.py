"""The filter form of the alerts page, and the tree of regions in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.console import words
from api.paging import MAX_CURSOR_CHARACTERS
from api.v1.params import REGION_PATTERN
from waspada import places
from waspada.alerts.types import OPEN_STATES, AlertFilter, AlertState
from waspada.taxonomy import MAX_LEVEL, Label


Period = Literal["any", "1d", "3d", "7d", "30d"]
StateChoice = Literal["open", "any", "new", "acknowledged", "verified", "dismissed", "closed"]


class FilterForm(BaseModel):
    """What the form sends; an empty choice means "any"."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    label: Label | Literal[""] = ""
    level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    state: StateChoice = "open"
    period: Period = "any"
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    def as_filter(self, within: str | None, now: datetime) -> AlertFilter:
        days = words.PERIOD_DAYS.get(self.period)
        return AlertFilter(
            region=self.region or None,
            within=within,
            labels=[self.label] if self.label else [],
            min_level=self.level,
            states=_states(self.state),
            since=now - timedelta(days=days) if days else None,
        )

    def address(self, cursor: str | None = None) -> str:
        """The same list from a cursor on."""
        chosen = {
            "region": self.region,
            "label": str(self.label),
            "level": str(self.level) if self.level else "",
            "state": self.state if self.state != "open" else "",
            "period": self.period if self.period != "any" else "",
            "cursor": cursor or "",
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"/alerts?{query}" if query else "/alerts"

    @property
    def is_narrowed(self) -> bool:
        return self.address() != "/alerts"


FilterQuery = Annotated[FilterForm, Query()]


@dataclass(frozen=True, slots=True)
class RegionChoice:
    """One line of the region tree; `depth` indents it."""

    code: str
    name: str
    depth: int


def region_choices(home: str, chosen: str) -> list[RegionChoice]:
    """The tree around the desk's region: its way down, its children, and the same around the region chosen."""
    found: dict[str, RegionChoice] = {}
    for code in (home, chosen):
        for step in places.path(code) if code else []:
            _add(found, step.code, step.name)
        for child in places.children(code) if code and len(code) < 8 else []:
            _add(found, child.code, child.name)
    if len(home) == 2 or not home:
        for province in places.children(""):
            _add(found, province.code, province.name)
    return sorted(found.values(), key=lambda choice: (choice.code[:2] != home[:2], choice.code))


def _add(found: dict[str, RegionChoice], code: str, name: str) -> None:
    found.setdefault(code, RegionChoice(code, name, code.count(".")))


def _states(choice: str) -> tuple[AlertState, ...]:
    if choice == "any":
        return ()
    return OPEN_STATES if choice == "open" else (AlertState(choice),)
