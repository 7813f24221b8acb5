"""What persons do with labels: get an item, answer, leave it, take the last answer back, decide between two.

Functions run in the caller's writing transaction; the caller writes the audit log in the same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.items.policy import clean_text, content_sha256
from waspada.labels import agreement, repository
from waspada.labels.codebook import VERSION
from waspada.labels.policy import (
    MAX_KEY,
    MAX_NOTE,
    MOST_SECONDS,
    checked_spans,
    checked_values,
    contradictions,
    differ,
    fold_of,
    is_shown,
)
from waspada.labels.types import Given, Label, Queue, Role, Standing, Task
from waspada.privacy import mask_contacts
from waspada.store.tables import ItemVersionRow, LabelRow, LabelTaskRow
from waspada.taxonomy import ItemKind, TextField

#: How long an item stays on an account's screen before another one may get it.
SEAT_FOR = timedelta(minutes=20)
#: So many items are given out at once, so that the next one is there when the connection is not.
MOST_AHEAD = 10
#: An answer older than this is changed by giving another one, not taken back.
UNDO_FOR = timedelta(hours=1)
_GONE = "It may have been erased; go on with the next one."


def next_tasks(session: Session, *, actor: str, now: datetime, limit: int, within: str | None = None) -> list[Task]:
    """At most `limit` items for this account: those it has on its screen already, then new ones."""
    wanted = max(1, min(limit, MOST_AHEAD))
    repository.hold_queue(session)
    rows = repository.given_out(session, actor, now)[:wanted]
    if len(rows) < wanted:
        rows += repository.free(session, actor, now, wanted - len(rows), within=within)
    repository.take_seats(session, actor, [row.item_id for row in rows], now + SEAT_FOR)
    return _tasks(session, rows, actor, now)


def task_of(session: Session, item_id: int, *, actor: str, now: datetime, within: str | None = None) -> Task:
    """A certain item for this account, whether it waits or not: to look at an answer again, or to decide between two.
    Raises NotFoundError."""
    items.item(session, item_id, within=within)
    row = repository.task(session, item_id)
    own = repository.own_standing(session, actor, item_id)
    if row is None:
        queue = own.queue if own is not None else Queue.ASKED
        row = LabelTaskRow(item_id=item_id, queue=queue, queue_label=own.queue_label if own is not None else None)
    return _tasks(session, [row], actor, now)[0]


def answer(
    session: Session,
    given: Given,
    *,
    actor: str,
    now: datetime,
    within: str | None = None,
    role: Role = Role.LABELLER,
) -> Label:
    """Keeps an answer. The same `key` again returns what was kept; another answer of the account takes its place, and
    the one before stays in the history.

    Raises InputError (a value, span or key that cannot be), NotFoundError (the item or version is not there, or outside
    the account's region) and ConflictError (somebody else's key).
    """
    if not 0 < len(given.key) <= MAX_KEY:
        raise InputError("An answer needs a key of its own.", hint=f"1 to {MAX_KEY} characters, a UUID for instance.")
    repository.hold_queue(session)  # an answer that is sent twice at once is kept once
    known = repository.by_key(session, given.key)
    if known is not None:
        return _same(known, actor)
    values = checked_values(given.values)
    if wrong := contradictions(values):
        raise InputError(
            f"The item is marked as foreign, and {', '.join(wrong)} is not 0.", hint="Codebook, clarification 17."
        )
    version = _version(session, given, within)
    checked_spans(given.spans, values, {TextField.TITLE: len(version.title), TextField.TEXT: len(version.text)})
    row = _row(session, given, values, version, actor, role, now)
    before = repository.own_standing(session, actor, given.item_id)
    if before is not None:
        before.standing = False
        session.flush()
    session.add(row)
    session.flush()
    _settle(session, given.item_id, actor)
    return repository.label(row)


def skip(session: Session, item_id: int, *, actor: str, now: datetime) -> None:
    """Leaves an item to others. Raises NotFoundError where it does not wait."""
    if repository.task(session, item_id) is None:
        raise NotFoundError(f"The item {item_id} does not wait for a label.", hint=_GONE)
    repository.leave_seat(session, actor, item_id, now)


def undo(session: Session, *, actor: str, now: datetime) -> Label:
    """Takes the account's last answer back; the item is on its screen again. Raises NotFoundError where there is none
    of the last hour."""
    row = repository.last_of(session, actor)
    if row is None or row.at < now - UNDO_FOR:
        raise NotFoundError("There is no answer to take back.", hint="Older ones are changed by answering again.")
    row.standing = False
    if repository.task(session, row.item_id) is None and row.item_id in repository.current(session, [row.item_id]):
        session.add(
            LabelTaskRow(
                item_id=row.item_id,
                version=row.version,
                queue=row.queue,
                queue_label=row.queue_label,
                rank=-1,  # before everything else
                seats=repository.count_standing(session, row.item_id) + 1,
                model=row.model or "",
                at=now,
            )
        )
        session.flush()
        repository.take_seats(session, actor, [row.item_id], now + SEAT_FOR)
    session.flush()
    return repository.label(row)


def how_it_stands(session: Session, *, actor: str, now: datetime) -> Standing:
    waiting, labels, labelled = repository.counts(session)
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return Standing(waiting, labels, labelled, repository.count_since(session, actor, midnight))


def disagreements(session: Session, *, limit: int = 200) -> list[tuple[Sequence[Label], list[str]]]:
    """Answers for one item that differ and wait for an adjudicator, farthest apart first, with the fields in which they
    do."""
    found: dict[int, list[Label]] = {}
    for one in repository.standing(session, repository.differing_items(session, limit)):
        found.setdefault(one.item_id, []).append(one)
    open_ = [one for answers in found.values() if is_undecided(answers) for one in answers]
    apart = agreement.disagreements(map(agreement.answer_of, open_))
    return [(found[one.item_id], [each.field for each in one.fields]) for one in apart]


def adjudicate(session: Session, given: Given, *, actor: str, now: datetime, within: str | None = None) -> Label:
    """Decides between answers that differ; raises as `answer` does, and ConflictError where the account gave one of
    them, or nothing is to be decided."""
    known = repository.by_key(session, given.key)
    if known is not None:
        return _same(known, actor)
    answers = repository.standing(session, [given.item_id])
    if not is_undecided(answers):
        raise ConflictError("The answers for this item do not differ.", hint="Somebody may have decided already.")
    if any(one.actor == actor for one in answers):
        raise ConflictError("One of the answers is your own.", hint="A third person decides.")
    return answer(session, given, actor=actor, now=now, within=within, role=Role.ADJUDICATOR)


def is_undecided(answers: Sequence[Label]) -> bool:
    """Whether an adjudicator is to decide between standing answers for one item."""
    return bool(differ(answers))


def _tasks(session: Session, rows: Sequence[LabelTaskRow], actor: str, now: datetime) -> list[Task]:
    known = repository.current(session, [row.item_id for row in rows])
    tasks = []
    for row in rows:
        version, tags = known[row.item_id]
        own = repository.own_standing(session, actor, row.item_id)
        tasks.append(
            Task(
                item_id=row.item_id,
                version=version,
                queue=Queue(row.queue),
                queue_label=row.queue_label,
                model=tags.model if tags is not None else None,
                proposed=repository.proposed(tags),
                shown=tags is not None and is_shown(row.item_id, actor),
                until=now + SEAT_FOR,
                own=repository.label(own) if own is not None else None,
            )
        )
    return tasks


def _same(row: LabelRow, actor: str) -> Label:
    if row.actor != actor:
        raise ConflictError("This key belongs to somebody else's answer.", hint="Use a fresh UUID for every answer.")
    return repository.label(row)


def _version(session: Session, given: Given, within: str | None) -> ItemVersionRow:
    if items.item(session, given.item_id, within=within).kind is ItemKind.REPORT:
        raise InputError("Field reports are not labelled: none teaches a model.", hint="Answer for an article or post.")
    found = repository.version(session, given.item_id, given.version)
    if found is None:
        raise NotFoundError(f"The item {given.item_id} has no version {given.version}.", hint=_GONE)
    return found


def _row(
    session: Session,
    given: Given,
    values: dict[str, int],
    version: ItemVersionRow,
    actor: str,
    role: Role,
    now: datetime,
) -> LabelRow:
    waiting = repository.task(session, given.item_id)
    before = repository.own_standing(session, actor, given.item_id)
    _, tags = repository.current(session, [given.item_id])[given.item_id]
    story_id = repository.story_of(session, given.item_id)
    came_from = waiting or before
    seconds = given.seconds
    return LabelRow(
        key=given.key,
        item_id=given.item_id,
        version=given.version,
        item_hash=content_sha256(version.title, version.text),
        story_id=story_id,
        fold=fold_of(f"story {story_id}" if story_id is not None else f"item {given.item_id}"),
        role=role,
        fields=values,
        spans=[span.as_json() for span in given.spans],
        note=mask_contacts(clean_text(given.note)).strip()[:MAX_NOTE],
        codebook=VERSION,
        queue=came_from.queue if came_from is not None else Queue.ASKED,
        queue_label=came_from.queue_label if came_from is not None else None,
        model=tags.model if tags is not None else None,
        proposed=repository.proposed(tags),
        shown=role is Role.LABELLER and tags is not None and is_shown(given.item_id, actor),
        seconds=None if seconds is None else min(max(0.0, seconds), MOST_SECONDS),
        actor=actor,
        at=now,
        standing=True,
    )


def _settle(session: Session, item_id: int, actor: str) -> None:
    """The seat is free again; the item waits no longer once it has as many answers as it has seats."""
    repository.free_seat(session, actor, item_id)
    waiting = repository.task(session, item_id)
    if waiting is not None and repository.count_standing(session, item_id) >= waiting.seats:
        repository.close_task(session, item_id)
