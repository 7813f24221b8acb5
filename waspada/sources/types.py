"""The shapes of a source, of one poll of it, and of what a poll announced."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum


class SourceKind(StrEnum):
    RSS = "rss"  # RSS, Atom, RDF or JSON Feed
    NEWS_SITEMAP = "news-sitemap"  # any sitemap or sitemap index
    HTML = "html"  # a listing page
    MASTODON_RSS = "mastodon-rss"  # public posts: the entry itself is the item


class SourceRole(StrEnum):
    NEWS = "news"
    OFFICIAL = "official"
    FACTCHECK = "factcheck"
    POST = "post"


class SourceState(StrEnum):
    """What the last poll found. An operator reads these words, so each means one thing."""

    NEW = "new"  # never polled
    OK = "ok"
    EMPTY = "empty"  # a readable feed without entries
    UNCHANGED = "unchanged"  # 304, or the same body as before
    BLOCKED = "blocked"  # challenge, consent wall, paywall, 401, 403, robots.txt
    MOVED = "moved"  # still read, but under another address that the server calls permanent
    GONE = "gone"  # 404 or 410
    BROKEN = "broken"  # anything else: no connection, 5xx, not a feed


#: States of a poll that read the source.
GOOD_STATES = frozenset({SourceState.OK, SourceState.EMPTY, SourceState.UNCHANGED, SourceState.MOVED})


class Fault(StrEnum):
    """How heavy a failed poll weighs (`policy.FAULT_WEIGHTS`)."""

    HARD = "hard"
    SOFT = "soft"
    TEMPORARY_DNS = "temporary_dns"


class PageState(StrEnum):
    WAITING = "waiting"
    DONE = "done"
    BLOCKED = "blocked"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class PollState:
    """The part of a source that polling reads and writes; the source's row is the queue."""

    next_poll_at: datetime
    interval_seconds: int = 1800
    state: SourceState = SourceState.NEW
    parked: bool = False
    failures: float = 0.0
    on_time_successes: int = 0
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    last_poll_at: datetime | None = None
    last_success_at: datetime | None = None
    last_full_fetch_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one poll met.

    `entries` counts what the answer listed, `seen_entries` how many of them were known. `conditional` says that the
    request carried a validator. `retry_after` is the server's wish. `etag`, `last_modified` and `body_sha256` belong
    to a complete answer with status 200 and are None otherwise.
    """

    state: SourceState
    fault: Fault | None = None
    http_status: int | None = None
    entries: int = 0
    seen_entries: int = 0
    conditional: bool = False
    retry_after: timedelta | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    detail: str = ""

    @property
    def is_good(self) -> bool:
        return self.state in GOOD_STATES


@dataclass(frozen=True, slots=True)
class Source:
    """A source as a collector needs it: a snapshot, free of the database."""

    id: str
    name: str
    outlet: str  # "" means: each page names its own
    url: str
    kind: SourceKind
    role: SourceRole
    zone: str
    selector: str | None
    poll: PollState


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source that is to be added. `region` is a Kemendagri code; empty fields get their default from the rest."""

    url: str
    id: str = ""
    name: str = ""
    outlet: str = ""
    kind: SourceKind = SourceKind.RSS
    role: SourceRole = SourceRole.NEWS
    region: str | None = None
    zone: str = "WITA"
    tier: str = "C"
    enabled: bool = True
    verified: bool = False
    reliability: float | None = None
    terms: str = ""
    selector: str | None = None


@dataclass(frozen=True, slots=True)
class Announcement:
    """An entry of a feed, sitemap or listing: an article to be fetched, or a post that is complete in itself.

    `url` is canonical and `url_key` its hash. `handle` is the author's account of a post: it lives in memory only.
    """

    url: str
    url_key: str
    title: str = ""
    title_key: str | None = None
    summary: str = ""
    text: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    handle: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """An announced article that has to be fetched. `outlet`, `zone` and `selector` come from its source."""

    id: int
    source_id: str
    url: str
    url_key: str
    title: str
    summary: str
    published_at: datetime | None
    attempts: int
    outlet: str
    zone: str
    selector: str | None


@dataclass(frozen=True, slots=True)
class PollSaved:
    """What a saved poll changed: announcements never seen before, edited ones, and those left out as repeats."""

    new: tuple[Announcement, ...] = ()
    edited: tuple[Announcement, ...] = ()
    repeated: int = 0
    known: int = 0
