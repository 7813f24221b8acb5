"""Title, outlet and language of a page."""

from __future__ import annotations

import re
from typing import Any

from lxml import html as lxml_html

from crawler.dates import is_news
from waspada.items.policy import clean_title, normalised
from waspada.sources.outlets import host_of, is_address, known_outlet, named_outlet, registrable_domain

_SEPARATOR = re.compile(r"\s+(?:[-–—|•·»]|::)\s+|\s*\|\s*")
_INDONESIAN = (
    "yang dan di dari untuk dengan pada ini itu dalam tidak akan ke oleh juga kata ia mereka ada sebagai bisa telah"
    " sudah kami kita atau karena saat para"
)
_ENGLISH = (
    "the of and to in is that for was on with as by at from are be has have an it this which were said he they his"
    " will their"
)
_MALAY = "kerana boleh wang beliau ialah manakala bahawa iaitu mahu"
_INDONESIAN_WORDS, _ENGLISH_WORDS = frozenset(_INDONESIAN.split()), frozenset(_ENGLISH.split())
_MALAY_WORDS = frozenset(_MALAY.split())
_WORD = re.compile(r"[a-z]+")


def title_of(tree: lxml_html.HtmlElement, things: list[dict[str, Any]], outlet: str, url: str) -> str:
    """The article's title without the site's name; the visible headline where title and meta agree with it."""
    stated = [text for text in _stated_titles(tree, things) if text]
    joined = " \n ".join(normalised(text) for text in stated)
    headings = [clean_title(h.text_content()) for h in tree.xpath("//h1")[:6]]
    if not any(headings):
        headings = [clean_title(h.text_content()) for h in tree.xpath("//h2")[:3]]
    agreeing = [h for h in headings if len(h) > 3 and normalised(h) and normalised(h) in joined]
    bare = [_without_site(text, outlet, url) for text in stated]
    if agreeing and len(best := max(agreeing, key=len)) >= 0.6 * min(map(len, bare), default=0):
        return best
    return next(filter(None, bare), "") or max(headings, key=len, default="")


def outlet_of(tree: lxml_html.HtmlElement, things: list[dict[str, Any]], url: str) -> str:
    """Who published the page: by the table of outlets, else as the page names itself, else its domain.

    A page on a public host speaks for that host only. On a bare address (tests, the demo, an intranet copy) the address
    that the page declares for itself is heard.
    """
    declared = [*_values(tree, "//link[@rel='canonical']/@href"), *_values(tree, "//meta[@property='og:url']/@content")]
    hosts = declared if is_address(host_of(url)) else [url]
    for host in hosts:
        if name := known_outlet(host):
            return name
    for name in _self_names(tree, things):
        if name and len(name) <= 60:
            return named_outlet(name) or name
    suffix = _title_suffix(tree)
    domain = registrable_domain(next(filter(host_of, hosts), url))
    return named_outlet(suffix) or suffix or domain


def language_of(tree: lxml_html.HtmlElement, text: str) -> str | None:
    """ "id", "en" or "ms" by function words; what the page declares where the text is too short to say."""
    words = _WORD.findall(text.lower())[:2000]
    if len(words) >= 20:
        indonesian, english, malay = (
            sum(word in known for word in words) for known in (_INDONESIAN_WORDS, _ENGLISH_WORDS, _MALAY_WORDS)
        )
        if english > indonesian and english >= 0.08 * len(words):
            return "en"
        if malay >= max(3, 0.01 * len(words)) and indonesian:
            return "ms"
        return "id" if indonesian >= 0.04 * len(words) else None
    declared = str(tree.get("lang") or tree.get("xml:lang") or "").lower()[:2]
    return declared or None


def names_of(thing: Any) -> str:
    """The name of a JSON-LD organisation that may be an object, a list of them or a string."""
    if isinstance(thing, list):
        thing = thing[0] if thing else None
    if isinstance(thing, dict):
        thing = thing.get("name")
    return clean_title(thing) if isinstance(thing, str) else ""


def _stated_titles(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> list[str]:
    found = [str(thing.get("headline") or "") for thing in things if is_news(thing)]
    found += _values(tree, "//meta[@property='og:title']/@content")
    found += _values(tree, "//meta[@name='twitter:title']/@content")
    found += [element.text_content() for element in tree.xpath("//head/title")[:1]]
    return [clean_title(text) for text in found]


def _self_names(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> list[str]:
    found = _values(tree, "//meta[@property='og:site_name']/@content")
    found += [names_of(thing.get("publisher")) for thing in things if is_news(thing)]
    found += _values(tree, "//meta[@name='application-name']/@content")
    return [clean_title(text) for text in found]


def _title_suffix(tree: lxml_html.HtmlElement) -> str:
    """ "Judul - Kabar Banua" names its outlet at the end, when the headline stands before it."""
    parts = _SEPARATOR.split(clean_title(" ".join(e.text_content() for e in tree.xpath("//head/title")[:1])))
    return parts[-1].strip() if len(parts) > 1 and 0 < len(parts[-1].split()) <= 4 else ""


def _without_site(title: str, outlet: str, url: str) -> str:
    parts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(title)]
    while parts:
        start, end = parts.pop()
        if not _is_site(title[end:], outlet, url):
            break
        title = title[:start]
    head, separator, rest = title.partition(": ")
    return rest.strip() if separator and rest and _is_site(head, outlet, url) else title.strip()


def _is_site(text: str, outlet: str, url: str) -> bool:
    """Whether a piece of a title is the site's name: it holds the outlet's name or domain and little else."""
    squashed = re.sub(r"\W+", "", text.lower())
    names = {re.sub(r"\W+", "", outlet.lower()), registrable_domain(url).partition(".")[0]}
    return len(text.split()) <= 5 and any(len(name) > 2 and name in squashed for name in names)


def _values(tree: lxml_html.HtmlElement, path: str) -> list[str]:
    return [str(value).strip() for value in tree.xpath(path)[:3] if str(value).strip()]
