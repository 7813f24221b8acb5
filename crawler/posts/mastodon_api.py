"""Asking a Mastodon instance through Mastodon.py: new posts of a timeline, and whether stored ones are still there."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock
from typing import Any, TypeVar

from crawler.guard import RefusedAddressError
from crawler.outcomes import PollRead, Problem
from crawler.posts.answers import answered, failed
from crawler.posts.mastodon import MastodonAdapter, status_id
from crawler.posts.types import Errand, Rechecked
from waspada.settings import Settings
from waspada.sources import policy
from waspada.sources.addresses import Timeline, timeline
from waspada.sources.types import Fault, Source, SourceState

#: The most that the API gives at once, and how many pages are read of what came in since the last poll.
PAGE_SIZE, MAX_PAGES = 40, 5
#: An instance allows 300 requests in five minutes; re-checking leaves the rest to reading.
LEAVE_REQUESTS = 50
#: A re-check ends after so many posts that were neither shown nor said to be gone, and after so long.
MAX_REFUSALS = 10
RECHECK_SECONDS = 300.0
#: How long an instance is left alone that said "too many requests" and not until when: the window of its limit.
REST_AFTER_429 = timedelta(minutes=5)
_SIGN_IN = (401, 403, 422)
T = TypeVar("T")


@dataclass(slots=True)
class _Instance:
    """What all sources of an instance share: whose turn it is, when it was asked last, and until when it wants rest."""

    turn: Lock = field(default_factory=Lock)
    asked_at: float = -math.inf
    held_until: float = -math.inf


@dataclass(slots=True)
class _Visit:
    """One poll of an instance."""

    client: Any
    instance: _Instance
    pause_seconds: float

    def ask(self, request: Callable[[], T]) -> T:
        """Sends a request, no sooner after the last one than the pause. Raises what the request raises."""
        wait = self.instance.asked_at + self.pause_seconds - time.monotonic()
        if wait > 0:
            time.sleep(wait)
        self.instance.asked_at = time.monotonic()
        try:
            return request()
        except Exception as error:
            if _status(error) == 429:
                rest = min(_wait(self.client, error) or REST_AFTER_429, policy.MAX_RETRY_AFTER)
                self.instance.held_until = time.monotonic() + rest.total_seconds()
            raise


class MastodonApi:
    def __init__(self, settings: Settings, allowed: frozenset[str], *, only_allowed: bool = False) -> None:
        self._settings, self._allowed, self._only_allowed = settings, allowed, only_allowed
        self._lock = Lock()
        self._instances: dict[str, _Instance] = {}

    def poll(self, source: Source, errand: Errand) -> PollRead:
        """Reads what is new and re-checks old posts, one source of an instance at a time. Never raises for what an
        instance may do."""
        where = timeline(source.url)
        with self._lock:
            instance = self._instances.setdefault(where.base, _Instance())
        with instance.turn:
            rest = instance.held_until - time.monotonic()
            if rest > 0:
                return failed(
                    Problem("the instance asked for a pause", Fault.SOFT), retry_after=timedelta(seconds=rest)
                )
            client = self._client(where)
            try:
                visit = _Visit(client, instance, self._settings.domain_delay_seconds)
                return _polled(visit, where, source, errand)
            finally:
                client.session.close()

    def _client(self, where: Timeline) -> Any:
        from mastodon import Mastodon

        from crawler.posts.sessions import guarded_session

        session = guarded_session(
            self._allowed, only_allowed=self._only_allowed, max_body_bytes=self._settings.max_body_bytes
        )
        return Mastodon(
            api_base_url=where.base,
            session=session,
            user_agent=self._settings.user_agent,
            request_timeout=self._settings.request_timeout_seconds,
            ratelimit_method="throw",
        )


def _polled(visit: _Visit, where: Timeline, source: Source, errand: Errand) -> PollRead:
    from mastodon import MastodonError

    adapter = MastodonAdapter(where.base)
    try:
        statuses, cursor, detail = _new_statuses(visit, where, source.poll.cursor)
    except MastodonError as error:
        problem = _problem(error)
        # An instance that closes its timelines may still show single posts. One that has gone says nothing of them.
        rechecked = _rechecked(visit, errand) if problem.state is SourceState.BLOCKED else None
        return failed(
            problem,
            retry_after=_wait(visit.client, error),
            http_status=_status(error),
            adapter=adapter,
            rechecked=rechecked,
        )
    rechecked = _rechecked(visit, errand)
    return answered(source, adapter, statuses, rechecked=rechecked, cursor=cursor, detail=detail)


def _new_statuses(
    visit: _Visit, where: Timeline, cursor: str | None
) -> tuple[list[Mapping[str, Any]], str | None, str]:
    """The newest page and what came in between the cursor and it, the new cursor, and a note for the operator.

    The newest page is always read as a whole: an instance sorts a post from elsewhere by the time of its writing, so
    that one which arrives late stands below the cursor.
    """
    newest = _page(visit, where)
    found, reached = list(newest), cursor
    if cursor is None or not newest:
        return found, _newest(newest) or cursor, ""
    lowest = min(map(_order, newest))
    for _ in range(MAX_PAGES - 1):
        if _id_order(reached) >= lowest:
            break
        page = _page(visit, where, min_id=reached)
        if not page or max(map(_order, page)) <= _id_order(reached):
            reached = None  # nothing lies between
            break
        found += page
        reached = _newest(page)
    if reached is None or _id_order(reached) >= lowest:
        return found, max(filter(None, (cursor, _newest(newest))), key=_id_order), ""
    return found, reached, "more posts came in than one poll reads; the next one goes on"


def _page(visit: _Visit, where: Timeline, min_id: str | None = None) -> list[Mapping[str, Any]]:
    name = f"tag/{where.tag}" if where.tag else "local" if where.local else "public"
    page = visit.ask(lambda: visit.client.timeline(name, min_id=min_id, limit=PAGE_SIZE))
    return [each for each in page if isinstance(each, Mapping) and each.get("id")]


def _order(status: Mapping[str, Any]) -> tuple[int, str]:
    return _id_order(str(status["id"]))


def _id_order(id_: str | None) -> tuple[int, str]:
    """Ids of Mastodon are growing numbers, those of other servers growing words of one length."""
    return len(id_ or ""), id_ or ""


def _newest(page: Iterable[Mapping[str, Any]]) -> str | None:
    return max((str(each["id"]) for each in page), key=_id_order, default=None)


def _rechecked(visit: _Visit, errand: Errand) -> Rechecked:
    """Only a plain 404 or 410 says that a post is gone; of one that is refused otherwise nothing is known."""
    done, end = Rechecked(), time.monotonic() + RECHECK_SECONDS
    for key, id_ in ((key, status_id(url)) for key, url in errand.recheck.items()):
        spent = visit.client.ratelimit_remaining < LEAVE_REQUESTS
        if spent or len(done.refused) >= MAX_REFUSALS or time.monotonic() > end:
            break
        try:
            status = _shown(visit, id_)
        except Exception as error:  # also what the library's casts raise for an odd answer
            if _is_for_all(error):
                break
            if _status(error) in (404, 410):
                done.found[key] = None
            else:
                done.refused.append(key)
            continue
        if isinstance(status, Mapping) and str(status.get("id")) == id_:
            done.found[key] = status
        else:
            done.refused.append(key)
    return done


def _shown(visit: _Visit, id_: str) -> Any:
    return visit.ask(lambda: visit.client.status(id_)) if id_ else None


def _is_for_all(error: Exception) -> bool:
    """Whether an error says something of the instance, so that asking for the next post is of no use."""
    from mastodon import MastodonNetworkError

    return isinstance(error, MastodonNetworkError) or _status(error) == 429


def _status(error: Exception) -> int | None:
    """Mastodon.py puts (message, HTTP status, reason, error) into its API errors."""
    from mastodon import MastodonRatelimitError

    if isinstance(error, MastodonRatelimitError):
        return 429
    return error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) else None


def _problem(error: Exception) -> Problem:
    """In words of our own: an error of the library may quote what it was answered."""
    from mastodon import MastodonNetworkError

    status = _status(error)
    if isinstance(error, MastodonNetworkError):
        return _no_answer(error)
    if status == 429:
        return Problem("too many requests (429)", Fault.SOFT)
    if status in (404, 410):
        return Problem(f"no such timeline ({status})", Fault.SOFT, SourceState.GONE)
    if status in _SIGN_IN:
        return Problem(f"the instance shows this timeline to nobody without an account ({status})", Fault.HARD,
                       SourceState.BLOCKED)  # fmt: skip
    if status is None:
        return Problem("something else answers where the API was", Fault.SOFT)
    return Problem(f"the server answered {status}", Fault.SOFT if status >= 500 else Fault.HARD)


def _no_answer(error: Exception) -> Problem:
    cause = error.__context__
    if isinstance(cause, RefusedAddressError):
        return Problem(str(cause), Fault.HARD)
    if "NameResolution" in repr(cause):
        return Problem("the name of the instance cannot be resolved", Fault.TEMPORARY_DNS)
    return Problem(f"no complete answer ({type(cause or error).__name__})", Fault.SOFT)


def _wait(client: Any, error: Exception) -> timedelta | None:
    if _status(error) != 429 or not client.ratelimit_reset:
        return None
    return timedelta(seconds=max(0.0, client.ratelimit_reset - time.time()))
