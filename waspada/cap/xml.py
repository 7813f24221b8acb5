"""A CAP message as XML, by the element order of the standard (section 3.2). Pure: values in, bytes out."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from lxml import etree

from waspada.cap.types import CapMessage, Info, Reference

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
CONTENT_TYPE = "application/cap+xml"
#: The valueName of a geocode that is a code of the Ministry of Home Affairs (Kepmendagri on codes of regions).
GEOCODE = "Kemendagri"


def write(message: CapMessage, zone: ZoneInfo) -> str:
    """The document. Times are given in the zone of the desk, as whole seconds with their offset (section 3.3.2)."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap={None: NAMESPACE})
    _add(root, "identifier", message.identifier)
    _add(root, "sender", message.sender)
    _add(root, "sent", moment(message.sent_at, zone))
    _add(root, "status", message.status.value)
    _add(root, "msgType", message.msg_type.value)
    _add(root, "scope", "Restricted")
    _add(root, "restriction", message.restriction)
    if message.note:
        _add(root, "note", message.note)
    if message.references:
        _add(root, "references", " ".join(reference(one, zone) for one in message.references))
    for info in message.infos:
        _info(root, info, zone)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return document.decode()


def moment(at: datetime, zone: ZoneInfo) -> str:
    """2024-11-20T11:05:00+08:00; the standard wants no "Z", and "-00:00" for UTC."""
    text = at.astimezone(zone).replace(microsecond=0).isoformat()
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def reference(one: Reference, zone: ZoneInfo) -> str:
    """An earlier message in the form sender,identifier,sent."""
    return f"{one.sender},{one.identifier},{moment(one.sent_at, zone)}"


def _info(root: etree._Element, info: Info, zone: ZoneInfo) -> None:
    element = etree.SubElement(root, f"{{{NAMESPACE}}}info")
    _add(element, "language", info.language)
    _add(element, "category", info.category)
    _add(element, "event", info.event)
    _add(element, "responseType", info.response)
    _add(element, "urgency", info.urgency.value)
    _add(element, "severity", info.severity.value)
    _add(element, "certainty", info.certainty.value)
    _add(element, "expires", moment(info.expires_at, zone))
    _add(element, "senderName", info.sender_name)
    _add(element, "headline", info.headline)
    _add(element, "description", info.description)
    _add(element, "instruction", info.instruction)
    if info.web:
        _add(element, "web", info.web)
    if info.contact:
        _add(element, "contact", info.contact)
    for name, value in info.parameters:
        _pair(element, "parameter", name, value)
    for area in info.areas:
        holder = etree.SubElement(element, f"{{{NAMESPACE}}}area")
        _add(holder, "areaDesc", area.name)
        _pair(holder, "geocode", GEOCODE, area.code)


def _pair(parent: etree._Element, tag: str, name: str, value: str) -> None:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}")
    _add(element, "valueName", name)
    _add(element, "value", value)


def _add(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}").text = allowed(text)


def allowed(text: str) -> str:
    """Without what XML 1.0 cannot hold: control characters, lone surrogates, the two non-characters of the plane."""
    return "".join(
        c if c in "\n\t" or (unicodedata.category(c) not in ("Cc", "Cs") and c not in "\ufffe\uffff") else " "
        for c in text
    )
