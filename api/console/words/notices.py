"""Words for notices and silences."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.notify.types import Change, DropReason, HeldReason, NoticeState, Occasion

NOTICE_KINDS: dict[str, str] = {
    Occasion.FIRST: N_("First notice"),
    Occasion.UPDATE: N_("Update"),
    Occasion.REPEAT: N_("Repeated: nobody is on it"),
    Occasion.RAISED: N_("Raised by a desk below"),
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
    DropReason.FINISHED: N_("somebody is done with it"),
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
#: How long a silence may be chosen to last.
SILENCE_HOURS = (4, 12, 24, 72, 168, 336)
