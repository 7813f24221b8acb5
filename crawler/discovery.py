"""What can be followed at an address: pure, from answers to candidates, the best first.

`explore` is a generator: it yields the address that it wants asked, is sent the `Answer`, and returns a `Discovery`.
Whoever drives it does the asking (`explorer.py`; a test with answers of its own).

The order of candidates: a feed with entries; a news sitemap; a sitemap; the headlines of a page as the last resort.
Among feeds the site's own before those of one tag, the newer entry first. One whose newest entry is older than 90 days
stands behind all others: sites often leave a dead feed behind. Last of all stands a feed whose entries lead to another
site than the page (a partner's, an aggregator's); where the feed itself stands says nothing (Feedburner). The usual
addresses are asked until the site's own feed is found, whatever the page names. Comments of readers are never followed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from lxml import etree

from crawler import sitelinks, urls
from crawler.blocked import blocked_page
from crawler.extraction import ExtractionError, extract, parse_html
from crawler.feeds import Parsed
from crawler.listing import parse_listing
from crawler.outcomes import PollRead, read_poll
from crawler.sitemaps import gunzipped, is_sitemap
from crawler.sites import Page, outlet_name, read_page
from crawler.types import Attempt, Candidate, Discovery, Form, Reply
from waspada.clock import DEFAULT_ZONE_NAME, utc_now
from waspada.sources.addresses import timeline_of_feed
from waspada.sources.extras import missing_extra
from waspada.sources.home import HomeClues, find_home
from waspada.sources.terms import check_terms
from waspada.sources.types import NewSource, PollState, Source, SourceKind, SourceRole, SourceState

#: No further address is asked for after this many requests, redirects and robots.txt included.
MAX_REQUESTS = 18
#: A feed without a newer entry is taken for dead.
STALE_AFTER = timedelta(days=90)
#: What is dated later than this says nothing of how fresh a feed is.
_AHEAD = timedelta(days=1)
_NAMED_FEEDS, _CHILDREN = 4, 2
#: Usual addresses of feeds asked before the sitemaps; the others come after them.
_FIRST_GUESSES = 3
#: Headlines that make a page a listing.
_FEWEST_HEADLINES = 3
_ORDER = (Form.FEED, Form.TIMELINE, Form.POSTS, Form.NEWS_SITEMAP, Form.SITEMAP, Form.LISTING, Form.COMMENTS)
_UNREAD = "what stands there is neither a feed nor a page that can be read"
_COMMENT_LINK = re.compile(rb"<(?:link|guid)\b[^<>]{0,200}>[^<>]{0,1000}#comment-\d+\s{0,20}<")
_COMMENT_TITLE = re.compile(
    r"^(?:comment on|komentar (?:pada|di|untuk|atas)|by:|oleh:|tanggapan (?:atas|untuk))", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What asking for `url` brought: a reply, or the reason why there is none.

    `pause`: the site wants to be left alone. `sitemaps`: what the robots.txt of the host that answered states.
    `requests`: how many were sent so far, this one included.
    """

    url: str
    reply: Reply | None = None
    problem: str = ""
    pause: bool = False
    sitemaps: tuple[str, ...] = ()
    requests: int = 0


Exploring = Generator[str, Answer, Discovery]
Asking = Generator[str, Answer, "Answer | None"]
Trying = Generator[str, Answer, None]


@dataclass(slots=True)
class _Found:
    """A candidate with what it announced."""

    candidate: Candidate
    parsed: Parsed
    narrow: bool = False


