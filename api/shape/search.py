"""From what a search found to the documents of the API. The texts of hits are masked where they are found."""

from __future__ import annotations

from api import schemas
from api.paging import id_cursor
from api.shape.items import public_url
from waspada.alerts.exits import Masked, Span, mask
from waspada.search.types import Found, Group, Hit

#: Characters around the words that were found, and of a text in which only the title has them.
AROUND = 90
BEGINNING = 240
MOST_PLACES = 4


def search_found(found: Found) -> schemas.SearchOut:
    return schemas.SearchOut(
        groups=[_group(group) for group in found.groups], next=id_cursor(found.next) if found.next else None
    )


def _group(group: Group) -> schemas.HitGroupOut:
    alert = group.alert
    return schemas.HitGroupOut(
        story_id=group.story_id,
        alert_id=alert.id if alert else None,
        headline=mask(alert.headline) if alert else None,
        level=alert.level if alert else None,
        state=alert.state if alert else None,
        hits=[_hit(hit) for hit in group.hits],
    )


def _hit(hit: Hit) -> schemas.HitOut:
    return schemas.HitOut(
        item_id=hit.item.id,
        kind=hit.item.kind,
        outlet=hit.item.outlet,
        url=public_url(hit.item),
        published_at=hit.item.published_at,
        found_at=hit.item.found_at,
        title=[schemas.SnippetOut(text=text, found=found) for text, found in hit.title.pieces() if text],
        excerpt=[schemas.SnippetOut(text=text, found=found) for text, found in snippet(hit.text)],
    )


def snippet(text: Masked) -> list[tuple[str, bool]]:
    """The first places where words were found, with a little of what stands around them."""
    if not text.spans:
        return [(_cut(text.text, BEGINNING), False)] if text.text else []
    out: list[tuple[str, bool]] = []
    end = 0
    for start, stop in _windows(text):
        inside = Masked(text.text[start:stop], tuple(_within(text, start, stop)))
        if start > end or (start and not end):
            out.append((" … ", False))
        out += [piece for piece in inside.pieces() if piece[0]]
        end = stop
    if end < len(text.text):
        out.append((" …", False))
    return out


def _windows(text: Masked) -> list[tuple[int, int]]:
    """Where to cut: whole words around the first spans, none over another."""
    windows: list[tuple[int, int]] = []
    for span in text.spans[: 3 * MOST_PLACES]:
        start, stop = (
            _word_start(text.text, span.start - AROUND, span.start),
            _word_end(text.text, span.end + AROUND, span.end),
        )
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(stop, windows[-1][1]))
        elif len(windows) < MOST_PLACES:
            windows.append((start, stop))
        else:
            break
    return windows


def _within(text: Masked, start: int, stop: int) -> list[Span]:
    """The spans of a piece of the text, counted from its start."""
    return [Span(s.start - start, s.end - start) for s in text.spans if start <= s.start and s.end <= stop]


def _word_start(text: str, at: int, before: int) -> int:
    """The first start of a word from `at` on; `at` itself where there is none before `before`."""
    return 0 if at <= 0 else text.find(" ", at, before) + 1 or at


def _word_end(text: str, at: int, after: int = 0) -> int:
    """The last end of a word up to `at`; `at` itself where there is none after `after`."""
    found = text.rfind(" ", after, at)
    return len(text) if at >= len(text) else (at if found < 0 else found)


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: _word_end(text, limit)]} …"
