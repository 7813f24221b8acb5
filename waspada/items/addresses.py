"""Which addresses of an outlet lead to one article: pure, from the address alone.

Outlets serve an article at a mobile host, as AMP, page by page, under two sections and under http and https. What only
says how it is shown is dropped; an article number of six digits or more (with the date in the path, since Kompas counts
its numbers anew each day) stands for the article within a registrable domain. Shorter numbers are not believed: they
count pages, sections and years. Nor are months ("202411"), days and amounts of money. Where there is no number, the
headline's words at the end of the path (four or more) with the date of the path are a hint, and no more: what was
published and says decides.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from waspada.sources.outlets import registrable_domain

_SHOWN_HOSTS = re.compile(r"^(?:(?:www\d?|m|mobile|amp|wap)\.)+")
_MOBILE_HOST = re.compile(r"^(?:m|mobile|amp|wap)\.")
_SHOWN_PARTS = frozenset({"amp", "m", "mobile", "print", "cetak"})
_SHOWN_VALUES = frozenset({"amp", "mobile", "print", "cetak"})
_SHOWN_NAMES = frozenset({"amp", "mobile", "single", "outputtype", "print"})
_EXTENSION = re.compile(r"(?:\.amp)?(?:\.(?:html?|php|aspx?|xhtml|amp))?$", re.IGNORECASE)
_NUMBER = re.compile(r"(?:^|(?<=[-_]))(\d{6,20})(?=$|[-_])")
#: A part of the path that is a number and nothing else ("7654321", detik's "d-7654321", "pr-7654321") ...
_ALONE = re.compile(r"(?:d-|pr-)?(\d{6,20})", re.IGNORECASE)
#: ... is believed before one at the start or the end of the headline's words, where it may still be "rp-3282812".
_IN_WORDS = re.compile(r"^(\d{6,20})(?=[-_])|(?<=[-_])(?<!rp[-_])(\d{6,20})$", re.IGNORECASE)
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
#: Fewer words of a headline in an address ("banjir-di-tapin") are those of many articles.
_TELLING_WORDS = 4
#: "202411", "20241105", "05112024".
_COMPACT_DATE = re.compile(rf"{_YEAR}{_MONTH}(?:{_DAY})?|{_DAY}{_MONTH}{_YEAR}")
#: The same as parts of the path, "2024/11/05", "202411/05" and the day first too.
_DATE = re.compile(
    rf"/({_YEAR}(?:[/-]\d{{1,2}}){{0,2}}|{_YEAR}{_MONTH}(?:[/-]?\d{{1,2}})?|(?:\d{{1,2}}[/-]){{2}}{_YEAR}"
    rf"|{_DAY}{_MONTH}{_YEAR})(?=/)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """An address without what only says how the article is shown.

    `place` is the whole of what is left. `number` is the article's number with its date, "" where there is none,
    `headline` the words of a headline with the date, "" where there is a number or few words, and `slug` the longest
    words in the address. `is_variant` says that something was left out that the plain address lacks (a mobile host,
    AMP, a page).
    """

    site: str
    place: str
    number: str
    headline: str
    slug: str
    is_variant: bool

    @property
    def key(self) -> str | None:
        """SHA-256 (hex) that addresses of one article share; None for a front page."""
        if self.place.endswith("/"):
            return None
        shared = self.number or self.headline
        same = f"{self.site} {shared}" if shared else self.place
        return hashlib.sha256(same.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def names(self) -> frozenset[str]:
        """What two addresses share one of when they lead to one article for sure: the place, the number with words."""
        place = f"//{self.place}"
        return frozenset({place, f"{self.site} {self.number} {self.slug}"} if self.number and self.slug else {place})


def read_address(url: str) -> Address | None:
    """None for what is no http(s) address."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").lower()
        if parts.scheme not in ("http", "https") or not host:
            return None
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    bare = _SHOWN_HOSTS.sub("", host)
    bare = bare if "." in bare else host
    segments = [segment for segment in parts.path.split("/") if segment]
    kept = _path(segments)
    stems = [*kept[:-1], *(_EXTENSION.sub("", segment) for segment in kept[-1:])]
    path = f"/{'/'.join(stems)}"
    number, slug = _number(stems), _slug(stems)
    headline = _slug(stems[-1:])
    query = _query(parts.query, has_path=bool(kept), has_pages=bool(number or headline))
    is_telling = not number and headline.count("-") >= _TELLING_WORDS - 1
    return Address(
        site=registrable_domain(f"//{bare}{port}"),
        place=f"{bare}{port}{path}{query}",
        number=f"{_date(path)}/{number}{query}" if number else "",
        headline=f"{_date(path)}/{headline}{query}" if is_telling else "",
        slug=slug,
        is_variant=len(kept) < len(segments)
        or bool(_MOBILE_HOST.match(host))
        or query != _query(parts.query, has_path=False, has_pages=False)
        or ".amp" in parts.path[-9:],
    )


