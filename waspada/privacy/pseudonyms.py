"""Pseudonyms of those who post: a keyed hash whose key lives for a calendar month and is then destroyed.

The only use is counting independent voices within a period. Without its key a pseudonym leads back to nobody, and the
same account has another pseudonym in the next month. Periods are of the moment of *collection*, never of publication:
an old post that is fetched today belongs to today's period.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final, Protocol

from waspada.errors import ConflictError, InputError

KEY_BYTES: Final = 32
PSEUDONYM_CHARS: Final = 32  # hexadecimal: 128 bits
_LEAST_KEY_BYTES: Final = 16


class PseudonymKeys(Protocol):
    """Where the keys lie. A period is "YYYY-MM"."""

    def get(self, period: str) -> bytes | None:
        """The key of the period, or None."""

    def put(self, period: str, key: bytes) -> bytes:
        """Keep the key unless the period has one already; give back the one that stands."""

    def delete(self, period: str) -> None:
        """Destroy the key of the period so that it cannot be read again; no error when there is none."""


def pseudonym(handle: str, key: bytes) -> str:
    """The pseudonym of an account: HMAC-SHA256 of the normalised handle, 32 hexadecimal digits (128 bits).

    Raises:
        InputError: the handle is empty or the key shorter than 16 bytes.
    """
    if len(key) < _LEAST_KEY_BYTES:
        raise InputError(f"A pseudonym key has at least {_LEAST_KEY_BYTES} bytes, this one has {len(key)}.")
    normal = normalised_handle(handle)
    if not normal:
        raise InputError("An empty handle has no pseudonym.", hint="Leave `voice` out when the author is not known.")
    return hmac.digest(key, normal.encode("utf-8", "surrogatepass"), "sha256").hex()[:PSEUDONYM_CHARS]


def normalised_handle(handle: str) -> str:
    """One spelling a handle: compatibility forms folded, small letters, no spaces around it, no leading "@"."""
    folded = unicodedata.normalize("NFKC", handle).casefold()
    return unicodedata.normalize("NFKC", folded).strip().lstrip("@").strip()


def period_of(moment: datetime) -> str:
    """The key period of a moment: its calendar month in UTC, "YYYY-MM".

    Raises:
        InputError: the moment has no zone.
    """
    if moment.utcoffset() is None:
        raise InputError(f"The moment {moment.isoformat()} has no zone.", hint="Give an aware date-time.")
    utc = moment.astimezone(UTC)
    return f"{utc.year:04d}-{utc.month:02d}"


def period_before(period: str) -> str:
    """The month before "YYYY-MM". Raises `InputError` when it is of another form."""
    year, month = _parts(period)
    return f"{year - 1:04d}-12" if month == 1 else f"{year:04d}-{month - 1:02d}"


def new_key() -> bytes:
    """A fresh random key of 32 bytes from the operating system."""
    return secrets.token_bytes(KEY_BYTES)


def periods_to_destroy(periods: Iterable[str], moment: datetime) -> list[str]:
    """Which of the periods have had their day at a moment: all before the previous one, oldest first."""
    oldest_kept = period_before(period_of(moment))
    return sorted({period for period in periods if _parts(period) < _parts(oldest_kept)})


def key_at(keys: PseudonymKeys, period: str, moment: datetime) -> bytes:
    """The key of a period, made and kept when the current period has none yet.

    Raises:
        ConflictError: the period is not the current one and has no key: it is destroyed, or has not come yet.
    """
    found = keys.get(period)
    if found is not None:
        return found
    if period != period_of(moment):
        raise ConflictError(
            f"There is no pseudonym key for {period}: a key is made in its own month only and destroyed later.",
            hint="Use the period of the moment of collection.",
        )
    return keys.put(period, new_key())


def destroy_old_keys(keys: PseudonymKeys, periods: Iterable[str], moment: datetime) -> list[str]:
    """Destroy the keys of all periods before the previous one; the periods destroyed, oldest first."""
    old = periods_to_destroy(periods, moment)
    for period in old:
        keys.delete(period)
    return old


def _parts(period: str) -> tuple[int, int]:
    year, dash, month = period.partition("-")
    valid = dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdecimal()
    if not valid or not 1 <= int(month) <= 12:
        raise InputError(f"{period!r} is no period.", hint='A period is a month such as "2024-11".')
    return int(year), int(month)
