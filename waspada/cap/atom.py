"""The list of CAP messages as an Atom feed (RFC 4287), which is how aggregators read CAP. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from lxml import etree

from waspada.cap.types import Issued
from waspada.cap.xml import CONTENT_TYPE as CAP_TYPE
from waspada.cap.xml import NAMESPACE as CAP

NAMESPACE = "http://www.w3.org/2005/Atom"
CONTENT_TYPE = "application/atom+xml"
PATH = "/api/v1/cap"


def write(messages: Sequence[Issued], *, title: str, author: str, link: Callable[[str], str], now: datetime) -> str:
    """The feed of these messages, the newest first; `link` makes an address of a path. Those without words are left
    out: there is nothing left to read."""
    shown = [one for one in messages if one.xml]
    root = etree.Element(f"{{{NAMESPACE}}}feed", nsmap={None: NAMESPACE})
    _add(root, "id", link(PATH))
    _add(root, "title", title)
    _add(root, "updated", _moment(max((one.sent_at for one in shown), default=now)))
    _add(_add(root, "author", None), "name", author)
    _add(root, "link", None, rel="self", type=CONTENT_TYPE, href=link(PATH))
    for one in shown:
        _entry(root, one, link(f"{PATH}/{one.identifier}"))
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document.decode()


def _entry(root: etree._Element, one: Issued, address: str) -> None:
    info = _first_info(one.xml)
    entry = _add(root, "entry", None)
    _add(entry, "id", address)
    _add(entry, "title", info.get("headline") or info.get("event") or one.identifier)
    _add(entry, "updated", _moment(one.sent_at))
    _add(entry, "published", _moment(one.sent_at))
    _add(entry, "link", None, rel="alternate", type=CAP_TYPE, href=address)
    for scheme, term in (("msgType", one.msg_type.value), ("status", one.status.value)):
        _add(entry, "category", None, scheme=f"{CAP}:{scheme}", term=term)
    _add(entry, "summary", f"{info.get('event', '')}. {info.get('areaDesc', '')}".strip(". "))


def _first_info(xml: str) -> dict[str, str]:
    """Headline, event and first area of the first language of a message of ours."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    info = etree.fromstring(xml.encode(), parser).find(f"{{{CAP}}}info")
    found = {name: info.findtext(f".//{{{CAP}}}{name}") for name in ("headline", "event", "areaDesc")}
    return {name: text for name, text in found.items() if text}


def _moment(at: datetime) -> str:
    return at.replace(microsecond=0).isoformat()


def _add(parent: etree._Element, tag: str, text: str | None, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    element.text = text
    return element