def article_key(url: str) -> str | None:
    """SHA-256 (hex) that addresses of one article share; addresses that share it may still be two articles.

    None for what is no http(s) address, and for a front page.
    """
    address = read_address(url)
    return address.key if address is not None else None


def same_address(one: str, other: str) -> bool:
    """Whether two addresses lead to one article for sure: the same place, or the same number and words at one site."""
    a, b = read_address(one), read_address(other)
    return a is not None and b is not None and not a.names.isdisjoint(b.names)


def is_variant(url: str) -> bool:
    """Whether the address shows its article in a special way: the plain one is better to read."""
    address = read_address(url)
    return address is not None and address.is_variant


def _path(segments: list[str]) -> list[str]:
    """The path without "/amp/" and "/m/" in front and "/amp" behind; never all of it."""
    kept = list(segments)
    while len(kept) > 1 and kept[0].lower() in _SHOWN_PARTS:
        kept = kept[1:]
    while len(kept) > 1 and kept[-1].lower() in _SHOWN_PARTS:
        kept = kept[:-1]
    return kept


def _query(query: str, has_path: bool, has_pages: bool) -> str:
    """The query without parameters about showing; old news systems tell articles apart by the query alone.

    A number of a page is about showing only where the path names an article that may have pages: "index.php?page=12"
    is an article of its own.
    """
    kept = [
        (name, value)
        for name, value in parse_qsl(query, keep_blank_values=True)
        if not (has_path and _is_about_showing(name.lower(), value.lower(), has_pages))
    ]
    return f"?{urlencode(sorted(kept))}" if kept else ""


def _is_about_showing(name: str, value: str, has_pages: bool) -> bool:
    if name == "page":
        return value in ("", "all") or (has_pages and value.isdecimal() and len(value) <= 3)
    if name == "m":
        return value in ("0", "1")
    return name in _SHOWN_NAMES or value in _SHOWN_VALUES


def _number(stems: list[str]) -> str:
    """The number of the article, "" where there is none."""
    alone = [found[1] for stem in stems if (found := _ALONE.fullmatch(stem))]
    in_words = [start or end for stem in stems for start, end in _IN_WORDS.findall(stem)]
    numbers = ([each for each in found if not _COMPACT_DATE.fullmatch(each)] for found in (alone, in_words))
    return next((found[-1] for found in numbers if found), "")


def _date(path: str) -> str:
    """The dates among the parts of the path, months and days with two digits."""
    return "-".join(digits.zfill(2) for date in _DATE.findall(path) for digits in re.findall(r"\d+", date))


def _slug(stems: list[str]) -> str:
    """The words of the longest part of the path, without numbers of articles: at least three, else ""."""
    words = [[word for word in re.split(r"[-_]+", _NUMBER.sub("", stem).lower()) if word] for stem in stems]
    best = max(words, key=len, default=[])
    return "-".join(best) if len(best) >= 3 else ""
