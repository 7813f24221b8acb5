"""Sources, what they announced, and how far their past was read."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class SourceRow(Base):
    """A feed, sitemap, listing or post stream, with its polling state: this row is the queue."""

    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str]
    outlet: Mapped[str]
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # waspada.sources.types.SourceKind
    role: Mapped[str] = mapped_column(String(20), default="news")  # news | official | factcheck | post | exercise
    region: Mapped[str | None] = mapped_column(String(13))  # Kemendagri code of the home region
    zone: Mapped[str] = mapped_column(String(40), default="WITA")
    tier: Mapped[str] = mapped_column(String(1), default="C")  # how sure the URL is: A, B, C
    verified: Mapped[bool] = mapped_column(default=False)
    enabled: Mapped[bool] = mapped_column(default=True)
    reliability: Mapped[float] = mapped_column(default=0.5)  # 0..1
    terms: Mapped[str] = mapped_column(default="")
    selector: Mapped[str | None]  # CSS selector of the body, where one is known; it wins
    listing_selector: Mapped[str | None]  # CSS selector of the links of a listing page, where learning them fails
    added_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(
        String(20), default="new"
    )  # new | empty | unchanged | ok | blocked | moved | gone | broken
    parked: Mapped[bool] = mapped_column(default=False)
    next_poll_at: Mapped[datetime] = mapped_column(index=True)
    interval_seconds: Mapped[int] = mapped_column(default=1800)
    failures: Mapped[float] = mapped_column(default=0.0)
    on_time_successes: Mapped[int] = mapped_column(default=0)
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    body_sha256: Mapped[str | None] = mapped_column(String(64))
    last_poll_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_full_fetch_at: Mapped[datetime | None]  # last unconditional GET
    usual_hours: Mapped[Json | None] = mapped_column(JSON)  # entries heard by hour of the day, and in how many days
    last_item_at: Mapped[datetime | None]
    newest_entry_at: Mapped[datetime | None]  # when the newest entry of any poll was said, known before or not
    recurring: Mapped[Json | None] = mapped_column(JSON)  # keys of lines, when last met (waspada.items.recurring)
    cursor: Mapped[str | None]  # where the next reading of an API or stream goes on, in words of the kind


class SourceEventRow(Base):
    """One poll of a source; the last 30 are kept."""

    __tablename__ = "source_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    outcome: Mapped[str] = mapped_column(String(20))
    http_status: Mapped[int | None]
    entries: Mapped[int] = mapped_column(default=0)
    new_entries: Mapped[int] = mapped_column(default=0)
    detail: Mapped[str] = mapped_column(default="")


class SourceHealthRow(Base):
    """How a source stood with its own habit when the sources were last looked at (waspada.sources.health)."""

    __tablename__ = "source_health"
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime]  # when it was judged
    state: Mapped[str] = mapped_column(String(20))  # waspada.sources.types.HealthState
    alarm: Mapped[bool]
    last_at: Mapped[datetime | None]
    usual_gap_seconds: Mapped[int | None]
    rings_at: Mapped[datetime | None]
    items_7_days: Mapped[int]
    items_28_days: Mapped[int]


class SourceMentionRow(Base):
    """How many items of a source named a kabupaten or kota when the sources were last looked at."""

    __tablename__ = "source_mentions"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True)
    items_7_days: Mapped[int]
    items_28_days: Mapped[int]
    last_at: Mapped[datetime | None]


class CoverageDayRow(Base):
    """How well a region could be heard on a day of the desk's zone: its hours with a look, and the figures of the last.

    `code` is a province, a kabupaten or kota, or empty for the whole country (waspada.sources.days).
    """

    __tablename__ = "coverage_days"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    hours: Mapped[int]  # a bit for each hour of the day in which there was a look
    deaf_hours: Mapped[int]  # the same, where nobody could be heard
    looked_at: Mapped[datetime | None]
    sources_heard: Mapped[int]
    sources_total: Mapped[int]
    covered: Mapped[int]  # kabupaten and kota by state (waspada.sources.types.CoverageState)
    thin: Mapped[int]
    silent: Mapped[int]
    unserved: Mapped[int]


class PageRow(Base):
    """An article that a source announced: written with the poll that saw it, so a killed collector loses nothing."""

    __tablename__ = "pages"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of the normalised URL
    title: Mapped[str] = mapped_column(default="")
    title_key: Mapped[str | None] = mapped_column(String(64))  # SHA-256 of the normalised title
    summary: Mapped[str] = mapped_column(default="")
    published_at: Mapped[datetime | None]
    seen_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(20), default="waiting")  # waiting | done | blocked | failed | skipped
    attempts: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None]
    detail: Mapped[str] = mapped_column(default="")
    checked_at: Mapped[datetime | None]  # last time the page itself was fetched
    article_key: Mapped[str | None] = mapped_column(String(64), index=True)  # waspada.items.addresses.article_key
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), index=True)  # it led to
    backfill_id: Mapped[int | None]  # the backfill that found it; such pages are fetched after the news
    __table_args__ = (
        Index("ix_pages_waiting", "state", "next_try_at"),
        Index("ix_pages_backfill", "backfill_id", "state"),
        Index("ix_pages_checked", "source_id", "checked_at"),
        Index("ix_pages_title", "source_id", "title_key", "seen_at"),
    )


class BackfillRow(Base):
    """Filling in what a source published between two days: how far its sitemaps or feed pages were read.

    The articles found stand in `pages`, written before the note that their sitemap was read: a killed walk goes on.
    """

    __tablename__ = "backfills"
    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id", ondelete="CASCADE"))
    first_day: Mapped[date] = mapped_column(Date)  # in the zone of the source
    last_day: Mapped[date] = mapped_column(Date)  # included
    method: Mapped[str] = mapped_column(String(10), default="")  # sitemap | feed
    done: Mapped[Json] = mapped_column(default=dict)  # address read to its end -> articles of the span in it
    detail: Mapped[str] = mapped_column(default="")
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    __table_args__ = (UniqueConstraint("source_id", "first_day", "last_day"),)
