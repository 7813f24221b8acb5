"""Which entries announce an article that is known at another address: pure, from addresses and titles alone.

An article number alone proves nothing before the page is read, so the words of the address or the title must agree.
The words of a headline without a number prove nothing at all: an outlet's two regions may use them of two events.
Every address is read once and looked up: a hostile feed of thousands of entries under one number costs no pairs.
"""

from __future__ import annotations

from waspada.items.addresses import Address


def names(address: Address, title_key: str | None) -> frozenset[str]:
    """What two announcements of one article share one of: the address, or the article number with the title."""
    if title_key is None or not address.number:
        return address.names
    return address.names | {f"{address.key} {title_key}"}


class KnownArticles:
    """Articles that were read or are about to be."""

    def __init__(self) -> None:
        self._plain: set[str] = set()
        self._variants: set[str] = set()

    def add(self, address: Address | None, title_key: str | None) -> None:
        if address is not None:
            (self._variants if address.is_variant else self._plain).update(names(address, title_key))

    def hold(self, address: Address | None, title_key: str | None) -> bool:
        """Whether the article need not be read at this address too. A plain one is better to read than a variant."""
        if address is None:
            return False
        found = names(address, title_key)
        return not found.isdisjoint(self._plain) or (address.is_variant and not found.isdisjoint(self._variants))

    def hold_a_variant(self, address: Address | None, title_key: str | None) -> bool:
        return address is not None and not names(address, title_key).isdisjoint(self._variants)
