"""The walk through a source's past: which address is asked next, and which of the articles it lists lie in the span.

Pure: answers come in, addresses and announcements go out. Days are counted in the zone of the source. What is believed
of an article's time, best first: the publication date of a news sitemap, the day in its address, `lastmod` (unless the
site stamps it on everything), the month in its address, the name of the sitemap that lists it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from crawler import urls
from crawler.blocked import blocked_page, blocked_status
from crawler.feeds import Parsed, announcement, parse_feed
from crawler.links import is_navigation
from crawler.pastmarks import feed_page, lists_no_articles, page_number, same_host, stamps_are_believable
from crawler.sitemaps import Listed, Sitemap, TooLargeError, gunzipped, read_sitemap
from crawler.types import Reply
from crawler.urldates import days_of_article, days_of_sitemap
from waspada.clock import Days, day_bounds, local_day, zone_of
from waspada.sources.types import Announcement, Backfill, BackfillMethod, Source, SourceKind

#: Sitemaps and feed pages read in one walk; the next one goes on.
MAX_SITEMAPS, MAX_FEED_PAGES = 1000, 500
#: An index may point to indexes; deeper nesting is a trap.
MAX_DEPTH = 3
WELL_KNOWN = ("/sitemap.xml", "/sitemap_index.xml", "/wp-sitemap.xml")
#: "Nothing stands here" to a guess; WordPress says 400 behind the last page of a feed.
_NOTHING = (400, 404, 410)
_MAX_NOTES = 4
_LEFT_OUT = "addresses beyond what a sitemap may hold"
#: An edge of a span is looked at with this much room: a sitemap may be named, or stamped, in another zone.
_ROOM = timedelta(days=1)
_LONGEST_MONTH = timedelta(days=31)


class Ask(StrEnum):
    ROBOTS = "robots"
    SITEMAP = "sitemap"
    FEED = "feed"


class Miss(StrEnum):
    """Why an address could not be read."""

    UNANSWERED = "unanswered"  # no answer in time, or a server error: it may be better tomorrow
    REFUSED = "refused"  # a block: what stands there is not known
    LASTING = "lasting"  # robots.txt, too large, no sitemap: of this address, and tomorrow too


#: After so many in a row the site is left alone until the next time. A lasting miss says nothing of the next address.
MOST_IN_A_ROW = {Miss.UNANSWERED: 3, Miss.REFUSED: 10}


@dataclass(frozen=True, slots=True)
class Step:
    """One address to ask. `of` are the days that the sitemap's name says it is of; `guessed` ones may be missing."""

    url: str
    ask: Ask
    depth: int = 0
    of: Days | None = None
    guessed: bool = False
    number: int = 1  # of a feed page


@dataclass(frozen=True, slots=True)
class StepRead:
    """What an answer gave: the articles in the span, how many lay outside, and whether it need not be asked again."""

    found: tuple[Announcement, ...] = ()
    outside: int = 0
    is_done: bool = False


