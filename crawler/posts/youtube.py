"""Comments of the YouTube Data API v3 as announcements, and the counting of its quota: pure.

Every list call costs one unit; a key has 10,000 a day by default, and the day begins at midnight Pacific time
(developers.google.com/youtube/v3/determine_quota_cost). What was spent stands in the cursors of the sources.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit
from zoneinfo import ZoneInfo

from crawler.posts.types import Said, mapping, moment, post, string
from waspada.clock import day_bounds, local_day
from waspada.items.policy import url_key

PACIFIC = ZoneInfo("America/Los_Angeles")
UNITS_A_CALL = 1
_SECONDS_A_DAY = 86_400
_ID, _VIDEO = re.compile(r"[\w.-]{1,200}", re.ASCII), re.compile(r"[\w-]{0,20}", re.ASCII)


@dataclass(frozen=True, slots=True)
class YoutubeCursor:
    """What a source spent on a Pacific day, and the newest comment it has read."""

    day: str = ""
    units: int = 0
    newest: datetime | None = None

    @classmethod
    def read(cls, text: str | None) -> YoutubeCursor:
        """From the form of `__str__`; an unreadable one is that of a source never read."""
        parts = (text or "").split(" ")
        if len(parts) != 3 or not parts[1].isascii() or not parts[1].isdigit():
            return cls()
        return cls(parts[0], int(parts[1]), moment(parts[2]))

    def __str__(self) -> str:
        return f"{self.day} {self.units} {self.newest.isoformat() if self.newest else '-'}"

    def after(self, day: str, units: int, newest: datetime | None) -> YoutubeCursor:
        """The cursor after a poll on `day` that cost `units` more and saw comments up to `newest`."""
        times = [when for when in (self.newest, newest) if when is not None]
        return YoutubeCursor(day, units + (self.units if self.day == day else 0), max(times, default=None))


def only_units(before: str | None, after: str) -> str:
    """The cursor after a visit that read nothing for good: what was spent, and the comments that were known before."""
    return str(replace(YoutubeCursor.read(after), newest=YoutubeCursor.read(before).newest))


class YoutubeAdapter:
    """Reads a comment thread with the replies it carries, or a single comment."""

    def read(self, raw: Mapping[str, Any]) -> Iterator[Said]:
        for comment in _comments(raw):
            snippet = mapping(comment.get("snippet"))
            id_, video = string(comment.get("id")), string(snippet.get("videoId")) or _video_of(raw)
            if (
                not _ID.fullmatch(id_)
                or not _VIDEO.fullmatch(video)
                or snippet.get("moderationStatus", "published") != "published"
            ):
                continue
            url = comment_url(id_, video)
            found = post(
                url,
                url_key(f"youtube:{id_}"),
                string(snippet.get("textDisplay")) or string(snippet.get("textOriginal")),
                handle=string(mapping(snippet.get("authorChannelId")).get("value")) or None,
                published_at=snippet.get("publishedAt"),
                updated_at=snippet.get("updatedAt"),
            )
            if found is not None:
                yield found


def comment_url(id_: str, video: str) -> str:
    return "https://www.youtube.com/watch?" + urlencode([("v", video)] * bool(video) + [("lc", id_)])


def comment_id(url: str) -> str:
    """The id of a comment by its address; "" where the address was removed."""
    return parse_qs(urlsplit(url).query).get("lc", [""])[0]


def pacific_day(now: datetime) -> str:
    return local_day(now, PACIFIC).isoformat()


def until_reset(now: datetime) -> timedelta:
    """How long until a new day of the quota begins."""
    return day_bounds(local_day(now, PACIFIC), PACIFIC)[1] - now


def spent_units(cursors: Iterable[str | None], day: str) -> int:
    """What all sources together spent on a day."""
    return sum(cursor.units for cursor in map(YoutubeCursor.read, cursors) if cursor.day == day)


def fair_wait(sources: int, units: int, daily_units: int) -> timedelta:
    """The least wait after a poll that cost `units`, so that `sources` such sources stay within a day's units."""
    return timedelta(seconds=_SECONDS_A_DAY * sources * units / max(1, daily_units))


def _comments(raw: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if raw.get("kind") == "youtube#comment":
        yield raw
        return
    snippet = mapping(raw.get("snippet"))
    if snippet.get("isPublic") is False:
        return
    yield mapping(snippet.get("topLevelComment"))
    replies = mapping(raw.get("replies")).get("comments")
    yield from (mapping(reply) for reply in (replies if isinstance(replies, list) else ()))


def _video_of(raw: Mapping[str, Any]) -> str:
    return string(mapping(raw.get("snippet")).get("videoId"))
