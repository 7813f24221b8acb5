"""Asking the YouTube Data API through google-api-python-client, within the day's quota.

The key travels in a header, never in an address, so that no message of an error can show it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

from crawler.outcomes import PollRead, Problem
from crawler.posts.answers import answered, failed
from crawler.posts.types import Errand, Rechecked, mapping, moment, string
from crawler.posts.youtube import (
    UNITS_A_CALL,
    YoutubeAdapter,
    YoutubeCursor,
    comment_id,
    fair_wait,
    pacific_day,
    spent_units,
    until_reset,
)
from waspada.settings import Settings
from waspada.sources.addresses import Comments, comments
from waspada.sources.types import Fault, Source, SourceState

PAGE_SIZE, MAX_PAGES = 100, 5
#: Ids of one call of a re-check, which costs one unit; and after how many refused ones a re-check ends.
RECHECK_IDS, MAX_REFUSALS = 50, 3
_QUOTA = frozenset({"quotaExceeded", "dailyLimitExceeded"})
_RATE = frozenset({"rateLimitExceeded", "userRateLimitExceeded"})
_NO_COMMENTS = frozenset({"commentsDisabled", "forbidden"})
_KEY = "the YouTube API key is missing; set WASPADA_YOUTUBE_API_KEY (docs/settings.md says how to get one)"
_USED_UP = "the day's quota of the YouTube API key is used up; reading goes on after midnight Pacific time"
_TOO_MANY = "more comments came in than one poll reads, or than the quota allows; older ones are missing"


class QuotaSpentError(Exception):
    """The units of the day that this installation may spend are spent; nothing was asked."""


class _Ledger:
    """What was spent by Pacific day. Polls run side by side, and each knows what was saved before it began only."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._spent: dict[str, int] = {}

    def know(self, day: str, saved_units: int) -> None:
        """Another process may have spent units too."""
        with self._lock:
            self._spent = {day: max(saved_units, self._spent.get(day, 0))}

    def take(self, day: str, daily_units: int) -> None:
        """Takes the units of a call. Raises QuotaSpentError."""
        with self._lock:
            spent = self._spent.get(day, 0) + UNITS_A_CALL
            if spent > daily_units:
                raise QuotaSpentError
            self._spent[day] = spent


@dataclass
class _Visit:
    """One poll: what it may spend and has spent."""

    service: Any
    key: str = field(repr=False)
    ledger: _Ledger
    day: str
    daily_units: int
    units: int = 0

    def call(self, request: Any) -> Mapping[str, Any]:
        """Counted before it is sent: a refused call costs too. Raises HttpError and QuotaSpentError."""
        self.ledger.take(self.day, self.daily_units)
        self.units += UNITS_A_CALL
        request.headers["X-Goog-Api-Key"] = self.key
        return mapping(request.execute(num_retries=0))


class YoutubeApi:
    def __init__(self, settings: Settings, *, endpoint: str | None = None) -> None:
        """`endpoint` is another address of the API, passed by code only (tests)."""
        self._settings, self._endpoint = settings, endpoint
        self._ledger = _Ledger()

    def poll(self, source: Source, errand: Errand) -> PollRead:
        """Reads new comments and re-checks old ones. Never raises for what the API may answer."""
        key = self._settings.youtube_api_key
        if key is None:
            return failed(Problem(_KEY, Fault.HARD))
        where, day, daily = comments(source.url), pacific_day(errand.now), self._settings.youtube_daily_units
        self._ledger.know(day, spent_units(errand.cursors, day))
        visit = _Visit(self._service(), key.get_secret_value(), self._ledger, day, daily)
        try:
            return _polled(visit, where, source, errand)
        finally:
            visit.service.close()

    def _service(self) -> Any:
        from googleapiclient.discovery import build
        from httplib2 import Http

        http = Http(timeout=self._settings.request_timeout_seconds, proxy_info=None)
        http.follow_redirects = False
        options = {"api_endpoint": self._endpoint} if self._endpoint else None
        return build("youtube", "v3", http=http, cache_discovery=False, static_discovery=True, client_options=options)


def _polled(visit: _Visit, where: Comments, source: Source, errand: Errand) -> PollRead:
    before, adapter = YoutubeCursor.read(source.poll.cursor), YoutubeAdapter()
    try:
        threads, detail = _new_threads(visit, where, before.newest)
    except Exception as error:  # the boundary to the library, which trips over answers that are odd enough
        problem, wait, status = _refusal(error, errand.now)
        # Where a video is gone or takes no comments any more, those that it had are no longer public either.
        closed = problem.state in (SourceState.GONE, SourceState.BLOCKED)
        rechecked, _ = _rechecked(visit, errand) if closed else (None, "")
        cursor = str(before.after(visit.day, visit.units, None))
        return failed(
            problem, retry_after=wait, http_status=status, cursor=cursor, adapter=adapter, rechecked=rechecked
        )
    rechecked, note = _rechecked(visit, errand)
    return answered(
        source,
        adapter,
        threads,
        rechecked=rechecked,
        cursor=str(before.after(visit.day, visit.units, _newest(threads))),
        retry_after=fair_wait(len(errand.cursors), visit.units, visit.daily_units),
        detail="; ".join(filter(None, (detail, note))),
    )


