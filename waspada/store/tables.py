"""Every table of the product, in the order of an item's way. No table is about persons in content (design, rule 1).

Rows are plain; what they mean is decided in the noun folders (`waspada/items`, `waspada/alerts`, ...).
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from waspada.store.types import UtcDateTime, Vector

Json = dict[str, Any]
#: SQLite only numbers INTEGER keys by itself; PostgreSQL wants the wide type.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, Json: JSON, str: Text, float: Float, bool: Boolean}  # noqa: RUF012


class SourceRow(Base):
    """A feed, sitemap, listing or post stream, with its polling state: this row is the queue."""

    __tablename__ = "sources"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    name: Mapped[str]
    outlet: Mapped[str]
    url: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # waspada.sources.types.SourceKind
    role: Mapped[str] = mapped_column(String(20), default="news")  # news | official | factcheck | post
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


class PseudonymKeyRow(Base):
    """The key of one period's pseudonyms; the row is deleted with the period, and with it the way back."""

    __tablename__ = "pseudonym_keys"
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)


class ItemRow(Base):
    """One article or post. Its text stands in its versions; `version` names the current one."""

    __tablename__ = "items"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    source_id: Mapped[str] = mapped_column(ForeignKey("sources.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    outlet: Mapped[str]
    url: Mapped[str]
    url_key: Mapped[str] = mapped_column(String(64), unique=True)
    article_key: Mapped[str | None] = mapped_column(String(64), index=True)  # shared by addresses of one article
    title: Mapped[str]
    lang: Mapped[str | None] = mapped_column(String(8))
    voice: Mapped[str | None] = mapped_column(String(40))  # keyed pseudonym: privacy/pseudonyms.py says for what
    published_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    stage: Mapped[str] = mapped_column(String(10), default="new")  # new -> tagged -> grouped
    __table_args__ = (
        Index("ix_items_stage", "stage", "id"),
        Index("ix_items_found", "found_at"),
        Index("ix_items_heard", "found_at", "source_id", "published_at"),
        Index("ix_items_kind", "kind", "found_at"),
    )

    @property
    def at(self) -> datetime:
        """When it happened for ranking: published, else found."""
        return self.published_at or self.found_at


class ItemVersionRow(Base):
    __tablename__ = "item_versions"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    text: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    seen_at: Mapped[datetime]


class ArchivedPageRow(Base):
    """The raw page that an item was read from. Its bytes stand in the archive folder, once for each content."""

    __tablename__ = "archived_pages"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the body
    url_key: Mapped[str] = mapped_column(String(64))  # of the address that was announced
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]  # where the answer came from
    status: Mapped[int]
    headers: Mapped[Json]  # those that matter: content-type, etag, last-modified
    fetched_at: Mapped[datetime] = mapped_column(index=True)
    body_bytes: Mapped[int]
    stored_bytes: Mapped[int]  # of the compressed file
    __table_args__ = (UniqueConstraint("url_key", "sha256"),)


class TagRow(Base):
    """What one model said of one version of an item."""

    __tablename__ = "tags"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), primary_key=True)
    labels: Mapped[Json]
    aux: Mapped[Json]
    conflict_level: Mapped[int]
    alert_level: Mapped[int]
    evidence: Mapped[list[Json]] = mapped_column(JSON)
    embedding: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    tagged_at: Mapped[datetime]


class PlaceRow(Base):
    """A place that the current version of an item names."""

    __tablename__ = "places"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(13))
    name: Mapped[str]
    level: Mapped[str] = mapped_column(String(10))
    mention: Mapped[str]
    field: Mapped[str] = mapped_column(String(5))
    start: Mapped[int]
    end: Mapped[int]


class StoryRow(Base):
    """Items about one event."""

    __tablename__ = "stories"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    opened_at: Mapped[datetime]
    last_item_at: Mapped[datetime]
    headline: Mapped[str]
    stale: Mapped[bool] = mapped_column(default=True)  # its alert has to be computed again
    __table_args__ = (Index("ix_stories_stale", "stale", "id"),)


class StoryItemRow(Base):
    """An item belongs to exactly one story; `how` and `likeness` say why it joined."""

    __tablename__ = "story_items"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    how: Mapped[str] = mapped_column(String(20))  # first | copy | event
    likeness: Mapped[float]
    at: Mapped[datetime]


