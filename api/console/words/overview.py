"""Words for the map and the time line."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.overview.areas import ISLAND
from waspada.sources.days import Hearing

#: Parts of the country that are no region.
AREAS_WIDE: dict[str, str] = {
    ISLAND: N_("All of Kalimantan"),
    "indonesia": N_("All of Indonesia"),
}
#: How well the desk could hear on a day.
HEARINGS: dict[str, str] = {
    Hearing.HEARD: N_("heard"),
    Hearing.PARTLY: N_("heard for a part of the day"),
    Hearing.DEAF: N_("nobody heard"),
    Hearing.NONE: N_("not running"),
}
#: The colour in which that is shown.
HEARING_LOOKS: dict[str, str] = {
    Hearing.HEARD: "good",
    Hearing.PARTLY: "waiting",
    Hearing.DEAF: "bad",
    Hearing.NONE: "bad",
}
