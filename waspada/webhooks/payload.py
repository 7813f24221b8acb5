"""What is sent: the alert as it stands, masked at this door (docs/contracts/webhook.schema.json)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from waspada import places
from waspada.alerts.exits import mask
from waspada.alerts.types import AlertState, AlertSummary
from waspada.webhooks.types import Change, EventKind

_UNVERIFIED = "Belum diverifikasi."


def alert_payload(kind: EventKind, change: Change, alert: AlertSummary, link: str) -> dict[str, Any]:
    """The document of one event. Nobody is named in it: neither who moved the alert nor who is in the text."""
    return {
        "type": kind.value,
        "timestamp": change.at.isoformat(),
        "data": {
            "alert": {
                "id": alert.id,
                "state": alert.state.value,
                "verified": alert.state is AlertState.VERIFIED,
                "reason": alert.reason,
                "label": alert.label,
                "level": alert.level,
                "score": round(alert.score, 2),
                "confidence": round(alert.confidence, 4),
                "headline": mask(alert.headline),
                "why": mask(alert.why),
                "caution": "" if alert.state is AlertState.VERIFIED else _UNVERIFIED,
                "places": [_place(code) for code in alert.regions],
                "items": alert.item_count,
                "outlets": alert.outlet_count,
                "voices": alert.voice_count,
                "opened_at": alert.opened_at.isoformat(),
                "last_item_at": alert.last_item_at.isoformat(),
                "merged_into": alert.merged_into,
                "revision": alert.revision,
                "url": link,
            },
            "change": {
                "from_state": change.from_state,
                "to_state": change.to_state,
                "from_level": _level(change, "from"),
                "to_level": _level(change, "to"),
            },
        },
    }


def test_payload(webhook_id: int, at: datetime) -> dict[str, Any]:
    """The document of a test: about nothing that happened."""
    return {"type": EventKind.TEST.value, "timestamp": at.isoformat(), "data": {"webhook": webhook_id}}


def as_bytes(document: dict[str, Any]) -> bytes:
    """The body of the request: what is signed is what is sent."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def _place(code: str) -> dict[str, str]:
    found = places.place(code)
    return {"code": code, "name": found.name if found else code}


def _level(change: Change, name: str) -> int | None:
    value = change.detail.get(name)
    return value if isinstance(value, int) else None
