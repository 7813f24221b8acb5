"""Alerts as feeds: Atom (RFC 4287) and JSON Feed 1.1 (jsonfeed.org). Every text is masked on its way out."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from api import shape
from waspada import places
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertSummary
from waspada.alerts.wording import UNVERIFIED
from waspada.settings import Settings
from waspada.views.types import View

ATOM_TYPE, JSON_TYPE = "application/atom+xml; charset=utf-8", "application/feed+json"
#: Entries of a feed: the alerts that were opened last.
MOST_ENTRIES = 50
_ATOM = "http://www.w3.org/2005/Atom"
_JSON_VERSION = "https://jsonfeed.org/version/1.1"
#: A tag URI (RFC 4151) names who made it and a day on which the name was theirs.
_TAG_DAY = "2026"
_NO_HOST = "waspada.invalid"


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    title: str
    link: str
    summary: str
    categories: Sequence[str]
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed before it is written down. `updated` moves only when an entry does."""

    id: str
    title: str
    link: str
    own: str
    updated: datetime
    entries: Sequence[Entry]


def feed_of(view: View, alerts: Sequence[AlertSummary], own_path: str, settings: Settings) -> Feed:
    """The feed of a view, with its alerts as the reader may see them. `own_path` is the feed's own address."""
    entries = [_entry(alert, settings) for alert in alerts]
    return Feed(
        id=_tag(settings, f"views/{view.id}"),
        title=f"Waspada: {mask(view.title)}",
        link=settings.link(f"/views/{view.id}"),
        own=settings.link(own_path),
        updated=max([entry.updated for entry in entries], default=view.created_at),
        entries=entries,
    )


def atom(feed: Feed) -> str:
    ET.register_namespace("", _ATOM)
    root = ET.Element(f"{{{_ATOM}}}feed", {"{http://www.w3.org/XML/1998/namespace}lang": "id"})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    _text(root, "updated", _stamp(feed.updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.own)
    _add(root, "link", rel="alternate", type="text/html", href=feed.link)
    _text(_add(root, "author"), "name", "Waspada")
    _text(root, "generator", "Waspada")
    for entry in feed.entries:
        _atom_entry(_add(root, "entry"), entry)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def json_feed(feed: Feed) -> str:
    document = {
        "version": _JSON_VERSION,
        "title": feed.title,
        "home_page_url": feed.link,
        "feed_url": feed.own,
        "language": "id",
        "authors": [{"name": "Waspada"}],
        "items": [
            {
                "id": entry.id,
                "url": entry.link,
                "title": entry.title,
                "content_text": entry.summary,
                "date_published": _stamp(entry.published),
                "date_modified": _stamp(entry.updated),
                "tags": list(entry.categories),
            }
            for entry in feed.entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _entry(alert: AlertSummary, settings: Settings) -> Entry:
    verified = shape.is_verified(alert.state)
    headline = _line(alert.headline) or f"Peringatan {alert.id}"
    place = places.full_name(alert.regions[0]) if alert.regions else ""
    why = _line(alert.why).removesuffix(UNVERIFIED).strip()
    facts = f"{place or 'Tanpa wilayah'}. {why}".strip()
    return Entry(
        id=_tag(settings, f"alerts/{alert.id}"),
        title=headline if verified else f"{UNVERIFIED.rstrip('.')}: {headline}",
        link=settings.link(f"/alerts/{alert.id}"),
        summary=facts if verified else f"{facts} {UNVERIFIED}",
        categories=[alert.label, f"level-{alert.level}", f"state-{alert.state.value}", *alert.regions[:1]],
        published=alert.opened_at,
        updated=max(alert.opened_at, alert.changed_at, alert.last_item_at),
    )


def _atom_entry(element: ET.Element, entry: Entry) -> None:
    _text(element, "id", entry.id)
    _text(element, "title", entry.title)
    _text(element, "published", _stamp(entry.published))
    _text(element, "updated", _stamp(entry.updated))
    _add(element, "link", rel="alternate", type="text/html", href=entry.link)
    for term in entry.categories:
        _add(element, "category", term=term)
    _text(element, "summary", entry.summary)


def _add(parent: ET.Element, name: str, **attributes: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)


def _text(parent: ET.Element, name: str, text: str) -> None:
    _add(parent, name).text = text


def _line(text: str) -> str:
    """Masked, on one line. Control characters, which XML cannot hold, are spaces by then."""
    return " ".join(mask(text).split())


def _stamp(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds").replace("+00:00", "Z")


def _tag(settings: Settings, what: str) -> str:
    host = urlsplit(settings.link("/")).hostname or _NO_HOST
    return f"tag:{_NO_HOST if ':' in host else host},{_TAG_DAY}:{what}"
