"""Web push to a real HTTP server on loopback, read as a browser would: signature checked, payload decrypted."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import http_ece
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid02

from tests.notify.senders.servers import Book, Said, delivery, http_server
from waspada.errors import SettingsError
from waspada.notify.messages import Channel, GivenUp, Retry, Sent
from waspada.notify.senders.push import KEY_FILE, PushSender, public_key
from waspada.settings import Settings, load_settings

BODY: dict[str, object] = {
    "title": "Waspada tingkat 3",
    "body": "Belum diverifikasi",
    "url": "https://w.example/a",
    "tag": "t",
}
AUTH = b"0123456789abcdef"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path, webpush_subject="mailto:desk@kesbang.example")


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def subscription(host: str, browser: ec.EllipticCurvePrivateKey) -> str:
    point = browser.public_key().public_bytes(serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint)
    endpoint = f"http://{host}/kirim/abc?x=1"
    return json.dumps({"endpoint": endpoint, "keys": {"p256dh": encoded(point), "auth": encoded(AUTH)}})


def test_only_the_browser_can_read_it_and_it_is_signed(settings: Settings) -> None:
    browser, said = ec.generate_private_key(ec.SECP256R1()), Said(status=201)
    with http_server(said) as host:
        sender = PushSender(settings, Book(Channel.PUSH, subscription(host, browser)), {host})
        assert sender.send(delivery("push", BODY)) == Sent()
    ((path, headers, raw),) = said.asked
    assert path == "/kirim/abc?x=1"
    assert b"Waspada" not in raw
    plain = http_ece.decrypt(raw, private_key=browser, auth_secret=AUTH, version="aes128gcm")
    assert json.loads(plain) == BODY
    assert (headers["content-encoding"], headers["urgency"]) == ("aes128gcm", "high")
    assert int(headers["ttl"]) > 0
    assert len(headers["topic"]) <= 32
    assert headers["host"] == host
    assert Vapid02.verify(headers["authorization"])
    signed, key = (part.partition("=")[2] for part in headers["authorization"].partition(" ")[2].split(","))
    claims = json.loads(base64.urlsafe_b64decode(signed.split(".")[1] + "=="))
    assert (claims["aud"], claims["sub"]) == (f"http://{host}", "mailto:desk@kesbang.example")
    assert key == public_key(settings)


@pytest.mark.parametrize(
    ("status", "outcome", "ends"),
    [(404, GivenUp, True), (410, GivenUp, True), (403, GivenUp, True), (400, GivenUp, False), (413, GivenUp, False),
     (429, Retry, False), (500, Retry, False), (302, Retry, False), (202, Sent, False)],
)  # fmt: skip
def test_answers(settings: Settings, status: int, outcome: type, ends: bool) -> None:
    said = Said(status=status, headers={"Retry-After": "30", "Location": "http://127.0.0.1:1/"})
    with http_server(said) as host:
        book = Book(Channel.PUSH, subscription(host, ec.generate_private_key(ec.SECP256R1())))
        found = PushSender(settings, book, {host}).send(delivery("push", BODY))
    assert isinstance(found, outcome)
    assert bool(book.ended) == ends
    assert len(said.asked) == 1
    if isinstance(found, Retry):
        assert found.wait.total_seconds() == 30


def test_a_private_address_is_never_asked(settings: Settings) -> None:
    said = Said(status=201)
    with http_server(said) as host:
        book = Book(Channel.PUSH, subscription(host, ec.generate_private_key(ec.SECP256R1())))
        assert isinstance(PushSender(settings, book).send(delivery("push", BODY)), GivenUp)
    assert said.asked == []


def test_a_service_that_is_not_there_is_tried_again(settings: Settings) -> None:
    with http_server(Said()) as host:
        pass
    book = Book(Channel.PUSH, subscription(host, ec.generate_private_key(ec.SECP256R1())))
    assert isinstance(PushSender(settings, book, {host}).send(delivery("push", BODY)), Retry)


def test_the_key_is_made_once_and_for_its_owner_only(settings: Settings) -> None:
    first = public_key(settings)
    assert public_key(settings) == first
    assert stat.S_IMODE((settings.data_dir / KEY_FILE).stat().st_mode) == 0o600
    (settings.data_dir / KEY_FILE).write_text("rusak")
    with pytest.raises(SettingsError, match="Restore it from a backup"):
        public_key(settings)
