"""Field reports, what was done with them, and the periodic reports of kecamatan (waspada.reports).

Who sent a report stands in a table of its own, sealed, and goes when the case is over.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey


class FieldReportRow(Base):
    """One report. Its text is that of its item; `item_id` is empty when that was erased."""

    __tablename__ = "field_reports"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    form_key: Mapped[str] = mapped_column(String(64), unique=True)  # keyed hash: the same report sent twice is one
    region: Mapped[str] = mapped_column(String(13))  # that it comes from: its level
    place: Mapped[str] = mapped_column(String(13))  # where it happened, within the region
    kind: Mapped[str] = mapped_column(String(12))  # waspada.reports.types.EventKind
    known: Mapped[str] = mapped_column(String(10))  # HowKnown
    item_id: Mapped[int | None] = mapped_column(ForeignKey("items.id", ondelete="SET NULL"), unique=True)
    happened_at: Mapped[datetime]
    sent_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(12), default="sent")  # ReportState
    revision: Mapped[int] = mapped_column(default=1)
    decided_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[datetime | None] = mapped_column(index=True)
    __table_args__ = (
        Index("ix_field_reports_region", "region", "sent_at"),
        Index("ix_field_reports_sent", "sent_at"),
        Index("ix_field_reports_state", "state", "id"),
    )


class FieldReportSenderRow(Base):
    """Who sent a report: sealed for it alone, with a mark that only the account's own id and the key lead to."""

    __tablename__ = "field_report_senders"
    report_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id", ondelete="CASCADE"), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str]


class FieldReportEventRow(Base):
    """One step with a report. The actor of a reporter's own steps is nobody's name."""

    __tablename__ = "field_report_events"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    step: Mapped[str] = mapped_column(String(15))  # Step
    state: Mapped[str | None] = mapped_column(String(12))
    text: Mapped[str] = mapped_column(default="")  # note, question or answer, without contacts
    other_id: Mapped[int | None] = mapped_column(BigKey)  # the report that it went into


class FieldReportCitationRow(Base):
    """A report of one level stands in one report of the level above, and in no other."""

    __tablename__ = "field_report_citations"
    child_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id", ondelete="CASCADE"), primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("field_reports.id", ondelete="CASCADE"), index=True)


class FieldReportDraftRow(Base):
    """A report that is not sent yet, sealed. Nothing in it returns in the report or in another draft: `mark` leads its
    writer to it, as with reports."""

    __tablename__ = "field_report_drafts"
    draft_key: Mapped[str] = mapped_column(String(64), primary_key=True)
    mark: Mapped[str] = mapped_column(String(64))
    sealed: Mapped[str]
    changed_at: Mapped[datetime] = mapped_column(index=True)


class PeriodicReportRow(Base):
    """The periodic report of a kecamatan for some days; who sent it is not kept."""

    __tablename__ = "periodic_reports"
    id: Mapped[int] = mapped_column(primary_key=True)
    region: Mapped[str] = mapped_column(String(13))
    first_day: Mapped[date] = mapped_column(Date)
    last_day: Mapped[date] = mapped_column(Date)
    is_nil: Mapped[bool]
    text: Mapped[str] = mapped_column(default="")
    sent_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]  # its words were taken out on request
    __table_args__ = (
        UniqueConstraint("region", "first_day", "last_day"),
        Index("ix_periodic_reports_first_day", "first_day"),
    )