class FingerprintRow(Base):
    """What grouping compares of an item's current version, kept so that a candidate costs no reading of texts."""

    __tablename__ = "fingerprints"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    terms: Mapped[bytes] = mapped_column(LargeBinary)  # waspada.stories.terms.pack
    regions: Mapped[list[str]] = mapped_column(JSON)
    labels: Mapped[list[str]] = mapped_column(JSON)  # event labels that are on
    is_placed: Mapped[bool] = mapped_column(default=True)  # the text names its regions; they are not the outlet's home
    facts: Mapped[bytes | None] = mapped_column(LargeBinary)  # waspada.stories.facts.pack_facts


class BandRow(Base):
    """Keys by which an item finds others: locality-sensitive hash bands of its shingles, and its rarest terms by day.

    Candidates for copies and for events in other words cost one index look-up a key.
    """

    __tablename__ = "bands"
    value: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)


class StoryPlaceRow(Base):
    """Region of a story, and its province, in a time window: candidates for the same event and the region's volume.

    `eventful` says that an item of the story has an event label on.
    """

    __tablename__ = "story_places"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True)
    last_item_at: Mapped[datetime]
    eventful: Mapped[bool] = mapped_column(default=False)
    __table_args__ = (Index("ix_story_places_recent", "code", "last_item_at", "eventful"),)


class AlertRow(Base):
    """A story that a person should look at. `revision` guards against two people overwriting each other."""

    __tablename__ = "alerts"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id"), unique=True)
    state: Mapped[str] = mapped_column(String(15), default="new")
    label: Mapped[str] = mapped_column(String(20))
    level: Mapped[int]
    score: Mapped[float]
    parts: Mapped[Json]
    confidence: Mapped[float]  # calibrated probability of `label` in its strongest item
    headline: Mapped[str]
    why: Mapped[str]
    labels: Mapped[Json]  # label -> highest probability among the items where it is on
    item_count: Mapped[int]
    outlet_count: Mapped[int]
    voice_count: Mapped[int]
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    last_item_at: Mapped[datetime]
    ranked_at: Mapped[datetime]
    reason: Mapped[str | None] = mapped_column(String(30))
    revision: Mapped[int] = mapped_column(default=1)
    __table_args__ = (
        Index("ix_alerts_rank", "score", "id"),
        Index("ix_alerts_state", "state", "score"),
        Index("ix_alerts_time", "last_item_at"),
    )


class AlertPlaceRow(Base):
    """Regions of an alert, best first (`position` 0 is where it happened)."""

    __tablename__ = "alert_places"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(13), primary_key=True, index=True)
    position: Mapped[int]


class AlertEventRow(Base):
    """The history of an alert: opened, raised, lowered, and every step a person took."""

    __tablename__ = "alert_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(20))
    from_state: Mapped[str | None] = mapped_column(String(15))
    to_state: Mapped[str | None] = mapped_column(String(15))
    reason: Mapped[str | None] = mapped_column(String(30))
    note: Mapped[str] = mapped_column(default="")
    detail: Mapped[Json] = mapped_column(default=dict)


class FactCheckRow(Base):
    """A published verdict on a claim, by an outlet of the role `factcheck` or imported."""

    __tablename__ = "fact_checks"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    claim: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    verdict: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    outlet: Mapped[str] = mapped_column(default="")
    checked_on: Mapped[date | None] = mapped_column(Date)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), unique=True)


class UserRow(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    region: Mapped[str | None] = mapped_column(String(13))  # None: every region
    active: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]


class TokenRow(Base):
    """A personal API token; only its SHA-256 is kept."""

    __tablename__ = "tokens"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scope: Mapped[str] = mapped_column(String(10))  # read | write | admin
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    single_use: Mapped[bool] = mapped_column(default=False)


class AuditRow(Base):
    """Append-only, hash-chained: a database trigger refuses UPDATE and DELETE. Ids and keyed hashes, never content."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str] = mapped_column(String(40))
    object: Mapped[str]
    purpose: Mapped[str] = mapped_column(default="")
    detail: Mapped[Json] = mapped_column(default=dict)
    previous: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64), unique=True)


class RejectRow(Base):
    """What could not be handled, kept aside and listed: nothing is lost in silence."""

    __tablename__ = "rejects"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    stage: Mapped[str] = mapped_column(String(20))
    object: Mapped[str]
    problem: Mapped[str]
    __table_args__ = (UniqueConstraint("stage", "object"),)
