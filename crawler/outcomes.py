"""What an answer to a poll means: pure, from bytes and status to a state and the announcements in it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from lxml import etree
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
    IgnoreRequest,
)

from crawler.blocked import blocked_page, blocked_status
from crawler.extraction import ExtractionError, parse_html
from crawler.feeds import Parsed, body_sha256, parse_feed
from crawler.guard import GuardedResolver
from crawler.links import SelectorError
from crawler.listing import parse_listing
from crawler.sitemaps import TooLargeError, gunzipped, is_sitemap, parse_sitemap
from crawler.types import Reply
from waspada.clock import zone_of
from waspada.sources.outlets import bare_address
from waspada.sources.types import POST_KINDS, Fault, PollOutcome, Source, SourceKind, SourceState

#: Why a feed of the kind rss is not read: each post would go around the door for posts.
_POSTS = "public posts stand here; they are read of a hashtag only, as a source of the kind mastodon or mastodon-rss"


@dataclass(frozen=True, slots=True)
class PollRead:
    outcome: PollOutcome
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a request failed, in words for the operator, and how heavy it weighs."""

    detail: str
    fault: Fault
    state: SourceState = SourceState.BROKEN


def read_poll(source: Source, reply: Reply, *, conditional: bool, limit_bytes: int, now: datetime) -> PollRead:
    """The outcome of a poll that was answered. `seen_entries` is filled in by whoever knows the database."""
    if reply.status == 304:
        return _not_modified(conditional)
    if reply.status != 200:
        return PollRead(_refusal(reply), Parsed(False))
    digest = body_sha256(reply.body)
    base = PollOutcome(
        SourceState.OK,
        http_status=200,
        conditional=conditional,
        etag=reply.etag if reply.complete else None,
        last_modified=reply.last_modified if reply.complete else None,
        body_sha256=digest if reply.complete else None,
    )
    if reply.complete and digest == source.poll.body_sha256:
        return PollRead(_moved_or(replace(base, state=SourceState.UNCHANGED), reply, source), Parsed(True))
    try:
        parsed = parse(source, gunzipped(reply.body, limit_bytes), reply, now)
    except (TooLargeError, SelectorError) as error:
        return PollRead(_broken(base, str(error), Fault.HARD), Parsed(False))
    return PollRead(_judged(base, parsed, reply, source), parsed)


def parse(source: Source, body: bytes, reply: Reply, now: datetime) -> Parsed:
    """Reads a body by what it is: sitemaps and feeds look different, whatever the source was said to be.

    Raises SelectorError for a source whose `listing_selector` is none.
    """
    zone = zone_of(source.zone)
    if is_sitemap(body):
        return parse_sitemap(body, reply.url, zone=zone, now=now)
    posts = source.kind in POST_KINDS
    feed = parse_feed(body, reply.url, zone=zone, content_type=reply.content_type, posts=posts, now=now)
    if feed.is_feed or source.kind is not SourceKind.HTML or blocked_page(body):
        return feed
    try:
        tree = parse_html(body, reply.charset)
        return parse_listing(tree, reply.url, selector=source.listing_selector, zone=zone, now=now)
    except SelectorError:
        raise
    except (etree.LxmlError, ValueError, RecursionError, ExtractionError):
        return Parsed(False)


def problem_of(error: BaseException | None, url: str, limit_bytes: int) -> Problem:
    """Why a request got no answer."""
    text = str(error)
    if isinstance(error, CannotResolveHostError):
        return _unresolved(url)
    if isinstance(error, DownloadCancelledError) or "exceeded DOWNLOAD_MAXSIZE" in text:
        return Problem(f"the answer is larger than {limit_bytes:,} bytes", Fault.HARD)
    if isinstance(error, IgnoreRequest):
        if "robots.txt" in text:
            return Problem(text, Fault.HARD, SourceState.BLOCKED)
        return Problem("too many redirects" if "redirections" in text else text or "refused", Fault.HARD)
    known: dict[type, str] = {
        DownloadTimeoutError: "no complete answer in time",
        DownloadConnectionRefusedError: "connection refused",
    }
    return Problem(known.get(type(error)) or f"{type(error).__name__}: {text[:200]}".rstrip(": "), Fault.SOFT)


