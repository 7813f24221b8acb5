"""Words for the hand-over between shifts."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.handover.types import Figure

FIGURES: dict[str, str] = {
    Figure.CAME_IN: N_("Came in"),
    Figure.IN_HAND: N_("In hand"),
    Figure.WAITING: N_("Waiting for somebody"),
    Figure.OVERDUE: N_("Overdue"),
    Figure.ASKED: N_("Asked, not answered"),
    Figure.DECIDED: N_("Decided"),
    Figure.HELD: N_("Held back by the cap"),
    Figure.ENDING: N_("Silences about to end"),
    Figure.SILENT: N_("Silent sources"),
}
