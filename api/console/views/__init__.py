"""What the templates show: every text already masked, every number already in its place. One module a noun."""

from __future__ import annotations

from api.console.views.alerts import (
    Bar,
    Card,
    ComparedPart,
    HistoryLine,
    Step,
    bars,
    card,
    compared_parts,
    full_score,
    history_line,
    outlets,
    steps,
)
from api.console.views.claims import (
    ClaimMatch,
    Claims,
    claims_of,
)
from api.console.views.escalations import (
    Choice,
    Passing,
    Report,
    choice,
    passing,
    report,
)
from api.console.views.items import (
    CONTEXT_CHARACTERS,
    EDITS_SHOWN,
    Edit,
    FullItem,
    ItemCard,
    Piece,
    excerpt,
    full_item,
    item_cards,
)

__all__ = [
    "CONTEXT_CHARACTERS",
    "EDITS_SHOWN",
    "Bar",
    "Card",
    "Choice",
    "ClaimMatch",
    "Claims",
    "ComparedPart",
    "Edit",
    "FullItem",
    "HistoryLine",
    "ItemCard",
    "Passing",
    "Piece",
    "Report",
    "Step",
    "bars",
    "card",
    "choice",
    "claims_of",
    "compared_parts",
    "excerpt",
    "full_item",
    "full_score",
    "history_line",
    "item_cards",
    "outlets",
    "passing",
    "report",
    "steps",
]
