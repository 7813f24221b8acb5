"""The filter form of the alerts page."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from api.console import words
from api.paging import MAX_CURSOR_CHARACTERS
from api.v1.params import MINE, OWNER_PATTERN, REGION_PATTERN
from waspada.alerts.types import STATE_GROUPS, AlertFilter, AlertState
from waspada.taxonomy import MAX_LEVEL, Label
from waspada.views.types import Period, ViewFilter

PeriodChoice = Literal["any", "1d", "3d", "7d", "30d"]
StateChoice = Literal["open", "finished", "any"] | AlertState


#: A desk looks at the week; what is older is one choice away.
DEFAULT_PERIOD: PeriodChoice = "7d"


class FilterForm(BaseModel):
    """What the form sends; an empty choice means "any". Hashable, so that what is drawn of it can be remembered."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    region: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    label: Label | Literal[""] = ""
    level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    state: StateChoice = "open"
    period: PeriodChoice = DEFAULT_PERIOD
    topic: Annotated[int, Field(ge=0, le=2**31 - 1)] = 0
    owner: str = Field(default="", max_length=80, pattern=f"^$|{OWNER_PATTERN}")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    def as_filter(self, within: str | None, now: datetime, me: str) -> AlertFilter:
        days = words.PERIOD_DAYS.get(self.period)
        return AlertFilter(
            region=self.region or None,
            within=within,
            labels=[self.label] if self.label else [],
            min_level=self.level,
            states=_states(self.state),
            since=now - timedelta(days=days) if days else None,
            topic=self.topic or None,
            owner=me if self.owner == MINE else self.owner or None,
        )

    def address(self, cursor: str | None = None) -> str:
        """The same list from a cursor on."""
        return self.at("/alerts", cursor)

    def at(self, path: str, cursor: str | None = None) -> str:
        """These choices at another address that knows them."""
        chosen = {
            "region": self.region,
            "label": str(self.label),
            "level": str(self.level) if self.level else "",
            "state": self.state if self.state != "open" else "",
            "period": self.period if self.period != DEFAULT_PERIOD else "",
            "topic": str(self.topic) if self.topic else "",
            "owner": self.owner,
            "cursor": cursor or "",
        }
        query = urlencode({name: value for name, value in chosen.items() if value})
        return f"{path}?{query}" if query else path

    def as_view(self) -> ViewFilter:
        """What a saved view keeps of it."""
        return ViewFilter(
            region=self.region or None,
            label=str(self.label) or None,
            min_level=self.level,
            state=self.state,
            period=Period(self.period),
            topic=self.topic or None,
            mine=self.owner == MINE,
        )

    @classmethod
    def of_view(cls, chosen: ViewFilter) -> FilterForm:
        """The choices of a saved view; what this version does not know any more is "any"."""
        values: dict[str, Any] = {
            "region": chosen.region or "",
            "label": chosen.label or "",
            "level": chosen.min_level,
            "state": chosen.state,
            "period": chosen.period.value,
            "topic": chosen.topic or 0,
            "owner": MINE if chosen.mine else "",
        }
        return cls.model_construct(**values)

    def stream(self, line: int, now: datetime) -> str:
        """The address that tells of changes of this list since a line of the histories."""
        days = words.PERIOD_DAYS.get(self.period)
        chosen = {
            "region": self.region,
            "label": str(self.label),
            "min_level": str(self.level) if self.level else "",
            "group" if self.state in STATE_GROUPS else "state": self.state if self.state != "any" else "",
            "since": (now - timedelta(days=days)).isoformat() if days else "",
            "topic": str(self.topic) if self.topic else "",
            "owner": self.owner,
            "after": str(line),
        }
        return f"/api/v1/alerts/stream?{urlencode({name: value for name, value in chosen.items() if value})}"

    @property
    def is_narrowed(self) -> bool:
        return self.address() != "/alerts"


FilterQuery = Annotated[FilterForm, Query()]


class RegionForm(BaseModel):
    """The region whose kabupaten and kota are shown; empty is the reader's own."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(default="", pattern=f"^$|{REGION_PATTERN}")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    def address(self, cursor: str) -> str:
        """The same list from a cursor on."""
        return f"/coverage?{urlencode({'region': self.region, 'cursor': cursor})}"


class StoryForm(BaseModel):
    """Where the page of a story or topic goes on, and whether that of a story looks for stories near it."""

    model_config = ConfigDict(extra="forbid")
    near: bool = False
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None


class NearForm(BaseModel):
    """Whether the page of an alert looks for alerts near it."""

    model_config = ConfigDict(extra="forbid")
    near: bool = False
    lang: Literal["id", "en"] | None = None


NearQuery = Annotated[NearForm, Query()]
StoryQuery = Annotated[StoryForm, Query()]
RegionQuery = Annotated[RegionForm, Query()]


def _states(choice: StateChoice) -> tuple[AlertState, ...]:
    if choice == "any":
        return ()
    return tuple(STATE_GROUPS[choice]) if choice in STATE_GROUPS else (AlertState(choice),)
