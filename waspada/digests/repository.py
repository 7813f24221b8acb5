"""SQL about kept digests. Nothing here commits: the caller does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from waspada.alerts.items import under
from waspada.alerts.policy import REFUTED_STATES, REFUTING_REASONS
from waspada.alerts.types import AlertState
from waspada.clock import zone_of
from waspada.digests import rendering
from waspada.digests.jsonable import content_of, sha256_of, text_of
from waspada.digests.texts import Block, Template, shipped
from waspada.digests.types import Digest, Kept, Kind, Layout, Part
from waspada.digests.words import day_of
from waspada.errors import ConflictError, NotFoundError
from waspada.store.tables import (
    AlertEventRow,
    AlertRow,
    DigestCorrectionRow,
    DigestEntryRow,
    DigestLayoutRow,
    DigestRow,
    DigestTemplateRow,
)
from waspada.store.upsert import insert_into

#: The longest that a digest looks back, and some: what it tells of had news in that time.
_LONGEST = timedelta(days=35)
_ENTRY_PARTS = (Part.VERIFIED, Part.UNVERIFIED, Part.HOAXES)
_PERIODIC = (Kind.HARIAN, Kind.MINGGUAN, Kind.BULANAN)
_CHUNK = 500
REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Wrong:
    """An entry of a kept digest that was found wrong at a time; `why` is a key of `escalations.wording.RETRACTED`."""

    digest_id: int
    key: str
    shown_at: datetime
    alert_id: int
    why: str
    at: datetime


def last_of_each(session: Session, before: datetime) -> dict[str, datetime]:
    """The moment of the last periodic digest by what was wanted, of those that a next one could follow."""
    query = (
        select(DigestRow.key, func.max(DigestRow.at))
        .where(
            DigestRow.at < before,
            DigestRow.at >= before - 2 * _LONGEST,
            DigestRow.kind.in_([kind.value for kind in _PERIODIC]),
        )
        .group_by(DigestRow.key)
    )
    return {key: at for key, at in session.execute(query)}  # noqa: C416


def wrongs(session: Session, since: datetime, now: datetime, *, uncorrected: bool = False) -> list[Wrong]:
    """What digests kept since a moment told that was found wrong after they were kept, the oldest digest first; with
    `uncorrected`, what no correction said so of yet."""
    found = _refuted(session, since)
    for alert_id, at in _erased(session, since):
        found.setdefault(alert_id, (REMOVED, at))
    told: list[Wrong] = []
    for why, ids in _by_why(found).items():
        for chunk in (ids[start : start + _CHUNK] for start in range(0, len(ids), _CHUNK)):
            query = _told(chunk, since)
            if uncorrected:
                query = query.where(~_corrected(why).exists())
            for id_, key, shown_at, kept_at, alert_id in session.execute(query):
                at = found[alert_id][1]
                if kept_at <= at < now:
                    told.append(Wrong(id_, key, shown_at, alert_id, why, at))
    return sorted(told, key=lambda one: (one.digest_id, one.alert_id))


def _by_why(found: Mapping[int, tuple[str, datetime]]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = {}
    for alert_id in sorted(found):
        ids.setdefault(found[alert_id][0], []).append(alert_id)
    return ids


def _told(alert_ids: Sequence[int], since: datetime) -> Select[int, str, datetime, datetime, int]:
    """Digests kept since a moment that have an entry on one of these alerts."""
    return (
        select(DigestRow.id, DigestRow.key, DigestRow.at, DigestRow.kept_at, DigestEntryRow.alert_id)
        .join(DigestEntryRow, DigestEntryRow.digest_id == DigestRow.id)
        .where(
            DigestEntryRow.alert_id.in_(alert_ids),
            DigestEntryRow.part.in_([part.value for part in _ENTRY_PARTS]),
            DigestRow.kept_at >= since,
            DigestRow.kind != Kind.RALAT.value,
        )
    )


def _corrected(why: str) -> Select[int]:
    """The correction that says of a digest's entry that it was wrong for this reason."""
    return select(DigestCorrectionRow.digest_id).where(
        DigestCorrectionRow.digest_id == DigestEntryRow.digest_id,
        DigestCorrectionRow.alert_id == DigestEntryRow.alert_id,
        DigestCorrectionRow.why == why,
    )


