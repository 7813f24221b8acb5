"""What the answer to an article request means: an item, or a reason why there is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from crawler import urls
from crawler.blocked import blocked_page, blocked_status, is_paywalled
from crawler.body import token_f1
from crawler.extraction import Extracted, ExtractionError, TooManyTagsError, extract
from crawler.parts import ONE_PAGE, Parts
from crawler.pastmarks import same_host
from crawler.types import Reply
from waspada.archive.policy import headers_that_matter
from waspada.archive.types import RawPage
from waspada.clock import zone_of
from waspada.items.policy import url_key
from waspada.items.types import FoundItem
from waspada.sources.outlets import registrable_domain
from waspada.sources.types import Announcement, PageState, Source, SourceRole, WaitingPage
from waspada.taxonomy import ItemKind

_DAY = timedelta(days=1)
#: Token F1 from which on two pages have one headline.
_SAME_TITLE = 0.5
_PAGE_TYPES = ("html", "xml", "text/plain", "")


@dataclass(frozen=True, slots=True)
class PageRead:
    """`found` is set exactly when `state` is DONE. WAITING means: try again later, for `detail`. `parts` is where the
    article goes on."""

    state: PageState
    detail: str = ""
    found: FoundItem | None = None
    retry_after: timedelta | None = None
    parts: Parts = ONE_PAGE


@dataclass(frozen=True, slots=True)
class PartRead:
    """A further page of an article: its text and where it goes on, or the `problem`, which may be `passing`."""

    text: str = ""
    parts: Parts = ONE_PAGE
    problem: str = ""
    passing: bool = False


def read_page(page: WaitingPage, reply: Reply, now: datetime) -> PageRead:
    """Turns a fetched page into an item, with all its lines, or says why it is none."""
    refused = _refused(page, reply)
    if refused:
        return refused
    is_whole = reply.url == urls.whole_article(page.url)
    try:
        extracted = extract(
            reply.body,
            page.url if is_whole else reply.url,
            zone=zone_of(page.zone),
            selector=page.selector,
            feed_published=page.published_at,
            charset=reply.charset,
            now=now,
            first=reply.url,
        )
    except TooManyTagsError as error:
        return PageRead(PageState.SKIPPED, str(error))
    except ExtractionError as error:
        return PageRead(PageState.WAITING, str(error))
    if is_paywalled(reply.body, len(extracted.text)):
        return PageRead(PageState.BLOCKED, "paywall")
    return _item_of(page, extracted, now)


def read_part(page: WaitingPage, found: FoundItem, first: str, reply: Reply, now: datetime) -> PartRead:
    """Reads a further page of the article `found`, whose first page is at `first`."""
    refused = _refused(page, reply)
    if refused:
        return PartRead(problem=refused.detail, passing=_is_passing(reply))
    if not same_host(reply.url, first):
        return PartRead(problem=f"leads to another host ({urlsplit(reply.url).netloc})")
    try:
        extracted = extract(
            reply.body,
            reply.url,
            zone=zone_of(page.zone),
            selector=page.selector,
            charset=reply.charset,
            now=now,
            first=first,
        )
    except ExtractionError as error:
        return PartRead(problem=str(error))
    if is_paywalled(reply.body, len(extracted.text)):
        return PartRead(problem="paywall")
    if extracted.title and token_f1(extracted.title, found.title) < _SAME_TITLE:
        return PartRead(problem="shows another article")
    return PartRead(extracted.text, extracted.parts) if extracted.text else PartRead(problem="an empty page")


def _is_passing(reply: Reply) -> bool:
    return reply.status in (408, 429) or reply.status >= 500 or not reply.complete


def _item_of(page: WaitingPage, extracted: Extracted, now: datetime) -> PageRead:
    text = _text(page, extracted)
    if text is None:
        what = "an empty page" if not extracted.text else "a listing or another page, not an article"
        return PageRead(PageState.SKIPPED, what)
    if page.backfilled_until is not None:
        extracted = replace(extracted, published_at=_time_of_old(page, extracted.published_at, now))
        if extracted.published_at is None:
            return PageRead(PageState.SKIPPED, "an old article without a date: it would count as news of today")
    is_split = extracted.is_article and page.role is not SourceRole.POST  # the pages of a thread are others' words
    parts = extracted.parts if is_split else ONE_PAGE
    return PageRead(PageState.DONE, found=_found(page, extracted, text), parts=parts)


def raw_page(page: WaitingPage, reply: Reply) -> RawPage | None:
    """What the archive keeps of an answer; None for streams of posts, whose pages name who wrote them."""
    if page.role is SourceRole.POST:
        return None
    headers = {"content-type": reply.content_type, "etag": reply.etag, "last-modified": reply.last_modified}
    return RawPage(reply.url, reply.status, headers_that_matter(headers), reply.body)


def post_item(source: Source, post: Announcement) -> FoundItem:
    """A public post as an item: the entry is complete in itself."""
    text = post.text or post.summary
    title = "" if not post.title or text.startswith(post.title.rstrip(".… ")) else post.title
    return FoundItem(
        source_id=source.id,
        kind=ItemKind.POST,
        outlet=source.outlet or registrable_domain(source.url),
        url=post.url,
        url_key=post.url_key,
        title=title,
        text=text,
        published_at=post.published_at,
        handle=post.handle,
    )


def _refused(page: WaitingPage, reply: Reply) -> PageRead | None:
    status = reply.status
    blocked = blocked_status(status) or blocked_page(reply.body)
    if blocked:
        return PageRead(PageState.BLOCKED, blocked)
    if status != 200:
        return PageRead(PageState.WAITING, f"the server answered {status}", retry_after=reply.retry_after)
    if not reply.complete:
        return PageRead(PageState.WAITING, "the answer was cut off")
    if not any(kind in reply.content_type.lower() for kind in _PAGE_TYPES[:-1]) and reply.content_type:
        return PageRead(PageState.SKIPPED, f"not a web page ({reply.content_type.partition(';')[0]})")
    if urls.is_home(reply.url) and not urls.is_home(page.url):
        return PageRead(PageState.SKIPPED, "leads to the front page")
    return None


def _text(page: WaitingPage, extracted: Extracted) -> str | None:
    """The item's text, or the feed's summary where a page shows the announced headline and less; None for no item."""
    if extracted.is_article:
        return extracted.text
    agrees = bool(page.title) and token_f1(page.title, extracted.title) >= 0.6
    if agrees and page.summary and len(extracted.text) < len(page.summary):
        return page.summary
    return extracted.text if agrees and extracted.text and extracted.published_at else None


def _time_of_old(page: WaitingPage, shown: datetime | None, now: datetime) -> datetime | None:
    """When an article that a backfill found was published: what the page says, unless that is the day of the visit.

    An article is never published after what its sitemap or address says of it; a later date is a clock on the page.
    """
    if page.published_at is not None:
        return page.published_at if shown is None or shown > page.published_at + _DAY else shown
    is_clock = shown is not None and now - shown < _DAY and page.backfilled_until and page.backfilled_until < now - _DAY
    return None if is_clock else shown


def _found(page: WaitingPage, extracted: Extracted, text: str) -> FoundItem:
    title = extracted.title
    if not title or (page.title and token_f1(page.title, title) < 0.3):
        title = page.title or title  # a section name or a slogan stands where the headline should
    return FoundItem(
        source_id=page.source_id,
        kind=ItemKind.ARTICLE,
        outlet=page.outlet or extracted.outlet,
        url=extracted.canonical_url,
        url_key=url_key(extracted.canonical_url),
        title=title,
        text=text,
        published_at=extracted.published_at,
        lang=extracted.lang,
    )
