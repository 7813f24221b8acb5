"""Tokens and signatures: pure functions over bytes, from the standard library only."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

_PREFIX = "wsp_"
_TOKEN = re.compile(r"wsp_[A-Za-z0-9_-]{43}")
_MAX_COOKIE_CHARACTERS = 2000
_SALT_CHARACTERS = 16


def new_token() -> str:
    """`wsp_` and 32 random bytes: the prefix lets a scanner of leaked secrets know it."""
    return _PREFIX + secrets.token_urlsafe(32)


def new_nonce() -> str:
    return secrets.token_urlsafe(16)


def looks_like_token(text: str) -> bool:
    return _TOKEN.fullmatch(text) is not None


def token_hash(token: str) -> str:
    """What is stored. 256 random bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@dataclass(frozen=True, slots=True)
class BrowserSession:
    """What the session cookie says: whose token row it stands on, until when, and for which purpose things are read.

    `is_named` says that the purpose was named again for searches and exports (`api.auth.NeedsPurpose`).
    """

    token_id: int
    expires_at: datetime
    nonce: str
    purpose: str = ""
    is_named: bool = False


class Signer:
    """Signs what a browser keeps for us, with keys derived from the installation's secret."""

    def __init__(self, secret_key: bytes) -> None:
        self._cookie_key = hmac.digest(secret_key, b"waspada/access/cookie", hashlib.sha256)
        self._form_key = hmac.digest(secret_key, b"waspada/access/form", hashlib.sha256)

    def cookie(self, browser: BrowserSession) -> str:
        fields = [
            browser.token_id,
            int(browser.expires_at.timestamp()),
            browser.nonce,
            browser.purpose,
            browser.is_named,
        ]
        body = _encode(json.dumps(fields, separators=(",", ":")).encode())
        return f"{body}.{self._signature(body)}"

    def read_cookie(self, value: str, now: datetime) -> BrowserSession | None:
        """The session in a cookie, or None when the cookie is not ours, was changed, or has run out."""
        if len(value) > _MAX_COOKIE_CHARACTERS or not value.isascii():
            return None
        body, _, signature = value.partition(".")
        if not hmac.compare_digest(signature, self._signature(body)):
            return None
        try:
            token_id, expires, nonce, purpose, *named = json.loads(base64.urlsafe_b64decode(body + "=="))
        except (ValueError, binascii.Error):
            return None
        expires_at = datetime.fromtimestamp(expires, UTC)
        return BrowserSession(token_id, expires_at, nonce, purpose, named == [True]) if now < expires_at else None

    def form_token(self, nonce: str) -> str:
        """Put into every form of a session; another site can neither read nor make it (CSRF).

        Another one each time: pages are compressed, and what stays the same beside something that a stranger chose
        could be guessed from their length (BREACH).
        """
        return self._form_token(nonce, secrets.token_hex(8))

    def form_token_fits(self, nonce: str, given: str) -> bool:
        return given.isascii() and hmac.compare_digest(self._form_token(nonce, given[:_SALT_CHARACTERS]), given)

    def _form_token(self, nonce: str, salt: str) -> str:
        message = f"{salt}.{nonce}".encode("utf-8", "replace")
        return salt + hmac.new(self._form_key, message, hashlib.sha256).hexdigest()

    def _signature(self, body: str) -> str:
        return hmac.new(self._cookie_key, body.encode(), hashlib.sha256).hexdigest()


def _encode(body: bytes) -> str:
    return base64.urlsafe_b64encode(body).decode().rstrip("=")
