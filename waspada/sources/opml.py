"""Source lists as OPML 2.0, the format every feed reader exchanges.

What OPML has no word for (kind, role, region, zone, tier, id, terms and more) travels in attributes of our own
namespace, so that an exported list comes back as it was; a list from another reader gets defaults.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum
from typing import TypeVar
from xml.etree.ElementTree import Element, ParseError, SubElement, indent, register_namespace, tostring

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from waspada.clock import DEFAULT_ZONE_NAME
from waspada.errors import InputError
from waspada.sources.addresses import timeline_of_feed
from waspada.sources.types import NewSource, SourceKind, SourceRole
from waspada.store.tables import SourceRow

NAMESPACE = "https://github.com/waspada-id/waspada/ns/opml"
MAX_BYTES = 8 * 1024 * 1024
_HINT = "Export it again from the other program as OPML."
_Word = TypeVar("_Word", bound=StrEnum)


def read_opml(body: bytes) -> list[NewSource]:
    """The feeds of an OPML file, however deep their outlines are nested; each address once.

    Raises InputError for a file that is no OPML, is too large, or declares entities.
    """
    if len(body) > MAX_BYTES:
        raise InputError(f"The OPML file has {len(body):,} bytes; {MAX_BYTES:,} is the limit.", hint=_HINT)
    try:
        root = fromstring(body)
    except DefusedXmlException:
        raise InputError("The OPML file declares entities, which is not allowed.", hint=_HINT) from None
    except (ParseError, ValueError, LookupError) as error:
        raise InputError(f"The OPML file cannot be read: {error}.", hint=_HINT) from None
    if root.tag.lower() != "opml":
        raise InputError(f"The file is XML, but not OPML (its root is {root.tag!r}).", hint=_HINT)
    found: dict[str, NewSource] = {}
    for outline in root.iter("outline"):
        new = _new_source(outline)
        if new is not None:
            found.setdefault(new.url, new)
    return list(found.values())


def write_opml(sources: Iterable[SourceRow], now: datetime) -> bytes:
    """All sources as OPML, grouped by region code."""
    register_namespace("waspada", NAMESPACE)
    root = Element("opml", version="2.0")
    head = SubElement(root, "head")
    SubElement(head, "title").text = "Waspada"
    SubElement(head, "dateCreated").text = format_datetime(now)
    body = SubElement(root, "body")
    groups: dict[str, Element] = {}
    for row in sources:
        group = row.region or "nasional"
        if group not in groups:
            groups[group] = SubElement(body, "outline", text=group, title=group)
        SubElement(groups[group], "outline", _attributes(row))
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _attributes(row: SourceRow) -> dict[str, str]:
    own = {
        "id": row.id,
        "kind": row.kind,
        "role": row.role,
        "region": row.region or "",
        "zone": row.zone,
        "tier": row.tier,
        "outlet": row.outlet,
        "enabled": "true" if row.enabled else "false",
        "verified": "true" if row.verified else "false",
        "reliability": f"{row.reliability:g}",
        "terms": row.terms,
        "selector": row.selector or "",
        "listing_selector": row.listing_selector or "",
    }
    plain = {"type": "rss", "text": row.name, "title": row.name, "xmlUrl": row.url}
    return plain | {f"{{{NAMESPACE}}}{name}": value for name, value in own.items() if value}


def _new_source(outline: Element) -> NewSource | None:
    plain = {name.lower(): value.strip() for name, value in outline.attrib.items() if "}" not in name}
    own = {
        name.partition("}")[2]: value for name, value in outline.attrib.items() if name.startswith(f"{{{NAMESPACE}}}")
    }
    if not plain.get("xmlurl"):
        return None
    stated = SourceKind.MASTODON_RSS if _may_be_tag_feed(plain["xmlurl"]) else SourceKind.RSS
    return NewSource(
        url=plain["xmlurl"],
        id=own.get("id", ""),
        name=plain.get("title") or plain.get("text", ""),
        outlet=own.get("outlet", ""),
        kind=_word(SourceKind, own.get("kind")) or stated,
        role=_word(SourceRole, own.get("role")),
        region=own.get("region"),
        zone=own.get("zone", DEFAULT_ZONE_NAME),
        tier=own.get("tier", "C"),
        enabled=own.get("enabled", "true") != "false",
        verified=own.get("verified") == "true",
        reliability=_number(own.get("reliability")),
        terms=own.get("terms", ""),
        selector=own.get("selector"),
        listing_selector=own.get("listing_selector"),
    )


def _may_be_tag_feed(url: str) -> bool:
    try:
        return timeline_of_feed(url) is not None
    except ValueError:  # no address at all: whoever adds it says so
        return False


def _word(kind: type[_Word], value: str | None) -> _Word | None:
    try:
        return kind(value) if value else None
    except ValueError:
        return None


def _number(value: str | None) -> float | None:
    try:
        return float(value) if value else None
    except ValueError:
        return None
