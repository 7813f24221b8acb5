"""Finding the body of an article: trafilatura's choice as the anchor, completed from the part of the page it stands in.

Measured on recorded Indonesian pages and own designs (`python -m benchmarks.extract`): trafilatura with
`favor_precision` loses first paragraphs that carry emphasis and keeps bylines set as tables; readability-lxml keeps
them but takes related headlines along. So what is furniture goes first, trafilatura says *where* the article is in what
is left, and the blocks of that element, without links and boilerplate, are the text. Where the two disagree widely,
readability's element is the second opinion.
"""

from __future__ import annotations

import copy
import logging
import re
from collections import Counter

import trafilatura
from lxml import etree
from lxml import html as lxml_html
from readability import Document
from readability.readability import Unparseable

from crawler.boilerplate import is_boilerplate, is_date_line, without_boilerplate
from crawler.furniture import furniture, is_layout
from crawler.lines import Line, Node, PageLines, page_lines
from waspada.items.policy import normalised

for _name in ("trafilatura", "readability", "htmldate", "courlan"):
    # They warn about pages that have no text; without a handler that would land on standard error.
    logging.getLogger(_name).addHandler(logging.NullHandler())

_SHORT = 200
#: A text shorter than this is looked at twice: photo pages and old layouts.
_LITTLE = 600
_WORD = re.compile(r"\w+")
_LINES_BEFORE_PROSE = 12
_LABEL_WORDS = 4
#: An element with this share of the words around it is the article; what follows it is not.
_MAIN_SHARE = 0.8
_ECHO_CHARS = range(40, 400)
#: No article has more; every line is looked for in all others, which takes quadratic time.
_MANY_LINES = 500
_ANCHOR_CHARS = 50_000


def find_body(tree: lxml_html.HtmlElement, selector: str | None = None, *, title: str = "") -> str:
    """The article's text, one paragraph a line; "" where a page has none. `selector` (CSS) wins when it matches."""
    text = _selected(tree, selector, title) if selector else ""
    return text or _found(tree, title)


def token_f1(one: str, other: str) -> float:
    """Token F1 of two texts (multiset of lower-case words), 0..1; 1 when both are empty."""
    a, b = Counter(_WORD.findall(one.lower())), Counter(_WORD.findall(other.lower()))
    total = a.total() + b.total()
    return 1.0 if total == 0 else 2 * (a & b).total() / total


def _found(tree: lxml_html.HtmlElement, title: str) -> str:
    page, bare = _without_furniture(tree, title)
    precise = _trafilatura(bare, title)
    anchored = _anchored(page, precise, title)
    if len(precise) < _SHORT or not 0.9 * len(precise) <= len(anchored) <= 1.25 * len(precise):
        second = _readability(bare, title)
        anchored = anchored or _anchored(page, second, title)
        text = _choose(precise, second, anchored)
    else:
        text = anchored
    if len(text) >= _LITTLE:
        return text
    text = _fuller(text, _densest(page, title))
    return _with_captions(text, tree)


def _fuller(text: str, densest: str) -> str:
    """The text, unless that is little of what stands together on the page."""
    if len(text) < _SHORT:
        return max(text, densest, key=len)
    first = text.partition("\n")[0]
    return densest if len(densest) > 2.5 * len(text) and first in densest else text


def _without_furniture(tree: lxml_html.HtmlElement, title: str) -> tuple[PageLines, lxml_html.HtmlElement]:
    """A copy of the page without its furniture, and its lines. Tables that only lay out text are unwrapped."""
    bare = copy.deepcopy(tree)
    page = page_lines(bare)
    for node in furniture(page, title):
        if node.element.getparent() is not None:
            node.element.drop_tree()
    for node in page.nodes:
        if node.tag == "table" and is_layout(node, page):
            for part in node.element.iter("table", "tbody", "thead", "tr", "td", "th"):
                part.tag = "div"
    return page_lines(bare), bare