@dataclass(slots=True)
class _Search:
    """What was asked and found so far."""

    limit_bytes: int
    now: datetime
    asked: set[str] = field(default_factory=set)
    attempts: list[Attempt] = field(default_factory=list)
    found: list[_Found] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    sitemaps: tuple[str, ...] = ()
    requests: int = 0
    paused: bool = False

    def ask(self, url: str) -> Asking:
        """The answer with a reply; None when there is none, and for what was asked before or is too much."""
        if url in self.asked or self.paused or self.requests >= MAX_REQUESTS:
            return None
        self.asked.add(url)
        answer = yield url
        self.requests = max(answer.requests, self.requests + 1)
        self.paused = self.paused or answer.pause
        if answer.reply is None:
            self.note(url, answer.problem or "no answer")
            return None
        self.asked.add(answer.reply.url)
        self.sitemaps = self.sitemaps or answer.sitemaps
        return answer

    def note(self, url: str, came: str) -> None:
        self.attempts.append(Attempt(url, came))

    def has_live_feed(self) -> bool:
        """Whether a feed of the whole site, of its own and not dead, was found."""
        feeds = [each for each in self.found if each.candidate.form in (Form.FEED, Form.POSTS)]
        own = [each for each in feeds if each.candidate.is_usable and not (each.candidate.foreign or each.narrow)]
        return any(not self.is_stale(each) for each in own)

    def is_stale(self, found: _Found) -> bool:
        newest = found.candidate.newest
        return newest is not None and newest < self.now - STALE_AFTER


def explore(
    url: str,
    listed: Sequence[NewSource],
    limit_bytes: int,
    region: str | None = None,
    now: datetime | None = None,
) -> Exploring:
    """Looks at `url`, then where it points. `listed` is the source list, `region` the home that somebody gave.

    Raises InputError when the address leads to a site whose terms forbid this use.
    """
    search = _Search(limit_bytes, now or utc_now())
    first = yield from _first(search, url)
    if first is None or first.reply is None:
        came = search.attempts[0].came if search.attempts else "no answer"
        return Discovery(url, attempts=tuple(search.attempts), requests=search.requests, problem=came)
    reply = first.reply
    check_terms(reply.url)
    at = _lasting(first.url, reply)
    yield from _take(search, at, reply, given=True)
    if any(each.candidate.is_usable for each in search.found):
        yield from _read_front_page(search, reply.url)
    else:
        yield from _search_site(search, reply)
    return _discovery(search, reply.url, listed, region)


def _first(search: _Search, url: str) -> Asking:
    """Asks for the address itself; one without a scheme with https, then http."""
    if "://" in url:
        return (yield from search.ask(url))
    answer = yield from search.ask(f"https://{url}")
    if answer is None and not search.paused:
        answer = yield from search.ask(f"http://{url}")
    return answer


def _search_site(search: _Search, first: Reply) -> Trying:
    """Feeds that the page names, then the usual addresses; sitemaps; the page's own headlines."""
    if not urls.is_home(first.url) and not any(page.feeds for page in search.pages):
        yield from _read_front_page(search, first.url)
    page = search.pages[-1] if search.pages else None
    site = page.url if page else first.url
    named = list(dict.fromkeys(feed for page in search.pages for feed in page.feeds))[:_NAMED_FEEDS]
    for address in named:
        yield from _try(search, address)
    usual = sitelinks.usual_feeds(site, page.generator if page else "")
    yield from _try_until_live(search, usual[:_FIRST_GUESSES])
    yield from _try_sitemaps(search, site)
    yield from _try_until_live(search, usual[_FIRST_GUESSES:])
    _add_listings(search)


def _try_until_live(search: _Search, addresses: Sequence[str]) -> Trying:
    for address in addresses:
        if not search.has_live_feed():
            yield from _try(search, address)


def _try_sitemaps(search: _Search, url: str) -> Trying:
    """With a live feed only a news sitemap that robots.txt states is asked for; without one, all, until one is good."""
    wanted, stated = sitelinks.sitemaps(url, search.sitemaps)
    if search.has_live_feed():
        wanted = [address for address in wanted if stated and sitelinks.is_news_address(address)][:1]
    for address in wanted:
        if any(each.candidate.is_usable and each.candidate.form is Form.NEWS_SITEMAP for each in search.found):
            return
        yield from _try(search, address)


def _try(search: _Search, url: str) -> Trying:
    answer = yield from search.ask(url)
    if answer is not None and answer.reply is not None:
        yield from _take(search, _lasting(url, answer.reply), answer.reply)


