"""Web push: RFC 8030 (the request), RFC 8291 (the payload is encrypted for one browser), RFC 8292 (who sends it).

pywebpush encrypts and signs; the request goes through this product's own guard (`waspada.net`), because its address
came from a browser. The push service reads neither words nor links.
"""

from __future__ import annotations

import base64
import http.client
import importlib.util
import json
import ssl
import time
from collections.abc import Collection
from functools import cached_property
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from waspada import net
from waspada.errors import SettingsError
from waspada.notify.contacts.service import Addresses
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Retry, Sent
from waspada.notify.senders.telegram import seconds_of
from waspada.settings import Settings, write_once

TIMEOUT_SECONDS = 15.0
#: The private key by which push services know this installation; a browser's subscription is good for this one only.
KEY_FILE = "webpush.pem"
EXTRA = "push messages need pywebpush; install it with: pip install 'waspada[push]'"
#: How long a push service keeps a message for a phone that is off: longer, and it is no news any more.
_TTL_SECONDS = 4 * 3600
_SIGNED_FOR_SECONDS = 12 * 3600
_MAX_ANSWER_BYTES = 4096


def is_set_up(settings: Settings) -> bool:
    return bool(settings.webpush_subject) and not lacks_extra()


def lacks_extra() -> bool:
    return importlib.util.find_spec("pywebpush") is None


def public_key(settings: Settings) -> str:
    """What a browser needs to subscribe (`applicationServerKey`): the public key, base64url without padding."""
    point = (
        _private_key(settings)
        .public_key()
        .public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    )
    return base64.urlsafe_b64encode(point).decode().rstrip("=")


class PushSender:
    """`allowed` are exact host:port exceptions to the guard, for tests on loopback."""

    channel: str = Channel.PUSH

    def __init__(self, settings: Settings, addresses: Addresses, allowed: Collection[str] = frozenset()) -> None:
        self._settings, self._addresses, self._allowed = settings, addresses, allowed
        self._context = ssl.create_default_context()

    def send(self, delivery: Delivery) -> Outcome:
        address = self._addresses.find(delivery.target)
        if address is None or address.channel is not Channel.PUSH:
            return GivenUp("The contact is gone.")
        subscription = json.loads(address.value)
        try:
            status, wait = self._post(subscription["endpoint"], self._sealed(subscription, delivery))
        except net.RefusedAddressError:
            return GivenUp("The push service has no public address.")
        except (OSError, http.client.HTTPException, ssl.SSLError) as error:
            return Retry(f"The push service cannot be reached ({type(error).__name__}).")
        return self._outcome(status, wait, delivery.target)

    def _outcome(self, status: int, wait: str | None, target: str) -> Outcome:
        if status in (200, 201, 202, 204):
            return Sent()
        if status in (404, 410):
            self._addresses.end(target, f"The browser gave its subscription up ({status}).")
            return GivenUp(f"The browser gave its subscription up ({status}).")
        if status in (401, 403):
            self._addresses.end(target, f"The subscription is for another key: subscribe again ({status}).")
            return GivenUp(f"The subscription is for another key ({status}).")
        if status in (400, 413):
            return GivenUp(f"The push service refuses the message ({status}).")
        return Retry(f"The push service does not take it now ({status}).", seconds_of(wait))

    def _sealed(self, subscription: dict[str, Any], delivery: Delivery) -> tuple[bytes, dict[str, str]]:
        """The encrypted payload and the headers of a request."""
        from pywebpush import WebPusher

        payload = json.dumps(dict(delivery.body), ensure_ascii=False).encode()
        body: bytes = WebPusher(subscription).encode(payload)["body"]
        headers = {
            **self._signature(subscription["endpoint"]),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(_TTL_SECONDS),
            "Urgency": "high",
            "Topic": base64.urlsafe_b64encode(sha256(delivery.key.encode()).digest()[:24]).decode(),
        }
        return body, headers

    def _signature(self, endpoint: str) -> dict[str, str]:
        parts = urlsplit(endpoint)
        claims = {
            "aud": f"{parts.scheme}://{parts.netloc}",
            "sub": self._settings.webpush_subject,
            "exp": int(time.time()) + _SIGNED_FOR_SECONDS,
        }
        signed: dict[str, str] = self._vapid.sign(claims)
        return signed

    @cached_property
    def _vapid(self) -> Any:
        from py_vapid import Vapid02

        return Vapid02(_private_key(self._settings))

    def _post(self, endpoint: str, sealed: tuple[bytes, dict[str, str]]) -> tuple[int, str | None]:
        """Status and Retry-After. Redirects are not followed. Raises OSError, HTTPException, RefusedAddressError."""
        net.check_url(endpoint, self._allowed)
        parts = urlsplit(endpoint)
        connection = self._connection(parts.scheme, parts.hostname or "", parts.port)
        try:
            path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("POST", path, *sealed)
            answer = connection.getresponse()
            answer.read(_MAX_ANSWER_BYTES)
            return answer.status, answer.getheader("Retry-After")
        finally:
            connection.close()

    def _connection(self, scheme: str, host: str, given_port: int | None) -> http.client.HTTPConnection:
        """A connection that was judged by the address that it has before a byte is sent."""
        port = given_port or net.PORTS[scheme]
        opened = net.connect(host, port, self._allowed, timeout_seconds=TIMEOUT_SECONDS)
        if scheme == "https":
            try:
                opened = self._context.wrap_socket(opened, server_hostname=host)
            except OSError:
                opened.close()
                raise
        kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
        connection = kind(host, port, timeout=TIMEOUT_SECONDS)
        connection.sock = opened
        return connection


def _private_key(settings: Settings) -> ec.EllipticCurvePrivateKey:
    """Made at its first use and kept readable by the owner only. Raises SettingsError."""
    path = settings.data_dir / KEY_FILE
    try:
        if not path.exists():
            made = ec.generate_private_key(ec.SECP256R1()).private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            write_once(path, made.decode())
        found = serialization.load_pem_private_key(path.read_bytes(), None)
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(
            f"The push key {path} cannot be read ({type(error).__name__}).", hint="Restore it from a backup."
        ) from None
    if not isinstance(found, ec.EllipticCurvePrivateKey) or found.curve.name != "secp256r1":
        raise SettingsError(f"The push key {path} is of another kind.", hint="Restore it from a backup.")
    return found
