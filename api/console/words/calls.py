"""Words for the rota, calls and contacts."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.notify.calls.types import EndReason, How
from waspada.notify.contacts.types import ContactState
from waspada.notify.messages import Channel

CHANNELS: dict[str, str] = {
    Channel.MAIL: N_("Mail"),
    Channel.TELEGRAM: N_("Telegram"),
    Channel.PUSH: N_("Push message of this browser"),
    Channel.WEBHOOK: N_("Webhook"),
}
CONTACT_STATES: dict[str, str] = {
    ContactState.WAITING: N_("Waits for its code"),
    ContactState.READY: N_("Is called"),
    ContactState.ENDED: N_("Refused: is not called any more"),
}
#: Why this account was called.
HOWS: dict[str, str] = {
    How.ROTA: N_("on duty"),
    How.FALLBACK: N_("nobody to be reached was on duty: everybody of the desk"),
    How.EVERYBODY: N_("who was on duty did not answer: everybody of the desk"),
    How.NOBODY: N_("nobody of the desk can be reached"),
}
CALL_ENDS: dict[str, str] = {
    EndReason.ACKNOWLEDGED: N_("answered"),
    EndReason.TAKEN: N_("somebody took the alert in hand in the console"),
    EndReason.TOLD: N_("told; it needs no answer"),
    EndReason.SILENT: N_("nobody answered"),
    EndReason.FAILED: N_("could not be sent"),
    EndReason.CAP: N_("held back: enough interruptions in this shift"),
}
