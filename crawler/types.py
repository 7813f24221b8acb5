"""The shapes that travel between the collector's process and the one that started it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class Mode(StrEnum):
    ONCE = "once"  # every chosen source and every waiting page, then the end
    SERVICE = "service"  # what is due, until stopped
    CHECK = "check"  # every chosen source, nothing saved, no pages


@dataclass(frozen=True, slots=True)
class Job:
    """What a collector process is to do. `allowed` are "host:port" exceptions to the guard, passed by code only."""

    mode: Mode
    source_ids: tuple[str, ...] | None = None
    allowed: frozenset[str] = frozenset()
    tick_seconds: float = 2.0
    parent_pid: int | None = None
    only_allowed: bool = False  # ask nothing but `allowed`


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer, free of Scrapy. `complete` is False for a body that was cut off."""

    url: str
    status: int
    body: bytes
    content_type: str = ""
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    retry_after: timedelta | None = None
    moved_to: str | None = None  # where permanent redirects led
    complete: bool = True


@dataclass(slots=True)
class SourceReport:
    """What a crawl did for one source. `state` is the poll's outcome, "waiting" when it was left alone."""

    source_id: str
    name: str
    state: str = "waiting"
    entries: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    blocked: int = 0
    skipped: int = 0
    failed: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class CrawlReport:
    rows: tuple[SourceReport, ...]
    seconds: float
    requests: int = 0

    @property
    def new(self) -> int:
        return sum(row.new for row in self.rows)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is. `pages_total` grows while feeds come in; `doing` names what was done last."""

    sources_done: int
    sources_total: int
    pages_done: int
    pages_total: int
    new_items: int
    doing: str = ""


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What trying a source found; `problem` is "" where there is none."""

    source_id: str
    name: str
    url: str
    state: str
    http_status: int | None = None
    entries: int = 0
    newest: datetime | None = None
    problem: str = ""
    was_verified: bool = False
    now_verified: bool = False


@dataclass(slots=True)
class Tally:
    """The running counts of a crawl."""

    rows: dict[str, SourceReport] = field(default_factory=dict)
    checks: list[CheckResult] = field(default_factory=list)
    sources_done: int = 0
    sources_total: int = 0
    pages_done: int = 0
    pages_total: int = 0
    requests: int = 0

    def progress(self, doing: str) -> Progress:
        new = sum(row.new for row in self.rows.values())
        return Progress(self.sources_done, self.sources_total, self.pages_done, self.pages_total, new, doing)
