"""The fictional campaign of the demo: outlets, articles and posts, laid out over the 14 days before now.

All texts were written for this product: real places, fictional people. Each carries the labels that the codebook gives
it and the story it belongs to; tests compare what the desk shows with them.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from importlib.resources import files
from typing import Any

from waspada.clock import ZONES

ZONE = ZONES["WITA"]
DAYS = 14
#: The vote of the fictional campaign, counted from the last day.
VOTE_AFTER = timedelta(days=4)

_HERE = files("waspada.cli.demo")
_DAY_NAMES = ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu")
_DAY = re.compile(r"\{hari([+-]\d+)?\}")


@dataclass(frozen=True, slots=True)
class DemoOutlet:
    """One site: `feed` is the form of its feed, `design` its page design, `trouble` what is wrong with its server."""

    id: str
    name: str
    role: str
    region: str
    feed: str
    design: str
    trouble: str

    @property
    def kind(self) -> str:
        """The source kind that a desk would give it."""
        return self.feed if self.feed in {"news-sitemap", "mastodon-rss"} else "rss"

    @property
    def feed_path(self) -> str:
        """A stream of posts is the hashtag that its name ends with."""
        if self.feed == "mastodon-rss":
            return f"/tags/{self.name.rpartition('#')[2]}.rss"
        return "/sitemap-news.xml" if self.feed == "news-sitemap" else "/feed"


@dataclass(frozen=True, slots=True)
class DemoItem:
    """An article or a post as it is published; `edited` is the form it takes when the site is edited later."""

    id: str
    outlet: str
    published_at: datetime
    title: str
    paragraphs: tuple[str, ...]
    section: str
    author: str
    story: str | None
    labels: dict[str, int]
    edited: DemoItem | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.paragraphs)


class World:
    """The campaign as seen at `now`: everything is published within the 14 days up to that moment."""

    def __init__(self, now: datetime) -> None:
        self.now = now.astimezone(UTC)

    @cached_property
    def outlets(self) -> dict[str, DemoOutlet]:
        lines = (_HERE / "outlets.csv").read_text(encoding="utf-8").splitlines()
        return {row["id"]: DemoOutlet(**row) for row in csv.DictReader(lines)}

    @cached_property
    def items(self) -> tuple[DemoItem, ...]:
        """Every item, oldest first."""
        found = [self._item(line) for line in _lines()]
        return tuple(sorted(found, key=lambda item: (item.published_at, item.id)))

    def of(self, outlet: str) -> list[DemoItem]:
        """The items of one outlet, newest first."""
        return [item for item in reversed(self.items) if item.outlet == outlet]

    @property
    def vote_day(self) -> date:
        return self.now.astimezone(ZONE).date() + VOTE_AFTER

    def _item(self, line: dict[str, Any]) -> DemoItem:
        at = self._moment(line["day"], line["time"])
        edit = line.get("edit")
        return self._version(line, at, self._version(line | edit, at, None) if edit else None)

    def _version(self, line: dict[str, Any], at: datetime, edited: DemoItem | None) -> DemoItem:
        day = at.astimezone(ZONE).date()
        paragraphs = line.get("paragraphs") or [line["text"]]
        return DemoItem(
            id=line["id"],
            outlet=line["outlet"],
            published_at=at,
            title=with_days(line.get("title", ""), day),
            paragraphs=tuple(with_days(paragraph, day) for paragraph in paragraphs),
            section=line.get("section", ""),
            author=line.get("author", ""),
            story=line.get("story"),
            labels=line["labels"],
            edited=edited,
        )

    def _moment(self, day: int, clock: str) -> datetime:
        """Day 1..14 at a time of day; the last day is squeezed into what has passed of it."""
        local = self.now.astimezone(ZONE)
        at = datetime.combine(local.date() - timedelta(days=DAYS - day), time.fromisoformat(clock), ZONE)
        if day == DAYS:
            midnight = datetime.combine(local.date(), time(), ZONE)
            at = midnight + (local - midnight) * ((at - midnight) / timedelta(days=1))
        return at.astimezone(UTC).replace(microsecond=0)


def with_days(text: str, day: date) -> str:
    """The text with `{hari}`, `{hari-1}`, ... written out: "Selasa (12/11/2024)"."""

    def written(match: re.Match[str]) -> str:
        that = day + timedelta(days=int(match[1] or 0))
        return f"{_DAY_NAMES[that.weekday()]} ({that.day}/{that.month}/{that.year})"

    return _DAY.sub(written, text)


def _lines() -> Iterator[dict[str, Any]]:
    for file in sorted((_HERE / "texts").iterdir(), key=lambda path: path.name):
        if file.name.endswith(".jsonl"):
            for line in file.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)
