"""The shapes of a source, of one poll of it, and of what a poll announced."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from waspada.clock import DEFAULT_ZONE_NAME, Days
from waspada.places.types import Place
from waspada.sources.usual_hours import UNHEARD, UsualHours

#: What an id looks like: it is a part of addresses of the API and the console.
SOURCE_ID = r"[A-Za-z0-9._~-]{1,80}"


class SourceKind(StrEnum):
    RSS = "rss"  # RSS, Atom, RDF or JSON Feed
    NEWS_SITEMAP = "news-sitemap"  # any sitemap or sitemap index
    HTML = "html"  # a listing page
    MASTODON_RSS = "mastodon-rss"  # public posts: the entry itself is the item
    MASTODON = "mastodon"  # a hashtag or public timeline of an instance, by its API
    BLUESKY = "bluesky"  # posts with the source's words, from Jetstream
    YOUTUBE = "youtube"  # comments of a channel or a video, by the Data API


#: Whose announcements are public posts: complete in themselves, and by the role `post`.
POST_KINDS = frozenset({SourceKind.MASTODON_RSS, SourceKind.MASTODON, SourceKind.BLUESKY, SourceKind.YOUTUBE})
#: Read by calls of an API, not by fetching an address. They need the extra `posts`.
API_KINDS = frozenset({SourceKind.MASTODON, SourceKind.YOUTUBE})
#: Read all the time by a process of their own; the polling queue leaves them alone. They need the extra `posts`.
STREAM_KINDS = frozenset({SourceKind.BLUESKY})


class SourceRole(StrEnum):
    NEWS = "news"
    OFFICIAL = "official"
    FACTCHECK = "factcheck"
    POST = "post"
    EXERCISE = "exercise"  # the canary's own source (waspada.jobs.canary): in no list, volume or count
    REPORT = "report"  # field reports (waspada.reports): no outlet, never polled, in no list of sources


#: Whose sources are the program's own: no list, health or coverage of sources has them.
OWN_ROLES = frozenset({SourceRole.EXERCISE, SourceRole.REPORT})
#: Who is no outlet: their words are no report of the news, and their number says nothing of how widely it is told.
VOICES = frozenset({SourceRole.POST, SourceRole.REPORT})


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


class NoticeKind(StrEnum):
    """What the operator is told of a source, once: the notice stands among its events."""

    SILENT = "silent"
    PARKED = "parked"
    FAILING = "failing"  # of a broken source; no word of `SourceState`: polls stand among the same events
    REFUSED = "refused"  # of a blocked one


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


class BackfillMethod(StrEnum):
    """How the past of a source is found."""

    NONE = ""  # not known yet, or there is no way
    SITEMAP = "sitemap"
    FEED = "feed"  # older pages of a WordPress feed


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
    usual_hours: UsualHours = UNHEARD
    cursor: str | None = None


@dataclass(frozen=True, slots=True)
class PollOutcome:
    """What one poll met.

    `entries` counts what the answer listed, `seen_entries` how many of them were nothing new; `published` are the dates
    of new ones, where they have one. `conditional` says that the request carried a validator. `retry_after` is the
    server's wish. `etag`, `last_modified` and `body_sha256` belong to a complete answer with status 200 and are None
    otherwise. `cursor` says where the next reading of an API or stream goes on, in words of the source's kind; None
    leaves it where it was.
    """

    state: SourceState
    fault: Fault | None = None
    http_status: int | None = None
    entries: int = 0
    seen_entries: int = 0
    published: tuple[datetime, ...] = ()
    conditional: bool = False
    retry_after: timedelta | None = None
    etag: str | None = None
    last_modified: str | None = None
    body_sha256: str | None = None
    detail: str = ""
    cursor: str | None = None
    moved_to: str | None = None  # where a permanent redirect led

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
    listing_selector: str | None = None


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source that is to be added. `region` is a Kemendagri code; empty fields get their default from the rest."""

    url: str
    id: str = ""
    name: str = ""
    outlet: str = ""
    kind: SourceKind = SourceKind.RSS
    role: SourceRole | None = None  # None: by the kind, posts or news
    region: str | None = None
    zone: str = DEFAULT_ZONE_NAME
    tier: str = "C"
    enabled: bool = True
    verified: bool = False
    reliability: float | None = None
    terms: str = ""
    selector: str | None = None  # CSS of an article's body
    listing_selector: str | None = None  # CSS of the links on a listing page


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
    """An announced article that has to be fetched. `outlet`, `zone`, `selector` and `role` come from its source."""

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
    role: SourceRole
    #: The last moment of the span that a backfill found it in; None for news.
    backfilled_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Backfill:
    """What is known of filling in one source over one span of days (in the source's zone).

    `done` holds the sitemaps and feed pages whose articles stand in the queue, and how many of the span each lists.
    `finished_at` is set when everything was read, back to the first day.
    """

    id: int
    source_id: str
    span: Days
    method: BackfillMethod = BackfillMethod.NONE
    done: Mapping[str, int] = field(default_factory=dict)
    detail: str = ""
    finished_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class PollSaved:
    """What a saved poll changed: announcements never seen before, edited ones, and those left out as repeats.

    `newest_at` is the newest moment at which one of all the entries was said, known before or not.
    """

    new: tuple[Announcement, ...] = ()
    edited: tuple[Announcement, ...] = ()
    repeated: int = 0
    known: int = 0
    newest_at: datetime | None = None


