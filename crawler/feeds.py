"""Feeds as bytes in, announcements out: RSS, Atom, RDF (feedparser) and JSON Feed; truncated ones give what they have.

feedparser's `version` says whether something is a feed; its `bozo` flag is ignored (it is up on most real feeds).
External entities are never loaded and nested entity declarations are dropped by feedparser before the XML parser sees
them.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from itertools import islice
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml import etree
from lxml import html as lxml_html

from crawler import urls
from crawler.dates import read_when
from crawler.feedreader import read_feed
from waspada.items.policy import clean_text, clean_title, title_key, url_key, url_without_handle
from waspada.sources.policy import MAX_ENTRIES
from waspada.sources.terms import forbidden_by
from waspada.sources.types import Announcement

_SUMMARY_LIMIT = 2000
#: What follows is cut off, as if the feed were truncated: feedparser holds some 0.7 kB for each tag that is open, and
#: the entries that are taken have a hundred tags each.
MAX_TAGS = 200_000
#: Of a title as written, with markup and escapes; `html.unescape` raises for a reference of more than 4,300 digits.
_RAW_TITLE_LIMIT = 4000
_ACCOUNT = re.compile(r"/(?:@|%40|(?:users|u|profile)/)([^/?#]+)", re.IGNORECASE)
#: An address that only a post has, and one that an entry without a headline shares with nothing but posts.
_POST = re.compile(
    r"/(?:(?:@|%40|users/)[^/?#]+/(?:statuses/[\w-]+|\d{10,})|profile/[^/?#]+/post/\w+)/?(?:[?#]|$)", re.IGNORECASE
)
_BARE_POST = re.compile(r"/(?:@|%40|users/)[^/?#]+/[\w-]+/?(?:[?#]|$)", re.IGNORECASE)
_FEDIVERSE = re.compile(r"\W*(?:mastodon|hometown|pleroma|akkoma|gotosocial|misskey|sharkey|firefish|pixelfed)\b", re.I)
_BLOCKS = {"p", "div", "br", "li", "blockquote", "h1", "h2", "h3", "h4", "tr", "ul", "ol", "figure"}


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a body announced. `is_feed` is False for anything that is no feed (a web page, an image, nothing).

    `entries` counts what was listed; `left_out` how many of them had no usable article address; `children` are the
    sitemaps that an index points to. Of an API of posts, `gone` are the keys of stored posts that were deleted at their
    place, `checked` of those that are still there, and `refused` of those that it was asked for in vain.

    `posts` counts the public posts of a feed that is not read as one of posts: they are left out, for no post is stored
    without its door (design, rule 2).
    """

    is_feed: bool
    announcements: tuple[Announcement, ...] = ()
    entries: int = 0
    left_out: int = 0
    children: tuple[str, ...] = ()
    title: str = ""
    gone: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    posts: int = 0


def parse_feed(
    body: bytes, url: str, *, zone: ZoneInfo, content_type: str = "", posts: bool = False, now: datetime | None = None
) -> Parsed:
    """Reads a feed. `url` is its address (links may be relative), `zone` holds for times without one.

    With `posts` the entries are public posts: the account name is taken out of the address and handed over apart.
    """
    if body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        return _json_feed(body, url, zone, posts, now)
    headers = {"content-location": url} | ({"content-type": content_type} if content_type else {})
    parsed = read_feed(_first_entries(body), headers)
    if not parsed.get("version") and not parsed.get("entries"):
        return Parsed(False)
    raw = parsed["entries"][:MAX_ENTRIES]
    title = clean_title(str(parsed["feed"].get("title", ""))[:_RAW_TITLE_LIMIT])
    if not posts and _FEDIVERSE.match(str(parsed["feed"].get("generator", ""))):
        return Parsed(True, (), len(raw), len(raw), title=title, posts=len(raw))
    found = [_announcement(entry, url, zone, posts, now) for entry in raw]
    left = 0 if posts else sum(is_post(str(each.get("link") or ""), str(each.get("title", ""))) for each in raw)
    return _result(found, len(raw), title, left)


def is_post(url: str, title: str) -> bool:
    """Whether an entry is a public post of the fediverse or of Bluesky, by its address and headline."""
    return bool(_POST.search(url) or (not title.strip() and _BARE_POST.search(url)))


def html_text(fragment: str) -> str:
    """The text of an HTML fragment, one line a block; of one that no parser takes, what stands between its tags."""
    if "<" not in fragment and "&" not in fragment:
        return fragment.strip()
    try:
        return _block_text(fragment)
    except (etree.ParserError, ValueError, AssertionError):
        # control characters, also written as references, are no XML; lxml asserts that a fragment has one body
        return clean_lines(unescape(re.sub(r"<[^<>]*>", " ", fragment)))


def _block_text(fragment: str) -> str:
    tree = lxml_html.fragment_fromstring(fragment, create_parent="div")
    for element in tree.iter():
        if not isinstance(element.tag, str) or element.tag in ("script", "style"):
            element.text = ""
        elif element.tag in _BLOCKS:
            element.tail = "\n" + (element.tail or "")
            if element.tag != "br":
                element.text = "\n" + (element.text or "")
    return clean_lines(tree.text_content())


