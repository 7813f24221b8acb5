"""Words for field reports."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.reports.types import EventKind, HowKnown, Level, ReportState, Step

#: As the form asks for them.
EVENT_KINDS: dict[str, str] = {
    EventKind.CONFLICT: N_("Conflict or clash"),
    EventKind.SPEECH: N_("Provocation or hateful speech"),
    EventKind.NEUTRALITY: N_("Neutrality of officials"),
    EventKind.HOAX: N_("Hoax"),
    EventKind.FRAUD: N_("Election fraud"),
    EventKind.LOGISTICS: N_("Election logistics"),
    EventKind.DISASTER: N_("Disaster"),
    EventKind.OTHER: N_("Something else"),
}
HOW_KNOWN: dict[str, str] = {
    HowKnown.SEEN: N_("Seen myself"),
    HowKnown.TOLD: N_("Told by others"),
    HowKnown.SOCIAL: N_("From social media"),
    HowKnown.MEETING: N_("In a meeting"),
}
REPORT_STATES: dict[str, str] = {
    ReportState.SENT: N_("Not clarified yet"),
    ReportState.ASKED: N_("Asked back"),
    ReportState.CLARIFIED: N_("Clarified"),
    ReportState.REFUTED: N_("Not true"),
    ReportState.CANNOT_TELL: N_("Cannot be told"),
}
REPORT_LOOKS: dict[str, str] = {
    ReportState.SENT: "waiting",
    ReportState.ASKED: "waiting",
    ReportState.CLARIFIED: "good",
    ReportState.REFUTED: "bad",
    ReportState.CANNOT_TELL: "off",
}
#: What stands beside the words of a field report among the reports of an alert.
REPORT_MARKS: dict[str, str] = {
    ReportState.SENT: N_("not clarified yet"),
    ReportState.ASKED: N_("not clarified yet"),
    ReportState.CLARIFIED: N_("clarified"),
    ReportState.REFUTED: N_("not true"),
    ReportState.CANNOT_TELL: N_("not clarified: cannot be told"),
}
REPORT_LEVELS: dict[str, str] = {
    Level.VILLAGE: N_("Desa and kelurahan"),
    Level.DISTRICT: N_("Kecamatan"),
    Level.REGENCY: N_("Kabupaten and kota"),
    Level.PROVINCE: N_("Province"),
}
REPORT_STEPS: dict[str, str] = {
    Step.SENT: N_("sent"),
    Step.ASKED: N_("asked back"),
    Step.ANSWERED: N_("answered"),
    Step.DECIDED: N_("decided"),
    Step.FORWARDED: N_("forwarded to the level above"),
    Step.CLOSED: N_("closed"),
    Step.SENDER_OPENED: N_("who sent it was opened"),
    Step.SENDER_EXPIRED: N_("who sent it was deleted"),
}