def kept(session: Session, digest_id: int, *, within: str | None = None) -> Kept:
    """A kept digest. Raises NotFoundError, also where its time is over or it lies outside the reader's region."""
    row = session.scalar(select(DigestRow).where(DigestRow.id == digest_id, *inside(within)))
    if row is None or not row.content:
        raise NotFoundError(f"There is no digest {digest_id} in your area.", hint="See /digests.")
    return Kept(
        id=row.id,
        key=row.key,
        kept_at=row.kept_at,
        content=content_of(row.content),
        layout=layout(session, row.layout),
        sha256=row.sha256,
        html_sha256=row.html_sha256,
        text_sha256=row.text_sha256,
        erased_at=row.erased_at,
    )


def is_wrong(session: Session, digest_id: int) -> bool:
    """Whether a kept digest tells something that was corrected, or does not stand any more and will be."""
    corrected = select(DigestCorrectionRow.digest_id).where(DigestCorrectionRow.digest_id == digest_id)
    told = (
        select(DigestEntryRow.digest_id)
        .join(AlertRow, AlertRow.id == DigestEntryRow.alert_id)
        .where(
            DigestEntryRow.digest_id == digest_id,
            DigestEntryRow.part.in_([part.value for part in _ENTRY_PARTS]),
            _is_gone(),
        )
    )
    return session.scalar(corrected.limit(1)) is not None or session.scalar(told.limit(1)) is not None


def layout(session: Session, sha256: str) -> Layout:
    known: dict[str, Layout] = session.info.setdefault("layouts", {})
    if sha256 not in known:
        row = session.get_one(DigestLayoutRow, sha256)
        known[sha256] = Layout(row.sha256, row.html, row.text, row.pdf)
    return known[sha256]


def _refuted(session: Session, since: datetime) -> dict[int, tuple[str, datetime]]:
    """Alerts with news of the time that do not stand any more: why, and since when."""
    said = (
        select(AlertEventRow.alert_id, func.max(AlertEventRow.at).label("at"))
        .where(AlertEventRow.to_state.in_([state.value for state in REFUTED_STATES]), AlertEventRow.at >= since)
        .group_by(AlertEventRow.alert_id)
        .subquery()
    )
    query = (
        select(AlertRow.id, AlertRow.state, AlertRow.reason, AlertRow.changed_at, said.c.at)
        .outerjoin(said, said.c.alert_id == AlertRow.id)
        .where(AlertRow.last_item_at >= since - _LONGEST, AlertRow.exercise.is_(False), _is_gone())
    )
    found = {}
    for id_, state, reason, changed_at, said_at in session.execute(query):
        by_person = state in REFUTED_STATES or reason in REFUTING_REASONS
        at = said_at if by_person and said_at is not None else changed_at
        found[id_] = ((reason or state) if by_person else REMOVED, at)
    return found


def _is_gone() -> ColumnElement[bool]:
    """Alerts that were taken back, or lost their ground."""
    return or_(
        AlertRow.state.in_([state.value for state in REFUTED_STATES]),
        and_(AlertRow.state == AlertState.CLOSED.value, AlertRow.reason.in_(list(REFUTING_REASONS))),
        AlertRow.level == 0,
    )


def _erased(session: Session, since: datetime) -> list[tuple[int, datetime]]:
    """Alerts of which kept digests lost words, and when last."""
    query = (
        select(DigestEntryRow.alert_id, func.max(DigestEntryRow.erased_at))
        .where(DigestEntryRow.erased_at >= since)
        .group_by(DigestEntryRow.alert_id)
    )
    return [(alert_id, at) for alert_id, at in session.execute(query) if at is not None]