@dataclass(slots=True)
class Walk:
    """One site over one span. `next()` names the next step; `answered` or `failed` takes what came of it.

    `site` is scheme and host of the articles of `source` and of the `others`, sections of the same site. What
    `backfill.done` holds is not asked again.
    """

    source: Source
    site: str
    backfill: Backfill
    others: Sequence[Source] = ()
    method: BackfillMethod = BackfillMethod.NONE
    failures: list[str] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)
    _steps: deque[Step] = field(default_factory=deque)
    _seen: set[str] = field(default_factory=set)
    _ways: Iterator[Sequence[Step]] | None = None
    _asked: int = 0
    _feed_pages: int = 0
    _in_a_row: Counter[Miss] = field(default_factory=Counter)
    _reaches: bool = False  # whether what was read goes back to the first day of the span
    _stopped: bool = False
    _feed_keys: dict[str, set[str]] = field(default_factory=dict)

    def next(self) -> Step | None:
        """The next address, or None at the end."""
        if self._ways is None:
            self._ways = self._all_ways()
        while not self._stopped:
            if self._steps:
                step = self._steps.popleft()
                self._asked += 1
                return step
            steps = next(self._ways, None)
            if steps is None:
                return None
            self._steps.extend(step for step in steps if self._is_new(step.url))
        return None

    def answered(self, step: Step, reply: Reply, now: datetime, limit_bytes: int) -> StepRead:
        """Reads an answer: it may bring further steps."""
        if step.ask is Ask.ROBOTS:
            self._in_a_row.clear()
            self._steps.extend(self._named_sitemaps(reply))
            return StepRead()
        if reply.status != 200:
            return self._refused(step, reply)
        return self._read_feed(step, reply, now) if step.ask is Ask.FEED else self._read(step, reply, now, limit_bytes)

    def failed(self, step: Step, detail: str, *, held: bool = False, lasting: bool = False) -> None:
        """No answer came. `held`: the site asked for a pause, so that the rest waits for the next time. `lasting`: the
        reason is one of this address, such as robots.txt."""
        if held:
            self._give_up(detail)
        else:
            self._missed(step, detail, Miss.LASTING if lasting else Miss.UNANSWERED)

    @property
    def is_complete(self) -> bool:
        """Whether everything was read that is listed."""
        return not self.failures

    @property
    def is_over(self) -> bool:
        """Whether there is nothing to go on with. Where all that is listed does not go back to the first day, the site
        is looked at again: a source may be added that does."""
        return self.is_complete and self._reaches

    @property
    def why(self) -> str:
        """What the operator should know, in a sentence or two."""
        said = list(self.failures[:_MAX_NOTES])
        if len(self.failures) > _MAX_NOTES:
            said.append(f"and {len(self.failures) - _MAX_NOTES} more could not be read")
        if self.method is BackfillMethod.NONE and not self.failures:
            said.append("no sitemap, and no feed with older pages")
        elif not self._reaches and not self._stopped:
            said.append(f"nothing that is listed reaches back to {self._span.first}")
        said.extend(f"{count:,} {note}" for note, count in self.notes.items() if count)
        return "; ".join(said)

    @property
    def _zone(self) -> ZoneInfo:
        return zone_of(self.source.zone)

    def _all_ways(self) -> Iterator[Sequence[Step]]:
        """What robots.txt and the sources name and the usual places; the feeds where that does not reach far enough.

        All of it: robots.txt often names the sitemap of the last 48 hours only.
        """
        sources = (self.source, *self.others)
        yield [Step(f"{self.site}/robots.txt", Ask.ROBOTS, guessed=True)]
        yield self._steps_of([each.url for each in sources if each.kind is SourceKind.NEWS_SITEMAP])
        yield [Step(self.site + path, Ask.SITEMAP, guessed=True) for path in WELL_KNOWN]
        if not self._reaches:
            yield [self._feed_step(each.url) for each in sources if each.kind is SourceKind.RSS]

    def _steps_of(self, addresses: Sequence[str]) -> list[Step]:
        return [Step(urls.canonical(url) or url, Ask.SITEMAP, of=days_of_sitemap(url)) for url in addresses]

    def _named_sitemaps(self, reply: Reply) -> list[Step]:
        if reply.status != 200:
            return []
        lines = reply.body[:500_000].decode("utf-8", "replace").splitlines()
        pairs = (line.partition(":") for line in lines)
        named = [value.strip() for name, _, value in pairs if name.strip().lower() == "sitemap"]
        return self._sitemap_steps([Listed(loc) for loc in named[:100] if loc], self.site, 0, None)

    def _sitemap_steps(self, listed: Sequence[Listed], base: str, depth: int, of: Days | None) -> list[Step]:
        """Steps for sitemaps of the same site that were not asked yet."""
        steps = []
        for each in listed:
            address = urls.canonical(each.loc, base)
            if address and urls.same_site(address, self.site) and self._is_new(address):
                steps.append(Step(address, Ask.SITEMAP, depth, days_of_sitemap(address) or of))
        return steps

    def _is_new(self, address: str) -> bool:
        """Whether an address is asked for the first time: a loop of indexes ends here."""
        if address in self._seen:
            return False
        if address in self.backfill.done:
            self.method = BackfillMethod.SITEMAP
            named = days_of_sitemap(address)
            self._reaches = self._reaches or named is None or named.first <= self._span.first
            return False
        self._seen.add(address)
        return True

    def _read(self, step: Step, reply: Reply, now: datetime, limit_bytes: int) -> StepRead:
        try:
            body = gunzipped(reply.body, limit_bytes)
        except TooLargeError as error:
            return self._missed(step, str(error), Miss.LASTING)
        sitemap = read_sitemap(body, zone=self._zone, now=now)
        if sitemap is None:
            return self._read_stated_feed(step, replace(reply, body=body), now)
        self._in_a_row.clear()
        self.method = BackfillMethod.SITEMAP
        if sitemap.is_index:
            self._take_children(step, sitemap, now)
            if not reply.complete:
                return self._missed(step, "the answer was cut off", Miss.UNANSWERED)
            self.notes[_LEFT_OUT] += sitemap.left_out
            return StepRead()
        return self._choose(step, sitemap, reply, now)

    def _read_stated_feed(self, step: Step, reply: Reply, now: datetime) -> StepRead:
        """A feed in place of a sitemap, as Blogger's robots.txt names one."""
        parsed = self._parse_feed(reply, now)
        if not parsed.is_feed:
            return self._found_nothing(step, reply)
        self._in_a_row.clear()
        self.method = BackfillMethod.SITEMAP
        found, outside = self._entries(parsed)
        return self._whole(step, found, outside, reply)

    def _take_children(self, step: Step, index: Sitemap, now: datetime) -> None:
        if step.depth >= MAX_DEPTH:
            self.failures.append(f"{step.url}: indexes of indexes, deeper than {MAX_DEPTH}")
            return
        believable = stamps_are_believable([each.changed_at for each in index.listed], now)
        within = [(each, urls.canonical(each.loc, step.url)) for each in index.listed]
        chosen = [replace(each, loc=url) for each, url in within if url and self._may_hold(url, each, believable)]
        chosen.sort(key=lambda each: each.changed_at.timestamp() if each.changed_at else 0.0)
        children = self._sitemap_steps(chosen, step.url, step.depth + 1, step.of)
        room = max(0, MAX_SITEMAPS - self._asked - len(self._steps))
        if len(children) > room:
            self.failures.append(f"{step.url}: {len(children) - room:,} sitemaps beyond {MAX_SITEMAPS:,} left out")
        self._steps.extendleft(reversed(children[:room]))

    def _may_hold(self, url: str, child: Listed, believable: bool) -> bool:
        """Whether a sitemap may list articles of the span, by its name, else by its last change."""
        if lists_no_articles(url):
            return False
        named = days_of_sitemap(url)
        if named is not None:
            return named.meet(Days(self._span.first - _ROOM, self._span.last + _ROOM))
        if child.changed_at is None or not believable:
            return True
        return local_day(child.changed_at, self._zone) >= self._span.first - _ROOM

    @property
    def _span(self) -> Days:
        return self.backfill.span

    def _choose(self, step: Step, sitemap: Sitemap, reply: Reply, now: datetime) -> StepRead:
        """The articles of a sitemap that lie in the span, the newest first."""
        self.notes[_LEFT_OUT] += sitemap.left_out
        believable = stamps_are_believable([each.changed_at for each in sitemap.listed], now)
        self._reaches = self._reaches or bool(step.of and step.of.first <= self._span.first and sitemap.listed)
        found: list[Announcement] = []
        outside = 0
        for each in sitemap.listed:
            is_in, moment = self._judge(each, step.of, believable)
            if not self._reaches:
                self._reaches = self._is_old(each, believable)
            if not is_in:
                outside += 1
            elif made := self._article(each, reply.url, moment):
                found.append(made)
        found.sort(key=lambda each: each.published_at.timestamp() if each.published_at else 0.0, reverse=True)
        return self._whole(step, found, outside, reply)

    def _whole(self, step: Step, found: Sequence[Announcement], outside: int, reply: Reply) -> StepRead:
        """What a sitemap gave. One without a day in its name that does not reach far enough may be read once more."""
        if not reply.complete:
            self._missed(step, "the answer was cut off", Miss.UNANSWERED)
        is_done = reply.complete and (self._reaches or days_of_sitemap(step.url) is not None)
        return StepRead(tuple(found), outside, is_done)

    def _article(self, each: Listed, base: str, moment: datetime | None) -> Announcement | None:
        """The announcement for an address; None for one of a section or of another host of the site."""
        address = urls.canonical(each.loc, base)
        if address is None or is_navigation(address):
            return None
        if not same_host(address, self.site):
            self.notes["addresses of other hosts"] += 1
            return None
        return announcement(address, base, title=each.title, published_at=moment)

    def _is_old(self, each: Listed, believable: bool) -> bool:
        """Whether an entry is an article of the span's first day or an older one."""
        named = days_of_article(each.loc)
        days = [
            named.last if named else None,
            local_day(each.published_at, self._zone) if each.published_at else None,
            local_day(each.changed_at, self._zone) if each.changed_at and believable else None,
        ]
        return any(day <= self._span.first for day in days if day) and self._is_own_article(each.loc)

    def _is_own_article(self, loc: str) -> bool:
        address = urls.canonical(loc, self.site)
        return address is not None and not is_navigation(address) and same_host(address, self.site)

    def _judge(self, each: Listed, of: Days | None, believable: bool) -> tuple[bool, datetime | None]:
        """Whether an article lies in the span, and its time as far as the sitemap tells.

        The address is looked at as it stands: of 50,000 few are in a span, and only these are worth normalising.
        """
        changed = each.changed_at if believable else None
        named = days_of_article(each.loc)
        if each.published_at is not None:
            return self._span.hold(local_day(each.published_at, self._zone)), each.published_at
        if named is not None and named.first == named.last:
            return self._span.hold(named.first), self._moment_of(named, changed)
        if named is not None and not named.meet(self._span):
            return False, None
        if changed is not None:
            return self._judge_by_change(changed, named or of)
        if named is None and of is None:
            address = urls.canonical(each.loc, self.site)
            self.notes["addresses without any date"] += address is not None and not is_navigation(address)
            return False, None
        return (named or of or self._span).meet(self._span), None

    def _judge_by_change(self, changed: datetime, known: Days | None) -> tuple[bool, datetime | None]:
        """By the last change: on a day of the span, or after its start where the article is of a month that meets it.

        `known` are the days in the address or in the sitemap's name; more than a month of them say too little.
        """
        day = local_day(changed, self._zone)
        if self._span.hold(day):
            return True, changed
        is_of_month = known is not None and known.last - known.first < _LONGEST_MONTH and known.meet(self._span)
        if is_of_month and day > self._span.last:
            return True, None
        later = day > self._span.last and (known is None or known.meet(self._span))
        self.notes["addresses of no known day, changed after the span"] += later
        return False, None

    def _moment_of(self, day: Days, changed: datetime | None) -> datetime:
        """The last change where it lies on the day itself, else the day's first moment."""
        start, end = day_bounds(day.first, self._zone)
        return changed if changed is not None and start <= changed < end else start

    def _parse_feed(self, reply: Reply, now: datetime) -> Parsed:
        return parse_feed(reply.body, reply.url, zone=self._zone, content_type=reply.content_type, now=now)

    def _read_feed(self, step: Step, reply: Reply, now: datetime) -> StepRead:
        parsed = self._parse_feed(reply, now)
        if not parsed.is_feed:
            return self._found_nothing(step, reply)
        self._in_a_row.clear()
        keys = {each.url_key for each in parsed.announcements}
        seen = self._feed_keys.setdefault(feed_page(step.url, 1), set())
        if reply.complete and keys <= seen:
            return StepRead()  # the feed ends, or has no older pages and shows the same again
        seen |= keys
        found, outside = self._entries(parsed)
        if found or step.number > 1:
            self.method = BackfillMethod.FEED
        if not reply.complete:
            self._missed(step, "the answer was cut off", Miss.UNANSWERED)
        elif any(self._day_of(each) >= self._span.first for each in parsed.announcements if each.published_at):
            self._go_back(step)
        return StepRead(found, outside, reply.complete)

    def _entries(self, parsed: Parsed) -> tuple[tuple[Announcement, ...], int]:
        """The entries of a feed that lie in the span, and how many do not."""
        dated = [each for each in parsed.announcements if each.published_at]
        self.notes["entries without a date"] += len(parsed.announcements) - len(dated)
        self._reaches = self._reaches or any(self._day_of(each) <= self._span.first for each in dated)
        found = tuple(each for each in dated if self._span.hold(self._day_of(each)))
        return found, len(dated) - len(found)

    def _day_of(self, entry: Announcement) -> date:
        return local_day(entry.published_at, self._zone) if entry.published_at else date.max

    def _go_back(self, step: Step) -> None:
        self._feed_pages += 1
        if self._feed_pages >= MAX_FEED_PAGES:
            self.failures.append(f"the feed was read back {MAX_FEED_PAGES} pages, and its span lies further back")
        else:
            self._steps.append(self._feed_step(step.url, step.number + 1))

    def _feed_step(self, feed: str, number: int = 0) -> Step:
        """The page of a feed; without a number the one after those that were read before."""
        read = (page_number(url) for url in self.backfill.done)
        page = number or 1 + max((n for n in read if feed_page(feed, n) in self.backfill.done), default=0)
        return Step(feed_page(feed, page), Ask.FEED, guessed=True, number=page)

    def _refused(self, step: Step, reply: Reply) -> StepRead:
        status = reply.status
        if step.guessed and status in _NOTHING:
            return StepRead()
        if blocked := blocked_status(status) or blocked_page(reply.body):
            return self._missed(step, blocked, Miss.REFUSED)
        is_passing = status in (408, 429) or status >= 500
        return self._missed(step, f"the server answered {status}", Miss.UNANSWERED if is_passing else Miss.LASTING)

    def _found_nothing(self, step: Step, reply: Reply) -> StepRead:
        """Something else than a sitemap or a feed: a challenge, or nothing where nothing was promised."""
        if blocked := blocked_page(reply.body):
            return self._missed(step, blocked, Miss.REFUSED)
        return StepRead() if step.guessed else self._missed(step, "no sitemap stands there", Miss.LASTING)

    def _missed(self, step: Step, detail: str, miss: Miss) -> StepRead:
        self.failures.append(f"{step.url}: {detail}")
        self._in_a_row[miss] += 1
        if self._in_a_row[miss] >= (most := MOST_IN_A_ROW.get(miss, MAX_SITEMAPS)):
            self._give_up(f"left alone after {most:,} failures in a row")
        return StepRead()

    def _give_up(self, detail: str) -> None:
        self.failures.append(detail)
        self._stopped = True
