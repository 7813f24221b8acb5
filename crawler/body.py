"""Finding the body of an article: trafilatura's choice as the anchor, completed from the part of the page it stands in.

Measured on recorded Indonesian pages (`python -m benchmarks.extract`): trafilatura with `favor_precision` loses first
paragraphs that carry emphasis and keeps bylines set as tables; readability-lxml keeps them but takes related headlines
along. So trafilatura says *where* the article is; the blocks of that element, without links and boilerplate, are the
text. Where the two disagree widely, readability's element is the second opinion.
"""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter
from dataclasses import dataclass

import trafilatura
from lxml import etree
from lxml import html as lxml_html
from readability import Document
from readability.readability import Unparseable

from crawler.boilerplate import without_boilerplate

for _name in ("trafilatura", "readability", "htmldate", "courlan"):
    # They warn about pages that have no text; without a handler that would land on standard error.
    logging.getLogger(_name).addHandler(logging.NullHandler())

_BLOCKS = (
    "p div section article main li ul ol dl dd dt blockquote h1 h2 h3 h4 h5 h6 table tr td th pre figure figcaption"
    " header footer aside nav form center details summary body hr"
)
_DROPPED = (
    "script style noscript nav aside footer form button select iframe svg template figure figcaption table dl h1 object"
    " ins video audio label input textarea"
)
_BLOCK_TAGS, _DROPPED_TAGS = frozenset(_BLOCKS.split()), frozenset(_DROPPED.split())
_DROPPED_NAMES = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|sosmed|social|related|terkait|baca-?juga|read-?also|lihat-?juga|recommend\w*|rekomendasi"
    r"|popul[ae]r\w*|terpopuler|trending|comments?|komentar|disqus|tags?|tagcloud|breadcrumbs?|byline|author|penulis"
    r"|editor|credits?|captions?|ads?|advert\w*|iklan|banner|promo\w*|newsletter|subscribe|sidebar|widget|pagination"
    r"|paging|meta|toolbar|copyright|disclaimer|link-?sisip|staticdetail|video-?embed|gallery|outbrain|taboola|dable"
    r"|mgid)(?:$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_SHORT = 200
_WORD = re.compile(r"\w+")


def find_body(tree: lxml_html.HtmlElement, selector: str | None = None) -> str:
    """The article's text, one paragraph a line; "" where a page has none. `selector` (CSS) wins when it matches."""
    if selector:
        chosen = _selected(tree, selector)
        if chosen:
            return chosen
    precise = _trafilatura(tree)
    anchored = _anchored(tree, precise)
    if len(precise) < _SHORT or not 0.9 * len(precise) <= len(anchored) <= 1.25 * len(precise):
        second = _readability(tree)
        anchored = anchored or _anchored(tree, second)
        text = _choose(precise, second, anchored)
    else:
        text = anchored
    return text if len(text) >= _SHORT else max(text, _gallery(tree), key=len)


def token_f1(one: str, other: str) -> float:
    """Token F1 of two texts (multiset of lower-case words), 0..1; 1 when both are empty."""
    a, b = Counter(_WORD.findall(one.lower())), Counter(_WORD.findall(other.lower()))
    total = a.total() + b.total()
    return 1.0 if total == 0 else 2 * (a & b).total() / total


def blocks(element: lxml_html.HtmlElement) -> str:
    """The text of an element, one line a block, without link lists, widgets and boilerplate."""
    lines: list[_Line] = [_Line()]
    _collect(element, lines, linked=False, top=True)
    return without_boilerplate("\n".join(_without_link_lines(lines)))


@dataclass(slots=True)
class _Line:
    text: str = ""
    linked: int = 0  # characters of it that stand in links

    @property
    def is_link(self) -> bool:
        """Whether the line is one headline to click on."""
        return self.linked >= 0.9 * len(self.text.strip()) > 20


def _without_link_lines(lines: list[_Line]) -> list[str]:
    """Drops lines that are links, and the short heading ("Jangan lewatkan!") over two or more of them."""
    filled = [line for line in lines if line.text.strip()]
    kept: list[str] = []
    for number, line in enumerate(filled):
        if line.is_link:
            continue
        following = filled[number + 1 : number + 3]
        heads_links = len(following) == 2 and all(each.is_link for each in following)
        if heads_links and len(line.text.strip()) < 60:
            continue
        kept.append(line.text)
    return kept


