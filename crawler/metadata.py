"""Title, outlet and language of a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from lxml import html as lxml_html

from crawler.dates import is_news
from crawler.lines import PageLines
from waspada.items.language import language_of as language_of_text
from waspada.items.policy import clean_title, normalised
from waspada.sources.outlets import host_of, is_address, known_outlet, named_outlet, registrable_domain

_SEPARATOR = re.compile(r"\s+(?:[-–—|•·»«~]|--|::)\s+|\s*\|\s*")
_PART = re.compile(rf"{_SEPARATOR.pattern}|:\s+")
#: ":: Harian Barito :: Judul", as systems of old wrote it.
_FRAMED = re.compile(r"^\s*::\s*[^:]{2,40}\s*::\s*(?=\S)")
#: "Judul Halaman all", "Judul - Halaman 2 dari 3": which page of a split article this is.
_PAGE_NUMBER = re.compile(
    r"(?:\s+[-–—|])?\s+(?:halaman|page|hal)\s+(?:all|semua|\d{1,2}(?:\s+(?:dari|of)\s+\d{1,2})?)\s*$", re.IGNORECASE
)
#: The name of a site or a section has no more words; a headline seldom so few.
_SITE_WORDS = 4
_LONGEST_HEADLINE = 200
#: What systems call the element of a headline that is no heading.
_TITLE_NAME = re.compile(r"(?:^|[\s_-])(?:judul|title|headline|contentheading)(?:$|[\s_-])", re.IGNORECASE)
#: A text with fewer words may say nothing of its language.
_LEAST_WORDS = 20


def title_of(
    tree: lxml_html.HtmlElement, things: list[dict[str, Any]], outlet: str, url: str, section: str | None = None
) -> str:
    """The article's title without the site's name; the visible headline where title and meta agree with it.

    Of a headline in capitals the stated spelling is taken, where there is one.
    """
    stated = [text for text in _stated_titles(tree, things) if text]
    bare = [_without_site(text, outlet, url, section) for text in stated]
    least = 0.6 * min(map(len, bare), default=0)
    for best in _agreeing(tree, stated):
        if len(best) >= least or _leads(best, stated):
            return _in_small_letters(best, [*bare, *stated])
    headings = [clean_title(h.text_content()) for h in tree.xpath("//h1")[:6]]
    headings = headings if any(headings) else [clean_title(h.text_content()) for h in tree.xpath("//h2")[:3]]
    return next(filter(None, bare), "") or max(headings, key=len, default="")


def headline_above(page: PageLines, text: str, title: str) -> str:
    """The heading over the body `text`, where the page's `title` names a site or a section only; else `title`.

    Such a title is short and shown nowhere on the page. Of one that is shown only in part, after the site's name or
    before it, that part is the title.
    """
    if page.headline(title) is not None:
        return title
    if len(title.split()) > _SITE_WORDS:
        parts = [part for part in _PART.split(title) if len(part.split()) >= _SITE_WORDS]
        return next((part for part in sorted(parts, key=len, reverse=True) if page.headline(part) is not None), title)
    first = next((line for line in text.splitlines() if len(line) >= 80), None)
    called = {page.first(node) for node in page.nodes if _TITLE_NAME.search(node.names)}
    heading = ""
    for number, line in enumerate(page.lines):
        if line.text and line.text == first:
            return heading or title
        if (line.heading or number in called) and not line.is_link and _is_headline(line.text):
            heading = clean_title(line.text)
    return title


def _is_headline(text: str) -> bool:
    return len(text.split()) > _SITE_WORDS and len(text) <= _LONGEST_HEADLINE


def _agreeing(tree: lxml_html.HtmlElement, stated: list[str]) -> Iterator[str]:
    """The longest heading of each rank that what the page states holds too; of lower ranks only what is a sentence."""
    joined = " \n ".join(normalised(text) for text in stated)
    for path, most, words in (("//h1", 6, 1), ("//h2", 12, 4), ("//h3", 12, 4)):
        headings = [clean_title(h.text_content()) for h in tree.xpath(path)[:most]]
        found = [h for h in headings if len(h) > 3 and (key := normalised(h)) and key in joined]
        if found and len((longest := max(found, key=len)).split()) >= words:
            yield longest


def _leads(heading: str, stated: list[str]) -> bool:
    """Whether a heading of a sentence's length opens a stated title and a separator follows: the rest is the site."""
    wanted = normalised(heading)
    return len(heading.split()) >= _SITE_WORDS and any(
        normalised(text[: cut.start()]) == wanted for text in stated for cut in _SEPARATOR.finditer(text)
    )


