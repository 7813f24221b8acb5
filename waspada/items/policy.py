"""Deciding about items, without doing anything: keys, cleaning, same or changed."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata
from collections import Counter
from datetime import timedelta
from urllib.parse import unquote

#: Longest title and text that are kept, in code points. A page beyond that is not an article.
MAX_TITLE = 500
MAX_TEXT = 200_000

#: The same words within this time in one outlet are the same article under another address.
SAME_CONTENT_FOR = timedelta(days=7)
#: ... when it was published no further apart than this, as far as both times are known.
SAME_CONTENT_WITHIN = timedelta(days=1)
#: Two finds with one article number, or one headline in their addresses, are one article from this share of common
#: words (token F1) on.
_SAME_ARTICLE = 0.6
_WORD = re.compile(r"\w+")

#: A letter follows the bracket: "3 < 5" is no markup.
#: `html.unescape` raises on a number of thousands of digits.
_ENDLESS_REFERENCE = re.compile(r"&#[xX]?[0-9a-fA-F]{9,}")
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")
#: Feeds escape a title up to three times over.
_MAX_ESCAPES = 4
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
#: Scheme and host, path, query (RFC 3986, appendix B); matches every text.
_URL_PARTS = re.compile(r"([^/?#]*//[^/?#]*)?([^?#]*)(\?[^#]*)?")
#: What stands before the name of an account in the path of a post.
_BEFORE_NAMES = frozenset({"users", "u", "profile"})
_NON_WORD = re.compile(r"\W+")
#: Direction marks can make a title read as something else (CVE-2021-42574); zero-width characters hide words.
_HIDDEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD])


def url_key(canonical_url: str) -> str:
    """SHA-256 (hex) of a canonical URL: the identity of an item and of a page."""
    return hashlib.sha256(canonical_url.encode("utf-8", "surrogatepass")).hexdigest()


def url_without_handle(url: str, handle: str | None = None) -> str:
    """The address of a public post without its author: what is stored must not name who wrote it (design, rule 2).

    Goes: "/@name", "/users/name", "/u/name", the name in "/name/status/123" and in front of the host, the fragment, and
    every part of the path that is the announced `handle` ("name", "@name" or "name@instance"), percent-encoded or not;
    "/profile/name/post/123" becomes "/profile/-/post/123". Of the query go the parameters that are such a name. Applied
    twice it changes nothing more.
    """
    found = _URL_PARTS.match(url)
    origin, path, query = found.groups("") if found else ("", url, "")
    start, slashes, host = origin.partition("//")
    names = _names_of(handle)
    kept = _path_without_names([part for part in path.split("/") if part], names)
    fields = [each for each in query[1:].split("&") if each and not _is_name(each.partition("=")[2], names)]
    shorter = "".join(f"/{part}" for part in kept) + ("/" if path.endswith("/") else "")
    return start + slashes + host.rpartition("@")[2] + shorter + ("?" + "&".join(fields) if fields else "")


def _path_without_names(parts: list[str], names: frozenset[str]) -> list[str]:
    kept: list[str] = []
    rest = iter(parts)
    for part in rest:
        word = _plain(part)
        following = next(rest, None) if word in _BEFORE_NAMES else None
        if following is not None:
            kept += [part, "-"] if word == "profile" else []
        elif not _is_name(part, names):
            kept.append(part)
    if len(kept) >= 3 and _plain(kept[1]) == "status" and kept[2].isdecimal():
        return kept[1:]
    return kept


def _names_of(handle: str | None) -> frozenset[str]:
    """The spellings of an account in an address: "@name@instance" -> "name@instance", "name"."""
    whole = _plain(handle or "").strip().lstrip("@")
    return frozenset({whole, whole.partition("@")[0]} - {""})


def _is_name(part: str, names: frozenset[str]) -> bool:
    plain = _plain(part)
    return plain.startswith("@") or plain in names


def _plain(part: str) -> str:
    """A part of an address as its server reads it: decoded (some are encoded twice), one form, small letters."""
    return unicodedata.normalize("NFKC", unquote(unquote(part))).casefold()


def title_key(title: str) -> str | None:
    """SHA-256 (hex) of the title's words in lower case; None for a title without words."""
    words = normalised(title)
    return hashlib.sha256(words.encode()).hexdigest() if words else None


def normalised(text: str) -> str:
    """Lower case, every run of non-word characters one space: the form in which texts are compared."""
    return _NON_WORD.sub(" ", clean_text(text).lower()).strip()


def clean_title(title: str) -> str:
    """One line without markup, control and hidden characters, at most `MAX_TITLE` code points."""
    plain, before = _ENDLESS_REFERENCE.sub(" ", title), None
    for _ in range(_MAX_ESCAPES):
        if plain == before:
            break
        before, plain = plain, _TAG.sub(" ", clean_text(html.unescape(plain)))
    return " ".join(plain.split())[:MAX_TITLE]


def clean_text(text: str) -> str:
    """NFC text without control and hidden characters and lone surrogates; paragraphs stay on lines of their own."""
    text = text[: 2 * MAX_TEXT].translate(_HIDDEN).replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(c if c in "\n\t" or unicodedata.category(c)[0] != "C" else " " for c in text)
    text = _SPACES.sub(" ", unicodedata.normalize("NFC", text))
    return _BLANK_LINES.sub("\n", text).strip()[:MAX_TEXT]


def content_sha256(title: str, text: str) -> str:
    """SHA-256 (hex) of the words of an item: a changed comma or byline space is no new version."""
    return hashlib.sha256(f"{normalised(title)}\n{normalised(text)}".encode()).hexdigest()


def is_same_article(old: tuple[str, str], new: tuple[str, str]) -> bool:
    """Whether two (title, text) under one article number are one article: the same title, or mostly the same words.

    Newsrooms number their photo pages and their articles apart, so that a number alone proves nothing.
    """
    if title_key(old[0]) is not None and title_key(old[0]) == title_key(new[0]):
        return True
    return is_same_text(old[1], new[1])


def is_same_text(old: str, new: str) -> bool:
    """Whether two texts have mostly the same words."""
    ours, theirs = (Counter(_WORD.findall(text.lower())) for text in (old, new))
    total = ours.total() + theirs.total()
    return total > 0 and 2 * (ours & theirs).total() >= _SAME_ARTICLE * total