def _choose(precise: str, second: str, anchored: str) -> str:
    """The measured rule: the anchored blocks unless they run far beyond what either extractor took for the article."""
    if len(precise) < _SHORT and len(second) > 2 * len(precise):
        return second
    if not anchored or len(anchored) > 1.6 * max(len(precise), min(len(second), 2 * len(precise))):
        return precise
    return anchored if len(anchored) >= 0.9 * len(precise) else precise


def _trafilatura(tree: lxml_html.HtmlElement) -> str:
    found = trafilatura.extract(
        copy.deepcopy(tree), favor_precision=True, include_comments=False, include_tables=False, deduplicate=False
    )
    return without_boilerplate(found or "")


def _readability(tree: lxml_html.HtmlElement) -> str:
    try:
        summary = Document(lxml_html.tostring(tree, encoding="unicode")).summary(html_partial=True)
        return blocks(lxml_html.fragment_fromstring(summary, create_parent="div"))
    except (Unparseable, etree.ParserError, ValueError, TypeError, AttributeError, AssertionError):
        return ""  # lxml asserts that a fragment has one body


def _selected(tree: lxml_html.HtmlElement, selector: str) -> str:
    try:
        found = tree.cssselect(selector)
    except (ValueError, SyntaxError, etree.XPathError):
        return ""
    return "\n".join(filter(None, (blocks(element) for element in found[:5])))


def _anchored(tree: lxml_html.HtmlElement, anchor: str) -> str:
    """The blocks of the smallest element that holds at least 98 % of the anchor's words."""
    wanted = Counter(_WORD.findall(anchor.lower()))
    total = wanted.total()
    if total < 20:
        return ""
    body = tree.find(".//body")
    element = tree if body is None else body
    while True:
        inner = next((child for child in element if isinstance(child.tag, str) and _covers(child, wanted, total)), None)
        if inner is None:
            return blocks(element)
        element = inner


def _covers(element: lxml_html.HtmlElement, wanted: Counter[str], total: int) -> bool:
    if element.tag in ("script", "style"):
        return False
    text = " ".join(element.itertext()).lower()
    if len(text) < 3 * total:  # too short to hold that many words
        return False
    words = Counter(_WORD.findall(text))
    return (words & wanted).total() >= 0.98 * total


def _gallery(tree: lxml_html.HtmlElement) -> str:
    """The captions of a photo page, one for each picture, where there is no other text."""
    for path in ("//article//figcaption", "//main//figcaption", "//figcaption", "//*[contains(@class,'caption')]"):
        captions = [" ".join(element.text_content().split()) for element in tree.xpath(path)[:60]]
        text = without_boilerplate("\n".join(caption for caption in captions if len(caption) > 30))
        if text:
            return text
    return ""


def _collect(element: lxml_html.HtmlElement, lines: list[_Line], *, linked: bool, top: bool = False) -> None:
    """Appends the element's text to the open last line; every block boundary opens a new one."""
    if not top and _dropped(element):
        lines.append(_Line())
        return
    linked = linked or element.tag == "a"
    is_block = element.tag in _BLOCK_TAGS or element.tag == "br"
    if is_block:
        lines.append(_Line())
    _add(lines, element.text, linked)
    for child in element:
        if isinstance(child.tag, str):
            _collect(child, lines, linked=linked)
        _add(lines, child.tail, linked)
    if is_block:
        lines.append(_Line())


def _add(lines: list[_Line], text: str | None, linked: bool) -> None:
    if not text:
        return
    text = re.sub(r"\s+", " ", text)
    lines[-1].text += text
    if linked:
        lines[-1].linked += len(text.strip())


def _dropped(element: lxml_html.HtmlElement) -> bool:
    if element.tag in _DROPPED_TAGS:
        return True
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if _HIDDEN.search(element.get("style", "")) or element.get("hidden") is not None:
        return True
    if element.tag not in _BLOCK_TAGS:
        return False
    text = " ".join(element.text_content().split())
    if _DROPPED_NAMES.search(names) and len(text) < 1500:
        return True
    linked = sum(len(" ".join(link.text_content().split())) for link in element.iter("a"))
    return bool(text) and linked > 0.6 * len(text) and (len(text) - linked) < 80
