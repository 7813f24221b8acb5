"""Which elements of a page are furniture: menus, share bars, teasers of other articles, comments, embedded posts.

Decided before any extractor sees the page, by what an element is (tag), what its author calls it (class and id), what
heads it ("Berita terkait") and how it is built (a row of cards that each start with a link). An element that holds most
of the page's prose, or its headline, is never furniture: old systems wrap whole pages in a form or an aside.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from lxml import html as lxml_html

from crawler.lines import Line, Node, PageLines, is_hidden

_ALWAYS = frozenset(["figure", "figcaption", "dl", "h1", "amp-ad", "amp-sidebar", "amp-social-share"])
_STRUCTURE = frozenset(["nav", "aside", "footer", "form"])
_NAMES = re.compile(
    r"(?:^|[\s_-])(?:share|sharing|sharedaddy|sosmed|social|related|relatedposts|terkait|baca-?juga|read-?also|lihat-?juga"
    r"|recommend\w*|rekomendasi|popul[ae]r\w*|terpopuler|trending|comments?|komentar|disqus|tags?|tagcloud|breadcrumbs?"
    r"|byline|author|penulis|editor|credits?|captions?|ads?|advert\w*|iklan|banner|promo\w*|newsletter|subscribe|sidebar"
    r"|widget|pagination|paging|meta|toolbar|copyright|disclaimer|link-?sisip|staticdetail|video-?embed|gallery|outbrain"
    r"|taboola|dable|mgid|cookies?|consent|twitter-tweet|instagram-media|tiktok-embed|fb-post|fb-video|telegram-post)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
#: Whole tokens only: "comments-open" and "no-comments" stand on articles.
_COMMENTS = re.compile(
    r"(?:^|\s)(?:(?:post|article|fb|kolom|daftar|berita|user)[-_])?(?:comments?|komentar|disqus|commentlist|respond)"
    r"(?:[-_](?:area|list|section|wrap|wrapper|box|block|container|threads?|items?|form|template))?(?:$|\s)",
    re.IGNORECASE,
)
#: A number, or whose they are: "Tanggapan Bupati" and "Komentar warga" head parts of articles.
_READERS = (
    r"(?:\d+\s+)?(?:komentar|comments?)(?:\s+(?:pembaca|anda|facebook|\(?\d+\)?))?|\d+\s+(?:tanggapan|responses?)"
    r"|(?:tanggapan|responses?)\s+(?:pembaca|anda|\(?\d+\)?)"
)
_HEADS = re.compile(
    rf"^\W*(?:{_READERS}|(?:\d+\s+)?(?:"
    r"(?:berita|artikel|baca|simak|video|foto|konten|topik|pos(?:-pos)?|entri|kabar|post|posting(?:an)?|tulisan)\s+"
    r"(?:terkait|lain(?:nya)?|juga|pula|terbaru|terkini|terpopuler|populer|menarik(?:\s+lainnya)?|pilihan|utama"
    r"|selanjutnya|berikutnya|sebelumnya|rekomendasi)(?:\s+(?:hari|minggu|pekan|bulan)\s+ini)?"
    r"|(?:paling|ter)\s?(?:banyak\s+)?(?:dibaca|dicari|dikomentari|populer)(?:\s+(?:hari|minggu|pekan|bulan)\s+ini)?"
    r"|(?:most|latest|recent|more|popular|top|trending|recommended)\s+"
    r"(?:popular|read|viewed|news|stories|posts?|articles?|comments?|for\s+you|from\b.{2,30})"
    r"|(?:terkini|terbaru|terpopuler|terkait|lainnya|rekomendasi|populer|trending)(?:\s+(?:lainnya|untuk\s+anda))?"
    r"|related(?:\s+(?:posts?|articles?|news))?|you\s+may\s+also\s+like|jangan\s+lewatkan|pilihan\s+(?:editor|redaksi)"
    r"|(?:berlangganan|langganan|daftar)\b.{0,30}(?:buletin|newsletter|nawala)\b.{0,20}|tentang\s+penulis))\W*$",
    re.IGNORECASE,
)
_COMMENTS_HEAD = re.compile(
    rf"^\W*(?:{_READERS}|\d+\s+(?:komentar|tanggapan|comments?|responses?)\s+(?:on|to|pada|untuk)\b.{{0,50}}"
    r"|(?:(?:tulis|tinggalkan|beri|kirim)\s+(?:komentar|balasan|tanggapan)|leave\s+a\s+(?:reply|comment))"
    r"(?:\s+(?:anda|(?:di\s*)?sini|di\s+bawah|batal\w*|cancel|untuk|to)\b.{0,30})?)\W*$",
    re.IGNORECASE,
)
_CARD_TAGS = frozenset(["div", "li", "article", "section", "tr", "td", "dd"])
_HEADING_TAGS = frozenset(["h2", "h3", "h4", "h5", "h6"])
_CARD_CHARS = 1500
_WIDGET_CHARS = 1500
_LAYOUT_CHARS = 200
_BOXES = frozenset(["div", "section", "aside"])
_INSET_CHARS = 600
_CAPTION_CHARS = 300
_IMAGES = frozenset({"img", "amp-img", "picture"})
_BOLD = frozenset({"b", "strong"})
_LEAD_CHARS = 80
#: How many twelfths of the row a column takes, in the words of the common style sheets ("col-lg-4", "span3").
_COLUMN = re.compile(
    r"(?:^|\s)(?:col-(?:(?:xs|sm|md|lg|xl|xxl)-)?|span|(?:small|medium|large)-|grid_)(\d{1,2})(?=\s|$)"
)
_NARROW = 0.6


def furniture(page: PageLines, title: str) -> list[Node]:
    """The elements of a page that are no part of its article. `title` is the article's.

    First what shows by how it is built; then, against the prose that is left, what shows by its name alone: a wrapper
    called "has-sidebar" or "elementor-widget" may hold the article.
    """
    aside = _heads(page) | _comments(page) | _narrow_columns(page) | _teaser_lists(page)
    look = _Look(page, page.headline(title), _cards(page), aside, _captions(page, title))
    built = _outermost(page.nodes, look.is_built_so)
    page.forget_prose(built)
    ends = {node.start: node.end for node in built}
    return built + _outermost(page.nodes, lambda node: ends.get(node.start, -1) < node.end and look.is_called_so(node))


def _outermost(nodes: list[Node], is_wanted: Callable[[Node], bool]) -> list[Node]:
    found: list[Node] = []
    done = 0
    for node in nodes:
        if node.start >= done and is_wanted(node):
            found.append(node)
            done = node.end
    return found


def is_layout(node: Node, page: PageLines) -> bool:
    """Whether a table lays out text and holds no data: mostly prose, or one cell a row."""
    if page.prose(node) >= max(_LAYOUT_CHARS, 0.5 * page.chars(node)):
        return True
    rows = node.element.iter("tr")
    return all(sum(cell.tag in ("td", "th") for cell in row) <= 1 for row in rows)


@dataclass(frozen=True, slots=True)
class _Look:
    """What is known of the whole page when one element is judged. `cards` and `aside` are ids of elements."""

    page: PageLines
    headline: int | None
    cards: frozenset[int]
    aside: frozenset[int]
    captions: frozenset[str]

    def is_built_so(self, node: Node) -> bool:
        page = self.page
        if not page.chars(node) or self._holds_headline(node):
            return False
        if id(node) in self.cards or _is_links(node, page):
            return True
        if page.prose(node) > 0.5 * page.all_prose:
            return False
        return (
            node.tag in _ALWAYS
            or (node.tag == "table" and not is_layout(node, page))
            or is_hidden(node.element)
            or id(node) in self.aside
            or self._is_another_article(node)
            or self._is_caption(node)
            or self._is_inset(node)
        )

    def is_called_so(self, node: Node) -> bool:
        page = self.page
        if not page.chars(node) or self._holds_headline(node):
            return False
        inside = page.prose(node)
        outside = page.all_prose - inside
        if node.names and _COMMENTS.search(node.names) and (not inside or outside >= _LAYOUT_CHARS):
            return True
        if inside > outside:
            return False
        return node.tag in _STRUCTURE or bool(
            node.names and page.chars(node) < _WIDGET_CHARS and _NAMES.search(node.names)
        )

    def _holds_headline(self, node: Node) -> bool:
        return self.headline is not None and node.start <= self.headline < node.end

    def _is_another_article(self, node: Node) -> bool:
        """Whether it is a whole article with a headline of its own, below the one that the page is about."""
        if self.headline is None or node.start < self.headline or self.page.prose(node) < _LAYOUT_CHARS:
            return False
        first = self.page.first(node)
        return first is not None and self.page.lines[first].heading == "h1"

    def _is_caption(self, node: Node) -> bool:
        if node.tag not in ("div", "p", "table") or self.page.chars(node) > _CAPTION_CHARS:
            return False
        texts = [line.text for line in self.page.inside(node)]
        if len(texts) > 2:
            return False
        if node.tag == "table":
            return _picture_comes_first(node)
        return (len(texts) == 1 and texts[0] in self.captions) or _pictured(node)

    def _is_inset(self, node: Node) -> bool:
        """Whether it is a box inside or below the prose with a heading and something to click on: an offer, a quiz.

        One of mostly prose is a part of the article with its subheading.
        """
        page = self.page
        if node.tag not in _BOXES or page.chars(node) > _INSET_CHARS or not page.prose_above(node):
            return False
        first = page.first(node)
        if first is None or page.lines[first].heading not in _HEADING_TAGS:
            return False
        if page.prose(node) > 0.5 * page.chars(node):
            return False
        return any(0.9 * len(line.text) <= line.linked for line in page.inside(node))


def _is_links(node: Node, page: PageLines) -> bool:
    chars, linked = page.chars(node), page.linked(node)
    return linked > 0.6 * chars and chars - linked < 80


def _heads(page: PageLines) -> frozenset[int]:
    """Elements (as ids) that a heading like "Berita terkait" heads: those around it that have more than it."""
    found: dict[int, Node] = {}
    for node in page.nodes:
        first = page.first(node)
        if first is not None and _is_widget_heading(page.lines[first]):
            found[first] = node  # the innermost stays
    around = set()
    for number, inner in found.items():
        outer: Node | None = inner
        while outer is not None and page.chars(outer) <= len(page.lines[number].text):
            outer = outer.parent
        if outer is not None and page.first(outer) == number:
            around.add(id(outer))
    return frozenset(around)


def _is_widget_heading(line: Line) -> bool:
    return len(line.text) <= 60 and bool(_HEADS.match(line.text))


def _comments(page: PageLines) -> frozenset[int]:
    """What follows a heading over readers' comments, beside it and below prose (as ids)."""
    opened: set[int] = set()
    found = set()
    for node in page.nodes:
        first = page.first(node)
        if id(node.parent) in opened:
            found.add(id(node))
        elif first is not None and node.tag in _HEADING_TAGS and page.prose_above(node) >= _LAYOUT_CHARS:
            text = page.lines[first].text
            if len(text) <= 60 and _COMMENTS_HEAD.match(text):
                opened.add(id(node.parent))
                found.add(id(node))
    return frozenset(found)