def _text_of(page: PageLines, start: int, end: int, title: str) -> str:
    """The lines `start` to `end` of a page without link lines, what stands before the article, and boilerplate."""
    filled = list(page.filled(start, end))
    large = [line for line in filled if not line.is_small_print]
    if sum(len(line.text) for line in large) >= 0.5 * sum(len(line.text) for line in filled):
        filled = large
    lines = _without_link_lines(filled)
    return _without_echoes(without_boilerplate("\n".join(_without_head(lines, title))))


def _without_echoes(text: str) -> str:
    """Drops pulled quotes: lines whose words stand once more inside a longer paragraph, or as a line above."""
    lines = text.splitlines()
    keys = [normalised(line) for line in lines]
    joined = "\n".join(keys)
    if len(lines) > _MANY_LINES:
        return text
    kept: list[str] = []
    seen: set[str] = set()
    for line, key in zip(lines, keys, strict=True):
        echo = len(key) in _ECHO_CHARS and (key in seen or f" {key}" in joined or f"{key} " in joined)
        kept += [] if echo else [line]
        seen.add(key)
    return "\n".join(kept)


def _without_link_lines(lines: list[Line]) -> list[str]:
    """Drops lines that are links, and the short heading ("Jangan lewatkan!") over two or more of them."""
    kept: list[str] = []
    for number, line in enumerate(lines):
        if line.is_link:
            continue
        following = lines[number + 1 : number + 3]
        heads_links = len(following) == 2 and all(each.is_link for each in following)
        if heads_links and len(line.text) < 60:
            continue
        kept.append(line.text)
    return kept


def _without_head(lines: list[str], title: str) -> list[str]:
    """Drops the title and what stands before it, and lines with the date before the first prose."""
    wanted = normalised(title)
    for number, line in enumerate(lines[:_LINES_BEFORE_PROSE]):
        if wanted and len(line) < 2 * len(title) + 40 and normalised(line) == wanted:
            if sum(map(len, lines[:number])) <= _SHORT:
                lines = lines[number + 1 :]
            break
    first = next((n for n, line in enumerate(lines[:_LINES_BEFORE_PROSE]) if len(line) >= 120), 0)
    return [*_without_stamps(lines[:first]), *lines[first:]]


def _without_stamps(lines: list[str]) -> list[str]:
    """Drops lines with a date, and the few words right above and below one: who wrote, how often it was read."""
    dates = {n for n, line in enumerate(lines) if is_date_line(line)}
    dropped = set(dates)
    for step in (1, -1):
        for number in dates:
            while 0 <= (number := number + step) < len(lines) and _is_label(lines[number]):
                dropped.add(number)
    return [line for n, line in enumerate(lines) if n not in dropped]


def _is_label(line: str) -> bool:
    return len(line.split()) <= _LABEL_WORDS and not line.endswith((".", "!", "?", '"', "”", "-", "–", "—"))


def _choose(precise: str, second: str, anchored: str) -> str:
    """The measured rule: the anchored blocks unless they run far beyond what either extractor took for the article, or
    fall short of the first and differ from the second.
    """
    if len(precise) < _SHORT and len(second) > 2 * max(len(precise), len(anchored)):
        return second
    if not anchored or len(anchored) > 1.6 * max(len(precise), min(len(second), 2 * len(precise))):
        return precise
    agreed = 0.7 * len(precise) <= len(anchored) and 0.9 * len(second) <= len(anchored) <= 1.1 * len(second)
    return anchored if agreed or len(anchored) >= 0.9 * len(precise) else precise


def _trafilatura(tree: lxml_html.HtmlElement, title: str) -> str:
    """trafilatura's text. The tree is only lent: it is copied, since trafilatura takes it apart."""
    found = trafilatura.extract(
        copy.deepcopy(tree),
        favor_precision=True,
        fast=True,  # its own second opinions change no figure here and cost an eighth of the time: ours follow
        include_comments=False,
        include_tables=False,
        deduplicate=False,
    )
    return without_boilerplate("\n".join(_without_head((found or "").splitlines(), title)))


