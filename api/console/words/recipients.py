"""Words for institutions outside the team and for the permissions that some of them need."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.recipients.types import GrantState, RecipientKind, Refusal

RECIPIENT_KINDS: dict[str, str] = {
    RecipientKind.KESBANGPOL: N_("Kesbangpol"),
    RecipientKind.KPU: N_("KPU"),
    RecipientKind.BAWASLU: N_("Bawaslu"),
    RecipientKind.PEMDA: N_("Local government"),
    RecipientKind.BPBD: N_("BPBD"),
    RecipientKind.FKDM: N_("FKDM"),
    RecipientKind.KOMINFO: N_("Kominfo"),
    RecipientKind.MEDIA: N_("Media"),
    RecipientKind.POLICE: N_("Police"),
    RecipientKind.INTELLIGENCE: N_("Intelligence or military"),
    RecipientKind.OTHER: N_("Other institution"),
}
GRANT_STATES: dict[str, str] = {
    GrantState.ASKED: N_("Waits for a second account"),
    GrantState.REFUSED: N_("Refused"),
    GrantState.COMING: N_("Approved, not begun"),
    GrantState.LIVE: N_("In force"),
    GrantState.ENDED: N_("Ended"),
    GrantState.REVOKED: N_("Revoked"),
}
#: Why nothing can be sent to an institution now.
REFUSALS: dict[str, str] = {
    Refusal.OFF: N_("switched off"),
    Refusal.ELSEWHERE: N_("responsible for another region"),
    Refusal.NO_GRANT: N_("off: needs a permission by an admin and a second account"),
}
