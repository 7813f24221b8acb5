"""What the templates show of an item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from api import shape
from waspada.alerts.exits import Masked, mask
from waspada.alerts.items import versions_to_compare
from waspada.alerts.types import ItemView, VersionView
from waspada.items.diff import Change

#: How much text stands around a highlighted sentence, in characters.
CONTEXT_CHARACTERS = 140
PLAIN_EXCERPT_CHARACTERS = 320
EDITS_SHOWN = 50
Piece = tuple[str, bool]


@dataclass(frozen=True, slots=True)
class ItemCard:
    id: int
    kind: str
    outlet: str
    url: str | None
    how: str | None
    at: datetime
    dated: bool
    version: int
    versions: int
    level: int
    labels: Mapping[str, float]
    title: Sequence[Piece]
    excerpt: Sequence[Piece]
    report: str | None = None  # how a field report stands


@dataclass(frozen=True, slots=True)
class Edit:
    """What a version changed (the newest where none was asked for): at most `EDITS_SHOWN` changes, `left_out` more."""

    old: int
    new: int
    summary: str
    changes: Sequence[Change]
    left_out: int


@dataclass(frozen=True, slots=True)
class FullItem:
    card: ItemCard
    text: Sequence[Piece]
    places: Sequence[str]
    model: str | None
    story_id: int | None
    older: Sequence[tuple[int, datetime, str, str]]
    edit: Edit | None


def item_cards(items: Sequence[ItemView]) -> list[ItemCard]:
    """Newest first, copies of other reports after those in their own words."""
    ordered = sorted(items, key=lambda view: (view.how != "copy", view.at, view.id), reverse=True)
    return [_item_card(view, *shape.masked_fields(view)) for view in ordered]


def full_item(view: ItemView, old: int | None = None, new: int | None = None) -> FullItem:
    """An item with what changed from one version to another. Raises NotFoundError and InputError for versions that are
    not there, or the same."""
    title, text = shape.masked_fields(view)
    older = [one for one in view.versions if one.version != view.version]
    return FullItem(
        card=_item_card(view, title, text),
        text=text.pieces(),
        places=[place.name for place in view.places],
        model=view.model,
        story_id=view.story_id,
        older=[_version(one) for one in reversed(older)],
        edit=_edit(view, old, new) if older or old or new else None,
    )


def _edit(view: ItemView, older: int | None, newer: int | None) -> Edit:
    old, new = versions_to_compare(view, older, newer)
    found = shape.masked_difference(old, new)
    shown = found.changes[:EDITS_SHOWN]
    return Edit(old.version, new.version, found.summary, shown, len(found.changes) - len(shown) + found.left_out)


def excerpt(text: Masked) -> list[Piece]:
    """The highlighted sentences with a little of what stands around them; the beginning where nothing is marked."""
    pieces = text.pieces()
    if not any(marked for _, marked in pieces):
        return [(cut_end(text.text, PLAIN_EXCERPT_CHARACTERS), False)]
    out: list[Piece] = []
    for number, (piece, marked) in enumerate(pieces):
        out.append((piece if marked else _around(piece, first=number == 0, last=number == len(pieces) - 1), marked))
    return out


def _around(piece: str, *, first: bool, last: bool) -> str:
    if first:
        return _cut_start(piece, CONTEXT_CHARACTERS)
    if last:
        return cut_end(piece, CONTEXT_CHARACTERS)
    if len(piece) <= 2 * CONTEXT_CHARACTERS:
        return piece
    return f"{cut_end(piece, CONTEXT_CHARACTERS)} {_cut_start(piece, CONTEXT_CHARACTERS)}"


def cut_end(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[:limit].rpartition(' ')[0] or text[:limit]} …"


def _cut_start(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"… {text[-limit:].partition(' ')[2] or text[-limit:]}"


def _item_card(view: ItemView, title: Masked, text: Masked) -> ItemCard:
    return ItemCard(
        id=view.id,
        kind=view.kind.value,
        outlet=view.outlet,
        url=shape.public_url(view),
        how=view.how,
        at=view.at,
        dated=view.published_at is not None,
        version=view.version,
        versions=len(view.versions),
        level=view.alert_level,
        labels=view.labels,
        title=title.pieces(),
        excerpt=excerpt(text),
        report=view.report.value if view.report else None,
    )


def _version(view: VersionView) -> tuple[int, datetime, str, str]:
    return view.version, view.seen_at, mask(view.title), mask(view.text)
