"""`waspada label` and `waspada labels`: labelling in a terminal, labels in and out, how far people agree."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Annotated

import typer
from rich import box
from rich.console import Console
from rich.table import Column, Table
from sqlalchemy.orm import Session

from api.console import words
from waspada.access.policy import RIGHTS
from waspada.access.repository import user_row
from waspada.access.types import Action, ForbiddenError, Role
from waspada.alerts import items
from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.types import ItemView
from waspada.audit import AuditAction, audit_log
from waspada.audit.types import Detail
from waspada.cli.common import (
    ACTOR,
    DataOption,
    at_desk,
    complain,
    messages,
    new_file,
    open_lines,
    results,
    settings_of,
)
from waspada.cli.label_screen import keys_of_terminal, sit
from waspada.clock import utc_now
from waspada.errors import InputError, NotFoundError
from waspada.labels import repository, service
from waspada.labels.advice import MORE, Gain, Outlook, Says
from waspada.labels.agreement import FieldAgreement, agreement, following
from waspada.labels.formats import argilla, jsonl, label_studio
from waspada.labels.screen import Words
from waspada.labels.types import BadRecord, DeskItem, Given, Label, LabelRecord, LabelSpan, Task
from waspada.labels.types import Role as LabelRole
from waspada.models.curves import newest_advice
from waspada.settings import Settings
from waspada.store import Store, open_store
from waspada.taxonomy import TextField

labels_app = typer.Typer(no_args_is_help=True, help="Labels of analysts: in, out, and how far they agree.")


class Format(StrEnum):
    JSONL = "jsonl"
    LABEL_STUDIO = "label-studio"
    ARGILLA = "argilla"


FormatOption = Annotated[Format, typer.Option("--format", help="How the file is written.")]


def register(app: typer.Typer) -> None:
    app.command()(label)
    app.add_typer(labels_app, name="labels")


def label(
    account: Annotated[str, typer.Argument(help="The account that labels; an analyst's or an admin's.")],
    data: DataOption = None,
) -> None:
    """Labels items in the terminal, one a screen; `?` says what a key means, `q` ends."""
    settings = settings_of(data)
    store = open_store(settings)
    try:
        desk = StoreDesk(store, settings, account)
        answered = sit(desk, keys_of_terminal(), Console(), _words())
    finally:
        store.close()
    messages.print(f"{answered} answered.")


@labels_app.command("export")
def labels_export(
    file: Annotated[str, typer.Argument(help="New file; standard output if -.")] = "-",
    form: FormatOption = Format.JSONL,
    data: DataOption = None,
) -> None:
    """Every answer that stands, with its item. Private persons are masked; an item that was erased has no text."""
    with at_desk(data) as desk:
        answers = repository.standing(desk.session)
        records = list(_records(desk.session, answers))
        detail: Detail = {"format": form.value, "labels": len(answers), "items": len({one.item_id for one in answers})}
        desk.note(AuditAction.EXPORTED, "labels", detail)
    with new_file(file) as out:
        writer = {
            Format.JSONL: jsonl.write,
            Format.LABEL_STUDIO: label_studio.write,
            Format.ARGILLA: argilla.write,
        }[form]
        out.writelines(writer(records))
    messages.print(f"{len(records)} answers written.")


@labels_app.command("import")
def labels_import(
    file: Annotated[str, typer.Argument(help="A file that `waspada labels export` or the named program wrote.")],
    form: FormatOption = Format.JSONL,
    account: Annotated[
        str, typer.Option("--account", help="Whose answers they are where the file does not say.")
    ] = ACTOR,
    data: DataOption = None,
) -> None:
    """Keeps the answers of a file for items that are stored, by their id; a second time it changes nothing.

    Marks are taken where the text is the stored one. Exits with 1 when a record was not taken; the others are kept.
    """
    bad = taken = 0
    with at_desk(data) as desk, open_lines(file) as lines:
        for number, one in enumerate(_read(form, lines), 1):
            problem = one.reason if isinstance(one, BadRecord) else _import(desk.session, one, account, desk.now)
            if problem:
                bad += 1
                complain(f"{one.number if isinstance(one, BadRecord) else number}: {problem}")
            else:
                taken += 1
        desk.note(AuditAction.LABELS_IMPORTED, "labels", {"format": form.value, "taken": taken, "refused": bad})
    messages.print(f"{taken} answers kept, {bad} refused.")
    if bad:
        raise typer.Exit(1)


@labels_app.command("agreement")
def labels_agreement(data: DataOption = None) -> None:
    """How far accounts agree, field by field, and how much they follow what the model proposes (docs/labels.md)."""
    with at_desk(data) as desk:
        answers = repository.answers(desk.session)
        desk.note(AuditAction.LABELS_READ, "labels", {"labels": len(answers)})
        zone = desk.settings.zone_info
    found = agreement(answers, zone=zone)
    headers = ("items", "pairs", "alpha", "95 %", "positive agreement")
    table = Table(Column("field", no_wrap=True), *headers, box=box.SIMPLE_HEAD, pad_edge=False)
    for one in found.fields:
        table.add_row(one.field, str(one.items), str(one.pairs), *_figures(one))
    results.print(table)
    whole = next((one for one in following(answers) if one.field is None), None)
    if whole is not None and whole.difference is not None and whole.interval is not None:
        shown, hidden = f"{whole.rate_shown:.2f}", f"{whole.rate_hidden:.2f}"
        results.print(
            f"Equal to the proposal: {shown} where it was shown, {hidden} where it was hidden"
            f" (difference {whole.difference:.2f}, {whole.interval.low:.2f} to {whole.interval.high:.2f})."
        )


@labels_app.command("advice")
def labels_advice(data: DataOption = None) -> None:
    """What another 50 answers are expected to gain, and for which label, by the newest training (docs/labels.md)."""
    settings = settings_of(data)
    store = open_store(settings)
    try:
        with store.read() as session:
            found = newest_advice(session)
    finally:
        store.close()
    if found is None:
        results.print(
            f"What another {MORE} answers will gain, a first training will tell: waspada train --from-labels."
        )
        return
    said = found.advice
    results.print(f"Another {said.more} answers: {_outlook(said.overall)} ({found.model}, {said.answers} answers).")
    table = Table("label", "points expected", "90 %", "so")
    for label, one in said.labels.items():
        expected, between = ("-", "-") if one.gain is None else _points(one.gain)
        table.add_row(label, expected, between, _so(one))
    results.print(table)


class StoreDesk:
    """The labelling desk of a terminal: every step is one transaction with its line in the audit log.

    Raises NotFoundError for an account that is not there, ForbiddenError for one that may not label.
    """

    def __init__(self, store: Store, settings: Settings, account: str) -> None:
        self._store, self._account = store, account
        self._log = audit_log(settings)
        with store.read() as session:
            user = user_row(session, account)
            if not user.active or Action.GIVE_LABELS not in RIGHTS[Role(user.role)]:
                raise ForbiddenError(f"{account} may not label.", hint="Name an analyst or an admin.")
            self._within = user.region

    def next(self) -> DeskItem | None:
        now = utc_now()
        with self._store.write() as session:
            found = service.next_tasks(session, actor=self._account, now=now, limit=1, within=self._within)
            if not found:
                return None
            self._note(session, AuditAction.LABELS_TAKEN, "labels", {"items": [found[0].item_id]}, now)
            return _desk_item(session, found[0])

    def answer(self, given: Given) -> None:
        now = utc_now()
        with self._store.write() as session:
            done = service.answer(session, given, actor=self._account, now=now, within=self._within)
            self._note(session, AuditAction.LABEL_GIVEN, f"label/{done.id}", {"item": done.item_id}, now)

    def skip(self, item_id: int) -> None:
        now = utc_now()
        with self._store.write() as session:
            service.skip(session, item_id, actor=self._account, now=now)
            self._note(session, AuditAction.LABEL_SKIPPED, f"item/{item_id}", None, now)

    def undo(self) -> DeskItem | None:
        now = utc_now()
        with self._store.write() as session:
            try:
                done = service.undo(session, actor=self._account, now=now)
            except NotFoundError:
                return None
            self._note(session, AuditAction.LABEL_UNDONE, f"label/{done.id}", {"item": done.item_id}, now)
            task = service.task_of(session, done.item_id, actor=self._account, now=now, within=self._within)
            return _desk_item(session, task, done)

    def _note(self, session: Session, action: AuditAction, object_: str, detail: Detail | None, now: datetime) -> None:
        self._log.append(
            session,
            actor=self._account,
            action=action,
            object=object_,
            purpose="labelling in the terminal",
            detail=detail,
            now=now,
        )


def _desk_item(session: Session, task: Task, before: Label | None = None) -> DeskItem:
    view = items.by_ids(session, [task.item_id])[task.item_id]
    own = before or task.own
    start = own.values if own is not None else task.proposed if task.shown else None
    reason = words.LABEL_QUEUES[task.queue]
    return DeskItem(
        item_id=task.item_id,
        version=task.version,
        title=mask(view.title),
        text=mask(view.text),
        about=f"{view.outlet}, {view.at:%Y-%m-%d}",
        why=f"{reason} ({words.LABEL_FIELDS[task.queue_label]})" if task.queue_label else reason,
        start=start,
        note=own.note if own is not None else "",
        spans=own.spans if own is not None else (),
    )


def _words() -> Words:
    return Words(names=words.LABEL_FIELDS, rules=words.LABEL_RULES, values=words.LABEL_VALUES)


def _records(session: Session, answers: Sequence[Label]) -> Iterator[LabelRecord]:
    views = items.by_ids(session, list({one.item_id for one in answers}))
    for one in answers:
        view = views.get(one.item_id)
        if view is not None and view.version == one.version:
            yield _record(one, view)
        else:
            yield LabelRecord(str(one.item_id), one.values, actor=one.actor, codebook=one.codebook, at=one.at)


def _record(one: Label, view: ItemView) -> LabelRecord:
    """An answer with its item as it may leave; its marks are moved along."""
    fields = {TextField.TITLE: view.title, TextField.TEXT: view.text}
    spans = {field: [span for span in one.spans if span.field is field] for field in fields}
    left = {field: masked(text, [Span(s.start, s.end) for s in spans[field]]) for field, text in fields.items()}
    moved = [
        LabelSpan(span.label, field, to.start, to.end)
        for field, of in spans.items()
        for span, to in zip(of, left[field].spans, strict=True)
    ]
    return LabelRecord(
        id=str(one.item_id),
        values=one.values,
        title=left[TextField.TITLE].text,
        text=left[TextField.TEXT].text,
        kind=view.kind,
        url=view.url if view.kind == "article" else "",
        outlet=view.outlet,
        published_at=view.published_at,
        spans=tuple(moved),
        note=mask(one.note),
        actor=one.actor,
        codebook=one.codebook,
        at=one.at,
        proposed=one.proposed,
    )


def _read(form: Format, lines: Iterator[bytes]) -> Iterable[LabelRecord | BadRecord]:
    if form is Format.LABEL_STUDIO:
        return label_studio.read(lines)
    return argilla.read(lines) if form is Format.ARGILLA else jsonl.read(lines)


def _import(session: Session, one: LabelRecord, account: str, now: datetime) -> str:
    """Keeps an answer; says why it was not kept."""
    if not (one.id.isascii() and one.id.isdigit() and len(one.id) < 16):
        return f"the id {one.id[:40]!r} is not that of a stored item"
    known = repository.current(session, [int(one.id)])
    if not known:
        return f"there is no item {one.id}"
    version = known[int(one.id)][0]
    stored = repository.version(session, int(one.id), version)
    is_same = stored is not None and (stored.title, stored.text) == (one.title, one.text)
    actor = one.actor or account
    given = Given(
        key=sha256(f"{one.id} {actor} {sorted(one.values.items())}".encode()).hexdigest(),
        item_id=int(one.id),
        version=version,
        values=one.values,
        spans=one.spans if is_same else (),
        note=one.note,
    )
    try:
        service.answer(session, given, actor=actor, now=one.at or now, role=LabelRole.IMPORT)
    except (NotFoundError, InputError) as error:
        return str(error)
    return ""


def _outlook(one: Outlook) -> str:
    if one.gain is None or one.says is not Says.GAIN:
        return _so(one)
    expected, between = _points(one.gain)
    return f"{expected} points expected, {between}"


def _so(one: Outlook) -> str:
    if one.missing:
        return f"{one.missing} more examples, and it begins to learn"
    return {Says.GAIN: "go on", Says.LITTLE: "little to gain", Says.TOO_FEW: "too few answers to say"}[one.says]


def _points(gain: Gain) -> tuple[str, str]:
    """Points of average precision, 0 to 100."""
    return f"{100 * gain.expected:.1f}", f"{100 * gain.low:.1f} to {100 * gain.high:.1f}"


def _figures(one: FieldAgreement) -> tuple[str, str, str]:
    alpha = f"{one.alpha:.2f}" if one.alpha is not None else _why_not(one.no_alpha)
    interval = one.alpha_interval
    between = f"{interval.low:.2f} to {interval.high:.2f}" if interval is not None else "-"
    return alpha, between, f"{one.positive:.2f}" if one.positive is not None else _why_not(one.no_positive)


def _why_not(reason: str | None) -> str:
    """Why there is no figure, in words."""
    return words.NO_FIGURE[reason] if reason else "-"
