"""Pseudonyms of those who post: a keyed hash whose key lives for a calendar month and is then destroyed.

The use is counting independent voices within a period. One more serves erasure and nothing else: an account that was
deleted at its place is made into its pseudonyms once more, to find which posts have to go (`voices.voices_of`; UU
27/2022, Pasal 43). Without its key a pseudonym leads back to nobody, and the same account has another pseudonym in the
next month. Periods are of the moment of *collection*, never of publication:
an old post that is fetched today belongs to today's period. The keys themselves lie in the store: `voices.py`.
"""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from waspada.errors import InputError

KEY_BYTES: Final = 32
PSEUDONYM_CHARS: Final = 32  # hexadecimal: 128 bits
_LEAST_KEY_BYTES: Final = 16


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


def periods_to_destroy(periods: Iterable[str], moment: datetime) -> list[str]:
    """Which of the periods have had their day at a moment: all before the previous one, oldest first."""
    oldest_kept = period_before(period_of(moment))
    return sorted({period for period in periods if _parts(period) < _parts(oldest_kept)})


def _parts(period: str) -> tuple[int, int]:
    year, dash, month = period.partition("-")
    valid = dash and len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdecimal()
    if not valid or not 1 <= int(month) <= 12:
        raise InputError(f"{period!r} is no period.", hint='A period is a month such as "2024-11".')
    return int(year), int(month)
