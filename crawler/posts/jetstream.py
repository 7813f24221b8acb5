"""The `atproto` library's Jetstream client with the collector's guard.

The library dials, reconnects with growing pauses, and unpacks. Here are three things that it does in another way:

- The address is judged after the connection stands, as in `sessions.py`; no proxy, no redirect.
- Events stay plain JSON. The library makes models of them, and one event that its model refuses ends the connection; as
  reading goes on at that event, it would end every connection after it.
- It goes on from a time, not from a number: numbers belong to one instance, and behind a name there may be several.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from atproto import JetstreamClient
from atproto_jetstream.exceptions import (  # type: ignore[import-untyped]
    JetstreamConsumerTooSlowError,
    JetstreamDecodingError,
    JetstreamError,
)
from atproto_jetstream.models import ErrorFrame, parse_frame  # type: ignore[import-untyped]
from websockets.sync.client import connect

from crawler.posts.bluesky import POSTS
from crawler.posts.sessions import connected_socket, guarded_session

log = logging.getLogger("waspada.stream")

#: Larger events are not sent to us: a post has at most 3,000 bytes of text, the rest is facets and captions.
MAX_EVENT_BYTES = 128 * 1024
_DICTIONARY, _MAX_DICTIONARY_BYTES = "network.bsky.jetstream.getZstdDictionary", 4 * 1024 * 1024
_OPEN_SECONDS = 30.0


class GuardedJetstream(JetstreamClient):  # type: ignore[misc]
    """`resume` says from which time on the next connection reads (microseconds since 1970), None for what is new."""

    def __init__(
        self, base: str, resume: Callable[[], int | None], allowed: frozenset[str], *, user_agent: str = ""
    ) -> None:
        parts = urlsplit(base)
        secure = parts.scheme == "https"
        params = {
            "collections": [POSTS],
            "kinds": ["commit", "account"],
            "max_message_size_bytes": MAX_EVENT_BYTES,
        }
        super().__init__(params, base_uri=f"{'wss' if secure else 'ws'}://{parts.netloc}/xrpc", compress=secure)
        self._origin, self._host, self._port = base, parts.hostname or "", parts.port or (443 if secure else 80)
        self._resume, self._allowed, self._user_agent = resume, allowed, user_agent

    def _before_connect(self) -> None:
        cursor = self._resume()
        if cursor is not None:
            self._set_param("cursor", cursor)
        if self._compression is None or not self._dictionary_needs_refresh:
            return
        try:
            blob = self._dictionary()
        except Exception as error:  # reading without compression is better than not reading
            log.warning("%s gives no dictionary (%s); reading uncompressed.", self._host, type(error).__name__)
            self._shed_compression()
            return
        self._use_dictionary(blob)

    def _dictionary(self) -> bytes:
        with guarded_session(self._allowed, max_body_bytes=_MAX_DICTIONARY_BYTES) as session:
            headers = {"User-Agent": self._user_agent}
            answer = session.get(f"{self._origin}/xrpc/{_DICTIONARY}", timeout=_OPEN_SECONDS, headers=headers)
            answer.raise_for_status()
            return bytes(answer.content)

    def _get_client(self) -> Any:
        opened = connected_socket(self._host, self._port, self._allowed, _OPEN_SECONDS)
        opened.settimeout(None)  # the connection has time-outs of its own
        return connect(
            self._websocket_uri,
            sock=opened,
            proxy=None,
            user_agent_header=self._user_agent or None,
            **self._get_connect_kwargs(),
        )

    def _decode_frame(self, raw_frame: str | bytes) -> Mapping[str, Any]:
        if self._compression is not None and isinstance(raw_frame, bytes):
            raw_frame = self._compression.decompress(raw_frame)
        frame = parse_frame(raw_frame)
        if isinstance(frame, ErrorFrame):
            too_slow = frame.error == "ConsumerTooSlow"
            raise (JetstreamConsumerTooSlowError if too_slow else JetstreamError)(str(frame.error)[:80])
        payload: Mapping[str, Any] = frame.payload
        return payload

    def _handle_frame_decoding_error(self, exception: Exception) -> None:
        """What the server says of the stream ends the connection; a frame that cannot be read only itself."""
        if isinstance(exception, JetstreamError) and not isinstance(exception, JetstreamDecodingError):
            raise exception
