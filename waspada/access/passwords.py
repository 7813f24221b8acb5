"""Passwords: which ones are taken, and how they are kept.

The policy follows NIST SP 800-63B: long enough, not on a list of the common ones, nothing that the account itself gives
away; no rules on kinds of characters and no expiry. Kept as Argon2id hashes; parameters of OWASP's password storage
cheat sheet (46 MiB, one lane), with one more pass.
"""

from __future__ import annotations

import threading
import unicodedata
from enum import StrEnum
from functools import cache
from pathlib import Path

from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers.argon2 import Argon2Hasher

MIN_CHARACTERS = 12
MAX_CHARACTERS = 128
_COMMON_FILE = Path(__file__).with_name("common_passwords.txt")
_LEAST_NAME = 4
_SHORTEST_RUN = 4
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm")
#: Each hash takes 46 MiB for a moment: so many at once, and others wait.
_AT_ONCE = 2
_gate = threading.BoundedSemaphore(_AT_ONCE)


class PasswordFlaw(StrEnum):
    """Why a password is not taken."""

    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    HOLDS_NAME = "holds_name"
    COMMON = "common"
    SIMPLE = "simple"


def flaw_of(password: str, name: str) -> PasswordFlaw | None:
    """What is wrong with a new password of the account `name`; None for a good one."""
    text = _plain(password)
    if len(text) < MIN_CHARACTERS:
        return PasswordFlaw.TOO_SHORT
    if len(text) > MAX_CHARACTERS:
        return PasswordFlaw.TOO_LONG
    folded = text.casefold()
    if len(name) >= _LEAST_NAME and (name in folded or name[::-1] in folded):
        return PasswordFlaw.HOLDS_NAME
    if folded in _common() or _core(folded) in _common():
        return PasswordFlaw.COMMON
    return PasswordFlaw.SIMPLE if _is_simple(folded) else None


def hash_password(password: str) -> str:
    """The Argon2id hash of a password, with a salt of its own. Takes about a tenth of a second."""
    with _gate:
        return _hasher().hash(_bytes(password))


def verify(password: str, hashed: str | None) -> tuple[bool, str | None]:
    """Whether a password fits, and a new hash where the old one was made with other parameters.

    `hashed` None is an account that is not there or has no password: as much work is done, and the answer is no.
    """
    with _gate:
        try:
            fits, renewed = _hasher().verify_and_update(_bytes(password), hashed or _dummy())
        except UnknownHashError:
            return False, None
    return (fits, renewed) if hashed is not None else (False, None)


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=46 * 1024, parallelism=1),))


@cache
def _dummy() -> str:
    """A hash that nobody's password fits, as dear to check as a real one."""
    return _hasher().hash(b"\xff not utf-8: nobody can type it")


@cache
def _common() -> frozenset[str]:
    lines = _COMMON_FILE.read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def _plain(password: str) -> str:
    """The same for the same keys, whatever the keyboard composes (NFKC, as 800-63B advises)."""
    return unicodedata.normalize("NFKC", password)


def _bytes(password: str) -> bytes:
    return _plain(password).encode("utf-8", "surrogatepass")


def _core(folded: str) -> str:
    """The word in "Rahasia12345!": what is left without digits and signs at both ends."""
    return folded.strip("0123456789 !@#$%^&*()-_=+[]{};:'\",.<>/?\\|`~")


def _is_simple(folded: str) -> bool:
    """Few different characters, one piece again and again, or mostly rows of the keyboard."""
    if len(set(folded)) <= _SHORTEST_RUN:
        return True
    doubled = (folded + folded).find(folded, 1)
    if doubled < len(folded):
        return True
    return _in_rows(folded) > len(folded) / 2


def _in_rows(folded: str) -> int:
    """How many characters stand in runs of at least four along a row of the keyboard or the alphabet."""
    count, start = 0, 0
    while start < len(folded):
        end = start + 1
        while end < len(folded) and any(
            folded[start : end + 1] in row or folded[start : end + 1] in row[::-1] for row in _ROWS
        ):
            end += 1
        if end - start >= _SHORTEST_RUN:
            count += end - start
        start = end
    return count
