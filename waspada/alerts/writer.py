"""SQL of the ranking job: the members of a story in, its alert row out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from waspada.alerts.eligibility import Member, is_news
from waspada.alerts.regions import rescore, write_regions
from waspada.alerts.scoring import Assessment, Fact
from waspada.alerts.types import ERASED, FINISHED_STATES, SYSTEM
from waspada.alerts.wording import OF_REPORTS, headline_of_no_reports, headline_of_voices, notes, why
from waspada.items.repository import happened_at
from waspada.items.standing import heard_since, last_is_read, last_switch, stands
from waspada.notify.exercise import marked
from waspada.places import regency_or_self
from waspada.reports.repository import cites
from waspada.reports.types import ReportState
from waspada.sources.credits import HEAD_CHARS, TAIL_CHARS, agency_of
from waspada.sources.outlets import network_of
from waspada.sources.types import SourceRole
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRow,
    FieldReportRow,
    FingerprintRow,
    ItemRow,
    ItemVersionRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
    TagRow,
)
from waspada.stories.edits import merged_in
from waspada.stories.facts import Figure, figures_in, told
from waspada.stories.headlines import forget, note_headline
from waspada.stories.types import How
from waspada.taxonomy import MAX_LEVEL, AlertP, ItemKind, Label

_READ = (ItemRow, TagRow, SourceRow, StoryItemRow.how, FieldReportRow.state, cites())
#: What has its role by its kind, whatever its source is.
_OWN_ROLES = {ItemKind.POST.value: SourceRole.POST, ItemKind.REPORT.value: SourceRole.REPORT}
#: A story is judged by its newest items; a giant one must not slow the desk down.
MAX_MEMBERS = 200
#: So many of its older reports are known by what they told.
MAX_TOLD = 1000
#: States in which a person has finished with an alert: it comes back only when its level rises.
FINISHED = tuple(state.value for state in FINISHED_STATES)


def members(session: Session, story_id: int, model: str | None = None) -> list[Member]:
    """The members of a story as ranking sees them, oldest first, by the tags of their newest tagged version.

    An edited article counts as it was until its new version is tagged. With `model` they are what they would be were
    it in use: where it read an item, its tags count.
    """
    may_be_read = stands() if model is None else or_(stands(), TagRow.model == model)
    order = last_is_read() if model is None else (case((TagRow.model == model, 1), else_=0), *last_is_read())
    newest_ids = (
        select(ItemRow.id)
        .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .where(StoryItemRow.story_id == story_id, select(TagRow.item_id).where(TagRow.item_id == ItemRow.id).exists())
        .order_by(happened_at().desc(), ItemRow.id.desc())
        .limit(MAX_MEMBERS)
    )
    ids = session.scalars(newest_ids).all()
    rows = session.execute(
        select(
            *_READ,
            FingerprintRow.regions,
            FingerprintRow.facts,
            func.substr(ItemVersionRow.text, 1, HEAD_CHARS),
            _end_of(ItemVersionRow.text),
        )
        .join(StoryItemRow, StoryItemRow.item_id == ItemRow.id)
        .join(TagRow, (TagRow.item_id == ItemRow.id) & may_be_read)
        .join(SourceRow, SourceRow.id == ItemRow.source_id)
        .outerjoin(FingerprintRow, FingerprintRow.item_id == ItemRow.id)
        .outerjoin(FieldReportRow, FieldReportRow.item_id == ItemRow.id)
        .join(ItemVersionRow, (ItemVersionRow.item_id == ItemRow.id) & (ItemVersionRow.version == TagRow.version))
        .where(ItemRow.id.in_(ids))
        .order_by(happened_at(), ItemRow.id, TagRow.version, *order)
    )
    newest = {row[0].id: row for row in rows}
    return [
        replace(
            _member(item, tag, source, how, regions or (), told(figures_in(facts)), (head, end)),
            report=ReportState(state or ReportState.SENT) if item.kind == ItemKind.REPORT else None,
            cites=bool(is_made_of_others),
        )
        for item, tag, source, how, state, is_made_of_others, regions, facts, head, end in newest.values()
    ]


def told_before(session: Session, story_id: int, members: Sequence[Member]) -> frozenset[Fact] | None:
    """What the reports of a giant story told that are too old to be among its `members`; None for any other.

    Copies tell nothing of their own; of the others the newest `MAX_TOLD` are read.
    """
    if len(members) < MAX_MEMBERS:
        return None
    rows = session.execute(
        select(FingerprintRow.facts, FingerprintRow.labels)
        .join(StoryItemRow, StoryItemRow.item_id == FingerprintRow.item_id)
        .join(ItemRow, ItemRow.id == FingerprintRow.item_id)
        .where(
            StoryItemRow.story_id == story_id,
            StoryItemRow.how != How.COPY,
            ItemRow.id.not_in([member.item_id for member in members]),
        )
        .order_by(happened_at().desc(), ItemRow.id.desc())
        .limit(MAX_TOLD)
    ).all()
    if not rows:
        return None
    return frozenset[Fact]().union(*(told(figures_in(facts)) | set(map(Label, labels)) for facts, labels in rows))


def _member(
    item: ItemRow,
    tag: TagRow,
    source: SourceRow,
    how: str,
    regions: Sequence[str],
    figures: frozenset[Figure],
    ends: tuple[str, str],
) -> Member:
    role = _OWN_ROLES.get(item.kind)
    return Member(
        item_id=item.id,
        kind=ItemKind(item.kind),
        role=role or SourceRole(source.role),
        outlet=item.outlet,
        voice=item.voice,
        at=item.at,
        found_at=item.found_at,
        how=How(how),
        labels={label: tag.labels[label]["p"] for label in Label if tag.labels[label]["on"]},
        conflict_level=tag.conflict_level,
        alert_level=tag.alert_level,
        reliability=source.reliability,
        regions=tuple(regions),
        title=item.title,
        network=network_of(item.outlet),
        is_wire=role is None and agency_of(item.outlet, *ends) is not None,
        figures=figures,
        alert_p=_alert_p(tag.alert_p),
    )


def _alert_p(stored: Sequence[float] | None) -> AlertP | None:
    return (stored[0], stored[1], stored[2]) if stored is not None and len(stored) == MAX_LEVEL else None


def _end_of(text: InstrumentedAttribute[str]) -> ColumnElement[str]:
    """The last characters of a text; a negative start means something else to each database."""
    longer = func.length(text) > TAIL_CHARS
    return func.substr(text, case((longer, func.length(text) - TAIL_CHARS + 1), else_=1))


def save(
    session: Session,
    story: StoryRow,
    found: Assessment | None,
    now: datetime,
    news_for: timedelta,
    *,
    is_exercise: bool = False,
) -> AlertRow | None:
    """Writes the alert of a story: opens it, updates its facts, or lowers it when nothing speaks for it any more.

    A story without an item published within `news_for` opens none, and brings back none that a person finished.
    What only exercises speak for is marked as one wherever it is shown; it stands in no list and count.
    """
    row = session.scalar(select(AlertRow).where(AlertRow.story_id == story.id).with_for_update())
    if found is None:
        if row is not None:
            _withdraw(session, story, row, now)
        return row
    columns = _columns(found, now, is_exercise)
    known = "" if story.headline.startswith(OF_REPORTS) else story.headline
    story.headline = found.headline or known or headline_of_voices(found)
    if is_exercise:
        story.headline = marked(story.headline)
    note_headline(session, story, now)
    fresh = is_news(found.last_item_at, now, news_for)
    if row is None and not fresh:
        return None
    if row is None:
        row = AlertRow(story_id=story.id, state="new", opened_at=now, changed_at=now, revision=1, **columns)
        session.add(row)
        session.flush()
        _note(session, row, "opened", now, {"level": found.level, "score": found.score, **_by_model(session, story.id)})
    else:
        before = row.level
        for name, value in columns.items():
            setattr(row, name, value)
        if before != found.level:
            row.changed_at = now
            row.revision += 1
            risen = found.level > before
            by = _by_model(session, story.id)
            _note(session, row, "raised" if risen else "lowered", now, {"from": before, "to": found.level, **by})
            if fresh and risen and row.state in FINISHED and not by:
                _reopen(session, row, now)
    _save_places(session, row.id, found.regions)
    write_regions(session, row.id, found.regions, found.score)
    return row


def _columns(found: Assessment, now: datetime, is_exercise: bool) -> dict[str, object]:
    headline, reason = found.headline or headline_of_voices(found), why(found)
    return {
        "label": found.label,
        "level": found.level,
        "score": found.score,
        "parts": found.parts,
        "confidence": found.confidence,
        "headline": marked(headline) if is_exercise else headline,
        "why": marked(reason) if is_exercise else reason,
        "exercise": is_exercise,
        "labels": {label.value: p for label, p in found.labels.items()},
        "item_count": len(found.items),
        "outlet_count": found.outlet_count,
        "voice_count": found.voice_count,
        "last_item_at": found.last_item_at,
        "ranked_at": now,
        "weights_version": found.weights.version,
        "notes": notes(found),
    }


def _withdraw(session: Session, story: StoryRow, row: AlertRow, now: datetime) -> None:
    """An edit, a better model or a person took the reason away: the alert falls to the end of the list, with its
    history. What its headline said of field reports holds no more."""
    row.ranked_at = now
    if row.headline.startswith(OF_REPORTS):
        row.headline, row.why = headline_of_no_reports(row.label), ""
    if story.headline.startswith(OF_REPORTS):
        story.headline = headline_of_no_reports(row.label)
        note_headline(session, story, now)
    if row.level == 0:
        return
    row.revision += 1
    _note(session, row, "lowered", now, {"from": row.level, "to": 0})
    row.level, row.score, row.parts, row.notes, row.changed_at = 0, 0.0, {}, {}, now
    rescore(session, row.id, row.score)


def forget_headline(session: Session, story: StoryRow) -> None:
    """A story whose last item was erased keeps its history, and none of the item's words; so do those merged into it.

    A story that was merged itself has its items elsewhere: nothing of it was erased.
    """
    if story.merged_into is not None:
        return
    story.headline = ""
    stories = [story.id, *merged_in(session, story.id)]
    forget(session, stories)
    session.execute(update(AlertRow).where(AlertRow.story_id.in_(stories)).values(headline=ERASED, why=""))


def _reopen(session: Session, row: AlertRow, now: datetime) -> None:
    """What people finished as less has become more: it comes back to the desk as new, and is nobody's."""
    before = {"owner_before": row.owner} if row.owner else {}
    session.add(
        AlertEventRow(
            alert_id=row.id,
            at=now,
            actor=SYSTEM,
            action="reopened",
            from_state=row.state,
            to_state="new",
            revision=row.revision,
            detail=before,
        )
    )
    row.state, row.reason, row.owner, row.due_at = "new", None, None, None


def _by_model(session: Session, story_id: int) -> dict[str, str]:
    """The model that reads the story's texts otherwise than the one before, where nothing was reported since: people
    are told of news, and bring back what is news, not what another model makes of what they know."""
    switch = last_switch(session)
    return {} if switch is None or heard_since(session, [story_id], switch.at) else {"by_model": switch.model}


def _note(session: Session, row: AlertRow, action: str, now: datetime, detail: Mapping[str, object]) -> None:
    session.add(
        AlertEventRow(alert_id=row.id, at=now, actor=SYSTEM, action=action, revision=row.revision, detail=dict(detail))
    )


def _save_places(session: Session, alert_id: int, regions: Sequence[str]) -> None:
    """Regions best first, each followed by its kabupaten/kota: what is counted by region finds it under one code."""
    session.execute(delete(AlertPlaceRow).where(AlertPlaceRow.alert_id == alert_id))
    told = list(dict.fromkeys(found for code in regions for found in (code, regency_or_self(code))))
    session.add_all(AlertPlaceRow(alert_id=alert_id, code=code, position=n) for n, code in enumerate(told))
