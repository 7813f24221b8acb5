"""Bringing one delivery to its webhook: composed and masked now, signed, and never to a private address.

The name is resolved once and the connection goes to an address that was judged; the address that the connection really
has is judged again before a byte is sent (`waspada.net`). Redirects are not followed, an answer's body is not read, and
whatever the other side does, it ends within `LIMIT_SECONDS`.
"""

from __future__ import annotations

import http.client
import logging
import socket
import ssl
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from waspada import __version__, net
from waspada.alerts import repository as alerts
from waspada.errors import NotFoundError
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Retry
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import WebhookRow
from waspada.webhooks import repository
from waspada.webhooks.payload import alert_payload, as_bytes, test_payload
from waspada.webhooks.policy import fits, key_of, may_leave, outcome_of, signature
from waspada.webhooks.types import Answer, EventKind, Filter

log = logging.getLogger("waspada.webhooks")

CONNECT_SECONDS = 5.0
LIMIT_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Request:
    """One signed request, ready to go."""

    url: str
    message_id: str
    at: datetime
    body: bytes
    signature: str

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Content-Type": "application/json",
            "User-Agent": f"Waspada/{__version__}",
            "webhook-id": self.message_id,
            "webhook-timestamp": str(int(self.at.timestamp())),
            "webhook-signature": self.signature,
        }


class WebhookSender:
    """Sends the channel `webhook` of the outbox. `allowed` are exact "host:port" exceptions, passed by code (tests)."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        clock: Callable[[], datetime],
        allowed: Collection[str] = frozenset(),
        *,
        limit_seconds: float = LIMIT_SECONDS,
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._allowed, self._limit_seconds = frozenset(allowed), limit_seconds

    @property
    def channel(self) -> str:
        return Channel.WEBHOOK.value

    def send(self, delivery: Delivery) -> Outcome:
        """One try, written down with its status and time. Raises StoreError."""
        with self._store.read() as session:
            composed = self._compose(session, delivery)
        if not isinstance(composed, Request):
            return composed
        answer = post(composed, self._allowed, limit_seconds=self._limit_seconds)
        webhook_id, now = int(delivery.target), self._clock()

        def note(session: Session) -> bool:
            return repository.note_try(session, webhook_id, delivery.id, delivery.attempt, answer, now)

        if self._store.retrying(note):
            log.warning("webhook %d is paused: it failed too often in a row", webhook_id)
        return answer.outcome

    def _compose(self, session: Session, delivery: Delivery) -> Request | GivenUp:
        """The request as the alert stands now; GivenUp where there is nothing that may go any more."""
        try:
            row = repository.row_of(session, int(delivery.target))
        except (NotFoundError, ValueError):
            return GivenUp("The webhook was removed.")
        if not row.active:
            return GivenUp("The webhook is paused.")
        at, kind = self._clock(), delivery.body.get("type")
        given = test_payload(row.id, at) if kind == EventKind.TEST else delivery.body.get("document")
        if given is not None:  # a document was made by whoever put it (waspada.subscriptions.sending)
            return self._request(row, str(delivery.body["id"]), given, at)
        found = repository.change(session, int(delivery.body["event"]))
        subject = repository.subjects(session, [found[0]]).get(found[0]) if found else None
        if found is None or subject is None:
            return GivenUp("What it told of was erased.")
        alert_id, change = found
        told_of = Filter(row.region, row.label, row.min_level, row.state)
        if not may_leave(change, subject, internal=row.internal) or not fits(told_of, change, subject):
            return GivenUp("As the alert stands now it may not leave.")
        alert = alerts.summary(session, alert_id)
        document = alert_payload(EventKind(str(kind)), change, alert, self._settings.link(f"/alerts/{alert_id}"))
        return self._request(row, str(delivery.body["id"]), document, at)

    def _request(self, row: WebhookRow, message_id: str, document: dict[str, object], at: datetime) -> Request:
        body = as_bytes(document)
        key = key_of(self._settings.secret_key, row.nonce)
        return Request(row.url, message_id, at, body, signature(key, message_id, at, body))


def post(request: Request, allowed: Collection[str] = frozenset(), *, limit_seconds: float = LIMIT_SECONDS) -> Answer:
    """Asks once; whatever happens is an answer, within about `limit_seconds`."""
    started = time.monotonic()
    status, retry_after, problem = None, None, ""
    try:
        status, retry_after = _asked(request, allowed, limit_seconds)
    except net.RefusedAddressError as error:
        problem = error.args[0]
    except ssl.SSLError:
        problem = "The certificate or the encryption of the other side cannot be used."
    except TimeoutError:
        problem = "The other side did not answer in time."
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        problem = f"The other side cannot be reached ({type(error).__name__})."
    milliseconds = round((time.monotonic() - started) * 1000)
    if status is None:
        slow = time.monotonic() - started >= limit_seconds
        return Answer(None, milliseconds, Retry("The other side did not answer in time." if slow else problem))
    return Answer(status, milliseconds, outcome_of(status, retry_after))


def _asked(request: Request, allowed: Collection[str], limit_seconds: float) -> tuple[int, str | None]:
    net.check_url(request.url, allowed)
    parts = urlsplit(request.url)
    host, port = (parts.hostname or "").rstrip("."), parts.port or net.PORTS[parts.scheme]
    opened = _opened(host, port, allowed)
    opened.settimeout(limit_seconds)
    # A timeout of the socket starts anew with each byte: one that drips must end too.
    cut = threading.Event()
    guard = threading.Timer(limit_seconds, _shut, (opened, cut))
    guard.daemon = True
    guard.start()
    try:
        connection: http.client.HTTPConnection = http.client.HTTPConnection(host, port)
        if parts.scheme == "https":
            secured = ssl.create_default_context().wrap_socket(
                opened, server_hostname=host, do_handshake_on_connect=False
            )
            opened, guard.args = secured, (secured, cut)
            secured.do_handshake()
            connection = http.client.HTTPSConnection(host, port)
        connection.sock = opened
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body=request.body, headers=request.headers)
        answer = connection.getresponse()
        if cut.is_set():  # headers that were cut short read like whole ones
            raise TimeoutError
        return answer.status, answer.getheader("Retry-After")
    finally:
        guard.cancel()
        opened.close()


def _opened(host: str, port: int, allowed: Collection[str]) -> socket.socket:
    """A connection to an address that was judged, of the name as it resolves now."""
    failed: OSError | None = None
    for address in net.resolved(host, port, allowed):
        try:
            opened = socket.create_connection((address, port), CONNECT_SECONDS)
        except OSError as error:
            failed = error
            continue
        return net.judged_socket(opened, host, port, allowed)
    raise failed or OSError("no address")


def _shut(opened: socket.socket, cut: threading.Event) -> None:
    cut.set()
    try:
        opened.shutdown(socket.SHUT_RDWR)
    except OSError:
        opened.close()
