"""Words for items."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.items.diff import ChangeKind

CHANGES: dict[str, str] = {
    ChangeKind.ADDED: N_("added"),
    ChangeKind.REMOVED: N_("removed"),
    ChangeKind.CHANGED: N_("changed"),
    ChangeKind.MOVED: N_("moved"),
}
HOW: dict[str, str] = {"copy": N_("copy of another report")}
KINDS: dict[str, str] = {"article": N_("article"), "post": N_("public post"), "report": N_("field report")}
