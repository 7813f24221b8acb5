"""SQL of what goes: senders when a case is over, drafts, words that were erased, reports past their time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import CursorResult, Executable, Select, delete, select, update
from sqlalchemy.orm import Session

from waspada.reports.service import forget_senders
from waspada.store.tables import (
    FieldReportDraftRow,
    FieldReportEventRow,
    FieldReportRow,
    FieldReportSenderRow,
)

__all__ = [
    "forget_senders",
    "forget_senders_of",
    "forget_words",
    "items_of",
    "old",
    "old_drafts",
    "old_senders",
    "remove",
    "remove_drafts",
]


def old_senders(before: datetime) -> Select[int]:
    """Reports whose case was closed before a moment, and of which it is still kept who sent them."""
    return (
        select(FieldReportSenderRow.report_id)
        .join(FieldReportRow, FieldReportRow.id == FieldReportSenderRow.report_id)
        .where(FieldReportRow.closed_at < before)
    )


def old_drafts(before: datetime) -> Select[str]:
    return select(FieldReportDraftRow.draft_key).where(FieldReportDraftRow.changed_at < before)


def remove_drafts(session: Session, ids: Sequence[str]) -> None:
    session.execute(delete(FieldReportDraftRow).where(FieldReportDraftRow.draft_key.in_(ids)))


def old(before: datetime) -> Select[int]:
    return select(FieldReportRow.id).where(FieldReportRow.sent_at < before)


def items_of(session: Session, ids: Sequence[int]) -> Sequence[int]:
    """The items of these reports."""
    query = select(FieldReportRow.item_id).where(FieldReportRow.id.in_(ids), FieldReportRow.item_id.is_not(None))
    return [id_ for id_ in session.scalars(query) if id_ is not None]


def remove(session: Session, ids: Sequence[int]) -> None:
    """The rows with their history, senders and citations."""
    session.execute(delete(FieldReportRow).where(FieldReportRow.id.in_(ids)))


def forget_words(session: Session, item_ids: Sequence[int]) -> int:
    """Empties what people wrote about the reports of these items; returns how many rows that touched."""
    reports = select(FieldReportRow.id).where(FieldReportRow.item_id.in_(item_ids))
    notes = update(FieldReportRow).where(FieldReportRow.item_id.in_(item_ids), FieldReportRow.note != "")
    steps = update(FieldReportEventRow).where(
        FieldReportEventRow.report_id.in_(reports), FieldReportEventRow.text != ""
    )
    return _rows(session, notes.values(note="")) + _rows(session, steps.values(text=""))


def forget_senders_of(session: Session, item_ids: Sequence[int]) -> None:
    """Nobody can tell any more who sent the reports of these items."""
    reports = select(FieldReportRow.id).where(FieldReportRow.item_id.in_(item_ids))
    session.execute(delete(FieldReportSenderRow).where(FieldReportSenderRow.report_id.in_(reports)))


def _rows(session: Session, statement: Executable) -> int:
    done = session.execute(statement, execution_options={"synchronize_session": False})
    return done.rowcount if isinstance(done, CursorResult) else 0
