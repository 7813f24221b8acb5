"""A thread on one Jetstream, through the `atproto` library."""

from __future__ import annotations

import logging
import queue
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

from crawler.guard import RefusedAddressError
from crawler.posts.batches import Heard
from crawler.posts.bluesky import EVENTS, BlueskyAdapter, cursor_of, is_cursor
from crawler.posts.types import string
from waspada.sources.addresses import Stream
from waspada.sources.types import Announcement

log = logging.getLogger("waspada.stream")

#: All of Bluesky is never silent for so long: the connection is dead, whatever it says.
SILENT_SECONDS = 120.0
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 1.0, 300.0
#: A connection that gave events for so long was healthy: the pauses start anew.
HEALTHY_SECONDS = 60.0
#: Instances witness an event at slightly different times: so much is read again, and storing twice changes nothing.
REWIND = timedelta(seconds=5)
_MICROSECOND = timedelta(microseconds=1)


class Reader:
    """Reads until stopped, from the cursor on; a full queue makes it wait. The library reconnects where trying again
    helps, with growing pauses; here is the rest.

    `allowed` are exact "host:port" exceptions from the guard, passed by code only.
    """

    def __init__(
        self,
        base: str,
        secret: bytes,
        heard: queue.Queue[Heard],
        cursor: str | None,
        allowed: frozenset[str] = frozenset(),
        *,
        user_agent: str = "",
    ) -> None:
        self.base = base
        self._secret = secret
        self._heard = heard
        self._cursor = cursor if is_cursor(cursor) else None
        self._allowed = allowed
        self._user_agent = user_agent
        self._adapter = BlueskyAdapter(secret, {})
        self._client: Any = None
        self._stopping = Event()
        self._refused = ""
        self._lost = ""
        self._events = 0
        self._last_event_at = time.monotonic()

    def watch(self, streams: Mapping[str, Stream]) -> None:
        """Takes these filters from the next event on; the connection stays."""
        self._adapter = BlueskyAdapter(self._secret, dict(streams))

    def start(self) -> None:
        Thread(target=self._run, name="waspada-stream", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        if self._client is not None:
            self._client.stop()

    @property
    def has_read(self) -> bool:
        return self._events > 0

    @property
    def problem(self) -> str:
        """Why nothing comes, or ""."""
        silent = time.monotonic() - self._last_event_at > SILENT_SECONDS
        return self._refused or (f"nothing came for {SILENT_SECONDS:.0f} s" if silent else "")

    def take_lost(self) -> str:
        """What was lost since the last call, in words for the operator, or ""."""
        lost, self._lost = self._lost, ""
        return lost

    def _run(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            started_at = time.monotonic()
            self._read()
            was_healthy = self._last_event_at - started_at >= HEALTHY_SECONDS
            failures = 1 if was_healthy else failures + 1
            self._stopping.wait(pause_seconds(failures))

    def _read(self) -> None:
        """One client of the library, until it gives up."""
        before = self._events
        try:
            from crawler.posts.jetstream import GuardedJetstream

            client = GuardedJetstream(self.base, self._resume, self._allowed, user_agent=self._user_agent)
            self._client = client
            if not self._stopping.is_set():  # `stop` came before there was a client to be stopped
                client.start(self._on_message, self._on_error)
        except Exception as error:  # the boundary to the library: whatever it raises ends this connection only
            self._refused = _refusal(error)
            if type(error).__name__ == "JetstreamCursorTooOldError" and self._events == before:
                self._note_lost()
                self._cursor = None

    def _resume(self) -> int | None:
        return None if self._cursor is None else max(0, int(self._cursor) - REWIND // _MICROSECOND)

    def _on_message(self, raw: Mapping[str, Any]) -> None:
        if raw.get("$type") == f"{EVENTS}#info" and raw.get("name") == "OutdatedCursor":
            self._note_lost()
        self._events += 1
        self._last_event_at, self._refused = time.monotonic(), ""
        adapter = self._adapter
        said = tuple(adapter.read(raw))
        self._cursor = cursor_of(raw) or self._cursor
        if said:
            posted = any(isinstance(each, Announcement) for each in said)
            self._put(Heard(self.base, said, adapter.source_of(raw) if posted else None, self._cursor))

    def _put(self, heard: Heard) -> None:
        while not self._stopping.is_set():
            try:
                self._heard.put(heard, timeout=1.0)
            except queue.Full:
                self._last_event_at = time.monotonic()  # it is we who make the stream wait
                continue
            return

    def _note_lost(self) -> None:
        if self._cursor is not None:
            since = datetime.fromtimestamp(int(self._cursor) / 1_000_000, UTC)
            self._lost = (
                f"the stream no longer holds all that came after {since:%Y-%m-%d %H:%M} UTC: posts are missing,"
                " and what was deleted meanwhile is not known"
            )

    def _on_error(self, error: BaseException) -> None:
        """In words of our own: the message of an error may quote a post."""
        log.warning("An event of %s could not be read (%s).", self.base, type(error).__name__)


def pause_seconds(failures: int) -> float:
    """Pause before the next connection after so many failures in a row: 1, 2, 4 ... 300 seconds."""
    return float(min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** min(10, max(0, failures - 1))))


def _refusal(error: BaseException) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, RefusedAddressError):
            return string(cause.args[0] if cause.args else "")
        cause = cause.__cause__ or cause.__context__
    return f"the stream was refused ({type(error).__name__})"