def retry_after(value: str | None, now: datetime) -> timedelta | None:
    """The wait that a Retry-After header asks for (seconds or a date), or None."""
    if not value:
        return None
    if value.strip().isdigit():
        return timedelta(seconds=min(int(value.strip()[:9]), 10**8))
    try:
        moment = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(timedelta(0), moment - now)


def _not_modified(conditional: bool) -> PollRead:
    if conditional:
        return PollRead(PollOutcome(SourceState.UNCHANGED, http_status=304, conditional=True), Parsed(True))
    outcome = PollOutcome(
        SourceState.BROKEN, Fault.SOFT, 304, detail="304 Not Modified to a request that carried no condition"
    )
    return PollRead(outcome, Parsed(False))


def _refusal(reply: Reply) -> PollOutcome:
    status = reply.status
    detail = blocked_status(status) or blocked_page(reply.body)
    if detail:
        return PollOutcome(SourceState.BLOCKED, Fault.HARD, status, retry_after=reply.retry_after, detail=detail)
    if status in (404, 410):
        word = "not found" if status == 404 else "gone"
        return PollOutcome(
            SourceState.GONE, Fault.SOFT, status, retry_after=reply.retry_after, detail=f"{word} ({status})"
        )
    soft = status == 429 or status >= 500 or status == 408
    detail = "too many requests (429)" if status == 429 else f"the server answered {status}"
    fault = Fault.SOFT if soft else Fault.HARD
    return PollOutcome(SourceState.BROKEN, fault, status, retry_after=reply.retry_after, detail=detail)


def _judged(base: PollOutcome, parsed: Parsed, reply: Reply, source: Source) -> PollOutcome:
    if not parsed.is_feed:
        blocked = blocked_page(reply.body)
        if blocked:
            return replace(_broken(base, blocked, Fault.HARD), state=SourceState.BLOCKED)
        if not reply.complete:
            return _broken(base, "the answer was cut off before any entry", Fault.SOFT)
        looks_html = b"<html" in reply.body[:4096].lower() or b"<!doctype html" in reply.body[:4096].lower()
        what = "a web page" if looks_html else "something else" if reply.body.strip() else "nothing"
        return _broken(base, f"{what} answers where a feed was", Fault.SOFT)
    if parsed.posts and parsed.posts >= parsed.entries / 2:
        return _broken(base, _POSTS, Fault.HARD)
    notes = []
    if parsed.left_out:
        notes.append(f"{parsed.left_out} entries without an article address")
    if not reply.complete:
        notes.append("the answer was cut off")
    state = SourceState.OK if parsed.entries else SourceState.EMPTY
    found = replace(base, state=state, entries=parsed.entries, detail="; ".join(notes))
    return _moved_or(found, reply, source)


def _moved_or(outcome: PollOutcome, reply: Reply, source: Source) -> PollOutcome:
    """MOVED where a permanent redirect led to really another address; https and www alone are no move."""
    if not reply.moved_to or bare_address(reply.moved_to) == bare_address(source.url):
        return outcome
    detail = "; ".join(filter(None, (f"moved permanently to {reply.moved_to}", outcome.detail)))
    return replace(outcome, state=SourceState.MOVED, moved_to=reply.moved_to, detail=detail)


def _broken(base: PollOutcome, detail: str, fault: Fault) -> PollOutcome:
    return replace(
        base,
        state=SourceState.BROKEN,
        fault=fault,
        detail=detail,
        etag=None,
        last_modified=None,
        body_sha256=None,
    )


def _unresolved(url: str) -> Problem:
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    host = parts.hostname or ""
    if (host, port) in GuardedResolver.refused:
        return Problem(f"refused: {host} is not a public address", Fault.HARD)
    return Problem(f"the name {host} cannot be resolved", Fault.TEMPORARY_DNS)
