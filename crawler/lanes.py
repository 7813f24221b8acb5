"""One request at a time to a site: requests wait in their site's lane until the one before was answered.

Scrapy's own limit does not hold for requests that are queued while no delay is set (2.19 counts a request only after
the next ones were let go), and one in its queue can no longer be called back when the site asks for a pause.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from scrapy import Request

from crawler.polite import slot_of


class Lanes:
    def __init__(self) -> None:
        self._waiting: dict[str, deque[Request]] = {}
        self._later: dict[str, deque[Request]] = {}
        self._busy: set[str] = set()

    def add(self, request: Request, *, first: bool = False, later: bool = False) -> None:
        """Queues a request; `first` puts it before those that wait, `later` ones go when nothing else waits."""
        lane = (self._later if later else self._waiting).setdefault(slot_of(request.url), deque())
        if first:
            lane.appendleft(request)
        else:
            lane.append(request)

    def take(self) -> list[Request]:
        """The next request of every lane that is free; their lanes are busy until `free`."""
        found = []
        for lanes in (self._waiting, self._later):
            for name in [name for name in lanes if name not in self._busy]:
                lane = lanes[name]
                found.append(lane.popleft())
                self._busy.add(name)
                if not lane:
                    del lanes[name]
        return found

    def drop(self, is_stopped: Callable[[Request], bool]) -> list[Request]:
        """Takes the waiting requests of which this holds out of their lanes, and returns them."""
        dropped: list[Request] = []
        for lanes in (self._waiting, self._later):
            for name, lane in list(lanes.items()):
                dropped += [request for request in lane if is_stopped(request)]
                kept = deque(request for request in lane if not is_stopped(request))
                if kept:
                    lanes[name] = kept
                else:
                    del lanes[name]
        return dropped

    def free(self, url: str) -> None:
        """The request for `url` (as it was added) was answered or failed."""
        self._busy.discard(slot_of(url))

    def __len__(self) -> int:
        return sum(map(len, (*self._waiting.values(), *self._later.values())))
