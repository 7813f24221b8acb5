"""Parameters of requests. A name that nobody knows is a 422: a mistyped filter must not show everything."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Literal, Self

from fastapi import Path, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from api.paging import DEFAULT_LIMIT, MAX_CURSOR_CHARACTERS, MAX_ID, MAX_LIMIT
from api.schemas.common import REGION_PATTERN
from waspada.alerts.types import STATE_GROUPS, AlertFilter, AlertState
from waspada.corrections.types import RequestState
from waspada.notify.types import NoticeState
from waspada.overview.areas import ISLAND
from waspada.overview.policy import MOST_DAYS
from waspada.sources.types import SOURCE_ID
from waspada.taxonomy import MAX_LEVEL, Label

#: The name of an account, or one that stands for the reader or for nobody.
OWNER_PATTERN = r"^(~mine|~nobody|[a-z0-9][a-z0-9._-]{1,39})$"
MINE = "~mine"
_EARLIEST, _LATEST = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Id = Annotated[int, Path(ge=1, le=MAX_ID, examples=[12])]
SmallId = Annotated[int, Path(ge=1, le=2**31 - 1, examples=[3])]
SourceId = Annotated[str, Path(pattern=f"^{SOURCE_ID}$", examples=["contoh-pos"])]
ModelName = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._+~-]{0,79}$", examples=["waspada-id-v1+7"])]
Month = Annotated[str, Path(pattern=r"^20[0-9]{2}-(0[1-9]|1[0-2])$", examples=["2026-10"])]
UserName = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$", examples=["liaison-1"])]
RegionCode = Annotated[str, Path(pattern=REGION_PATTERN, examples=["63.71"])]


def in_our_time(moment: datetime | None) -> datetime | None:
    """Raises ValueError for a time that a database or a clock could not hold."""
    if moment is not None and not _EARLIEST <= moment <= _LATEST:
        raise ValueError("the time lies outside 1990 to 2200")
    return moment


class PageParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    cursor: str | None = Field(default=None, max_length=MAX_CURSOR_CHARACTERS, description="`next` of the page before.")
    limit: int = Field(default=DEFAULT_LIMIT, ge=1, le=MAX_LIMIT)


class AlertChoices(BaseModel):
    """What a list of alerts is narrowed by."""

    model_config = ConfigDict(extra="forbid")
    region: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Kemendagri code; holds all regions below.", examples=["63"]
    )
    label: list[Label] = Field(default=[], description="Any of these; may be repeated.")
    min_level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    state: list[AlertState] = Field(default=[], description="Any of these; may be repeated.")
    since: AwareDatetime | None = Field(default=None, description="Newest item not before this.")
    until: AwareDatetime | None = Field(default=None, description="Newest item before this.")
    opened_since: AwareDatetime | None = Field(default=None, description="Opened not before this.")
    opened_until: AwareDatetime | None = Field(default=None, description="Opened before this.")
    topic: int | None = Field(default=None, ge=1, le=2**31 - 1, description="A topic of the desk, by its id.")
    exercise: bool = Field(default=False, description="The exercises of the canary, and nothing else.")
    group: Literal["open", "finished"] | None = Field(
        default=None, description="A group of states, instead of naming each: what is still open, or finished."
    )
    owner: str | None = Field(
        default=None,
        max_length=80,
        pattern=OWNER_PATTERN,
        description="The account that has it in hand; ~mine is your own, ~nobody those that nobody has.",
        examples=["~mine"],
    )

    @field_validator("since", "until", "opened_since", "opened_until")
    @classmethod
    def _in_our_time(cls, moment: datetime | None) -> datetime | None:
        return in_our_time(moment)

    @model_validator(mode="after")
    def _states_once(self) -> Self:
        if self.group is not None and self.state:
            raise ValueError("name either states or a group of them")
        return self

    def as_filter(self, within: str | None, me: str) -> AlertFilter:
        """`within` is the region that the reader is bound to, `me` their account."""
        return AlertFilter(
            region=self.region,
            within=within,
            labels=[label.value for label in self.label],
            min_level=self.min_level,
            states=STATE_GROUPS[self.group] if self.group else self.state,
            since=self.since,
            until=self.until,
            opened_since=self.opened_since,
            opened_until=self.opened_until,
            exercise=self.exercise,
            topic=self.topic,
            owner=me if self.owner == MINE else self.owner,
        )


class AlertParams(AlertChoices, PageParams):
    pass


class SourceParams(PageParams):
    region: str | None = Field(default=None, pattern=REGION_PATTERN, examples=["63"])
    enabled: bool | None = None


class CoverageParams(PageParams):
    region: str | None = Field(
        default=None,
        pattern=REGION_PATTERN,
        description="A province stands for its kabupaten and kota; without it all of them, those of Kalimantan first.",
        examples=["63"],
    )


class NoticeParams(PageParams):
    desk: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Region of a desk; your own without it.", examples=["63"]
    )
    state: list[NoticeState] = Field(default=[], description="Any of these; may be repeated.")


class ShiftParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    desk: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Region of a desk; your own without it.", examples=["63"]
    )
    at: AwareDatetime | None = Field(default=None, description="A time in the shift; now without it.")

    @field_validator("at")
    @classmethod
    def _in_our_time(cls, moment: datetime | None) -> datetime | None:
        return in_our_time(moment)


class TopicParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    off: bool = Field(default=False, description="Also those that were switched off.")


class SilenceParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    active: bool = Field(default=False, description="Only those in force now.")


class PlaceParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    parent: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Its children; the provinces without it.", examples=["63"]
    )


class DiffParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    old: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The one before `new` without it.")
    new: int | None = Field(default=None, ge=1, le=2**31 - 1, description="The current one without it.")


class AuditParams(PageParams):
    actor: str | None = Field(default=None, max_length=80, pattern=r"^[a-z0-9._-]+$")
    action: str | None = Field(default=None, max_length=40, pattern=r"^[a-z._]+$")
    object: str | None = Field(default=None, max_length=100, pattern=r"^[A-Za-z0-9._~/-]+$")
    since: AwareDatetime | None = Field(default=None, description="Not before this.")
    until: AwareDatetime | None = Field(default=None, description="Before this.")

    @field_validator("since", "until")
    @classmethod
    def _in_our_time(cls, moment: datetime | None) -> datetime | None:
        return in_our_time(moment)


class MapParams(AlertChoices):
    region: str | None = Field(
        default=None,
        pattern=f"^{ISLAND}$|{REGION_PATTERN}",
        description=f"Kemendagri code, or `{ISLAND}`; the whole country, or your own region, without it.",
        examples=["63"],
    )


class TimelineParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    region: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="Kemendagri code; holds all regions below.", examples=["63"]
    )
    label: list[Label] = Field(default=[], description="Any of these; may be repeated.")
    min_level: int = Field(default=0, ge=0, le=MAX_LEVEL)
    first: date | None = Field(default=None, description="First day, in the desk's zone; 27 days ago without both.")
    last: date | None = Field(default=None, description=f"Last day; at most {MOST_DAYS} days in all.")

    @field_validator("first", "last", mode="before")
    @classmethod
    def _written_out(cls, day: object) -> object:
        """A number is no day, though a date could be made of it."""
        if isinstance(day, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", day, re.ASCII):
            raise ValueError("a day looks like 2024-11-27")
        return day

    def as_filter(self, within: str | None) -> AlertFilter:
        return AlertFilter(
            region=self.region,
            within=within,
            labels=[label.value for label in self.label],
            min_level=self.min_level,
        )


AlertQuery = Annotated[AlertParams, Query()]
PageQuery = Annotated[PageParams, Query()]
SourceQuery = Annotated[SourceParams, Query()]
CoverageQuery = Annotated[CoverageParams, Query()]
DiffQuery = Annotated[DiffParams, Query()]
NoticeQuery = Annotated[NoticeParams, Query()]
ShiftQuery = Annotated[ShiftParams, Query()]
SilenceQuery = Annotated[SilenceParams, Query()]
TopicQuery = Annotated[TopicParams, Query()]
PlaceQuery = Annotated[PlaceParams, Query()]
AuditQuery = Annotated[AuditParams, Query()]
MapQuery = Annotated[MapParams, Query()]
TimelineQuery = Annotated[TimelineParams, Query()]


class AuditExportParams(BaseModel):
    """What an export of the audit log is narrowed by: as its list, without pages."""

    model_config = ConfigDict(extra="forbid")
    actor: str | None = Field(default=None, max_length=80, pattern=r"^[a-z0-9._-]+$")
    action: str | None = Field(default=None, max_length=40, pattern=r"^[a-z._]+$")
    object: str | None = Field(default=None, max_length=100, pattern=r"^[A-Za-z0-9._~/-]+$")
    since: AwareDatetime | None = None
    until: AwareDatetime | None = None

    @field_validator("since", "until")
    @classmethod
    def _in_our_time(cls, moment: datetime | None) -> datetime | None:
        return in_our_time(moment)


class CorrectionParams(PageParams):
    state: RequestState | None = None


class MonthParams(BaseModel):
    model_config = ConfigDict(extra="forbid")
    month: str | None = Field(
        default=None,
        pattern=r"^20\d\d-(0[1-9]|1[0-2])$",
        description="The last full one without it.",
        examples=["2026-10"],
    )


AuditExportQuery = Annotated[AuditExportParams, Query()]
CorrectionQuery = Annotated[CorrectionParams, Query()]
MonthQuery = Annotated[MonthParams, Query()]


async def no_query(request: Request) -> None:
    """For routes without parameters. Raises RequestValidationError when there are some."""
    if request.query_params:
        raise RequestValidationError(
            [{"loc": ("query", name), "msg": "Extra inputs are not permitted"} for name in request.query_params]
        )
