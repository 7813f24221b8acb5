"""Words for stories."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.stories.edits import EditKind

#: What was done to a story.
EDITS: dict[str, str] = {
    EditKind.MERGE: N_("Merged"),
    EditKind.SPLIT: N_("Split"),
    EditKind.UNDO: N_("Undone"),
}