def _in_small_letters(headline: str, stated: list[str]) -> str:
    if not headline.isupper():
        return headline
    wanted = normalised(headline)
    for text in stated:
        for part in _SEPARATOR.split(text):
            if normalised(part) == wanted and not part.isupper():
                return part.strip()
    return next((text for text in stated if normalised(text) == wanted and not text.isupper()), headline)


def outlet_of(tree: lxml_html.HtmlElement, things: list[dict[str, Any]], url: str) -> str:
    """Who published the page: by the table of outlets, else as the page names itself, else its domain.

    A page on a public host speaks for that host only. On a bare address (tests, the demo, an intranet copy) the address
    that the page declares for itself is heard.
    """
    hosts = speaks_for(tree, url)
    for host in hosts:
        if name := known_outlet(host):
            return name
    for name in self_names(tree, things):
        if name and len(name) <= 60:
            return named_outlet(name) or name
    suffix = _title_suffix(tree)
    domain = registrable_domain(next(filter(host_of, hosts), url))
    return named_outlet(suffix) or suffix or domain


def speaks_for(tree: lxml_html.HtmlElement, url: str) -> list[str]:
    """The addresses whose hosts a page may name its outlet by: its own; on a bare address those it declares."""
    if not is_address(host_of(url)):
        return [url]
    return [*_values(tree, "//link[@rel='canonical']/@href"), *_values(tree, "//meta[@property='og:url']/@content")]


def language_of(tree: lxml_html.HtmlElement, text: str) -> str | None:
    """The language of the text by its words; what the page declares where the text is too short to say."""
    found = language_of_text(text)
    if found is not None or len(text.split()) >= _LEAST_WORDS:
        return found
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


def self_names(tree: lxml_html.HtmlElement, things: list[dict[str, Any]]) -> list[str]:
    """What a page calls its site, as it says for machines."""
    found = _values(tree, "//meta[@property='og:site_name']/@content")
    found += [names_of(thing.get("publisher")) for thing in things if is_news(thing)]
    found += _values(tree, "//meta[@name='application-name']/@content")
    return [clean_title(text) for text in found]


def _title_suffix(tree: lxml_html.HtmlElement) -> str:
    """ "Judul - Kabar Banua" names its outlet at the end, when the headline stands before it."""
    parts = _SEPARATOR.split(clean_title(" ".join(e.text_content() for e in tree.xpath("//head/title")[:1])))
    return parts[-1].strip() if len(parts) > 1 and 0 < len(parts[-1].split()) <= 4 else ""


def _without_site(title: str, outlet: str, url: str, section: str | None) -> str:
    """A title without the site's name and section around it and without the number of its page."""
    title = _FRAMED.sub("", _PAGE_NUMBER.sub("", title))
    parts = [(m.start(), m.end()) for m in _SEPARATOR.finditer(title)]
    while parts:
        start, end = parts.pop()
        if not _is_about_site(title[end:], outlet, url, section):
            break
        title = _PAGE_NUMBER.sub("", title[:start])
    while (found := _SEPARATOR.search(title)) and _is_about_site(title[: found.start()], outlet, url, section):
        title = title[found.end() :]
    head, separator, rest = title.partition(": ")
    return rest.strip() if separator and rest and _is_site(head, outlet, url) else title.strip()


def _is_about_site(text: str, outlet: str, url: str, section: str | None) -> bool:
    return _is_site(text, outlet, url) or bool(section and normalised(text) == normalised(section))


def _is_site(text: str, outlet: str, url: str) -> bool:
    """Whether a piece of a title is the site's name: it holds the outlet's name or domain and little else."""
    squashed = re.sub(r"\W+", "", text.lower())
    names = {re.sub(r"\W+", "", outlet.lower()), registrable_domain(url).partition(".")[0]}
    return len(text.split()) <= 5 and any(len(name) > 2 and name in squashed for name in names)


def _values(tree: lxml_html.HtmlElement, path: str) -> list[str]:
    return [str(value).strip() for value in tree.xpath(path)[:3] if str(value).strip()]
