"""What the address of a source must look like, by its kind: pure.

| kind | address |
|---|---|
| `mastodon` | `https://INSTANCE/tags/NAME`, `https://INSTANCE/public`, `https://INSTANCE/public/local` |
| `mastodon-rss` | `https://INSTANCE/tags/NAME.rss`; of an institution `https://INSTANCE/@NAME.rss` |
| `bluesky` | `https://jetstream.us-east.bsky.network/?words=kalsel,banjarmasin&langs=id,ms` |
| `youtube` | `https://www.youtube.com/channel/ID`, `https://www.youtube.com/watch?v=ID` |

Hashtags and words name places and topics, never persons (design, rules 1 and 9): `watchwords.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from waspada.errors import InputError
from waspada.sources.outlets import host_of, is_address
from waspada.sources.terms import check_terms
from waspada.sources.types import SourceKind, SourceRole
from waspada.sources.watchwords import check_watchword

MAX_WORDS = 100
_JETSTREAM = "https://jetstream.us-east.bsky.network/?words=kalsel,banjarmasin&langs=id"
_JETSTREAM_DOMAIN = ".bsky.network"
_V1_HOST = re.compile(r"jetstream\d\.")
_YOUTUBE_HOSTS = frozenset({"www.youtube.com", "youtube.com", "m.youtube.com"})
_CHANNEL = re.compile(r"/channel/(UC[\w-]{22})/?")
_VIDEO = re.compile(r"[\w-]{11}")
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_TAG_FEED = re.compile(r"/tags/(\w+)\.rss")
_ACCOUNT_FEED = re.compile(r"/(?:@|users/)[^/]", re.IGNORECASE)
#: Who may be followed by the feed of one account: institutions.
_INSTITUTIONS = frozenset({SourceRole.OFFICIAL, SourceRole.NEWS})


@dataclass(frozen=True, slots=True)
class Timeline:
    """A timeline of a Mastodon instance. `base` is scheme and host; `tag` is "" for the public timeline."""

    base: str
    tag: str = ""
    local: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """A filtered Jetstream: posts with one of `words`, and in one of `langs` where there are any."""

    base: str
    words: tuple[str, ...]
    langs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of a channel's videos, or of one video; the other is ""."""

    channel: str = ""
    video: str = ""


def check_address(kind: SourceKind, url: str, role: SourceRole | None = None) -> None:
    """Raises InputError for an address whose terms forbid this use, that its kind cannot read, or of a person.

    `role` is who somebody said speaks there; None where nobody did.
    """
    check_terms(url)
    if kind is SourceKind.MASTODON_RSS:
        _check_feed_of_posts(url, role)
    elif kind is SourceKind.RSS and is_account(url) and urlsplit(url).path.endswith((".rss", ".atom")):
        raise InputError(f"{url[:200]!r} is a feed of posts.", hint="Add it with `--kind mastodon-rss`.")
    elif kind is SourceKind.MASTODON:
        timeline(url)
    elif kind is SourceKind.BLUESKY:
        stream(url)
    elif kind is SourceKind.YOUTUBE:
        comments(url)


def is_account(url: str) -> bool:
    """Whether an address is of one account of an instance."""
    return _ACCOUNT_FEED.match(unquote(urlsplit(url).path)) is not None


def timeline_of_feed(url: str) -> str | None:
    """Where the API has the posts of a hashtag's feed (the kind `mastodon`); None for what is no such feed."""
    parts = urlsplit(url)
    tag = _TAG_FEED.fullmatch(unquote(parts.path))
    return f"{parts.scheme}://{parts.netloc}/tags/{tag[1]}" if tag else None


def _check_feed_of_posts(url: str, role: SourceRole | None) -> None:
    """A hashtag as the API's; an account only of an institution. Other parameters than `local` would add hashtags."""
    if is_account(url):
        if role not in _INSTITUTIONS:
            raise InputError(
                f"{url[:200]!r} is the feed of an account, and persons are not followed.",
                hint="The account of an institution needs `--role official` or `--role news`; else use a hashtag.",
            )
        return
    address = timeline_of_feed(url)
    if address is None or urlsplit(url).query not in ("", "local=true"):
        raise InputError(f"{url[:200]!r} is no feed of a hashtag.", hint="Use https://INSTANCE/tags/NAME.rss.")
    timeline(address)


def timeline(url: str) -> Timeline:
    """The timeline that a Mastodon address names. Raises InputError."""
    parts = urlsplit(url)
    base, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    if path in ("/public", "/public/local"):
        return Timeline(base, local=path.endswith("local"))
    tag = unquote(path.removeprefix("/tags/")) if path.startswith("/tags/") else ""
    if not tag or re.fullmatch(r"\w+", tag) is None:
        raise InputError(
            f"{url!r} is no timeline of a Mastodon instance.",
            hint="Use https://INSTANCE/tags/NAME, https://INSTANCE/public or https://INSTANCE/public/local.",
        )
    check_watchword(tag)
    return Timeline(base, tag)


def stream(url: str) -> Stream:
    """The filter that a Jetstream address holds. Raises InputError."""
    parts, host = urlsplit(url), host_of(url)
    if not (host.endswith(_JETSTREAM_DOMAIN) or is_address(host)) or _V1_HOST.match(host):
        raise InputError(f"{host} is no Jetstream of Bluesky that is read here.", hint=f"Use {_JETSTREAM}")
    query = parse_qs(parts.query)
    words, langs = (_listed(query.get(name, [])) for name in ("words", "langs"))
    if not words or len(words) > MAX_WORDS:
        raise InputError(
            f"A Bluesky source needs 1 to {MAX_WORDS} words, this one has {len(words)}.", hint=f"Example: {_JETSTREAM}"
        )
    for word in words:
        check_watchword(word)
    odd = [lang for lang in langs if not _LANGUAGE.fullmatch(lang)]
    if odd:
        raise InputError(f"{odd[0]!r} is no language code.", hint="Use codes such as id, jv, bjn, ms, en.")
    return Stream(f"{parts.scheme}://{parts.netloc}", words, langs)


def comments(url: str) -> Comments:
    """The channel or video that a YouTube address names. Raises InputError."""
    parts = urlsplit(url)
    if host_of(url) in _YOUTUBE_HOSTS:
        channel = _CHANNEL.fullmatch(parts.path)
        video = parse_qs(parts.query).get("v", [""])[0]
        if channel:
            return Comments(channel=channel[1])
        if parts.path == "/watch" and _VIDEO.fullmatch(video):
            return Comments(video=video)
    raise InputError(
        f"{url!r} names no YouTube channel or video by its id.",
        hint="Use https://www.youtube.com/channel/UC... (under About, Share channel) or .../watch?v=ID.",
    )


def post_kind(url: str) -> SourceKind | None:
    """The kind of public posts that an address alone tells, None where one has to look: the page of a hashtag
    (`/tags/NAME`) may as well be one of an outlet's.

    Raises InputError for an address of YouTube or Jetstream that cannot be read.
    """
    host, path = host_of(url), urlsplit(url).path.rstrip("/")
    if host in _YOUTUBE_HOSTS:
        comments(url)
        return SourceKind.YOUTUBE
    if host.endswith(_JETSTREAM_DOMAIN):
        stream(url)
        return SourceKind.BLUESKY
    return SourceKind.MASTODON if path in ("/public", "/public/local") else None


def _listed(values: list[str]) -> tuple[str, ...]:
    """The comma-separated values of all parameters of a name, each once, in small letters."""
    found = (" ".join(word.split()).lstrip("#").casefold() for value in values for word in value.split(","))
    return tuple(dict.fromkeys(word for word in found if word))
