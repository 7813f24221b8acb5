"""What an address may look like, how it is shown, and what a code must satisfy. Pure."""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from waspada import net
from waspada.errors import InputError
from waspada.notify.messages import Channel

MAX_CONTACTS = 8
CODE_LASTS = timedelta(minutes=15)
CODE_TRIES = 5
CODE_EVERY = timedelta(minutes=1)
#: Messages that an account may have sent by itself (codes and tests) in a day: nobody's mailbox is flooded from here.
MOST_OWN_A_DAY = 20
_CODE_DIGITS = 6

_MAX_MAIL_CHARS = 254
_MAIL = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}"
)
_CHAT = re.compile(r"[1-9]\d{0,15}", re.ASCII)
MAX_PUSH_CHARS = 2000
_POINT_BYTES, _AUTH_BYTES = 65, 16
_MASK = "•••"


def clean_address(channel: Channel, given: str, allowed: Collection[str] = frozenset()) -> str:
    """The address in the one form in which it is kept. Raises InputError. `allowed` as in `waspada.net`."""
    if channel is Channel.MAIL:
        return _mail(given.strip())
    if channel is Channel.TELEGRAM:
        return _chat(given.strip())
    if channel is Channel.PUSH:
        return _subscription(given, allowed)
    raise InputError(f"Nobody is called by {channel.value}.", hint="Use mail, telegram or push.")


def shown(channel: Channel, address: str) -> str:
    """An address as it stands in lists: enough for its owner to know it, not enough to write to it."""
    if channel is Channel.MAIL:
        name, _, domain = address.partition("@")
        return f"{name[:1]}{_MASK}@{domain}"
    if channel is Channel.TELEGRAM:
        return f"{_MASK}{address[-3:]}"
    return str(urlsplit(json.loads(address)["endpoint"]).hostname)


def new_code() -> str:
    return f"{secrets.randbelow(10**_CODE_DIGITS):0{_CODE_DIGITS}}"


def plain_code(given: str) -> str:
    """The digits of a code as somebody typed it."""
    return "".join(c for c in given if c.isascii() and c.isdecimal())[:_CODE_DIGITS]


def _mail(given: str) -> str:
    if len(given) > _MAX_MAIL_CHARS or not _MAIL.fullmatch(given) or ".." in given or given.startswith("."):
        raise InputError("This is no mail address.", hint="Write it as petugas@kesbang.example.")
    name, _, domain = given.rpartition("@")
    return f"{name}@{domain.lower()}"


def _chat(given: str) -> str:
    if not _CHAT.fullmatch(given):
        raise InputError(
            "This is no number of a private Telegram chat.",
            hint="It has digits only; groups and channels are not called, since others read there.",
        )
    return given


def _subscription(given: str, allowed: Collection[str]) -> str:
    """A browser's push subscription (W3C Push API) with the three things that are needed of it."""
    wrong = InputError("This is no push subscription of a browser.", hint="Use the button on the page of channels.")
    if len(given) > MAX_PUSH_CHARS:
        raise wrong
    try:
        found: Any = json.loads(given)
        endpoint, point, auth = found["endpoint"], found["keys"]["p256dh"], found["keys"]["auth"]
        sizes = (len(_decoded(point)), len(_decoded(auth)))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError, binascii.Error):
        raise wrong from None
    if not isinstance(endpoint, str) or sizes != (_POINT_BYTES, _AUTH_BYTES) or _decoded(point)[0] != 4:
        raise wrong
    if net.refusal(endpoint, allowed) is not None or not _is_private(endpoint, allowed):
        raise wrong
    return json.dumps({"endpoint": endpoint, "keys": {"p256dh": point, "auth": auth}}, separators=(",", ":"))


def _is_private(endpoint: str, allowed: Collection[str]) -> bool:
    """Whether it is asked over TLS; what code allows on loopback (tests) need not be."""
    parts = urlsplit(endpoint)
    return parts.scheme == "https" or parts.netloc in allowed


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
