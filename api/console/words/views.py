"""Words for saved views."""

from __future__ import annotations

from api.console.i18n import N_
from api.console.words.alerts import STATES
from waspada.views.types import ANY, OPEN

EVERY_REGION = N_("Every region")
MINE = N_("In my hand")
STATE_CHOICES: dict[str, str] = {OPEN: N_("Still open"), ANY: N_("Every state"), **STATES}
#: The lowest level that a view shows.
LEVELS_FROM = ("", N_("Level 1 and above"), N_("Level 2 and above"), N_("Level 3"))
