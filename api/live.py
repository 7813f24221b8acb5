"""Who listens for changes of alerts, and the one look at the database that all listeners of a process share.

A listener is told ids and revisions, never content, and only of alerts in their region (`waspada.alerts.feed`). While
somebody listens, one task looks every `EVERY_SECONDS`; with nobody there is none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from anyio import to_thread

from waspada.alerts import feed
from waspada.alerts.feed import Change, Told
from waspada.alerts.types import AlertFilter
from waspada.errors import StoreError, TooManyError
from waspada.store import Store

EVERY_SECONDS = 2.0
#: A browser opens six connections to a host at most: four streams leave two for pages.
MOST_OF_AN_ACCOUNT = 4
MOST_OF_ALL = 400
#: So long may every look fail before the listeners are let go: a silent stream must not look like a calm region.
PATIENCE_SECONDS = 6.0
_WAITING = 64
_log = logging.getLogger("waspada.api")


@dataclass(frozen=True, slots=True)
class News:
    """What a listener is told at once. `line` is where to go on from; `missed` says that there was too much to tell."""

    line: int
    told: Sequence[Told] = ()
    missed: bool = False


@dataclass(eq=False)
class Listener:
    """Somebody who listens. The queue holds None where the stream has to end."""

    account: int
    wanted: AlertFilter
    queue: asyncio.Queue[News | None] = field(default_factory=lambda: asyncio.Queue(_WAITING))

    def tell(self, news: News | None) -> None:
        """Never waits: whoever is too slow is told to load the list again."""
        if self.queue.full():
            while not self.queue.empty():
                self.queue.get_nowait()
            news = None if news is None else News(news.line, missed=True)
        self.queue.put_nowait(news)


class Live:
    """The listeners of this process. All but `__init__` is called in the event loop."""

    def __init__(self, store: Store, *, every_seconds: float = EVERY_SECONDS) -> None:
        self._store = store
        self._every_seconds = every_seconds
        self._listeners: set[Listener] = set()
        self._task: asyncio.Task[None] | None = None
        self._begun = asyncio.Event()
        self._line = 0
        self._known: set[int] = set()
        #: Looks at the database since the start.
        self.looks = 0

    def __len__(self) -> int:
        return len(self._listeners)

    def enter(self, account: int, wanted: AlertFilter) -> Listener:
        """A new listener, who is told of what comes after `begun`. Raises TooManyError."""
        mine = sum(one.account == account for one in self._listeners)
        if mine >= MOST_OF_AN_ACCOUNT or len(self._listeners) >= MOST_OF_ALL:
            raise TooManyError(
                f"{mine} streams of your account are open.", hint="Close another window of the console, then try again."
            )
        listener = Listener(account, wanted)
        self._listeners.add(listener)
        if self._task is None or self._task.done():
            self._begun = asyncio.Event()
            self._task = asyncio.get_running_loop().create_task(self._watch())
        return listener

    async def begun(self) -> None:
        """Returns when the watch knows where it starts, or found that nobody can look: what a listener asks the store
        for after this holds whatever the watch will not tell."""
        await self._begun.wait()

    def leave(self, listener: Listener) -> None:
        self._listeners.discard(listener)

    def stop(self) -> None:
        """Ends every stream; new ones may come."""
        self._begun.set()
        for listener in list(self._listeners):
            listener.tell(None)

    async def _watch(self) -> None:
        now = asyncio.get_running_loop().time
        looked_at, is_begun = now(), False
        while self._listeners:
            try:
                if is_begun:
                    await self._look()
                else:
                    await to_thread.run_sync(self._begin)
                    is_begun = True
                    self._begun.set()
                looked_at = now()
            except Exception as error:  # a task that ends unseen would leave every listener in silence
                said = error if isinstance(error, StoreError) else f"it failed ({type(error).__name__})"
                _log.warning("looking for changed alerts: %s", said)
                if now() - looked_at >= PATIENCE_SECONDS:
                    self.stop()
                    looked_at = now()
                    if not is_begun:  # whoever comes now waits for it again
                        self._begun = asyncio.Event()
            await asyncio.sleep(self._every_seconds)

    def _begin(self) -> None:
        """Where the watch starts: what is there now was told by the page, or is replayed to who asks for it."""
        with self._store.read() as session:
            line = feed.position(session)
            self._known = {change.line for change in feed.after(session, line - feed.OVERLAP)}
        self._line = line

    async def _look(self) -> None:
        filters = {_key(one.wanted): one.wanted for one in self._listeners}
        found, told = await to_thread.run_sync(self._changes, filters)
        if not found:
            return
        for listener in list(self._listeners):
            key = _key(listener.wanted)
            if len(found) >= feed.MOST:
                listener.tell(News(self._line, missed=True))
            elif told.get(key):
                listener.tell(News(self._line, told[key]))

    def _changes(self, filters: dict[str, AlertFilter]) -> tuple[list[Change], dict[str, list[Told]]]:
        """What is new since the last look, and what of it those with each filter are told."""
        self.looks += 1
        with self._store.read() as session:
            rows = feed.after(session, self._line - feed.OVERLAP, limit=feed.OVERLAP + feed.MOST)
            found = [change for change in rows if change.line not in self._known]
            if not found:
                return [], {}
            told = {key: feed.told(session, found, wanted) for key, wanted in filters.items()}
        self._line = max(self._line, found[-1].line)
        self._known = {change.line for change in rows if change.line > self._line - feed.OVERLAP}
        return found, told


def _key(wanted: AlertFilter) -> str:
    """The same for filters that ask the same."""
    return repr(wanted)
