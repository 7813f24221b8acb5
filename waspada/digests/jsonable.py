"""A digest as JSON and back: what is kept, what its hash is of, what the webhook and the API give. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from waspada.digests.types import Content, Entry, Kind, Line, Part, Period, Section, Wanted

#: The shape of what is kept; a change that old readers would not understand gets another number.
SHAPE = 1


def as_json(content: Content) -> dict[str, Any]:
    wanted = content.wanted
    return {
        "shape": SHAPE,
        "kind": content.kind.value,
        "at": content.at.isoformat(),
        "wanted": {
            "region": wanted.region,
            "labels": list(wanted.labels),
            "min_level": wanted.min_level,
            "language": wanted.language,
            "zone": wanted.zone,
            "period": wanted.period.value,
        },
        "base_url": content.base_url,
        "subject": content.subject,
        "title": content.title,
        "scope": content.scope,
        "choice": content.choice,
        "letterhead": content.letterhead,
        "notices": list(content.notices),
        "opening": content.opening,
        "empty": content.empty,
        "sections": [_section(section) for section in content.sections],
        "closing": content.closing,
        "signature": content.signature,
        "words": dict(content.words),
        "erased": content.erased,
    }


def text_of(content: Content) -> str:
    """The one way in which a content is written down: equal contents have equal texts."""
    return json.dumps(as_json(content), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def sha256_of(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def content_of(text: str) -> Content:
    """The content of a kept text. Raises KeyError or ValueError for what is none."""
    found: dict[str, Any] = json.loads(text)
    wanted = found["wanted"]
    return Content(
        kind=Kind(found["kind"]),
        wanted=Wanted(
            region=wanted["region"],
            labels=tuple(wanted["labels"]),
            min_level=wanted["min_level"],
            language=wanted["language"],
            zone=wanted["zone"],
            period=Period(wanted["period"]),
        ),
        at=datetime.fromisoformat(found["at"]),
        sections=tuple(_section_of(section) for section in found["sections"]),
        notices=tuple(found["notices"]),
        words=found["words"],
        **{
            name: found[name]
            for name in (
                "base_url",
                "subject",
                "title",
                "scope",
                "choice",
                "letterhead",
                "opening",
                "empty",
                "closing",
                "signature",
                "erased",
            )
        },
    )


def _section(section: Section) -> dict[str, Any]:
    return {
        "part": section.part.value,
        "title": section.title,
        "entries": [{name: getattr(entry, name) for name in Entry.__slots__} for entry in section.entries],
        "lines": [{name: getattr(line, name) for name in Line.__slots__} for line in section.lines],
    }


def _section_of(found: Mapping[str, Any]) -> Section:
    return Section(
        part=Part(found["part"]),
        title=found["title"],
        entries=tuple(Entry(**entry) for entry in found["entries"]),
        lines=tuple(Line(**line) for line in found["lines"]),
    )
