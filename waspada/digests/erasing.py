"""What an erasure does to kept digests: the words of entries that rest on what goes are taken out, and the digest says
so. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from waspada.digests.jsonable import content_of, text_of
from waspada.digests.types import Content, Entry, Line, Part, Section
from waspada.store.tables import (
    AlertRow,
    ClaimMatchRow,
    DigestEntryRow,
    DigestRow,
    FactCheckRow,
    ItemRow,
    StoryEditItemRow,
    StoryEditRow,
    StoryItemRow,
    StoryRow,
)
from waspada.taxonomy import ItemKind

_CHUNK = 500


def forget_items(session: Session, item_ids: Sequence[int], now: datetime) -> int:
    """Takes what kept digests quote of items that are about to go; returns how many digests lost words. Posts are
    quoted in none."""
    articles = session.scalars(
        select(ItemRow.id).where(ItemRow.id.in_(item_ids), ItemRow.kind != ItemKind.POST.value)
    ).all()
    if not articles:
        return 0
    return forget_alerts(session, _alerts_of(session, articles), _checked_by(session, articles), now)


def forget_alerts(session: Session, alerts: Collection[int], claims_of: Collection[int], now: datetime) -> int:
    """Takes the words of entries on these alerts, and of the others the fact-check; returns how many digests."""
    touched = sorted({*alerts, *claims_of})
    found: set[int] = set()
    for start in range(0, len(touched), _CHUNK):
        query = select(DigestEntryRow.digest_id).where(DigestEntryRow.alert_id.in_(touched[start : start + _CHUNK]))
        found |= set(session.scalars(query))
    gone, unchecked, changed = set(alerts), set(claims_of), 0
    for id_ in sorted(found):
        row = session.get_one(DigestRow, id_, with_for_update=True)
        if row.content:
            lost = _forget(session, row, gone, unchecked, now)
            changed += lost
    session.flush()
    return changed


def old(before: datetime) -> Select[int]:
    """Kept digests that are past their time."""
    return select(DigestRow.id).where(DigestRow.kept_at < before)


def remove(session: Session, ids: Sequence[int]) -> None:
    session.execute(delete(DigestRow).where(DigestRow.id.in_(ids)))


def without(content: Content, alerts: Collection[int], claims_of: Collection[int]) -> tuple[Content, set[int]]:
    """A content without the words on these alerts, and the alerts of which words went now."""
    lost: set[int] = set()
    sections = tuple(_section(section, content.words["gone"], alerts, claims_of, lost) for section in content.sections)
    return replace(content, sections=sections, erased=content.erased + len(lost)), lost


def _forget(session: Session, row: DigestRow, alerts: set[int], claims_of: set[int], now: datetime) -> bool:
    content, lost = without(content_of(row.content), alerts, claims_of)
    if not lost:
        return False
    row.content, row.erased_at = text_of(content), now
    entries = update(DigestEntryRow).where(DigestEntryRow.digest_id == row.id, DigestEntryRow.alert_id.in_(lost))
    session.execute(entries.values(erased_at=now))
    return True


def _section(
    section: Section, gone: str, alerts: Collection[int], claims_of: Collection[int], lost: set[int]
) -> Section:
    entries = tuple(_entry(one, gone, alerts, claims_of, lost) for one in section.entries)
    lines = section.lines
    if section.part is Part.CHANGES:  # corrections repeat no words
        lines = tuple(_line(one, gone, alerts, lost) for one in lines)
    return replace(section, entries=entries, lines=lines)


def _entry(one: Entry, gone: str, alerts: Collection[int], claims_of: Collection[int], lost: set[int]) -> Entry:
    if one.alert_id in alerts and one.headline != gone:
        lost.add(one.alert_id)
        return replace(one, headline=gone, quote="", claim="", outlets="")
    if one.alert_id in claims_of and one.claim:
        lost.add(one.alert_id)
        return replace(one, claim=gone if one.headline != gone else "")
    return one


def _line(one: Line, gone: str, alerts: Collection[int], lost: set[int]) -> Line:
    if one.alert_id is None or one.alert_id not in alerts or one.text == gone:
        return one
    lost.add(one.alert_id)
    return replace(one, text=gone)


def _alerts_of(session: Session, items: Sequence[int]) -> set[int]:
    """The alerts of all stories that the items ever stood in: a digest was made before they were moved."""
    stories = set(session.scalars(select(StoryItemRow.story_id).where(StoryItemRow.item_id.in_(items))))
    edits = (
        select(StoryEditRow.story_id, StoryEditRow.into_id)
        .join(StoryEditItemRow, StoryEditItemRow.edit_id == StoryEditRow.id)
        .where(StoryEditItemRow.item_id.in_(items))
    )
    stories |= {story for pair in session.execute(edits) for story in pair}
    stories |= set(session.scalars(select(StoryRow.id).where(StoryRow.merged_into.in_(stories))))
    return set(session.scalars(select(AlertRow.id).where(AlertRow.story_id.in_(stories))))


def _checked_by(session: Session, items: Sequence[int]) -> set[int]:
    """The alerts whose stories repeat a claim that one of these items, a fact-check, is about."""
    query = (
        select(AlertRow.id)
        .join(StoryItemRow, StoryItemRow.story_id == AlertRow.story_id)
        .join(ClaimMatchRow, ClaimMatchRow.item_id == StoryItemRow.item_id)
        .join(FactCheckRow, FactCheckRow.id == ClaimMatchRow.claim_id)
        .where(FactCheckRow.item_id.in_(items))
    )
    return set(session.scalars(query))