class HealthState(StrEnum):
    """How a source stands with its own habit. The first that fits, in this order."""

    OFF = "off"  # switched off by a person
    PARKED = "parked"
    NEW = "new"  # never polled
    BROKEN = "broken"  # its polls fail, or nobody listens: see `health.is_reached`
    BLOCKED = "blocked"  # it answers, but every article asked for in the last day (three at least) was refused
    SILENT = "silent"  # it answers, but says nothing for longer than its own history makes plausible
    UNKNOWN = "unknown"  # it answers; too few items for a rhythm
    SPEAKING = "speaking"  # it spoke within its rhythm


#: States in which something new of a source would be noticed.
WORKING_STATES = frozenset({HealthState.SPEAKING, HealthState.UNKNOWN})


@dataclass(frozen=True, slots=True)
class ActiveHour:
    """An hour of the UTC clock in which a source spoke, however often.

    `number` counts hours since 1970. An item counts when it was published, or when it was found if that is earlier or
    the only time known; `least_lag` is the shortest time from publication to find among the hour's items.
    """

    number: int
    items: int
    last_at: datetime
    least_lag: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """What the judgement on a source rests on.

    `hours` are those of the last 56 days (`health.judge` says why), of the items that it announced first. What another
    source announced before, or what still waits to be fetched, is in no hour: `newest_entry_at` is when the newest
    entry of any of its polls was said. `only_blocked`: every article asked for in the last day, three at least, was
    refused.
    """

    id: str
    name: str
    outlet: str
    region: str | None
    zone: str
    enabled: bool
    parked: bool
    poll_state: SourceState
    added_at: datetime
    next_poll_at: datetime
    last_poll_at: datetime | None
    last_success_at: datetime | None
    last_item_at: datetime | None = None
    newest_entry_at: datetime | None = None
    only_blocked: bool = False
    hours: tuple[ActiveHour, ...] = ()
    role: SourceRole = SourceRole.NEWS


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """The judgement on a source.

    `last_at` is the newest item, or the newest entry of a poll; the figures count items. `usual_gap` is the median
    time between two hours in which it spoke, None without a rhythm. `rings_at` is the moment from which its silence is
    an alarm; `alarm` says that it has come. A source that is off has no alarm.
    """

    source: SourceFacts
    state: HealthState
    alarm: bool
    last_at: datetime | None
    usual_gap: timedelta | None
    rings_at: datetime | None
    items_7_days: int
    items_28_days: int


@dataclass(frozen=True, slots=True)
class Notice:
    """What the operator is told of a source. `since` is what it would have to outlive to be told again: the last time
    the source spoke (silent), answered (parked, failing) or had an article read (refused), None for never."""

    source_id: str
    kind: NoticeKind
    since: datetime | None
    words: str


class Reach(StrEnum):
    """Why a source speaks for a region: the nearest reason."""

    HOME = "home"  # its home region is the region or lies in it
    ABOVE = "above"  # its home region holds the region: the province of a kabupaten
    MENTION = "mention"  # its home is elsewhere, but its items of the last 28 days name places in the region
    COUNTRY = "country"  # it is a national source


class CoverageState(StrEnum):
    """How well a region can be heard, best first."""

    COVERED = "covered"
    THIN = "thin"
    SILENT = "silent"  # it has sources, and none of them can be heard
    NONE = "none"  # no source speaks for it


#: States of a region of which nobody is heard.
UNHEARD_STATES = frozenset({CoverageState.SILENT, CoverageState.NONE})


@dataclass(frozen=True, slots=True)
class Mentions:
    """Items of one source that name places in one region: how many of the last days, and the newest."""

    items_7_days: int = 0
    items_28_days: int = 0
    last_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegionSource:
    """A source that speaks for a region. `mentions` are of places in the region."""

    health: SourceHealth
    reach: Reach
    mentions: Mentions


@dataclass(frozen=True, slots=True)
class RegionCoverage:
    """A region with its sources, nearest first. The figures count items that name a place in it."""

    region: Place
    state: CoverageState
    sources: tuple[RegionSource, ...]

    @property
    def items_7_days(self) -> int:
        return sum(source.mentions.items_7_days for source in self.sources)

    @property
    def items_28_days(self) -> int:
        return sum(source.mentions.items_28_days for source in self.sources)

    @property
    def last_at(self) -> datetime | None:
        return max((at for source in self.sources if (at := source.mentions.last_at)), default=None)
