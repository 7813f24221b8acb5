"""From what an adapter said to the outcome of a poll: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from crawler.feeds import Parsed
from crawler.outcomes import PollRead, Problem
from crawler.posts.types import Adapter, Rechecked
from waspada.sources.types import Announcement, PollOutcome, Source, SourceState


def answered(
    source: Source,
    adapter: Adapter,
    listed: Iterable[Mapping[str, Any]],
    *,
    rechecked: Rechecked,
    cursor: str | None,
    retry_after: timedelta | None = None,
    detail: str = "",
) -> PollRead:
    """A poll that was answered with what it listed; most of that may be known."""
    posts = [each for thing in listed for each in adapter.read(thing) if isinstance(each, Announcement)]
    nothing = SourceState.UNCHANGED if source.poll.cursor else SourceState.EMPTY
    outcome = PollOutcome(
        SourceState.OK if posts else nothing,
        http_status=200,
        entries=len(posts),
        retry_after=retry_after,
        detail=detail,
        cursor=cursor,
    )
    return PollRead(outcome, _parsed(True, adapter, posts, rechecked))


def failed(
    problem: Problem,
    *,
    retry_after: timedelta | None = None,
    http_status: int | None = None,
    cursor: str | None = None,
    adapter: Adapter | None = None,
    rechecked: Rechecked | None = None,
) -> PollRead:
    """A poll whose listing was refused. Stored posts may have been looked at all the same."""
    outcome = PollOutcome(
        problem.state, problem.fault, http_status, retry_after=retry_after, detail=problem.detail, cursor=cursor
    )
    return PollRead(outcome, _parsed(False, adapter, [], rechecked) if adapter and rechecked else Parsed(False))


def _parsed(is_read: bool, adapter: Adapter, listed: list[Announcement], rechecked: Rechecked) -> Parsed:
    """A post that is there, but no longer one that may be kept (its author asked not to be read, it was withdrawn from
    the public), goes like one that was deleted."""
    posts, gone, checked = list(listed), list[str](), list[str]()
    for key, raw in rechecked.found.items():
        now = [each for each in adapter.read(raw) if isinstance(each, Announcement)] if raw is not None else []
        posts += now
        (checked if now else gone).append(key)
    left = [each for each in posts if each.url_key not in gone]
    refused = tuple(rechecked.refused)
    return Parsed(is_read, tuple(left), len(listed), gone=tuple(gone), checked=tuple(checked), refused=refused)