def _new_threads(visit: _Visit, where: Comments, newest: datetime | None) -> tuple[list[Mapping[str, Any]], str]:
    """The pages of threads down to the one that ends among known ones (the first time: one page), newest first.

    They are taken whole, known threads too: a comment that was held for review appears below newer ones, and replies
    come to old threads. With them comes a note where the known ones were not reached.
    """
    asked = {"videoId": where.video} if where.video else {"allThreadsRelatedToChannelId": where.channel}
    found: list[Mapping[str, Any]] = []
    page_token: str | None = None
    for number in range(MAX_PAGES):
        request = visit.service.commentThreads().list(
            part="snippet,replies",
            order="time",
            textFormat="plainText",
            maxResults=PAGE_SIZE,
            pageToken=page_token,
            **asked,
        )
        try:
            answer = visit.call(request)
        except QuotaSpentError:
            if number == 0:
                raise
            break
        page = _items(answer)
        found.extend(page)
        page_token = string(answer.get("nextPageToken"))
        if newest is None or not page_token or any((_published(each) or newest) <= newest for each in page):
            return found, ""
    return found, _TOO_MANY


def _rechecked(visit: _Visit, errand: Errand) -> tuple[Rechecked, str]:
    """Which stored comments the API still has. A failure says nothing of them, and is noted for the operator."""
    asked = {id_: key for key, url in errand.recheck.items() if (id_ := comment_id(url))}
    ids, found, note = list(asked), Rechecked(), ""
    try:
        for start in range(0, len(ids), RECHECK_IDS):
            _look_up(visit, ids[start : start + RECHECK_IDS], found)
    except QuotaSpentError:
        pass
    except Exception as error:  # as above: new comments are kept, whatever becomes of this
        note = f"stored comments could not be looked at again ({type(error).__name__})"
    if found.refused and not note:
        note = f"{len(found.refused)} stored comments could not be looked at again"
    by_key = {asked[id_]: each for id_, each in found.found.items()}
    return Rechecked(by_key, [asked[id_] for id_ in found.refused]), note


def _look_up(visit: _Visit, ids: list[str], found: Rechecked) -> None:
    """Fills in id -> comment, None for one that is gone, and the ids that are refused.

    The API leaves out what it no longer has, or answers 404 to all of them, as its documentation says
    (`commentNotFound`), and one id that it does not take spoils the others: then each half is asked for.
    """
    from googleapiclient.errors import HttpError

    if not ids or len(found.refused) >= MAX_REFUSALS:
        return
    request = visit.service.comments().list(
        part="snippet", id=",".join(ids), textFormat="plainText", maxResults=RECHECK_IDS
    )
    try:
        answer = visit.call(request)
    except HttpError as error:
        if not _is_of_one(error):
            raise
        if len(ids) > 1:
            middle = len(ids) // 2
            _look_up(visit, ids[:middle], found)
            _look_up(visit, ids[middle:], found)
        elif _reason(error.content) == "commentNotFound":
            found.found[ids[0]] = None
        else:
            found.refused.append(ids[0])
        return
    if not isinstance(answer.get("items"), list):
        raise ValueError("no list of comments")
    there = {string(each.get("id")): each for each in _items(answer)}
    found.found.update({id_: there.get(id_) for id_ in ids})


def _is_of_one(error: Any) -> bool:
    """Whether a refusal may be one of a single id among those that were asked for."""
    return int(error.resp.status) in (400, 403, 404) and _reason(error.content) not in _QUOTA | _RATE


def _items(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    items = answer.get("items")
    return [each for each in items if isinstance(each, Mapping)] if isinstance(items, list) else []


def _published(thread: Mapping[str, Any]) -> datetime | None:
    top = mapping(mapping(thread.get("snippet")).get("topLevelComment"))
    return moment(mapping(top.get("snippet")).get("publishedAt"))


def _newest(threads: list[Mapping[str, Any]]) -> datetime | None:
    return max((when for when in map(_published, threads) if when is not None), default=None)


def _refusal(error: Exception, now: datetime) -> tuple[Problem, timedelta | None, int | None]:
    """What an error means (developers.google.com/youtube/v3/docs/errors), in words of our own: the problem, the wait,
    and the HTTP status."""
    from googleapiclient.errors import HttpError

    if isinstance(error, QuotaSpentError):
        return Problem(_USED_UP, Fault.SOFT), until_reset(now), None
    if not isinstance(error, HttpError):
        return Problem(f"no complete answer ({type(error).__name__})", Fault.SOFT), None, None
    status, reason = int(error.resp.status), _reason(error.content)
    if reason in _QUOTA:
        return Problem(_USED_UP, Fault.SOFT), until_reset(now), status
    return _refused(status, reason), None, status


def _refused(status: int, reason: str) -> Problem:
    if status == 429 or reason in _RATE:
        return Problem("too many requests", Fault.SOFT)
    if reason in _NO_COMMENTS:
        return Problem(f"comments cannot be read here ({reason})", Fault.HARD, SourceState.BLOCKED)
    if status == 404:
        return Problem("no such channel or video (404)", Fault.SOFT, SourceState.GONE)
    if status in (400, 401, 403):
        return Problem(f"the API refuses the key or the request ({reason or status})", Fault.HARD)
    return Problem(f"the server answered {status}", Fault.SOFT if status >= 500 else Fault.HARD)


def _reason(content: bytes) -> str:
    try:
        errors = mapping(mapping(json.loads(content)).get("error")).get("errors")
    except (ValueError, RecursionError):
        return ""
    reason = string(mapping(errors[0]).get("reason")) if isinstance(errors, list) and errors else ""
    return reason if reason.isalpha() else ""
