"""Where an outlet is at home: its region, zone and role, each with the reason it was believed. Pure.

Believed in this order: the source list by host, then by the outlet's name; words of the domain; what the site calls
itself; a postal address; the places that its entries speak of most. What nothing says stays unknown: no region, which
means the whole country. The capital is heard in the outlet's name and domain only: most national desks sit there, and
their address and their entries name it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from waspada.clock import DEFAULT_ZONE_NAME
from waspada.places import find_places, is_within, main_regions, place, resolve_region
from waspada.places.names import Reading, Use, name_index, name_words
from waspada.sources.outlets import host_labels, host_of
from waspada.sources.service import region_code
from waspada.sources.types import NewSource, SourceRole

_CAPITAL = "31"
#: Presidential Decree 41 of 1987; provinces made since keep the zone of the one they were part of.
_WITA = frozenset(("51", "52", "53", "63", "64", "65", "71", "72", "73", "74", "75", "76"))
_WIT = frozenset(("81", "82", "91", "92", "93", "94", "95", "96", "97"))
#: Words that outlets put around the name of a place.
_TRADE = (
    "post pos radar kabar berita warta news times time online media tribun info informasi suara harian koran pro jurnal"
    " journal lintas sinar portal id com co net today kini terkini update ekspres express tv ini kita ku pedia"
    " fakta siber cyber daily nusantara mata metro kanal gerbang pena poros jejak indo indonesia antara liputan rakyat"
    " satu center centre the di web blog tren viral berani bicara voice sentra mitra teras ruang halo go kilas"
    " gema pojok duta aktual terbaru antaranews humas diskominfo pemkab pemkot pemprov mmc www m rss feed"
)
_NEWS_WORDS = frozenset(_TRADE.split())
_PUBLIC_BODIES = {"kab": "Kabupaten", "kota": "Kota", "prov": "Provinsi"}
#: The shortest name of a place that is looked for inside a longer word.
_INSIDE_LETTERS = 6
_LONGEST_WORD = 63
_CLOCK_WITH_ZONE = re.compile(r"(?<!\d)[0-2]?\d[.:][0-5]\d\s{0,2}(WITA|WIB|WIT)\b")
#: Times with a zone that a page must show, and the share of them that must agree.
_FEWEST_CLOCKS, _CLOCKS_AGREE = 3, 0.8
#: Entries that must name a place, their share of all, and the share of them that must lie in one region.
_FEWEST_PLACED, _PLACED_SHARE, _ONE_REGION_SHARE = 5, 0.3, 0.6
#: Entries looked through, and characters of each one's summary and of a page.
_ENTRIES_READ, _SUMMARY_READ, _TEXT_READ = 100, 500, 200_000
_LISTED = "the source list has this host"
_NO_REGION = "nothing says; the whole country is assumed"
_NO_ZONE = f"nothing says; {DEFAULT_ZONE_NAME} is assumed"
_NO_ROLE = "nothing says otherwise"


@dataclass(frozen=True, slots=True)
class HomeClues:
    """What a site says of itself. `urls` are its addresses, `names` its names, titles and descriptions, `addresses`
    postal ones, `entries` (title, summary) of what it announces, `text` what its front page shows."""

    urls: tuple[str, ...]
    outlet: str = ""
    names: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    entries: tuple[tuple[str, str], ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Home:
    """`region` is a Kemendagri code, None for the whole country; the `why` fields are for the operator."""

    region: str | None = None
    region_why: str = _NO_REGION
    zone: str = DEFAULT_ZONE_NAME
    zone_why: str = _NO_ZONE
    role: SourceRole = SourceRole.NEWS
    role_why: str = _NO_ROLE


def find_home(clues: HomeClues, listed: Sequence[NewSource], region: str | None = None) -> Home:
    """Region, zone and role of an outlet. `listed` is the source list; a `region` that somebody gave is believed."""
    rows = _rows_of_host(clues.urls, listed)
    code, why = (region, "given") if region else _region(clues, rows, listed)
    zone, zone_why = _zone(clues, rows, code)
    role, role_why = _role(clues.urls, rows)
    return Home(code, why, zone, zone_why, role, role_why)


def zone_of_region(code: str) -> str:
    """WIB, WITA or WIT, by the province."""
    return "WITA" if code[:2] in _WITA else "WIT" if code[:2] in _WIT else "WIB"


def region_in_word(word: str) -> list[str]:
    """Codes that a word such as "kaltimpost", "radarsampit" or "Banjarmasin Post" can mean; empty for none.

    Words of the trade are taken off both ends; what is left must be the whole name of a region. Failing that, a name
    of six letters or more counts at the beginning or the end.
    """
    whole = "".join(name_words(word))[:_LONGEST_WORD]
    for rest in _without_news_words(whole):
        if codes := _codes(rest, Use.WEAK):
            return codes
    for length in range(len(whole) - 1, _INSIDE_LETTERS - 1, -1):
        if codes := _codes(whole[:length], Use.STRONG) or _codes(whole[-length:], Use.STRONG):
            return codes
    return []


def _region(clues: HomeClues, rows: Sequence[NewSource], listed: Sequence[NewSource]) -> tuple[str | None, str]:
    homes = {region_code(row.region) for row in rows}
    if len(homes) == 1:
        return homes.pop(), _LISTED
    by_name = {region_code(row.region) for row in listed if _same_name(row.outlet, clues.outlet)}
    if len(by_name) == 1 and None not in by_name:
        return by_name.pop(), f"the source list has {clues.outlet}"
    weak = _weak_clues(clues)
    told = _from_domain(clues.urls, weak) or _from_names(clues, weak)
    if told:
        return told
    if by_name == {None}:
        return None, f"the source list has {clues.outlet} as a national outlet"
    return weak[0] if weak else (None, _NO_REGION)


def _weak_clues(clues: HomeClues) -> list[tuple[str, str]]:
    """What address and entries say; also what decides between several places of one name."""
    return [found for found in (_from_addresses(clues.addresses), _from_entries(clues.entries)) if found]


def _from_domain(urls: Sequence[str], others: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    for url in urls:
        for label in host_labels(url):
            code = _of_public_body(label) if host_of(url).endswith(".go.id") else None
            code = code or _chosen(region_in_word(label), label, others)
            if code:
                return code, f'the domain says "{label}"{_doubt(code, others)}'
    return None


def _from_names(clues: HomeClues, others: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    for at, name in enumerate((clues.outlet, *clues.names)):
        codes = region_in_word(name) if 0 < len(name.split()) <= 4 and "." not in name else []
        code = _chosen(codes, name, others) or _common(m.code for m in find_places(name[:_SUMMARY_READ], ""))
        if code and (at == 0 or code[:2] != _CAPITAL):
            return code, f'it calls itself "{name[:60]}"{_doubt(code, others)}'
    return None


def _from_addresses(addresses: Sequence[str]) -> tuple[str, str] | None:
    for text in addresses:
        code = _common(mention.code for mention in find_places("", text[:_SUMMARY_READ]))
        if code and code[:2] != _CAPITAL:
            return code, f'its address: "{" ".join(text.split())[:60]}"'
    return None


def _from_entries(entries: Sequence[tuple[str, str]]) -> tuple[str, str] | None:
    read = entries[:_ENTRIES_READ]
    found = [main_regions(find_places(title, summary[:_SUMMARY_READ])) for title, summary in read]
    first = [codes[0] for codes in found if codes]
    if len(first) < max(_FEWEST_PLACED, _PLACED_SHARE * len(read)):
        return None
    for length in (5, 2):
        code, count = Counter(each[:length] for each in first).most_common(1)[0]
        if count >= _ONE_REGION_SHARE * len(first) and code[:2] != _CAPITAL:
            return code, f"{count} of the {len(first)} entries that name a place speak of it"
    return None


def _zone(clues: HomeClues, rows: Sequence[NewSource], region: str | None) -> tuple[str, str]:
    zones = {row.zone for row in rows}
    if len(zones) == 1:
        return zones.pop(), _LISTED
    said = Counter(_CLOCK_WITH_ZONE.findall(clues.text[:_TEXT_READ]))
    if said and said.total() >= _FEWEST_CLOCKS:
        zone, count = said.most_common(1)[0]
        if count >= _CLOCKS_AGREE * said.total():
            return zone, f"{count} of {said.total()} times on its page are in {zone}"
    if region:
        province = place(region[:2])
        return zone_of_region(region), f"the zone of {province.name if province else region}"
    return DEFAULT_ZONE_NAME, _NO_ZONE


def _role(urls: Sequence[str], rows: Sequence[NewSource]) -> tuple[SourceRole, str]:
    roles = {row.role for row in rows if row.role is not None}
    if len(roles) == 1:
        return roles.pop(), _LISTED
    if any(host_of(url).endswith(".go.id") for url in urls):
        return SourceRole.OFFICIAL, "a .go.id address belongs to a public body"
    return SourceRole.NEWS, _NO_ROLE


def _rows_of_host(urls: Iterable[str], listed: Sequence[NewSource]) -> list[NewSource]:
    hosts = {host_of(url).removeprefix("www.") for url in urls} - {""}
    return [row for row in listed if host_of(row.url).removeprefix("www.") in hosts]


def _of_public_body(label: str) -> str | None:
    """ "banjarkab", "banjarmasinkota" and "kaltaraprov" under .go.id."""
    return next(
        (
            code
            for ending, kind in _PUBLIC_BODIES.items()
            if label.endswith(ending) and (code := resolve_region(f"{kind} {label.removesuffix(ending)}"))
        ),
        None,
    )


def _without_news_words(word: str) -> Iterator[str]:
    """The word, then what is left of it when words of the trade are taken off either end, the longest first."""
    seen, waiting = {word}, [word]
    while waiting:
        waiting.sort(key=len)
        rest = waiting.pop()
        yield rest
        for end in _NEWS_WORDS:
            shorter = {rest.removeprefix(end), rest.removesuffix(end), rest.strip("0123456789")} - seen
            fresh = [each for each in shorter if len(each) >= 3]
            seen.update(fresh)
            waiting.extend(fresh)


def _codes(key: str, most: Use) -> list[str]:
    readings: Sequence[Reading] = name_index().regions.get(key, ())
    return [reading.code for reading in readings if reading.use <= most]


def _chosen(codes: Sequence[str], word: str, others: Sequence[tuple[str, str]]) -> str | None:
    """One of several places of a name: the one that another clue agrees with, else the one that is meant by default."""
    if len(codes) <= 1:
        return codes[0] if codes else None
    agreeing = [code for code in codes if any(is_within(other, code[:2]) for other, _ in others)]
    default = next((code for rest in _without_news_words(word.lower()) if (code := resolve_region(rest))), None)
    if default in codes and (not agreeing or default in agreeing):
        return default
    return (agreeing or list(codes))[0]


def _common(codes: Iterable[str]) -> str | None:
    """The one kabupaten/kota, else the one province, that all codes lie in; None where there is none."""
    found = list(codes)
    for shorter in (5, 2):
        regions = {code[:shorter] for code in found if len(code) >= shorter}
        if len(regions) == 1 and all(is_within(region, code[:2]) for region in regions for code in found):
            return regions.pop()
    return None


def _doubt(code: str, others: Sequence[tuple[str, str]]) -> str:
    """A clue that points to another province is told, not hidden."""
    against = [why for other, why in others if other[:2] != code[:2]]
    other = next((o for o, _ in others if o[:2] != code[:2]), "")
    where = place(other[:2]) if other else None
    return f"; but {where.name}: {against[0]}" if where else ""


def _same_name(one: str, other: str) -> bool:
    return bool(other) and name_words(one) == name_words(other)
