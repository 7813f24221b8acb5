"""A `requests` session with the collector's guard: no private address, no proxy, no endless body or answer.

The address is judged after the connection stands and before a byte is sent, so that no name can change its address
between check and use.
"""

from __future__ import annotations

import contextlib
import socket
from threading import Timer
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from crawler.guard import RefusedAddressError, check_url
from waspada import net

MAX_REDIRECTS = 3
#: The longest time from the first byte sent to the last received: a server may drip its answer, byte after byte, each
#: in time for the time-out of a single read.
MOST_SECONDS = 120.0


class TooLargeAnswerError(Exception):
    pass


class TooSlowAnswerError(Exception):
    pass


def guarded_session(
    allowed: frozenset[str],
    *,
    only_allowed: bool = False,
    max_body_bytes: int = 8 * 1024 * 1024,
    most_seconds: float = MOST_SECONDS,
) -> requests.Session:
    """For one thread. `allowed` are exact "host:port" exceptions, passed by code only."""
    session = requests.Session()
    session.trust_env = False
    session.max_redirects = MAX_REDIRECTS
    adapter = _GuardedAdapter(allowed, only_allowed, max_body_bytes, most_seconds)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def connected_socket(host: str, port: int, allowed: frozenset[str], timeout_seconds: float) -> socket.socket:
    """A connection to a public address. Raises OSError and RefusedAddressError."""
    return _judged(socket.create_connection((host, port), timeout_seconds), host, port, allowed)


def _judged(opened: socket.socket, host: str, port: int, allowed: frozenset[str]) -> socket.socket:
    try:
        return net.judged_socket(opened, host, port, allowed)
    except net.RefusedAddressError:
        raise RefusedAddressError(f"refused: {host} is not a public address") from None


class _GuardedAdapter(HTTPAdapter):
    def __init__(self, allowed: frozenset[str], only_allowed: bool, max_body_bytes: int, most_seconds: float) -> None:
        self._allowed, self._only_allowed, self._limit = allowed, only_allowed, max_body_bytes
        self._most_seconds = most_seconds
        self._opened: list[socket.socket] = []
        self._is_late = False
        super().__init__(max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **options: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **options)
        self.poolmanager.pool_classes_by_scheme = _pools(self)

    def send(self, request: requests.PreparedRequest, stream: bool = False, **options: Any) -> requests.Response:  # type: ignore[override]
        check_url(request.url or "", self._allowed, only_allowed=self._only_allowed)
        self._is_late = False
        alarm = Timer(self._most_seconds, self._hang_up)
        alarm.daemon = True
        alarm.start()
        try:
            response = super().send(request, stream=True, **options)
            body = response.raw.read(self._limit + 1, decode_content=True)
            response.close()
        except Exception:
            if self._is_late:
                raise TooSlowAnswerError(f"the answer took longer than {self._most_seconds:.0f} s") from None
            raise
        finally:
            alarm.cancel()
        if self._is_late:  # cut off by us, and looking complete
            raise TooSlowAnswerError(f"the answer took longer than {self._most_seconds:.0f} s")
        if len(body) > self._limit:
            raise TooLargeAnswerError(f"the answer is larger than {self._limit:,} bytes")
        response._content, response._content_consumed = body, True
        return response

    def close(self) -> None:
        super().close()
        for each in self._opened:
            each.close()
        self._opened.clear()

    def judged(self, opened: socket.socket, host: str, port: int) -> socket.socket:
        judged = _judged(opened, host, port, self._allowed)
        self._opened.append(judged.dup())  # the connection itself takes the socket over where it speaks TLS
        return judged

    def _hang_up(self) -> None:
        """In the alarm's thread: whoever reads gets the end of the answer."""
        self._is_late = True
        for each in list(self._opened):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


def _pools(adapter: _GuardedAdapter) -> dict[str, Any]:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return adapter.judged(super()._new_conn(), self.host, self.port or 80)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return adapter.judged(super()._new_conn(), self.host, self.port or 443)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    return {"http": PlainPool, "https": SecurePool}