def _take(search: _Search, url: str, reply: Reply, *, given: bool = False) -> Trying:
    """Reads an answer as feed, sitemap or, for the address that was given, as a page."""
    read = _read(search, url, reply)
    if read.parsed.children:
        yield from _take_index(search, url, reply, read)
        return
    if read.parsed.is_feed and (read.outcome.is_good or read.parsed.posts):
        _add(search, url, reply, read.parsed)
        return
    page = _page(reply) if given else None
    if page is not None:
        search.pages.append(page)
    else:
        unread = given and reply.status == 200 and read.outcome.state is SourceState.BROKEN
        search.note(url, _UNREAD if unread else read.outcome.detail or read.outcome.state.value)


def _take_index(search: _Search, url: str, reply: Reply, index: PollRead) -> Trying:
    """A sitemap index: its news sitemap is a candidate of its own; of the others the two newest are read."""
    children = index.parsed.children
    news = [child for child in children if sitelinks.is_news_address(child)]
    read: list[Parsed] = []
    for child in (news or children)[:_CHILDREN]:
        answer = yield from search.ask(child)
        if answer is None or answer.reply is None:
            continue
        found = _read(search, child, answer.reply)
        if not found.parsed.announcements:
            search.note(child, found.outcome.detail or "no entries")
        elif _form(search, found.parsed, answer.reply) is Form.NEWS_SITEMAP:
            _add(search, _lasting(child, answer.reply), answer.reply, found.parsed)
            return
        else:
            read.append(found.parsed)
    announced = tuple(each for one in read for each in one.announcements)
    merged = Parsed(True, announced, len(announced))
    _add(search, url, reply, merged, note=f"{len(read)} of its {len(children)} newest sitemaps read")


def _read_front_page(search: _Search, url: str) -> Trying:
    """The front page of the site that a feed's entries, or a page, belong to: it says who speaks, and where from."""
    entries = [each.url for found in search.found for each in found.parsed.announcements]
    fronts = Counter(sitelinks.front_page(each) for each in entries)
    front = fronts.most_common(1)[0][0] if fronts else sitelinks.front_page(url)
    answer = yield from search.ask(front)
    if answer is not None and answer.reply is not None and answer.reply.status == 200:
        page = _page(answer.reply)
        if page is not None:
            search.pages.append(page)


def _add_listings(search: _Search) -> None:
    for page in search.pages:
        if page.listing.entries >= _FEWEST_HEADLINES and not page.is_article:
            candidate = Candidate(page.url, Form.LISTING, page.listing.entries, note="headlines of the page")
            search.found.append(_Found(candidate, page.listing))


def _add(search: _Search, url: str, reply: Reply, parsed: Parsed, note: str = "") -> None:
    form = _form(search, parsed, reply)
    if form is Form.POSTS:  # read again, so that no account's name stays in an address
        parsed = _read(search, url, reply, SourceKind.MASTODON_RSS).parsed
    stated = [moment for each in parsed.announcements if (moment := each.published_at or each.updated_at)]
    times = [moment for moment in stated if moment <= search.now + _AHEAD]
    entries = len(parsed.announcements)
    if form is Form.SITEMAP:
        entries = sum(urls.looks_like_article(each.url) for each in parsed.announcements)
    narrow = form is Form.FEED and sitelinks.is_narrow(url, search.pages[0].url if search.pages else "")
    foreign = form is Form.FEED and _is_foreign(search, parsed)
    found = _Found(Candidate(url, form, entries, max(times, default=None), note, foreign), parsed, narrow)
    notes = [note, "of one tag or category" if narrow else "", "no entries" if not entries else ""]
    if foreign:
        notes.append("of another site")
    if form is Form.COMMENTS:
        notes.append("what readers wrote; not followed")
    if search.is_stale(found):
        notes.append(f"nothing new for {(search.now - max(times)).days} days")
    found.candidate = replace(found.candidate, note="; ".join(filter(None, notes)))
    search.found.append(found)
    timeline = timeline_of_feed(url) if form is Form.POSTS and not missing_extra(SourceKind.MASTODON) else None
    if timeline is not None:
        search.found.append(replace(found, candidate=replace(found.candidate, url=timeline, form=Form.TIMELINE)))


