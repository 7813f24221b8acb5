"""Words for subscriptions to digests and for deliveries."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.digests.types import Period
from waspada.subscriptions.types import EndReason, SendKind, SendState, SkipReason, SubscriptionState

SUBSCRIPTION_STATES: dict[str, str] = {
    SubscriptionState.WAITING: N_("Waits for its confirmation"),
    SubscriptionState.ACTIVE: N_("Active"),
    SubscriptionState.PAUSED: N_("Paused"),
    SubscriptionState.ENDED: N_("Ended"),
}
SUBSCRIPTION_ENDS: dict[str, str] = {
    EndReason.UNSUBSCRIBED: N_("by the person"),
    EndReason.MANAGER: N_("by a manager"),
    EndReason.BOUNCED: N_("the address does not exist, or blocks us"),
    EndReason.FULL: N_("refused several times in a row"),
}
SUBSCRIPTION_PERIODS: dict[str, str] = {
    Period.DAILY: N_("Daily"),
    Period.WEEKLY: N_("Weekly"),
    Period.MONTHLY: N_("Monthly, on the first"),
}
WEEKDAYS: list[str] = [
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
]
SEND_KINDS: dict[str, str] = {
    SendKind.DIGEST: N_("Digest"),
    SendKind.CORRECTION: N_("Correction"),
    SendKind.OPT_IN: N_("Asked to confirm"),
}
SEND_STATES: dict[str, str] = {
    SendState.WAITING: N_("Waits"),
    SendState.SENT: N_("Sent"),
    SendState.UNCERTAIN: N_("Uncertain: handed over without an answer"),
    SendState.FAILED: N_("Failed"),
    SendState.DROPPED: N_("Withdrawn"),
    SendState.SKIPPED: N_("Left out"),
    SendState.GONE: N_("No longer known"),
}
SEND_SKIPS: dict[str, str] = {
    SkipReason.LATE: N_("it would have come too late"),
    SkipReason.CAP: N_("enough messages that day"),
}
#: What a page of the subscriber says after something was done.
SUBSCRIBER_DONE: dict[str, str] = {
    "changed": N_("Saved. It holds from the next digest on."),
    "paused": N_("Paused. Nothing is sent before that day."),
    "resumed": N_("Digests come again."),
    "asked": N_("A message was sent to the new address. Press the button behind its link; until then nothing is sent."),
    "ended": N_("You get nothing more. Your address is deleted within a week."),
    "revoked": N_("All links are void now. The next digest brings a new one."),
}
