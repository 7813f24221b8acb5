"""Words for sources and coverage."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.sources.types import CoverageState, HealthState, NoticeKind, Reach, SourceRole, SourceState

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
    SourceRole.REPORT: N_("Field reports"),
}
