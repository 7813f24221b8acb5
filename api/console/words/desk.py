"""Words of what is done with several alerts at once."""

from __future__ import annotations

from api.console.i18n import N_
from api.schemas.desk import BulkDo, BulkOutcome

BULK: dict[str, str] = {
    BulkDo.ASSIGN: N_("Assign to me"),
    BulkDo.MERGE: N_("Merge into one story"),
    BulkDo.SILENCE: N_("Silence these alerts"),
}
OUTCOMES: dict[str, str] = {
    BulkOutcome.DONE: N_("done"),
    BulkOutcome.OVERTAKEN: N_("somebody was faster"),
    BulkOutcome.REFUSED: N_("not possible"),
    BulkOutcome.GONE: N_("not in your area"),
}
