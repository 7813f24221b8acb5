"""What the answer to an article request means: an item, or a reason why there is none. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from crawler import urls
from crawler.blocked import blocked_page, blocked_status, is_paywalled
from crawler.body import token_f1
from crawler.extraction import Extracted, ExtractionError, TooManyTagsError, extract
from crawler.types import Reply
from waspada.clock import zone_of
from waspada.items.policy import url_key
from waspada.items.types import FoundItem
from waspada.sources.outlets import registrable_domain
from waspada.sources.types import Announcement, PageState, Source, WaitingPage
from waspada.taxonomy import ItemKind

_PAGE_TYPES = ("html", "xml", "text/plain", "")


@dataclass(frozen=True, slots=True)
class PageRead:
    """`found` is set exactly when `state` is DONE. WAITING means: try again later, for `detail`."""

    state: PageState
    detail: str = ""
    found: FoundItem | None = None
    retry_after: timedelta | None = None


def read_page(page: WaitingPage, reply: Reply, now: datetime) -> PageRead:
    """Turns a fetched page into an item, or says why it is none."""
    refused = _refused(page, reply)
    if refused:
        return refused
    try:
        extracted = extract(
            reply.body,
            page.url if reply.url == urls.whole_article(page.url) else reply.url,
            zone=zone_of(page.zone),
            selector=page.selector,
            feed_published=page.published_at,
            charset=reply.charset,
            now=now,
        )
    except TooManyTagsError as error:
        return PageRead(PageState.SKIPPED, str(error))
    except ExtractionError as error:
        return PageRead(PageState.WAITING, str(error))
    if is_paywalled(reply.body, len(extracted.text)):
        return PageRead(PageState.BLOCKED, "paywall")
    text = _text(page, extracted)
    if text is None:
        what = "an empty page" if not extracted.text else "a listing or another page, not an article"
        return PageRead(PageState.SKIPPED, what)
    return PageRead(PageState.DONE, found=_found(page, extracted, text))


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
