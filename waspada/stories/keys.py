"""Keys under which an item is found by its rarest terms: a hashed term with a day, so that a look-up costs the same
however many items are stored.

Terms are hash buckets already (`waspada.stories.terms`); a key is a hash of one, and no word can be read from it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from waspada.stories.policy import EVENT_WINDOW
from waspada.stories.types import Fingerprint

#: So many terms, the heaviest of words, title and proper words together, stand for an item. Of the items grouped by
#: hand for choosing, 98 in 100 share one of eight with an earlier mate.
TERM_KEYS = 8
#: An item without a date is found, and looks, by fewer: it has no window.
TERM_KEYS_UNDATED = 4
_ANY_DAY, _NO_DAY = "any", "none"


def keys_of(item: Fingerprint) -> list[int]:
    """Keys under which the item is stored: by its day, and by any day for those without a date."""
    day = str(item.at.date().toordinal()) if item.at is not None else _NO_DAY
    return [
        *(_key(term, day) for term in _heaviest(item, TERM_KEYS)),
        *(_key(term, _ANY_DAY) for term in _heaviest(item, TERM_KEYS_UNDATED)),
    ]


def keys_to_look_up(item: Fingerprint) -> list[int]:
    """Keys of the items that may tell of the same event: those of the window and those without a date."""
    if item.at is None:
        return [_key(term, _ANY_DAY) for term in _heaviest(item, TERM_KEYS_UNDATED)]
    days = EVENT_WINDOW // timedelta(days=1)
    day = item.at.date().toordinal()
    within = [*(str(day + shift) for shift in range(-days, days + 1)), _NO_DAY]
    return [_key(term, each) for term in _heaviest(item, TERM_KEYS) for each in within]


def _heaviest(item: Fingerprint, count: int) -> Iterable[int]:
    weights = Counter[int]()
    for terms in (item.terms, item.facts.title, item.facts.proper):
        for term, weight in terms.items():
            weights[term] += weight  # type: ignore[assignment]
    return sorted(weights, key=lambda term: (-weights[term], term))[:count]


def _key(term: int, day: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"term:{term}:{day}".encode(), digest_size=8).digest(), "big", signed=True)
