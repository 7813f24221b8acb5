"""Words for alerts, their labels, levels, states and scores."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.alerts.likelihood import Likelihood
from waspada.alerts.seen import Mark
from waspada.alerts.types import AlertState, CloseReason, DuplicateReason, Field, NoThreatReason
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
#: The model's confidence in words (waspada.alerts.likelihood).
LIKELIHOODS: dict[str, str] = {
    Likelihood.ALMOST_CERTAIN: N_("almost certain"),
    Likelihood.VERY_LIKELY: N_("very likely"),
    Likelihood.LIKELY: N_("likely"),
    Likelihood.EVEN: N_("about even"),
    Likelihood.UNLIKELY: N_("unlikely"),
    Likelihood.VERY_UNLIKELY: N_("very unlikely"),
    Likelihood.ALMOST_NONE: N_("almost no chance"),
}
LEVELS = (N_("not needed"), N_("context"), N_("daily digest"), N_("look at once"))
STATES: dict[str, str] = {
    AlertState.NEW: N_("New"),
    AlertState.ACKNOWLEDGED: N_("Being handled"),
    AlertState.VERIFIED: N_("Verified"),
    AlertState.NEEDS_CLARIFICATION: N_("Needs clarification"),
    AlertState.NOT_A_THREAT: N_("Not a threat"),
    AlertState.DUPLICATE: N_("Duplicate"),
    AlertState.CLOSED: N_("Closed"),
}
REASONS: dict[str, str] = {
    NoThreatReason.NOT_A_THREAT: N_("It happened, but threatens nothing"),
    NoThreatReason.PREVENTION_ONLY: N_("Prevention only, nothing happened"),
    NoThreatReason.WRONG_PLACE: N_("Wrong place"),
    NoThreatReason.OLD_NEWS: N_("Old news"),
    NoThreatReason.NOT_ENOUGH: N_("Not enough to go on"),
    DuplicateReason.DUPLICATE: N_("Duplicate of another alert"),
    CloseReason.RESOLVED: N_("Resolved"),
    CloseReason.PASSED_ON: N_("Passed on to those in charge"),
    CloseReason.NO_LONGER_CURRENT: N_("No longer current"),
    CloseReason.UNANSWERED: N_("The clarification never came"),
}
#: What the button of a step says.
STEPS: dict[str, str] = {
    AlertState.ACKNOWLEDGED: N_("I am on it"),
    AlertState.VERIFIED: N_("Mark as verified"),
    AlertState.NEEDS_CLARIFICATION: N_("Ask for clarification"),
    AlertState.NOT_A_THREAT: N_("Not a threat"),
    AlertState.DUPLICATE: N_("It is a duplicate"),
    AlertState.CLOSED: N_("Close"),
}
REOPEN = N_("Re-open")
#: What the button says where the answer of an office is there.
ANSWERED = N_("The answer is here")
#: In how many hours an alert may be chosen to be done.
DUE_HOURS = (1, 2, 4, 8, 12, 24, 72, 168)
FIELDS: dict[str, str] = {
    Field.STATE: N_("State"),
    Field.REASON: N_("Reason"),
    Field.OWNER: N_("In hand of"),
    Field.DUE: N_("Due time"),
    Field.LEVEL: N_("Level"),
    Field.STORY: N_("Story"),
}
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
    "assigned": N_("Another one has it in hand"),
    "due_set": N_("Due time set"),
    "released": N_("Nobody's: the account has ended"),
    "noted": N_("Note"),
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
MARKS: dict[str, str] = {Mark.NEW: N_("new to you"), Mark.CHANGED: N_("changed")}
STATE_GROUPS: dict[str, str] = {"open": N_("Still open"), "finished": N_("Finished")}