def clean_lines(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


def announcement(
    link: str | None,
    base: str,
    *,
    title: str = "",
    summary: str = "",
    text: str = "",
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    handle: str | None = None,
    posts: bool = False,
) -> Announcement | None:
    """An announcement for an article's link, or None when the link leads nowhere, to a front page, to a site whose
    terms forbid this use, or to a post while no `posts` are read.

    What it says is cleaned here, for feeds, sitemaps and listings alike: no database takes NUL and lone surrogates, and
    one entry with them would keep the whole poll from being saved for as long as it is listed.
    """
    url = urls.canonical(link, base) if link else None
    if url is None or urls.is_home(url) or forbidden_by(url) or (not posts and is_post(url, title)):
        return None
    if posts:
        url = url_without_handle(url, handle)
    title = clean_title(title[:_RAW_TITLE_LIMIT])
    return Announcement(
        url=url,
        url_key=url_key(url),
        title=title,
        title_key=title_key(title),
        summary=clean_text(summary)[:_SUMMARY_LIMIT],
        text=clean_text(text),
        published_at=published_at,
        updated_at=updated_at,
        handle=handle if posts else None,
    )


def _first_entries(body: bytes) -> bytes:
    """The body up to the last entry that is taken, closed properly: the rest of a huge feed is not even parsed."""
    if body.count(b"<") > MAX_TAGS:
        body = body[: next(islice(re.finditer(b"<", body), MAX_TAGS, None)).start()]
    for end, closing in ((b"</item>", b"</channel></rss>"), (b"</entry>", b"</feed>")):
        last = next(islice(re.finditer(re.escape(end), body), MAX_ENTRIES - 1, None), None)
        if last is not None and body.find(end, last.end()) >= 0:
            return body[: last.end()] + closing
    return body


def _announcement(entry: Any, base: str, zone: ZoneInfo, posts: bool, now: datetime | None) -> Announcement | None:
    content = [str(part.get("value", "")) for part in entry.get("content", ())]
    summary = html_text(str(entry.get("summary", "")))
    full = html_text(max(content, key=len, default=""))
    link = entry.get("link") or _permalink(entry)
    return announcement(
        link,
        base,
        title=str(entry.get("title", "")),
        summary=summary,
        text=full or summary,
        published_at=read_when(_raw_date(entry, "published", "created", "updated"), zone, now),
        updated_at=read_when(_raw_date(entry, "updated"), zone, now),
        handle=_handle(str(entry.get("author", "")), link, base) if posts else None,
        posts=posts,
    )


def _permalink(entry: Any) -> str | None:
    """RSS allows the guid to be the link; feedparser fills `link` only where `isPermaLink` says so."""
    guid = str(entry.get("id", ""))
    if guid.startswith(("http://", "https://")):
        return guid
    links = [
        str(link.get("href", "")) for link in entry.get("links", ()) if link.get("rel", "alternate") == "alternate"
    ]
    return links[0] if links else None


def _raw_date(entry: Any, *names: str) -> str | None:
    """The date as written: feedparser's own reading takes a time without zone for UTC."""
    # dict.get: feedparser's own falls back from `updated` to `published`, with a warning
    return next((str(value) for name in names if (value := dict.get(entry, name))), None)


def _handle(author: str, link: str | None, base: str) -> str | None:
    """The account of a post: as its address names it, else as the entry does."""
    url = urls.canonical(link, base) if link else None  # None for one that cannot be split
    found = _ACCOUNT.search(url or "")
    if url and found:
        return f"{found[1]}@{urlsplit(url).hostname}"
    return author.strip() or None


def _json_feed(body: bytes, url: str, zone: ZoneInfo, posts: bool, now: datetime | None) -> Parsed:
    try:
        data = json.loads(body.decode("utf-8-sig", "replace"), strict=False)
    except (ValueError, RecursionError):
        return Parsed(False)
    if not isinstance(data, dict) or "jsonfeed.org/version" not in str(data.get("version", "")):
        return Parsed(False)
    listed = data.get("items")
    raw = [each for each in listed[:MAX_ENTRIES] if isinstance(each, dict)] if isinstance(listed, list) else []
    found = [_json_entry(each, url, zone, posts, now) for each in raw]
    left = 0 if posts else sum(is_post(str(each.get("url") or ""), str(each.get("title") or "")) for each in raw)
    return _result(found, len(raw), clean_title(str(data.get("title", ""))[:_RAW_TITLE_LIMIT]), left)


def _json_entry(
    entry: dict[str, Any], base: str, zone: ZoneInfo, posts: bool, now: datetime | None
) -> Announcement | None:
    def word(name: str) -> str:
        value = entry.get(name)
        return value if isinstance(value, str) else ""

    link = word("url") or word("external_url") or word("id")
    text = word("content_text") or html_text(word("content_html"))
    authors = entry.get("authors")
    author = authors[0].get("name") if isinstance(authors, list) and authors and isinstance(authors[0], dict) else None
    return announcement(
        link,
        base,
        title=word("title"),
        summary=html_text(word("summary")) or text,
        text=text,
        published_at=read_when(word("date_published"), zone, now),
        updated_at=read_when(word("date_modified"), zone, now),
        handle=_handle(str(author or ""), link, base) if posts else None,
        posts=posts,
    )


def _result(found: list[Announcement | None], entries: int, title: str, posts: int) -> Parsed:
    usable = tuple(each for each in found if each is not None)
    return Parsed(True, usable, entries, entries - len(usable), title=title, posts=posts)


def body_sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