def keep(session: Session, digest: Digest, now: datetime) -> int:
    """Writes a digest and what it tells of, once. Returns its id."""
    text = text_of(digest.content)
    sha256 = sha256_of(text)
    known = session.scalar(select(DigestRow.id).where(DigestRow.sha256 == sha256))
    if known is not None:
        return known
    form, written = rendering.layout(), rendering.rendered(digest.content)
    layouts = insert_into(session, DigestLayoutRow)
    session.execute(
        layouts.values(sha256=form.sha256, html=form.html, text=form.text, pdf=form.pdf).on_conflict_do_nothing()
    )
    content = digest.content
    row = insert_into(session, DigestRow).values(
        key=content.wanted.key,
        kind=content.kind.value,
        region=content.wanted.region,
        day=day_of(content.at, zone_of(content.wanted.zone)).isoformat(),
        at=content.at,
        kept_at=now,
        content=text,
        layout=form.sha256,
        sha256=sha256,
        html_sha256=sha256_of(written.html),
        text_sha256=sha256_of(written.text),
    )
    added: int | None = session.scalar(row.on_conflict_do_nothing(index_elements=["sha256"]).returning(DigestRow.id))
    if added is None:  # somebody else kept the same in this moment
        return session.scalars(select(DigestRow.id).where(DigestRow.sha256 == sha256)).one()
    told: dict[int, str] = {}
    for section in content.sections:
        for alert_id in (*(one.alert_id for one in section.entries), *(one.alert_id for one in section.lines)):
            if alert_id is not None:
                told.setdefault(alert_id, section.part.value)
    if told:
        rows = [{"digest_id": added, "alert_id": id_, "part": part} for id_, part in told.items()]
        session.execute(insert_into(session, DigestEntryRow).values(rows))
    return added


def corrections_of(session: Session, keys: Sequence[str], since: datetime) -> dict[str, list[datetime]]:
    """When corrections were kept since a moment, by what was wanted, the newest last."""
    query = select(DigestRow.key, DigestRow.kept_at).where(
        DigestRow.key.in_(keys), DigestRow.kind == Kind.RALAT.value, DigestRow.at >= since
    )
    found: dict[str, list[datetime]] = {}
    for key, kept_at in session.execute(query.order_by(DigestRow.kept_at)):
        found.setdefault(key, []).append(kept_at)
    return found


def note_corrections(session: Session, wrongs: Sequence[Wrong], correction_id: int) -> None:
    session.add_all(
        DigestCorrectionRow(digest_id=one.digest_id, alert_id=one.alert_id, why=one.why, correction_id=correction_id)
        for one in wrongs
    )
    session.flush()


def template(session: Session, kind: Kind, language: str) -> Template:
    """The texts in use of a kind: the newest that somebody wrote, or what the program ships."""
    query = select(DigestTemplateRow).where(
        DigestTemplateRow.kind == kind.value, DigestTemplateRow.language == language
    )
    row = session.scalar(query.order_by(DigestTemplateRow.version.desc()).limit(1))
    return shipped(kind, language) if row is None else as_template(row)


def templates(session: Session, kind: Kind, language: str, limit: int = 50) -> list[Template]:
    """Every version of the texts of a kind, the newest first."""
    query = select(DigestTemplateRow).where(
        DigestTemplateRow.kind == kind.value, DigestTemplateRow.language == language
    )
    return [as_template(row) for row in session.scalars(query.order_by(DigestTemplateRow.version.desc()).limit(limit))]


def add_template(
    session: Session, kind: Kind, language: str, blocks: Mapping[str, str], version: int, actor: str, now: datetime
) -> Template:
    """A new version after the one that its writer saw. Raises ConflictError where there is a newer one."""
    added: int | None = None
    if template(session, kind, language).version == version:
        keys = {"kind": kind.value, "language": language, "version": version + 1}
        row = insert_into(session, DigestTemplateRow).values(**keys, blocks=dict(blocks), actor=actor, at=now)
        added = session.scalar(row.on_conflict_do_nothing(index_elements=list(keys)).returning(DigestTemplateRow.id))
    if added is None:
        raise ConflictError("Somebody else changed these texts first.", hint="Look at them again, then write yours.")
    return as_template(session.get_one(DigestTemplateRow, added))


def as_template(row: DigestTemplateRow) -> Template:
    """A row without blocks is a reset: the shipped texts, under its number."""
    kind = Kind(row.kind)
    blocks = {Block(name): text for name, text in row.blocks.items()} or shipped(kind, row.language).blocks
    return Template(kind, row.language, row.version, blocks, row.actor, row.at)


def inside(within: str | None) -> list[ColumnElement[bool]]:
    """The digests of the region that a reader is bound to."""
    return [] if within is None else [under(DigestRow.region, within)]