def _cards(page: PageLines) -> frozenset[int]:
    """Elements that each start with a headline to click on and stand beside another one like them (as ids)."""
    starting = [
        (node, (id(node.parent), node.tag, node.element.get("class")))
        for node in page.nodes
        if (node.tag in _CARD_TAGS or "-" in node.tag) and page.linked(node) > 20 and page.chars(node) <= _CARD_CHARS
        if (first := page.first(node)) is not None and page.lines[first].is_link
    ]
    beside = Counter(key for _, key in starting)
    return frozenset(id(node) for node, key in starting if beside[key] >= 2)


def _teaser_lists(page: PageLines) -> frozenset[int]:
    """Elements (as ids) whose prose all stands below headlines to click on, two or more of them."""
    filled = [number for number, line in enumerate(page.lines) if line.text]
    above = dict(zip(filled[1:], filled, strict=False))
    headlines, others = [0], [0]
    for number, line in enumerate(page.lines):
        is_headline = bool(line.heading) and line.is_link
        over = above.get(number)
        is_teaser = over is not None and bool(page.lines[over].heading) and page.lines[over].is_link
        headlines.append(headlines[-1] + is_headline)
        others.append(others[-1] + (line.is_prose and not is_teaser))
    return frozenset(
        id(node)
        for node in page.nodes
        if headlines[node.end] - headlines[node.start] >= 2 and others[node.end] == others[node.start]
    )


