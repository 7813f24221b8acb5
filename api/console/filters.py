"""The filter form of the alerts page."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field, field_validator

from api.console import words
from api.paging import MAX_CURSOR_CHARACTERS
from api.schemas.common import REGION_PATTERN
from api.v1.params import MINE, OWNER_PATTERN
from waspada.alerts.types import STATE_GROUPS, AlertFilter, AlertState
from waspada.clock import Days
from waspada.overview.areas import ISLAND, Area, area_of
from waspada.overview.policy import span_of, window_of
from waspada.taxonomy import MAX_LEVEL, Label
from waspada.views.types import Period, ViewFilter

PeriodChoice = Literal["any", "1d", "3d", "7d", "30d"]
StateChoice = Literal["open", "finished", "any"] | AlertState


#: A desk looks at the week; what is older is one choice away.
DEFAULT_PERIOD: PeriodChoice = "7d"
#: A day, or nothing.
DAY_PATTERN = r"^$|^(199|20\d|21\d)\d-\d\d-\d\d$"


def day_in(text: str) -> str:
    """Raises ValueError for a day that no calendar has."""
    if text:
        date.fromisoformat(text)
    return text


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
    opened: str = Field(default="", pattern=DAY_PATTERN)  # the day, in the desk's zone; it counts instead of `period`
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS)
    lang: Literal["id", "en"] | None = None

    _opened_on_a_day = field_validator("opened")(day_in)

    def as_filter(self, within: str | None, now: datetime, me: str, zone: ZoneInfo) -> AlertFilter:
        days = None if self.opened else words.PERIOD_DAYS.get(self.period)
        opened_since, opened_until = self._opened_span(zone)
        return AlertFilter(
            region=self.region or None,
            within=within,
            labels=[self.label] if self.label else [],
            min_level=self.level,
            states=_states(self.state),
            since=now - timedelta(days=days) if days else None,
            topic=self.topic or None,
            owner=me if self.owner == MINE else self.owner or None,
            opened_since=opened_since,
            opened_until=opened_until,
        )

    def _opened_span(self, zone: ZoneInfo) -> tuple[datetime | None, datetime | None]:
        if not self.opened:
            return None, None
        day = date.fromisoformat(self.opened)
        return span_of(Days(day, day), zone)

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
            "opened": self.opened,
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

    def stream(self, line: int, now: datetime, zone: ZoneInfo) -> str:
        """The address that tells of changes of this list since a line of the histories."""
        days = None if self.opened else words.PERIOD_DAYS.get(self.period)
        since, until = self._opened_span(zone)
        chosen = {
            "region": self.region,
            "label": str(self.label),
            "min_level": str(self.level) if self.level else "",
            "group" if self.state in STATE_GROUPS else "state": self.state if self.state != "any" else "",
            "since": (now - timedelta(days=days)).isoformat() if days else "",
            "opened_since": since.isoformat() if since else "",
            "opened_until": until.isoformat() if until else "",
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


#: Shows the whole country, where no choice shows the reader's own region.
WHOLE_COUNTRY = "indonesia"


def area_asked(region: str, home: str, within: str | None) -> Area:
    """What the map and the time line show: what was asked for, else the desk's own. Raises as `area_of` does."""
    asked = region or home
    return area_of("" if asked == WHOLE_COUNTRY else asked, within)


class MapForm(BaseModel):
    """What the map shows. An empty region is the reader's or the desk's own."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(default="", pattern=f"^$|^({WHOLE_COUNTRY}|{ISLAND})$|{REGION_PATTERN}")
    label: Label | Literal[""] = ""
    level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    state: StateChoice = "open"
    period: PeriodChoice = DEFAULT_PERIOD
    lang: Literal["id", "en"] | None = None

    def list_form(self, region: str) -> FilterForm:
        """The same choices for the list of alerts of a region; "" stands for every region."""
        return FilterForm(region=region, label=self.label, level=self.level, state=self.state, period=self.period)


class TimelineForm(BaseModel):
    """What the time line shows. An empty region is the reader's or the desk's own; days are of the desk's zone."""

    model_config = ConfigDict(extra="forbid")
    region: str = Field(default="", pattern=f"^$|^{WHOLE_COUNTRY}$|{REGION_PATTERN}")
    label: Label | Literal[""] = ""
    level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    first: str = Field(default="", pattern=DAY_PATTERN)
    last: str = Field(default="", pattern=DAY_PATTERN)
    lang: Literal["id", "en"] | None = None

    _on_days = field_validator("first", "last")(day_in)

    def as_filter(self, region: str | None, within: str | None) -> AlertFilter:
        labels = [self.label] if self.label else []
        return AlertFilter(region=region, within=within, labels=labels, min_level=self.level)

    def window(self, today: date) -> Days:
        """Raises InputError for days that cannot be shown."""
        first, last = (date.fromisoformat(one) if one else None for one in (self.first, self.last))
        return window_of(first, last, today)

    def address(self, window: Days) -> str:
        """The same choices with other days."""
        chosen = {"region": self.region, "label": str(self.label), "level": str(self.level) if self.level else ""}
        days = {"first": window.first.isoformat(), "last": window.last.isoformat()}
        return f"/timeline?{urlencode({name: value for name, value in (chosen | days).items() if value})}"

    def day_address(self, region: str | None, day: date) -> str:
        """The list of the alerts that were opened on a day."""
        asked = {"region": region or "", "label": str(self.label), "level": str(self.level) if self.level else ""}
        chosen = asked | {"state": "any", "opened": day.isoformat()}
        return f"/alerts?{urlencode({name: value for name, value in chosen.items() if value})}"


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
MapQuery = Annotated[MapForm, Query()]
TimelineQuery = Annotated[TimelineForm, Query()]


def _states(choice: StateChoice) -> tuple[AlertState, ...]:
    if choice == "any":
        return ()
    return tuple(STATE_GROUPS[choice]) if choice in STATE_GROUPS else (AlertState(choice),)
