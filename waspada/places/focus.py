"""The place of an item's event, as against the places that it merely names.

A small sum that can be read and argued with: every mention has a weight from where it stands and what it does in its
sentence, a region the fading sum of its mentions, and the province with the most weight is asked first how finely the
item tells the place. Nothing is learned at run time; the weights below were set on half of a hand-coded set
(`python -m benchmarks.event_places`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from waspada.places.gazetteer import is_within, regency_of
from waspada.places.roles import CAPITAL, Role, is_apposition, roles_of
from waspada.places.types import PlaceMention

_TITLE = 3.0
_LEAD, _LEAD_CHARS = 2.0, 250
_EARLY, _EARLY_CHARS = 1.0, 700
_LATE = 0.25
#: What a mention counts, by what it does in its sentence.
ROLE_FACTORS: Mapping[Role, float] = {
    Role.LINK: 0.1,
    Role.DATELINE: 0.6,
    Role.GROUP: 0.3,
    Role.ORIGIN: 0.2,
    Role.SEAT: 0.2,
    Role.FORMER: 0.2,
    Role.COMPARISON: 0.4,
    Role.DIRECTION: 0.6,
    Role.OFFICE: 1.1,
    Role.EVENT: 1.3,
    Role.HAPPENED: 1.4,
    Role.SCENE: 1.2,
    Role.BARE: 0.9,
}
#: A dateline of the capital says where the newsroom or the ministry sits.
_CAPITAL_DATELINE = 0.1
#: Later ones of an item that names more places change nothing.
_MAX_MENTIONS = 200
#: What a region said again adds, relative to the time before.
_REPEAT = 0.5
#: The kabupaten/kota stands where it has this share of the weight that its province has by its own name, ...
_FINER_SHARE = 0.4
#: ... and the kecamatan, then the desa, where it has this share of the weight of all those named beside it.
_LOCAL_SHARE = 0.6
#: Another kabupaten/kota is as much the place where it has this share of the first one's weight.
_ALSO_SHARE, _MAX_ALSO = 0.6, 4
#: The outlet's home breaks near ties.
_HOME_FACTOR = 1.1
#: Weight that no place speaks with: a matter of the country, of another country, or of no place.
_NOWHERE, _NATIONAL, _FOREIGN = 0.4, 0.7, 1.2
_NATIONAL_WORDS = re.compile(
    r"\b(?:presiden|wapres|wakil presiden|menteri|menko|mendagri|mensos|menag|kementerian|kemen\w+|kpk|mabes|bareskrim"
    r"|kapolri|panglima tni|dpr(?:[ -]ri)?|mpr|mahkamah konstitusi|mk|kpu ri|bawaslu ri|dkpp|bnpb|bmkg|capres|cawapres"
    r"|pilpres|timnas|tpn|tkn|dpp|pbnu|pp muhammadiyah|nasional|indonesia|tanah air|ri)\b",
    re.IGNORECASE,
)
_FOREIGN_WORDS = re.compile(
    r"\b(?:malaysia|singapura|thailand|filipina|myanmar|vietnam|kamboja|china|tiongkok|cina|taiwan|jepang|korea|india"
    r"|pakistan|bangladesh|rohingya|afghanistan|iran|irak|suriah|yaman|arab saudi|israel|palestina|gaza|lebanon|turki"
    r"|mesir|rusia|ukraina|jerman|prancis|inggris|italia|spanyol|belanda|amerika|as|brasil|australia|selandia baru"
    r"|uni eropa|pbb|timor leste|papua nugini)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class EventPlace:
    """Where the event of an item is: the finest code that the item supports, or None for a matter of no one region.

    `p` is the share of the weight that the region (kabupaten/kota, or province) holds against the other regions and
    against "nowhere", 0..1: how clearly the item says it, not a calibrated probability. `why` names what spoke for it,
    strongest first, in the words of `Role` and "title", "lead", "home". `also` are other kabupaten/kota where as much
    happens ("banjir di Tapin dan Balangan"), at most four.
    """

    code: str | None
    p: float
    why: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Weighed:
    code: str
    weight: float
    role: Role
    zone: str


NOWHERE = EventPlace(None, 1.0)


def event_place(mentions: Sequence[PlaceMention], title: str, text: str, home: str | None = None) -> EventPlace:
    """The place of the event among the places that an item names.

    `mentions` are those of `find_places(title, text, home)`; `home` is the region of the outlet and only breaks near
    ties. A matter of a whole province gives the province, one of the country or of another country none.
    """
    weighed = _weigh(mentions[:_MAX_MENTIONS], title, text)
    if not weighed:
        return NOWHERE
    by_region = _by_region(weighed, home)
    by_area: dict[str, dict[str, float]] = defaultdict(dict)
    for code, weight in by_region.items():
        by_area[_area(code)][code] = weight
    totals = {area: _fading(codes.values()) for area, codes in by_area.items()}
    order = {code: at for at, code in enumerate(by_region)}
    best_area = max(totals, key=lambda area: (totals[area], -min(order[code] for code in by_area[area])))
    nowhere = _nowhere(title, text)
    if totals[best_area] < nowhere:
        return EventPlace(None, _share(nowhere, [*totals.values()]))
    region = _region(by_area[best_area], order)
    also = _others(by_region, region, order)
    rivals = [w for code, w in by_region.items() if code != region and not is_within(region, code)]
    code = _finest(weighed, region)
    return EventPlace(code, _share(by_region[region], [*rivals, nowhere]), _why(weighed, region, home), also)


def _weigh(mentions: Sequence[PlaceMention], title: str, text: str) -> list[_Weighed]:
    """Mentions with their weights; a region behind its own place ("Gambut, Kabupaten Banjar") adds nothing of its own
    to a province."""
    found: list[_Weighed] = []
    for at, (mention, role) in enumerate(zip(mentions, roles_of(mentions, title, text), strict=True)):
        field = title if mention.field == "title" else text
        if len(mention.code) == 2 and at and is_apposition(mentions[at - 1], mention, field):
            continue
        zone, weight = _zone(mention)
        factor = ROLE_FACTORS[role]
        if role is Role.DATELINE and mention.code[:2] == CAPITAL:
            factor = _CAPITAL_DATELINE
        found.append(_Weighed(mention.code, weight * factor, role, zone))
    return found


def _zone(mention: PlaceMention) -> tuple[str, float]:
    if mention.field == "title":
        return "title", _TITLE
    if mention.start < _LEAD_CHARS:
        return "lead", _LEAD
    return ("early", _EARLY) if mention.start < _EARLY_CHARS else ("late", _LATE)


def _by_region(weighed: Sequence[_Weighed], home: str | None) -> dict[str, float]:
    """Weight of each kabupaten/kota and province, in the order in which the item names them."""
    parts: dict[str, list[float]] = defaultdict(list)
    for one in weighed:
        parts[regency_of(one.code) or one.code].append(one.weight)
    return {
        code: _fading(weights) * (_HOME_FACTOR if home and is_within(code, home) else 1.0)
        for code, weights in parts.items()
    }


def _region(codes: Mapping[str, float], order: Mapping[str, int]) -> str:
    """The kabupaten/kota with the most weight, or the province where it is what the item speaks of."""
    finer = {code: weight for code, weight in codes.items() if len(code) > 2}
    own = {code: weight for code, weight in codes.items() if len(code) == 2}
    best = max(finer, key=lambda code: (finer[code], -order[code]), default=None)
    province = max(own, key=lambda code: (own[code], -order[code]), default=None)
    if best is None or (province is not None and finer[best] < _FINER_SHARE * own[province]):
        return province if province is not None else str(best)
    return best


def _others(by_region: Mapping[str, float], region: str, order: Mapping[str, int]) -> tuple[str, ...]:
    near = [
        code
        for code, weight in by_region.items()
        if len(code) > 2 and code != region and weight >= _ALSO_SHARE * by_region[region]
    ]
    return tuple(sorted(near, key=lambda code: (-by_region[code], order[code]))[:_MAX_ALSO])


def _finest(weighed: Sequence[_Weighed], region: str) -> str:
    """The kecamatan or desa of the event within its kabupaten/kota, where one of them clearly is it."""
    code = region
    for length in (8, 13):
        parts: dict[str, list[float]] = defaultdict(list)
        for one in weighed:
            if len(code) >= 5 and len(one.code) >= length and is_within(one.code, code) and one.zone != "late":
                parts[one.code[:length]].append(one.weight)
        sums = {finer: _fading(weights) for finer, weights in parts.items()}
        best = max(sums, key=lambda finer: sums[finer], default=None)
        if best is None or sums[best] < _LOCAL_SHARE * sum(sums.values()):
            break
        code = best
    return code


def _nowhere(title: str, text: str) -> float:
    head = f"{title}\n{text[:_LEAD_CHARS]}"
    weight = _NOWHERE
    weight += _NATIONAL if _NATIONAL_WORDS.search(head) else 0.0
    return weight + (_FOREIGN if _FOREIGN_WORDS.search(head) else 0.0)


def _why(weighed: Sequence[_Weighed], region: str, home: str | None) -> tuple[str, ...]:
    mine = sorted((one for one in weighed if is_within(one.code, region)), key=lambda one: -one.weight)
    words = [word for one in mine[:3] for word in (one.zone, one.role.value)]
    if home and is_within(region, home):
        words.append("home")
    return tuple(dict.fromkeys(words))


def _share(weight: float, others: Iterable[float]) -> float:
    total = weight + sum(others)
    return round(weight / total, 3) if total else 1.0


def _fading(parts: Iterable[float]) -> float:
    return sum(part * _REPEAT**rank for rank, part in enumerate(sorted(parts, reverse=True)))


def _area(code: str) -> str:
    """The province; for Papua, which papers still write of as one, the whole of it."""
    return "9" if code.startswith("9") else code[:2]