def _narrow_columns(page: PageLines) -> frozenset[int]:
    """Columns (as ids) much narrower than one beside them that holds more prose: what runs beside an article."""
    rows: dict[int, list[tuple[Node, float]]] = {}
    for node in page.nodes:
        width = _width(node)
        if width and node.parent is not None:
            rows.setdefault(id(node.parent), []).append((node, width))
    found = set()
    for row in rows.values():
        main, widest = max(row, key=lambda column: page.prose(column[0]))
        if page.prose(main) >= _LAYOUT_CHARS:
            found |= {id(node) for node, width in row if width <= _NARROW * widest}
    return frozenset(found)


def _width(node: Node) -> float | None:
    """The width of a column relative to those beside it, as its class or its attribute says; None for no column."""
    if node.tag == "td":
        stated = re.match(r"\s*(\d{1,4})(?:px|%)?\s*$", node.element.get("width") or "")
        return float(stated[1]) if stated else None
    twelfths = _COLUMN.findall(node.names)
    return float(min(map(int, twelfths))) if twelfths else None


def _captions(page: PageLines, title: str) -> frozenset[str]:
    """The alternative texts of the page's pictures: the same line under one is its caption."""
    texts = set()
    for node in page.nodes[:1]:
        for image in node.element.iter("img", "amp-img"):
            alt = " ".join((image.get("alt") or "").split())
            if len(alt) > 20 and alt != title:
                texts.add(alt)
    return frozenset(texts)


def _pictured(node: Node) -> bool:
    """Whether the element is a picture with a line below it in an element of its own.

    Text of the element itself, or a long bold line, is the lead of an article that the picture stands in.
    """
    children = [child for child in node.element if isinstance(child.tag, str)]
    if len(children) < 2 or not _is_picture(children[0]):
        return False
    if any((text or "").strip() for text in (node.element.text, *(child.tail for child in children))):
        return False
    return not any(c.tag in _BOLD and len(c.text_content()) >= _LEAD_CHARS for c in children)


def _picture_comes_first(table: Node) -> bool:
    """Whether a table holds a picture above its words: how pages of old set a caption."""
    for element in table.element.iter():
        if element.tag in _IMAGES:
            return True
        if (element.text or "").strip():
            return False
    return False


def _is_picture(element: object) -> bool:
    tag = getattr(element, "tag", None)
    if tag in _IMAGES:
        return True
    if not isinstance(element, lxml_html.HtmlElement) or not isinstance(tag, str):
        return False
    return next(element.iter(*_IMAGES), None) is not None and not element.text_content().strip()
