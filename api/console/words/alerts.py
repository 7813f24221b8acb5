"""Words for alerts, their labels, levels, states and scores."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.alerts.types import AlertState, CloseReason, DismissReason
from waspada.taxonomy import Label

LABELS: dict[str, str] = {
    Label.CONFLICT: N_("Conflict"),
    Label.POLARIZATION: N_("Polarization"),
    Label.NEUTRALITY: N_("Neutrality"),
    Label.MISINFORMATION: N_("Misinformation"),
    Label.FRAUD: N_("Election fraud"),
    Label.LOGISTICS: N_("Logistics"),
    Label.DISASTER: N_("Disaster"),
    Label.ELECTION: N_("Election"),
}
LEVELS = (N_("not needed"), N_("context"), N_("daily digest"), N_("look at once"))
STATES: dict[str, str] = {
    AlertState.NEW: N_("New"),
    AlertState.ACKNOWLEDGED: N_("Being handled"),
    AlertState.VERIFIED: N_("Verified"),
    AlertState.DISMISSED: N_("Dismissed"),
    AlertState.CLOSED: N_("Closed"),
}
REASONS: dict[str, str] = {
    DismissReason.NOT_A_THREAT: N_("Not a threat"),
    DismissReason.DUPLICATE: N_("Duplicate of another alert"),
    DismissReason.PREVENTION_ONLY: N_("Prevention only, nothing happened"),
    DismissReason.WRONG_PLACE: N_("Wrong place"),
    DismissReason.OLD_NEWS: N_("Old news"),
    DismissReason.NOT_ENOUGH: N_("Not enough to go on"),
    CloseReason.RESOLVED: N_("Resolved"),
    CloseReason.PASSED_ON: N_("Passed on to those in charge"),
    CloseReason.NO_LONGER_CURRENT: N_("No longer current"),
}
#: What the button of a step says.
STEPS: dict[str, str] = {
    AlertState.ACKNOWLEDGED: N_("I am on it"),
    AlertState.VERIFIED: N_("Mark as verified"),
    AlertState.DISMISSED: N_("Dismiss"),
    AlertState.CLOSED: N_("Close"),
}
REOPEN = N_("Re-open")
ACTIONS: dict[str, str] = {
    "opened": N_("Alert opened"),
    "raised": N_("Level raised"),
    "lowered": N_("Level lowered"),
    "moved": N_("State changed"),
    "reopened": N_("Re-opened"),
    "merged": N_("Another alert was merged into this one"),
    "merged_into": N_("Merged into another alert"),
    "unmerged": N_("Merge taken back"),
    "regrouped": N_("Went over to another story"),
    "report_proposed": N_("Report to institutions proposed"),
    "report_approved": N_("Report approved by a second account"),
    "report_refused": N_("Report refused by a second account"),
    "report_withdrawn": N_("Report withdrawn"),
    "report_expired": N_("Report over: nobody answered"),
    "report_sent": N_("Report sent"),
    "report_failed": N_("Report not sent"),
    "raised_desk": N_("Raised to the desk above"),
    "correction_due": N_("A correction to those informed was proposed"),
}
PARTS: dict[str, str] = {
    "level": N_("Alert level"),
    "expectation": N_("How likely the levels are"),
    "focus": N_("What the desk is there for"),
    "severity": N_("Severity of the conflict"),
    "confidence": N_("Confidence of the model"),
    "outlets": N_("Independent outlets"),
    "burst": N_("Busier than usual here"),
    "novelty": N_("How new it is"),
    "stage": N_("Closeness to an election stage"),
    "vulnerability": N_("Vulnerability of the region"),
    "reliability": N_("Reliability of the sources"),
    "feedback": N_("What became of alerts like it"),
}
PERIODS: dict[str, str] = {
    "any": N_("Any time"),
    "1d": N_("Last 24 hours"),
    "3d": N_("Last 3 days"),
    "7d": N_("Last 7 days"),
    "30d": N_("Last 30 days"),
}
PERIOD_DAYS = {"1d": 1, "3d": 3, "7d": 7, "30d": 30}
