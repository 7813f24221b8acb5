"""Words for what goes wrong."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.jobs.canary import CanaryState

#: What the head of every page says while the exercise of the night failed.
EXERCISE: dict[str, str] = {
    CanaryState.MISSING: N_("The exercise of %(when)s did not become an alert: what happens now may be missed, too."),
    CanaryState.LATE: N_("The exercise of %(when)s became an alert too late: what happens now may come late, too."),
    CanaryState.UNSENT: N_("The exercise of %(when)s reached nobody: who is on duty may not be called. See Calls."),
}
#: Title and explanation of an error page, by the slug of the problem.
PROBLEMS: dict[str, tuple[str, str]] = {
    "forbidden": (N_("Not allowed"), N_("Your role or your token may not do this. Ask an admin.")),
    "not-found": (N_("Not found"), N_("There is nothing here, or it belongs to a region outside your area.")),
    "method-not-allowed": (N_("Not found"), N_("This page cannot be used in this way.")),
    "unreadable": (N_("Cannot be used"), N_("The address or the form holds something that cannot be used.")),
    "content-too-large": (N_("Too large"), N_("What was sent is too large.")),
    "conflict": (N_("Not possible now"), N_("The step is not possible any more. Look at the alert again.")),
    "purpose-missing": (N_("Purpose"), N_("Say first what this is for: open the page again, and you are asked.")),
    "store-unavailable": (N_("Please wait"), N_("The database is busy. Try again in a moment; nothing was lost.")),
    "internal": (N_("Something failed"), N_("This is a mistake of the program. Try again, and tell the operator.")),
}
OTHER_PROBLEM = (N_("That did not work"), N_("The request could not be answered."))
