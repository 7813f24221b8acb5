"""Offsets as JavaScript counts them (UTF-16 code units), and back to Unicode code points, as we count."""

from __future__ import annotations


def to_utf16(text: str, offset: int) -> int:
    """How many UTF-16 code units the first `offset` code points take."""
    return offset + sum(character > "\uffff" for character in text[:offset])


def from_utf16(text: str, offset: int) -> int | None:
    """The code points that the first `offset` UTF-16 code units make; None inside a character or outside the text."""
    if offset < 0:
        return None
    units = text.encode("utf-16-le")
    if 2 * offset > len(units):
        return None
    try:
        return len(units[: 2 * offset].decode("utf-16-le"))
    except UnicodeDecodeError:
        return None
