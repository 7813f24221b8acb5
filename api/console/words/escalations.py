"""Words for reports that leave the team. Kinds of reports keep their names of Permendagri 2/2018."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.escalations import gate, service
from waspada.escalations.types import EscalationState, ReportKind
from waspada.recipients.types import Refusal

REPORT_KINDS: dict[str, str] = {
    ReportKind.INFORMASI: N_("Information report (laporan informasi)"),
    ReportKind.ATENSI: N_("Attention report (laporan atensi)"),
    ReportKind.KHUSUS: N_("Special report (laporan khusus)"),
    ReportKind.RALAT: N_("Correction and withdrawal (ralat)"),
    ReportKind.NAIK: N_("Raised to the desk above"),
}
ESCALATION_STATES: dict[str, str] = {
    EscalationState.PROPOSED: N_("Waits for a second account"),
    EscalationState.APPROVED: N_("Approved, on its way"),
    EscalationState.SENT: N_("Sent"),
    EscalationState.FAILED: N_("Not sent"),
    EscalationState.REFUSED: N_("Refused"),
    EscalationState.WITHDRAWN: N_("Withdrawn"),
    EscalationState.EXPIRED: N_("Over: nobody answered within 24 hours"),
}
#: How a state looks.
ESCALATION_LOOKS: dict[str, str] = {
    EscalationState.PROPOSED: "waiting",
    EscalationState.APPROVED: "waiting",
    EscalationState.SENT: "good",
    EscalationState.FAILED: "bad",
    EscalationState.REFUSED: "off",
    EscalationState.WITHDRAWN: "off",
    EscalationState.EXPIRED: "off",
}
#: What is kept beside a message that did not go; what a mail server said stays as it said it.
REPORT_PROBLEMS: dict[str, str] = {
    gate.PROBLEMS[Refusal.OFF]: N_("The institution was switched off."),
    gate.PROBLEMS[Refusal.ELSEWHERE]: N_("The institution is not responsible for this region."),
    gate.PROBLEMS[Refusal.NO_GRANT]: N_("There was no permission in force."),
    gate.NOT_APPROVED: N_("The report was not approved (any more)."),
    gate.NOT_STANDING: N_("The alert did not stand any more."),
    gate.NOT_A_REPORT: N_("Nothing but an approved report goes there."),
    service.LOST: N_("The message is not in the outbox any more."),
    service.DROPPED: N_("The message was dropped."),
    service.RETURNED: N_("The mail came back."),
}
