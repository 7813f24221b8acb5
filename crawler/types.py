"""The shapes that travel between the collector's process and the one that started it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from waspada.clock import Days
from waspada.sources.home import Home
from waspada.sources.types import Fault, SourceKind


class Mode(StrEnum):
    ONCE = "once"  # every chosen source and every waiting page, then the end
    SERVICE = "service"  # what is due, until stopped
    BACKFILL = "backfill"  # what the chosen sources published in a span, then the end
    CHECK = "check"  # every chosen source, nothing saved, no pages
    DISCOVER = "discover"  # one address: what can be followed there


@dataclass(frozen=True, slots=True)
class Job:
    """What a collector process is to do. `allowed` are "host:port" exceptions to the guard, passed by code only."""

    mode: Mode
    source_ids: tuple[str, ...] | None = None
    allowed: frozenset[str] = frozenset()
    tick_seconds: float = 2.0
    only_allowed: bool = False  # ask nothing but `allowed`
    url: str = ""  # the address to discover
    region: str | None = None  # the home region that somebody gave for it
    span: Days | None = None  # of a backfill
    walk_only: bool = False  # of a backfill: what it finds is left to the long-lived collector


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


@dataclass(slots=True)
class FilledSource:
    """What a backfill did for one source.

    `announced` articles were put into the queue, `known` ones stood there before, `outside` ones were listed and lie
    outside the span. Of the queue: `new` items, `skipped` (no article), `failed` (given up or refused), `waiting`.
    """

    source_id: str
    name: str
    method: str = ""
    announced: int = 0
    known: int = 0
    outside: int = 0
    new: int = 0
    skipped: int = 0
    failed: int = 0
    waiting: int = 0
    why: str = ""


@dataclass(frozen=True, slots=True)
class BackfillReport:
    rows: tuple[FilledSource, ...]
    seconds: float
    requests: int = 0

    @property
    def new(self) -> int:
        return sum(row.new for row in self.rows)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a crawl is. `pages_total` grows while feeds come in; `doing` names what was done last.

    `seconds_left` is an estimate, of a backfill only: the site with most work left decides, since each is asked one
    thing at a time.
    """

    sources_done: int
    sources_total: int
    pages_done: int
    pages_total: int
    new_items: int
    doing: str = ""
    seconds_left: float | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What trying a source found; `problem` is "" where there is none. `asked` is False where its site wanted a pause,
    and of streams; `moved_to` is the address that the server calls permanent."""

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
    fault: Fault | None = None
    asked: bool = True
    moved_to: str | None = None


class Form(StrEnum):
    """What a candidate turned out to be, the better one first."""

    FEED = "feed"
    TIMELINE = "hashtag"  # the posts of a feed, by the API: deletions and opt-outs are followed
    POSTS = "public posts"
    NEWS_SITEMAP = "news sitemap"
    SITEMAP = "sitemap"
    LISTING = "listing page"
    COMMENTS = "comment feed"  # what readers wrote: never followed


@dataclass(frozen=True, slots=True)
class Candidate:
    """An address that was read, and what stands there. `newest` is the newest time that an entry has; `note` is for
    the operator."""

    url: str
    form: Form
    entries: int
    newest: datetime | None = None
    note: str = ""
    foreign: bool = False  # its entries are another site's than the page that led to it: never taken unasked

    @property
    def kind(self) -> SourceKind:
        kinds = {
            Form.TIMELINE: SourceKind.MASTODON,
            Form.POSTS: SourceKind.MASTODON_RSS,
            Form.NEWS_SITEMAP: SourceKind.NEWS_SITEMAP,
            Form.SITEMAP: SourceKind.NEWS_SITEMAP,
            Form.LISTING: SourceKind.HTML,
        }
        return kinds.get(self.form, SourceKind.RSS)

    @property
    def is_usable(self) -> bool:
        return self.entries > 0 and self.form is not Form.COMMENTS


@dataclass(frozen=True, slots=True)
class Attempt:
    """An address that was asked for, and what came of it, in words."""

    url: str
    came: str


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found at an address. `candidates` has the best first; `url` is where the address led, `problem` why
    nothing could be found ("" where something was)."""

    url: str
    candidates: tuple[Candidate, ...] = ()
    outlet: str = ""
    home: Home = field(default_factory=Home)
    attempts: tuple[Attempt, ...] = ()
    requests: int = 0
    problem: str = ""

    @property
    def usable(self) -> tuple[Candidate, ...]:
        return tuple(each for each in self.candidates if each.is_usable)


@dataclass(slots=True)
class Tally:
    """The running counts of a crawl."""

    rows: dict[str, SourceReport] = field(default_factory=dict)
    checks: list[CheckResult] = field(default_factory=list)
    discovery: Discovery | None = None
    filled: dict[str, FilledSource] = field(default_factory=dict)
    sources_done: int = 0
    sources_total: int = 0
    pages_done: int = 0
    pages_total: int = 0
    requests: int = 0

    def progress(self, doing: str) -> Progress:
        new = sum(row.new for row in self.rows.values())
        return Progress(self.sources_done, self.sources_total, self.pages_done, self.pages_total, new, doing)
