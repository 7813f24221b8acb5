"""What the words of the program are called on a page. English here; `locale/` holds the Indonesian."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.access.types import Role, Scope
from waspada.alerts.types import AlertState, CloseReason, DismissReason
from waspada.claims.types import MatchState
from waspada.items.diff import ChangeKind
from waspada.jobs.canary import CanaryState
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion
from waspada.sources.types import CoverageState, HealthState, NoticeKind, Reach, SourceRole, SourceState
from waspada.stories.edits import EditKind
from waspada.taxonomy import Label
from waspada.topics.types import TagOrigin

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
}
#: What was done to a story.
EDITS: dict[str, str] = {
    EditKind.MERGE: N_("Merged"),
    EditKind.SPLIT: N_("Split"),
    EditKind.UNDO: N_("Undone"),
}
#: How a match of a report with a fact-check stands.
MATCH_STATES: dict[str, str] = {
    MatchState.SUGGESTED: N_("suggested"),
    MatchState.CONFIRMED: N_("confirmed"),
    MatchState.REJECTED: N_("rejected"),
}
CHANGES: dict[str, str] = {
    ChangeKind.ADDED: N_("added"),
    ChangeKind.REMOVED: N_("removed"),
    ChangeKind.CHANGED: N_("changed"),
    ChangeKind.MOVED: N_("moved"),
}
NOTICE_KINDS: dict[str, str] = {
    Occasion.FIRST: N_("First notice"),
    Occasion.UPDATE: N_("Update"),
    Occasion.REPEAT: N_("Repeated: nobody is on it"),
}
NOTICE_STATES: dict[str, str] = {
    NoticeState.READY: N_("Ready to be sent"),
    NoticeState.HELD: N_("Held back"),
    NoticeState.DROPPED: N_("Dropped"),
}
HELD: dict[str, str] = {
    HeldReason.SILENCE: N_("by a silence"),
    HeldReason.PARENT: N_("a wider alert speaks for it"),
    HeldReason.CAP: N_("enough interruptions in this shift"),
}
DROPPED: dict[str, str] = {
    DropReason.ACKNOWLEDGED: N_("somebody is on it already"),
    DropReason.FINISHED: N_("dismissed or closed"),
    DropReason.LOWERED: N_("its level fell"),
    DropReason.OLD: N_("its news is old by now"),
    DropReason.UNCHANGED: N_("nothing new was left to tell"),
    DropReason.MERGED: N_("merged into another alert"),
}
#: What an update tells.
CHANGES_TOLD: dict[str, str] = {
    Change.LEVEL: N_("higher level"),
    Change.LABEL: N_("new label"),
    Change.PLACE: N_("new place"),
    Change.OUTLETS: N_("more outlets"),
}
#: What made a report belong to a topic.
TOPIC_TAGS: dict[str, str] = {
    TagOrigin.LIKENESS: N_("by likeness"),
    TagOrigin.HEAD: N_("learned from answers"),
    TagOrigin.PERSON: N_("by a person"),
}
#: How long a silence may be chosen to last.
SILENCE_HOURS = (4, 12, 24, 72, 168, 336)
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
HOW: dict[str, str] = {"copy": N_("copy of another report")}
KINDS: dict[str, str] = {"article": N_("article"), "post": N_("public post")}
SOURCE_STATES: dict[str, str] = {
    SourceState.NEW: N_("Not asked yet"),
    SourceState.OK: N_("Works"),
    SourceState.EMPTY: N_("Answers, but empty"),
    SourceState.UNCHANGED: N_("Works, nothing new"),
    SourceState.BLOCKED: N_("Blocked"),
    SourceState.MOVED: N_("Moved"),
    SourceState.GONE: N_("Gone"),
    SourceState.BROKEN: N_("Broken"),
}
#: How a source stands with its own habit; what only the last poll found is in `SOURCE_STATES`.
HEALTH: dict[str, str] = {
    HealthState.OFF: N_("Switched off"),
    HealthState.PARKED: N_("Parked, asked once a day"),
    HealthState.NEW: N_("Not asked yet"),
    HealthState.BROKEN: N_("Not reached"),
    HealthState.BLOCKED: N_("Answers, but articles refused"),
    HealthState.SILENT: N_("Answers, but silent"),
    HealthState.UNKNOWN: N_("Answers, rhythm not known yet"),
    HealthState.SPEAKING: N_("Heard"),
}
#: Why a source speaks for a region.
REACHES: dict[str, str] = {
    Reach.HOME: N_("is at home here"),
    Reach.ABOVE: N_("from the region above"),
    Reach.MENTION: N_("names places here"),
    Reach.COUNTRY: N_("of the whole country"),
}
#: The colour in which a state is shown.
LOOKS: dict[str, str] = {
    HealthState.OFF: "off",
    HealthState.NEW: "waiting",
    HealthState.UNKNOWN: "waiting",
    HealthState.SPEAKING: "good",
    CoverageState.COVERED: "good",
    CoverageState.THIN: "waiting",
}
#: How well a kabupaten or kota can be heard.
COVERAGE: dict[str, str] = {
    CoverageState.COVERED: N_("well heard"),
    CoverageState.THIN: N_("thinly heard"),
    CoverageState.SILENT: N_("sources silent"),
    CoverageState.NONE: N_("no source"),
}
#: What stands among a source's polls: that the operator was told of it.
NOTICES: dict[str, str] = {
    NoticeKind.SILENT: N_("Told: silent"),
    NoticeKind.PARKED: N_("Told: parked"),
    NoticeKind.FAILING: N_("Told: failing"),
    NoticeKind.REFUSED: N_("Told: articles refused"),
}
EVENTS: dict[str, str] = {**SOURCE_STATES, **NOTICES}
SOURCE_ROLES: dict[str, str] = {
    SourceRole.NEWS: N_("News outlet"),
    SourceRole.OFFICIAL: N_("Official release"),
    SourceRole.FACTCHECK: N_("Fact-checker"),
    SourceRole.POST: N_("Public posts"),
    SourceRole.EXERCISE: N_("Exercise"),
}
ROLES: dict[str, str] = {
    Role.LIAISON: N_("Liaison"),
    Role.ANALYST: N_("Analyst"),
    Role.SUBSCRIBER_MANAGER: N_("Subscriber manager"),
    Role.AUDITOR: N_("Auditor"),
    Role.OPERATOR: N_("Operator"),
    Role.ADMIN: N_("Admin"),
}
SCOPES: dict[str, str] = {
    Scope.READ: N_("read only"),
    Scope.WRITE: N_("read and change"),
    Scope.ADMIN: N_("read, change and manage accounts"),
}
#: Why somebody works in the console today; the English word goes to the audit log. A short list, so that nobody
#: writes a name there.
PURPOSES: dict[str, str] = {
    "daily watch": N_("Daily watch"),
    "incident": N_("An incident under way"),
    "clarification": N_("Clarifying a report"),
    "quality check": N_("Checking the quality of alerts"),
    "maintenance": N_("Maintenance"),
    "training": N_("Training or demonstration"),
}
#: What the head of every page says while the exercise of the night failed.
EXERCISE: dict[str, str] = {
    CanaryState.MISSING: N_("The exercise of %(when)s did not become an alert: what happens now may be missed, too."),
    CanaryState.LATE: N_("The exercise of %(when)s became an alert too late: what happens now may come late, too."),
}
#: Title and explanation of an error page, by the slug of the problem.
PROBLEMS: dict[str, tuple[str, str]] = {
    "forbidden": (N_("Not allowed"), N_("Your role or your token may not do this. Ask an admin.")),
    "not-found": (N_("Not found"), N_("There is nothing here, or it belongs to a region outside your area.")),
    "method-not-allowed": (N_("Not found"), N_("This page cannot be used in this way.")),
    "unreadable": (N_("Cannot be used"), N_("The address or the form holds something that cannot be used.")),
    "content-too-large": (N_("Too large"), N_("What was sent is too large.")),
    "conflict": (N_("Not possible now"), N_("The step is not possible any more. Look at the alert again.")),
    "store-unavailable": (N_("Please wait"), N_("The database is busy. Try again in a moment; nothing was lost.")),
    "internal": (N_("Something failed"), N_("This is a mistake of the program. Try again, and tell the operator.")),
}
OTHER_PROBLEM = (N_("That did not work"), N_("The request could not be answered."))
