"""A page as lines: every block of text in document order, and for every block element the lines that stand in it.

An element is an interval of lines, so that its characters, links and prose are differences of running sums, whatever
stands around it. One walk over the tree, in time proportional to its size.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass, field
from itertools import islice

from lxml import html as lxml_html

from waspada.items.policy import normalised

_BLOCKS = (
    "p div section article main li ul ol dl dd dt blockquote h1 h2 h3 h4 h5 h6 table tbody thead tr td th pre figure"
    " figcaption header footer aside nav form center details summary body hr address fieldset"
)
_SILENT = (
    "script style noscript button select iframe svg template object ins video audio label input textarea head"
    " amp-iframe amp-img"
)
_BLOCK_TAGS, _SILENT_TAGS = frozenset(_BLOCKS.split()), frozenset(_SILENT.split())
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: Sizes above that of ordinary text, as pages of old set their headlines.
_LARGE = re.compile(r"\s*(?:[4-7]|\+[1-4])\s*$")
_SPACES = re.compile(r"\s+")
#: A line of so many characters, mostly without links, is prose.
_PROSE_CHARS = 80
#: The rest of a longer line does not tell it from another.
_LONGEST_KEY = 4000


@dataclass(slots=True)
class Line:
    """One block of text. `linked` of its characters stand in links; `heading` is the tag of a heading ("font" for one
    that only its size makes such), or "". `small` characters are in small print."""

    text: str = ""
    linked: int = 0
    small: int = 0
    heading: str = ""
    pieces: list[str] = field(default_factory=list)  # while the page is read: adding to a string is quadratic

    @property
    def is_link(self) -> bool:
        """Whether the line is one headline to click on."""
        return self.linked >= 0.9 * len(self.text) > 20

    @property
    def is_small_print(self) -> bool:
        return self.small >= 0.9 * len(self.text) > 0

    @property
    def is_prose(self) -> bool:
        return len(self.text) >= _PROSE_CHARS and self.linked < 0.5 * len(self.text)

    @property
    def key(self) -> str:
        """The form in which lines are compared."""
        return normalised(self.text[:_LONGEST_KEY])


@dataclass(slots=True)
class Node:
    """A block element: the lines `start` to `end` (exclusive) stand in it."""

    element: lxml_html.HtmlElement
    tag: str
    names: str
    start: int
    parent: Node | None
    end: int = 0


@dataclass(slots=True)
class PageLines:
    """The lines of a tree and its block elements, in document order (an element before what stands in it)."""

    lines: list[Line] = field(default_factory=lambda: [Line()])
    nodes: list[Node] = field(default_factory=list)
    _chars: list[int] = field(default_factory=list)
    _linked: list[int] = field(default_factory=list)
    _prose: list[int] = field(default_factory=list)
    _next: list[int] = field(default_factory=list)  # for every line the first one from there on that holds text

    def chars(self, node: Node) -> int:
        return self._chars[node.end] - self._chars[node.start]

    def linked(self, node: Node) -> int:
        return self._linked[node.end] - self._linked[node.start]

    def prose(self, node: Node) -> int:
        """Characters of the element's lines of prose."""
        return self._prose[node.end] - self._prose[node.start]

    def prose_above(self, node: Node) -> int:
        """Characters of the prose above the element, on the whole page."""
        return self._prose[node.start]

    @property
    def all_prose(self) -> int:
        return self._prose[-1]

    def forget_prose(self, nodes: Iterable[Node]) -> None:
        """Counts the prose of these elements no more."""
        forgotten = {number for node in nodes for number in range(node.start, node.end)}
        _sum_up(self, forgotten)

    def filled(self, start: int, end: int | None = None) -> Iterator[Line]:
        """The lines from `start` that hold text."""
        return (line for line in islice(self.lines, start, end) if line.text)

    def inside(self, node: Node) -> Iterator[Line]:
        """The element's lines that hold text."""
        return self.filled(node.start, node.end)

    def first(self, node: Node) -> int | None:
        """The number of the element's first line that holds text."""
        number = self._next[node.start]
        return number if number < node.end else None

    def headline(self, title: str) -> int | None:
        """The number of the line that shows `title`: in a heading where there is one, else the first; None for none."""
        wanted = normalised(title)
        if not wanted:
            return None
        length = range(len(wanted) // 2, 2 * len(title) + 40)
        found = [n for n, line in enumerate(self.lines) if len(line.text) in length and line.key == wanted]
        return next((n for n in found if self.lines[n].heading in ("h1", "h2")), found[0] if found else None)


def page_lines(tree: lxml_html.HtmlElement) -> PageLines:
    """Reads a tree into lines. Raises RecursionError for one that is nested beyond reason."""
    body = tree if tree.tag == "body" else tree.find(".//body")
    page = PageLines()
    _collect(tree if body is None else body, page, parent=None, heading="", linked=False, small=False)
    for line in page.lines:
        line.text = "".join(line.pieces).strip()
    _sum_up(page, frozenset())
    return page


def is_hidden(element: lxml_html.HtmlElement) -> bool:
    """Whether the element's own markup hides it from readers."""
    return element.get("hidden") is not None or bool(_HIDDEN.search(element.get("style", "")))


def _collect(
    element: lxml_html.HtmlElement, page: PageLines, *, parent: Node | None, heading: str, linked: bool, small: bool
) -> None:
    """Appends the element's text to the open last line; every block boundary opens a new one."""
    tag = element.tag
    is_block = tag in _BLOCK_TAGS or "-" in tag  # an element of the page's own making ("app-card")
    if tag in _SILENT_TAGS or (not is_block and is_hidden(element)):
        return
    node = None
    if is_block or tag == "br":
        _open(page, heading)
    if is_block:
        if tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
            heading = tag
            page.lines[-1].heading = tag
        names = f"{element.get('class', '')} {element.get('id', '')}".strip()
        node = Node(element, tag, names, len(page.lines) - 1, parent)
        page.nodes.append(node)
    if tag == "font" and not page.lines[-1].heading and _LARGE.match(element.get("size") or ""):
        page.lines[-1].heading = tag
    linked = linked or tag == "a"
    small = small or tag == "small" or (tag == "font" and (element.get("size") or "").strip() in ("1", "-1", "-2"))
    _add(page, element.text, linked, small)
    for child in element:
        if isinstance(child.tag, str):
            _collect(child, page, parent=node or parent, heading=heading, linked=linked, small=small)
        _add(page, child.tail, linked, small)
    if node is not None:
        node.end = len(page.lines)
        _open(page, "")


def _open(page: PageLines, heading: str) -> None:
    page.lines.append(Line(heading=heading))


def _add(page: PageLines, text: str | None, linked: bool, small: bool) -> None:
    if not text:
        return
    text = _SPACES.sub(" ", text)
    page.lines[-1].pieces.append(text)
    if linked:
        page.lines[-1].linked += len(text.strip())
    if small:
        page.lines[-1].small += len(text.strip())


def _sum_up(page: PageLines, forgotten: Set[int]) -> None:
    chars = links = prose = 0
    page._chars, page._linked, page._prose = [0], [0], [0]
    page._next = [len(page.lines)] * (len(page.lines) + 1)
    for number in range(len(page.lines) - 1, -1, -1):
        page._next[number] = number if page.lines[number].text else page._next[number + 1]
    for number, line in enumerate(page.lines):
        chars += len(line.text)
        links += line.linked
        prose += len(line.text) if line.is_prose and number not in forgotten else 0
        page._chars.append(chars)
        page._linked.append(links)
        page._prose.append(prose)
