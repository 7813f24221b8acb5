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
    false,
    text,
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
    alert_p: Mapped[list[float] | None] = mapped_column(JSON(none_as_null=True))  # waspada.taxonomy.AlertP
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


_IS_MERGED = text("merged_into IS NOT NULL")


class StoryRow(Base):
    """Items about one event."""

    __tablename__ = "stories"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    opened_at: Mapped[datetime]
    last_item_at: Mapped[datetime]
    headline: Mapped[str]
    stale: Mapped[bool] = mapped_column(default=True)  # its alert has to be computed again
    to_repair: Mapped[bool] = mapped_column(default=True)  # whether its items belong together has to be looked at
    merged_into: Mapped[int | None] = mapped_column(BigKey)  # the story that took its items; it has none left
    __table_args__ = (
        Index("ix_stories_stale", "stale", "id"),
        Index("ix_stories_repair", "to_repair", "last_item_at"),
        Index("ix_stories_merged_into", "merged_into", sqlite_where=_IS_MERGED, postgresql_where=_IS_MERGED),
    )


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

    `eventful` says that an item of the story has an event label on, `label_groups` of which groups they are
    (waspada.stories.groups). Volumes count a story in the time of its first report.
    """

    __tablename__ = "story_places"
    code: Mapped[str] = mapped_column(String(13), primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), primary_key=True, index=True)
    last_item_at: Mapped[datetime]
    eventful: Mapped[bool] = mapped_column(default=False)
    first_item_at: Mapped[datetime | None]
    label_groups: Mapped[int] = mapped_column(default=0, server_default="0")
    __table_args__ = (
        Index("ix_story_places_recent", "code", "last_item_at", "eventful"),
        Index("ix_story_places_began", "code", "first_item_at", "label_groups", "story_id"),
    )


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
    weights_version: Mapped[int | None]  # of ranking_weights, by which it was scored; None is the prior
    notes: Mapped[Json | None] = mapped_column(JSON(none_as_null=True))  # part -> what stands behind its points
    exercise: Mapped[bool] = mapped_column(default=False, server_default=false())  # of the canary: in no list or count
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
    __table_args__ = (Index("ix_alert_places_alert", "code", "alert_id", "position"),)


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
    """A verdict on a claim: of an outlet of the role `factcheck`, imported, or of an analyst of this desk.

    `claim` is what circulated as far as it is quoted, `title` the headline. `seq` grows with every change of any row
    but one of its vectors, which are those of its texts (waspada.claims.matching.texts_of), one behind another.
    """

    __tablename__ = "fact_checks"
    id: Mapped[str] = mapped_column(String(80), primary_key=True)
    claim: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    verdict: Mapped[str] = mapped_column(default="")
    url: Mapped[str | None]
    outlet: Mapped[str] = mapped_column(default="")
    checked_on: Mapped[date | None] = mapped_column(Date)
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), unique=True)
    origin: Mapped[str] = mapped_column(String(10), default="outlet")  # waspada.claims.types.CheckOrigin
    actor: Mapped[str | None]  # who imported it or gave the verdict
    reason: Mapped[str] = mapped_column(default="")  # what an own verdict rests on
    added_at: Mapped[datetime | None]
    seq: Mapped[int] = mapped_column(BigInteger, default=0, index=True)
    looked_back: Mapped[bool] = mapped_column(default=False, index=True)  # recent items wait to be matched with it
    vectors_of: Mapped[str | None] = mapped_column(String(80), index=True)  # way of scoring they are for; None: none
    vectors: Mapped[NDArray[np.float32] | None] = mapped_column(Vector, deferred=True)


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


class ClaimMatchRow(Base):
    """A fact-check that an item may repeat. What a person said stays; `revision` guards against two of them."""

    __tablename__ = "claim_matches"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"))
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    score: Mapped[float]
    state: Mapped[str] = mapped_column(String(10), index=True)  # suggested | confirmed | rejected
    origin: Mapped[str] = mapped_column(String(10))  # who set the state: machine | person
    actor: Mapped[str]
    at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(String(80))  # what gave the score
    revision: Mapped[int] = mapped_column(default=1)
    __table_args__ = (UniqueConstraint("item_id", "claim_id"),)


class ClaimMatchEventRow(Base):
    """Every step of a match, kept also when the machine takes its suggestion back. A trigger refuses UPDATE."""

    __tablename__ = "claim_match_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    from_state: Mapped[str | None] = mapped_column(String(10))
    to_state: Mapped[str | None] = mapped_column(String(10))  # None: taken back by the machine
    reason: Mapped[str] = mapped_column(default="")
    score: Mapped[float]
    model: Mapped[str] = mapped_column(String(80))


class UnmatchedItemRow(Base):
    """An item that waits to be matched: new, edited, or asked for again by a new fact-check (`again`).

    `asked` counts the requests, so that one which comes while a worker matches is not lost.
    """

    __tablename__ = "unmatched_items"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    again: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_unmatched_items_order", "again", "item_id"),)


class ClaimThresholdRow(Base):
    """From which score a match is suggested and confirmed, for one way of scoring; the newest row is in use."""

    __tablename__ = "claim_thresholds"
    id: Mapped[int] = mapped_column(primary_key=True)
    model: Mapped[str] = mapped_column(String(80), index=True)
    suggested_from: Mapped[float]
    confirmed_from: Mapped[float]
    actor: Mapped[str]
    at: Mapped[datetime]
    detail: Mapped[Json] = mapped_column(default=dict)


class RankingWeightsRow(Base):
    """Points of the parts of a score, as learned at a time. One version at most is in use, else the prior.

    Append-only but for `in_use`: an alert names the version by which it was scored.
    """

    __tablename__ = "ranking_weights"
    version: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]  # the account that had them learned
    points: Mapped[Json]
    figures: Mapped[Json]  # waspada.alerts.weights.Figures: what they were learned from and how they did
    in_use: Mapped[bool] = mapped_column(default=False)


_WAITING = text("ready_at IS NULL AND dropped_at IS NULL")


class NoticeRow(Base):
    """One interruption of a desk by an alert, or what was held back of it (waspada.notify). Codes and counts only."""

    __tablename__ = "notices"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"))
    desk: Mapped[str] = mapped_column(String(13))  # region that the people of the desk are bound to
    number: Mapped[int]  # counts the notices of the alert to the desk, from 1
    kind: Mapped[str] = mapped_column(String(10))  # first | update | repeat
    revision: Mapped[int]  # of the alert when it was last decided
    facts: Mapped[Json]  # level, labels, places, outlets, texts, changes
    due_at: Mapped[datetime]
    ready_at: Mapped[datetime | None]
    held_at: Mapped[datetime | None]  # first held; stays when it comes free
    held_reason: Mapped[str | None] = mapped_column(String(10))  # silence | parent | cap
    held_by: Mapped[str] = mapped_column(String(60), default="")  # silence/3, alert/12, shift/2024-11-20T07:00:00+08:00
    dropped_at: Mapped[datetime | None]  # needed no more
    drop_reason: Mapped[str | None] = mapped_column(String(15))
    __table_args__ = (
        UniqueConstraint("alert_id", "desk", "number"),
        Index("ix_notices_desk", "desk", "id"),
        Index("ix_notices_ready", "desk", "ready_at", "dropped_at"),
        Index("ix_notices_waiting", "held_by", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )


class SilenceRow(Base):
    """Notices of a region are held until then, by a person who says why; it hides no alert."""

    __tablename__ = "silences"
    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(13))
    label: Mapped[str | None] = mapped_column(String(20))  # None: every label
    until: Mapped[datetime] = mapped_column(index=True)
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class AlertParentRow(Base):
    """A person said that another alert speaks for this one: its notices are held while the other is open."""

    __tablename__ = "alert_parents"
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    actor: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class StoryEditRow(Base):
    """Items moved from one story to another, by a person or by the machine's repair; never changed, only undone.

    `story_id` is where the items came from, `into_id` where they went: of a merge the story that ended, of a split the
    one that was parted.
    """

    __tablename__ = "story_edits"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    binding: Mapped[bool]  # a person did it: the machine never goes against it
    kind: Mapped[str] = mapped_column(String(10))  # merge | split | undo
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    into_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(default="")
    alerts: Mapped[Json]  # how the alerts of both stood before: states, levels, points; no words
    undoes: Mapped[int | None] = mapped_column(ForeignKey("story_edits.id", ondelete="CASCADE"), unique=True)


class StoryEditItemRow(Base):
    """An item's part in an edit, and why it stood in its story before; the row goes with its item."""

    __tablename__ = "story_edit_items"
    edit_id: Mapped[int] = mapped_column(ForeignKey("story_edits.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(String(10))  # waspada.stories.edits.EditPart
    how: Mapped[str] = mapped_column(String(20))
    likeness: Mapped[float]


class StoryHeadlineRow(Base):
    """A headline that a story had from a moment on; the row goes with the item whose title it is."""

    __tablename__ = "story_headlines"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    story_id: Mapped[int] = mapped_column(ForeignKey("stories.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    headline: Mapped[str]
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)


class FactCheckEventRow(Base):
    """A verdict of this desk as somebody gave it; a later one on the same words leaves it. A trigger refuses UPDATE."""

    __tablename__ = "fact_check_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    claim_id: Mapped[str] = mapped_column(ForeignKey("fact_checks.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    verdict: Mapped[str]
    url: Mapped[str | None]
    reason: Mapped[str]


class TopicRow(Base):
    """What a desk wants to find beside the eight labels: a thing, an event, a place or an institution, never a person.

    `vectors`, `floor`, `threshold` and `sampled` are of `model`; the worker makes them (waspada.jobs.topics).
    """

    __tablename__ = "topics"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    description: Mapped[str] = mapped_column(default="")
    examples: Mapped[list[str]] = mapped_column(JSON)
    places: Mapped[list[str]] = mapped_column(JSON)  # Kemendagri codes; none: everywhere
    threshold: Mapped[float | None]  # an item above it belongs to the topic
    floor: Mapped[float | None]  # the threshold on an empty store
    sampled: Mapped[int] = mapped_column(default=0)  # stored items from which the threshold was chosen
    model: Mapped[str | None] = mapped_column(String(80))
    vectors: Mapped[NDArray[np.float32] | None] = mapped_column(Vector)  # of title with description, and each example
    chosen_at: Mapped[datetime | None]  # when the threshold was
    tried_at: Mapped[datetime | None]  # when a head of this model was, or could have been
    failed_at: Mapped[datetime | None]  # when the model last failed on its sentences
    looks_back: Mapped[bool] = mapped_column(default=False)  # stored items are to be compared with it
    actor: Mapped[str]
    at: Mapped[datetime]
    off_at: Mapped[datetime | None]
    off_by: Mapped[str | None]


class TopicTagRow(Base):
    """An item belongs to a topic: by likeness (`score` is a cosine), by the head (a probability) or by a person (1)."""

    __tablename__ = "topic_tags"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    score: Mapped[float]
    how: Mapped[str] = mapped_column(String(10))  # waspada.topics.types.TagOrigin
    model: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class TopicLabelRow(Base):
    """A person's answer whether an item belongs to a topic; `revision` guards against two of them."""

    __tablename__ = "topic_labels"
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True, index=True)
    fits: Mapped[bool]
    actor: Mapped[str]
    at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)


class TopicHeadRow(Base):
    """What was learned from the answers of a topic, one row a try; the newest counts, if it is `used`."""

    __tablename__ = "topic_heads"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id", ondelete="CASCADE"), index=True)
    version: Mapped[int]  # counts the tries of the topic, from 1
    model: Mapped[str] = mapped_column(String(80))
    weights: Mapped[NDArray[np.float32]] = mapped_column(Vector)
    bias: Mapped[float]
    cut: Mapped[float]  # an item above this probability belongs to the topic
    used: Mapped[bool]
    figures: Mapped[Json]  # waspada.topics.head.Figures
    at: Mapped[datetime]
    __table_args__ = (UniqueConstraint("topic_id", "version"),)


class TopicQueueRow(Base):
    """An item that waits to be compared with the topics: new, edited, or asked for again by a topic (`again`).

    `asked` counts the requests, so that one which comes while a worker compares is not lost.
    """

    __tablename__ = "topic_queue"
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), primary_key=True)
    again: Mapped[bool] = mapped_column(default=False)
    asked: Mapped[int] = mapped_column(default=1)
    __table_args__ = (Index("ix_topic_queue_order", "again", "item_id"),)
