"""Which places an item names, and where in its title and text. The room's main call."""

from __future__ import annotations

from waspada.places.candidates import candidates
from waspada.places.gazetteer import place
from waspada.places.resolve import resolve
from waspada.places.settled import Settled
from waspada.places.tokens import tokenize
from waspada.places.types import PlaceMention

_FIELDS = ("title", "text")


def find_places(title: str, text: str, home: str | None = None) -> list[PlaceMention]:
    """Mentions of provinces, kabupaten/kota, kecamatan and desa/kelurahan, in reading order, title first.

    `home` is the code of the outlet's region ("63", "63.71") or None for a national outlet: a prior for names that
    several places share, never a mention by itself. `start` and `end` count Unicode code points of the field, and
    `field[start:end] == mention`. Kind words count in ("Kecamatan Gambut"), offices do not ("Bupati Banjar"). A town
    that is the seat of a kabupaten stands for it ("Barabai" is 63.07). A kecamatan without a kind word is taken only
    where the item or `home` leads to it; a desa/kelurahan only with one,
    or where a longer local name holds the name of a far town. Linear in the length of the input; raises
    nothing for any two strings.
    """
    fields = [tokenize(name, content) for name, content in zip(_FIELDS, (title, text), strict=True)]
    settled = resolve([candidates(tokens) for tokens in fields], home)
    found = [mention for one in _without_overlaps(settled) if (mention := _mention(one)) is not None]
    return sorted(found, key=lambda mention: (_FIELDS.index(mention.field), mention.start))


def _without_overlaps(settled: list[Settled]) -> list[Settled]:
    """Of two that share a word, the one with a kind word, else the longer one, else the first."""
    taken: set[tuple[str, int]] = set()
    kept: list[Settled] = []
    for one in sorted(settled, key=lambda s: (not s.marked, s.first - s.last, s.first)):
        words = {(one.tokens.field, at) for at in range(one.first, one.last + 1)}
        if not words & taken:
            taken |= words
            kept.append(one)
    return kept


def _mention(one: Settled) -> PlaceMention | None:
    where = place(one.code)
    if where is None:
        return None
    start, end = one.tokens.starts[one.first], one.tokens.ends[one.last]
    return PlaceMention(
        code=where.code,
        name=where.name,
        level=where.level,
        mention=one.tokens.text[start:end],
        field=one.tokens.field,
        start=start,
        end=end,
    )
