"""Codes by time (TOTP, RFC 6238) and recovery codes: what is drawn, and what fits. Pure but for the drawing.

SHA-1, 6 digits, steps of 30 seconds: what every authenticator app reads. A code fits one step before and after its own.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

STEP_SECONDS = 30
RECOVERY_CODES = 10
_ISSUER = "Waspada"
_SKEW_STEPS = (0, -1, 1)
#: Without letters and digits that look alike. Two groups of five hold 49 bits.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
_GROUP = 5


def new_secret() -> str:
    """160 random bits in base32, the length that RFC 4226 recommends."""
    return pyotp.random_base32()


def step_of(now: datetime) -> int:
    """The number of the step of 30 seconds that a time lies in."""
    return int(now.timestamp()) // STEP_SECONDS


def code_at(secret: str, step: int) -> str:
    """The six digits of a step."""
    return pyotp.TOTP(secret).generate_otp(step)


def fitting_step(secret: str, code: str, now: datetime, last_used_step: int | None) -> int | None:
    """The step that a code belongs to; None where it fits none, or one that is not after the last one used."""
    given = "".join(code.split())
    if not (given.isascii() and given.isdigit()):
        return None
    current = step_of(now)
    for skew in _SKEW_STEPS:
        step = current + skew
        is_new = last_used_step is None or step > last_used_step
        if hmac.compare_digest(code_at(secret, step), given) and is_new:
            return step
    return None


def app_address(secret: str, name: str) -> str:
    """The otpauth: address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=_ISSUER)


def new_recovery_codes() -> list[str]:
    """Ten codes such as "abcde-23456", each good for one sign-in without the phone."""
    return [f"{_group()}-{_group()}" for _ in range(RECOVERY_CODES)]


def looks_like_recovery_code(code: str) -> bool:
    plain = _plain(code)
    return len(plain) == 2 * _GROUP and set(plain) <= set(_ALPHABET)


def recovery_hash(secret_key: bytes, user_id: int, code: str) -> str:
    """What is stored of a recovery code: without the installation's key there is nothing to try guesses on."""
    key = hmac.digest(secret_key, b"waspada/access/recovery", hashlib.sha256)
    return hmac.new(key, f"{user_id}/{_plain(code)}".encode(), hashlib.sha256).hexdigest()


def _group() -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(_GROUP))


def _plain(code: str) -> str:
    return "".join(character for character in code.casefold() if not character.isspace() and character != "-")
