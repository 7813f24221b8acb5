"""Words for webhooks."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.webhooks.types import DeliveryState, EventKind

WEBHOOK_EVENTS: dict[str, str] = {
    EventKind.OPENED: N_("New alert"),
    EventKind.RAISED: N_("Higher level"),
    EventKind.STATE: N_("New state"),
    EventKind.MERGED: N_("Merged alert"),
    EventKind.DIGEST: N_("Digest"),
    EventKind.TEST: N_("Test message"),
}
WEBHOOK_DELIVERIES: dict[str, str] = {
    DeliveryState.WAITING: N_("waits"),
    DeliveryState.SENT: N_("sent"),
    DeliveryState.FAILED: N_("given up"),
    DeliveryState.DROPPED: N_("dropped"),
}
WEBHOOK_OUTCOMES: dict[str, str] = {
    "sent": N_("sent"),
    "retry": N_("failed, tried again"),
    "given_up": N_("given up"),
}
