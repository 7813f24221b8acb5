"""The snippet of docs/webhooks.md does what it says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.conftest import REPOSITORY
from waspada.clock import utc_now
from waspada.webhooks.policy import key_of, secret_of, signature


def _snippet() -> Callable[[str, dict[str, str], bytes], bool]:
    code = (REPOSITORY / "docs/webhooks.md").read_text().partition("```python\n")[2].partition("```")[0]
    found: dict[str, Any] = {}
    exec(compile(code, "docs/webhooks.md", "exec"), found)  # noqa: S102 (our own document)
    check: Callable[[str, dict[str, str], bytes], bool] = found["is_genuine"]
    return check


def _headers(key: bytes, at: datetime, body: bytes) -> dict[str, str]:
    return {
        "webhook-id": "webhook_1_7",
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": signature(key, "webhook_1_7", at, body),
    }


def test_the_snippet_knows_a_genuine_message_from_others() -> None:
    check, body, now = _snippet(), b'{"type":"alert.state","judul":"Bentrok di Martapura"}', utc_now()
    key = key_of(b"k" * 32, "a" * 64)
    headers, secret = _headers(key, now, body), secret_of(key)
    assert check(secret, headers, body)
    assert check(secret, headers | {"webhook-signature": "v1,lain " + headers["webhook-signature"]}, body)
    assert not check(secret, headers, body + b" ")
    assert not check(secret, headers | {"webhook-id": "webhook_1_8"}, body)
    assert not check(secret_of(key_of(b"k" * 32, "b" * 64)), headers, body)
    assert not check(secret, _headers(key, now - timedelta(minutes=10), body), body)


def test_the_vector_of_the_specification() -> None:
    """The example of the Standard Webhooks specification's own libraries."""
    import base64

    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, tz=utc_now().tzinfo)
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