def _is_foreign(search: _Search, parsed: Parsed) -> bool:
    """Whether most entries lead to another site than the page; not of a feed that was given itself."""
    if not search.pages or not parsed.announcements:
        return False
    own = sum(urls.same_site(each.url, search.pages[0].url) for each in parsed.announcements)
    return own <= len(parsed.announcements) / 2


def _form(search: _Search, parsed: Parsed, reply: Reply) -> Form:
    entries, body = parsed.announcements, gunzipped(reply.body, search.limit_bytes)
    if is_sitemap(body):
        return Form.NEWS_SITEMAP if any(each.title and each.published_at for each in entries) else Form.SITEMAP
    if parsed.posts and parsed.posts >= parsed.entries / 2:
        return Form.POSTS
    half = max(1, len(entries) / 2)
    if entries and sum(bool(_COMMENT_TITLE.match(each.title)) for each in entries) >= half:
        return Form.COMMENTS
    if entries and len(_COMMENT_LINK.findall(body)) >= half:
        return Form.COMMENTS
    return Form.FEED


def _rank(search: _Search, found: _Found) -> tuple[object, ...]:
    candidate = found.candidate
    newest = candidate.newest.timestamp() if candidate.newest else 0.0
    return (
        not candidate.is_usable,
        candidate.foreign,
        search.is_stale(found),
        _ORDER.index(candidate.form),
        found.narrow,
        -newest,
        -candidate.entries,
    )


def _discovery(search: _Search, url: str, listed: Sequence[NewSource], region: str | None) -> Discovery:
    ranked = sorted(search.found, key=lambda each: _rank(search, each))
    own = [each for each in ranked if not each.candidate.foreign]
    best = next((each for each in own if each.candidate.is_usable), None)
    titles = tuple(each.parsed.title for each in own if each.parsed.title and each.candidate.form is Form.FEED)
    outlet = outlet_name(search.pages, titles, url)
    entries = best.parsed.announcements if best else ()
    clues = HomeClues(
        urls=(url, *(own for page in search.pages for own in page.own_urls)),
        outlet=outlet,
        names=(*titles[:1], *(name for page in search.pages for name in page.names)),
        addresses=tuple(address for page in search.pages for address in page.addresses),
        entries=tuple((each.title, each.summary) for each in entries),
        text="\n".join(page.text for page in search.pages),
    )
    return Discovery(
        url,
        tuple(each.candidate for each in ranked),
        outlet,
        find_home(clues, listed, region),
        tuple(search.attempts),
        search.requests,
        "" if any(each.candidate.is_usable for each in ranked) else _nothing(search),
    )


def _nothing(search: _Search) -> str:
    if search.paused:
        return "the site asks for a pause"
    if search.pages or search.found:
        return "nothing to follow: no feed, no sitemap, and no headlines"
    return search.attempts[0].came if search.attempts else "nothing to follow"


def _read(search: _Search, url: str, reply: Reply, kind: SourceKind = SourceKind.RSS) -> PollRead:
    source = Source(url, "", "", url, kind, SourceRole.NEWS, DEFAULT_ZONE_NAME, None, PollState(search.now))
    return read_poll(source, reply, conditional=False, limit_bytes=search.limit_bytes, now=search.now)


def _page(reply: Reply) -> Page | None:
    """A web page, or None for what is none: an error, a challenge, something that is not HTML."""
    head = reply.body[:4096].lower()
    if reply.status != 200 or blocked_page(reply.body) or not (b"<html" in head or b"<!doctype html" in head):
        return None
    try:
        tree = parse_html(reply.body, reply.charset)
        is_article = not urls.is_home(reply.url) and extract(reply.body, reply.url, charset=reply.charset).is_article
        return read_page(tree, reply.url, parse_listing(tree, reply.url), is_article)
    except (etree.LxmlError, ValueError, RecursionError, ExtractionError):
        return None


def _lasting(asked: str, reply: Reply) -> str:
    """The address to keep: where permanent redirects led, else the one that was asked."""
    return reply.moved_to or asked