def _readability(tree: lxml_html.HtmlElement, title: str) -> str:
    try:
        summary = Document(lxml_html.tostring(tree, encoding="unicode")).summary(html_partial=True)
        page = page_lines(lxml_html.fragment_fromstring(summary, create_parent="div"))
        return _text_of(page, 0, len(page.lines), title)
    except (Unparseable, etree.ParserError, ValueError, TypeError, AttributeError, AssertionError):
        return ""  # lxml asserts that a fragment has one body


def _selected(tree: lxml_html.HtmlElement, selector: str, title: str) -> str:
    try:
        found = tree.cssselect(selector)
    except (ValueError, SyntaxError, etree.XPathError):
        return ""
    texts = []
    for element in found[:5]:
        page, _ = _without_furniture(element, title)
        texts.append(_text_of(page, 0, len(page.lines), title))
    return "\n".join(filter(None, texts))


def _anchored(page: PageLines, anchor: str, title: str) -> str:
    """The lines of the smallest element that holds at least 98 % of the anchor."""
    keys = {key for line in anchor.splitlines() if (key := normalised(line))}
    if len(anchor.split()) < 20:
        return ""
    joined = "\n".join(keys)[:_ANCHOR_CHARS]
    weights, seen = [0], set()
    for line in page.lines:
        key = line.key if line.text else ""
        is_in = bool(key) and (key in keys or (len(key) > 30 and key in joined))
        weights.append(weights[-1] + (len(key) if is_in else 0))
        if is_in:
            seen.add(key)
    node = _smallest(page, weights, 0.98 * sum(map(len, seen)))
    if node is None or sum(map(len, seen)) < 0.5 * len(joined):
        return ""
    return _text_of(page, node.start, _end_of_article(page, node), title)


def _end_of_article(page: PageLines, around: Node) -> int:
    """Where the article ends inside the element `around`: what follows its main part and is little goes.

    A part that shares a class with the main one goes on with it: advertisements split such pages.
    """
    weights = [0]
    for line in page.lines:
        weights.append(weights[-1] + len(line.text) - min(line.linked, len(line.text)))
    main = _smallest(page, weights, _MAIN_SHARE * (weights[around.end] - weights[around.start]), around)
    if main is None:
        return around.end
    names = set(main.names.split())
    like = [
        node.end
        for node in page.nodes
        if main.end <= node.start < node.end <= around.end
        and node.parent is main.parent
        and node.tag == main.tag
        and (names & set(node.names.split()) or (not names and not node.names))
    ]
    return max([main.end, *like])


def _densest(page: PageLines, title: str) -> str:
    """The lines of the smallest element that holds most of the page's prose."""
    weights = [0]
    for line in page.lines:
        weights.append(weights[-1] + (len(line.text) if line.is_prose else 0))
    node = _smallest(page, weights, 0.8 * weights[-1]) if weights[-1] else None
    return _text_of(page, node.start, node.end, title) if node else ""


def _smallest(page: PageLines, weights: list[int], least: float, around: Node | None = None) -> Node | None:
    """The element of fewest lines whose lines weigh at least `least`; `weights` are running sums. The inner of two.

    Only elements inside `around` where it is given.
    """
    best: Node | None = None
    for node in page.nodes:
        if around is not None and not around.start <= node.start <= node.end <= around.end:
            continue
        if weights[node.end] - weights[node.start] >= least and (
            best is None or node.end - node.start <= best.end - best.start
        ):
            best = node
    return best


def _with_captions(text: str, tree: lxml_html.HtmlElement) -> str:
    """A short text with the captions of a photo page, one for each picture, where the page has such."""
    for path in ("//article//figcaption", "//main//figcaption", "//figcaption", "//*[contains(@class,'caption')]"):
        captions = [" ".join(element.text_content().split()) for element in tree.xpath(path)[:60]]
        known = {normalised(line) for line in text.splitlines()}
        kept = [
            each for each in captions if len(each) > 30 and normalised(each) not in known and not is_boilerplate(each)
        ]
        if kept and sum(map(len, kept)) > (len(text) if len(text) < _SHORT else 2 * len(text)):
            return "\n".join(filter(None, [text if len(text) < _SHORT else "", without_boilerplate("\n".join(kept))]))
    return text
