"""Alerts with what they rest on, as a digest finds them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy.orm import Session

from tests.rows import add_item
from waspada.alerts.regions import write_regions
from waspada.store.tables import AlertPlaceRow, AlertRow, StoryItemRow, StoryRow, TagRow
from waspada.taxonomy import Label

DAY = date(2024, 11, 27)
NOON = datetime(2024, 11, 27, 4, 0, tzinfo=UTC)  # 12:00 WITA
SENTENCE = "Dua rombongan bentrok di simpang jalan pada malam hari."


def add_alert(session: Session, number: int, **changes: Any) -> int:
    """An alert with one item that carries its label; returns its id."""
    outlet = changes.pop("outlet", "kabar-banjar")
    at, region = changes.pop("at", NOON), changes.pop("region", "63.03")
    text = changes.pop("text", f"Kabar ke-{number}. {SENTENCE}")
    label = changes.pop("label", Label.CONFLICT)
    item = add_item(
        session,
        url=f"https://{outlet}.example/{number}",
        title=f"Bentrok ke-{number}",
        text=text,
        source=outlet,
        on=[label],
        level=2,
        places=[region],
        published_at=at,
        stage="grouped",
    )
    tag = session.get_one(TagRow, (item, 1, "none"))
    start = text.index(SENTENCE) if SENTENCE in text else 0
    evidence = {"label": label, "field": "text", "sentence": SENTENCE, "start": start, "end": start + len(SENTENCE)}
    tag.evidence = [evidence]
    story = StoryRow(opened_at=at, last_item_at=at, headline=f"Bentrok ke-{number}", stale=False)
    session.add(story)
    session.flush()
    session.add(StoryItemRow(item_id=item, story_id=story.id, how="first", likeness=1.0, at=at))
    columns: dict[str, Any] = {
        "state": "new",
        "label": label,
        "level": 2,
        "score": 40.0 + number,
        "parts": {"level": 40.0 + number},
        "confidence": 0.9,
        "headline": f"Bentrok ke-{number}",
        "why": "Tingkat 2. Belum diverifikasi.",
        "labels": {label: 0.9},
        "item_count": 1,
        "outlet_count": 1,
        "voice_count": 0,
        "last_item_at": at,
        "opened_at": at,
        "changed_at": at,
        "ranked_at": at,
        **changes,
    }
    alert = AlertRow(story_id=story.id, **columns)
    session.add(alert)
    session.flush()
    session.add(AlertPlaceRow(alert_id=alert.id, code=region, position=0))
    write_regions(session, alert.id, [region], alert.score)
    session.flush()
    return alert.id
