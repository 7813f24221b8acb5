"""Deciding about items, without doing anything: keys, cleaning, same or changed."""

from __future__ import annotations

import hashlib
import html
import re
import unicodedata

#: Longest title and text that are kept, in code points. A page beyond that is not an article.
MAX_TITLE = 500
MAX_TEXT = 200_000

#: A letter follows the bracket: "3 < 5" is no markup.
_TAG = re.compile(r"</?[A-Za-z!][^<>]{0,2000}>")
#: Feeds escape a title up to three times over.
_MAX_ESCAPES = 4
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r"\n\s*\n+")
_ACCOUNT = re.compile(r"/(?:users/|@|%40)[^/?#]+", re.IGNORECASE)
_PROFILE = re.compile(r"/profile/[^/?#]+", re.IGNORECASE)
_NON_WORD = re.compile(r"\W+")
#: Direction marks can make a title read as something else (CVE-2021-42574); zero-width characters hide words.
_HIDDEN = dict.fromkeys([*range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x206A), 0xFEFF, 0xAD])


def url_key(canonical_url: str) -> str:
    """SHA-256 (hex) of a canonical URL: the identity of an item and of a page."""
    return hashlib.sha256(canonical_url.encode("utf-8", "surrogatepass")).hexdigest()


def url_without_handle(url: str) -> str:
    """The address of a public post without its author: what is stored must not name who wrote it (design, rule 2).

    "https://instance/@name/123" -> "https://instance/123"; Bluesky's "/profile/name/post/123" -> "/profile/-/post/123".
    """
    return _PROFILE.sub("/profile/-", _ACCOUNT.sub("", url))


def title_key(title: str) -> str | None:
    """SHA-256 (hex) of the title's words in lower case; None for a title without words."""
    words = normalised(title)
    return hashlib.sha256(words.encode()).hexdigest() if words else None


def normalised(text: str) -> str:
    """Lower case, every run of non-word characters one space: the form in which texts are compared."""
    return _NON_WORD.sub(" ", clean_text(text).lower()).strip()


def clean_title(title: str) -> str:
    """One line without markup, control and hidden characters, at most `MAX_TITLE` code points."""
    plain, before = title, None
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
