"""`waspada evaluate`, `models`: what a model is worth, and what becomes of it."""

from __future__ import annotations

import json
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.progress import TaskID
from rich.table import Column, Table

import nlp
from nlp.evaluation.evaluate import evaluate as judge
from nlp.evaluation.table import as_tables
from nlp.labelled import read_labelled
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, progress_bar, results, settings_of
from waspada.cli.comparing import compare_model, default_model, default_or_words
from waspada.cli.comparison_tables import comparison_tables
from waspada.cli.report_commands import models_report
from waspada.cli.shipped import register_shipped
from waspada.cli.training_commands import cancel_training, list_trainings
from waspada.clock import utc_now
from waspada.models import policy, repository, service
from waspada.models.policy import REREAD_DAYS
from waspada.models.service import decided
from waspada.models.types import Against, InUse, ModelView, Verdict
from waspada.settings import Settings
from waspada.store import open_store

models_app = typer.Typer(no_args_is_help=True, help="Model folders.")
models_app.command("report")(models_report)
NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="A model of `waspada models list`.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; others will read it.")]
OptionalReason = Annotated[str, typer.Option("--reason", help="Why, for those who read the history.")]
ModelOption = Annotated[Path | None, typer.Option("--model", help="Model folder; the shipped one if none.")]


def register(app: typer.Typer) -> None:
    app.command()(evaluate)
    app.add_typer(models_app, name="models")


models_app.command("trainings")(list_trainings)
models_app.command("cancel")(cancel_training)


def evaluate(
    file: Annotated[Path, typer.Argument(help="JSONL with labels in the codebook's fields.")],
    model: ModelOption = None,
) -> None:
    """Figures of a model on a labelled file, per label and per slice, with 95 % intervals."""
    rows = read_labelled(file)
    with progress_bar() as bar:
        task = bar.add_task("tagging", total=len(rows))
        found = judge(nlp.load(model), rows, progress=lambda _stage, done, _total: bar.update(task, completed=done))
    results.print(as_tables(found))


@models_app.command("list")
def models_list(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of model folders; the models of this installation if none.")
    ] = None,
    data: DataOption = None,
) -> None:
    """Models with their figures on the development set; of this installation also which one does what."""
    figures = ("main macro-F1", "secondary macro-F1", "alert kappa", "quiet raised")
    if folder is not None:
        table = Table("model", *figures)
        for path in sorted(path for path in folder.iterdir() if (path / "config.json").exists()):
            table.add_row(path.name, *_figures(path))
        results.print(table)
        return
    name, kept = Column("model", no_wrap=True), "main, other F1; kappa; quiet raised"
    table = Table(name, "state", "beside it", "gates", kept, box=box.SIMPLE_HEAD, pad_edge=False)
    settings, found, use = _known(data)
    for one, path in found:
        state = "in use" if one.is_current else "shadow" if one.is_shadow else ""
        against = one.comparison.with_model(use.current) if one.comparison else None
        gates = "-" if one.gates is None else "open" if one.gates.is_open else "closed"
        table.add_row(one.name, state, _short(against), gates, " ".join(_figures(path)))
    results.print(table)
    if all(one.name != use.current for one, _ in found):
        messages.print(f"In use is {use.current}, by WASPADA_MODEL_DIR ({settings.model_dir}).", soft_wrap=True)


@models_app.command("compare")
def models_compare(
    name: NameArgument,
    on: Annotated[Path | None, typer.Option("--on", help="Labelled JSONL beside the test fold.")] = None,
    effect: Annotated[
        bool, typer.Option("--effect/--no-effect", help="Also read the items of the last 14 days: what would move.")
    ] = True,
    data: DataOption = None,
) -> None:
    """Compares NAME with the model in use and with the baseline, holds it against the gates, and keeps the result."""
    settings = settings_of(data)
    with closing(open_store(settings)) as store, progress_bar() as bar:
        register_shipped(store, utc_now())
        tasks: dict[str, TaskID] = {}

        def show(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done, total=total)

        found = compare_model(store, settings, name, utc_now(), file=on, with_effect=effect, progress=show)
        with store.read() as session:
            use = service.in_use(session, default_model(settings))
            objections = service.objections(session, name, default_model(settings))
            moved = found.comparison.effect.moved if found.comparison and found.comparison.effect else ()
            headlines = repository.headlines(session, [one.story for one in moved])
    with at_desk(data) as desk:
        desk.note(AuditAction.MODEL_COMPARED, f"model/{name}", {"objections": [one.value for one in objections]})
    for table in comparison_tables(found, use.current, headlines):
        results.print(table)
    if objections:
        messages.print(f"Against a promotion: {policy.said(objections)}.", soft_wrap=True)
    else:
        messages.print(f"Nothing speaks against it: waspada models promote {name} --reason ...", soft_wrap=True)


@models_app.command("shadow")
def models_shadow(name: NameArgument, reason: OptionalReason = "", data: DataOption = None) -> None:
    """Has NAME read beside the model in use: its tags are stored and shown to nobody."""
    settings = _checked(name, data)
    with at_desk(data) as desk:
        default = default_model(settings)
        service.shadow(desk.session, name, default=default, actor=ACTOR, reason=reason, now=desk.now)
        desk.note(AuditAction.MODEL_SHADOWED, f"model/{name}")
    messages.print(f"{name} reads beside the model in use from now on.")


@models_app.command("unshadow")
def models_unshadow(reason: OptionalReason = "", data: DataOption = None) -> None:
    """No model reads beside the one in use any more."""
    with at_desk(data) as desk:
        default = default_model(desk.settings)
        event = service.unshadow(desk.session, default=default, actor=ACTOR, reason=reason, now=desk.now)
        desk.note(AuditAction.MODEL_UNSHADOWED, f"model/{event.model}")
    messages.print(f"{event.model} reads no more.")


@models_app.command("promote")
def models_promote(
    name: NameArgument,
    reason: ReasonOption,
    override: Annotated[
        bool, typer.Option("--override", help="Set aside what speaks against it; the audit log shows what.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Puts NAME in use: the worker takes it up by itself, and nothing old is told again."""
    settings = _checked(name, data)
    default = default_model(settings)
    with at_desk(data) as desk:
        seen = service.in_use(desk.session, default).current
        event = service.promote(
            desk.session,
            name,
            default=default,
            seen=seen,
            actor=ACTOR,
            reason=reason,
            override=override,
            now=desk.now,
        )
        desk.note(AuditAction.MODEL_PROMOTED, f"model/{name}", decided(event))
    messages.print(f"{name} is in use; the items of the last {REREAD_DAYS} days are read anew when nothing new waits.")


@models_app.command("rollback")
def models_rollback(reason: ReasonOption, data: DataOption = None) -> None:
    """Puts the model in use that was before this one: its tags still stand."""
    with at_desk(data) as desk:
        default = default_or_words(desk.settings)
        seen = service.in_use(desk.session, default).current
        event = service.rollback(desk.session, default=default, seen=seen, actor=ACTOR, reason=reason, now=desk.now)
        desk.note(AuditAction.MODEL_ROLLED_BACK, f"model/{event.model}", decided(event))
    messages.print(f"{event.model} is in use again.")


def _checked(name: str, data: Path | None) -> Settings:
    """The settings, after the folder of a model was read and found whole. Raises NotFoundError and ModelError."""
    settings = settings_of(data)
    with closing(open_store(settings)) as store:
        register_shipped(store, utc_now())
        with store.read() as session:
            service.check_folder(session, name, settings, nlp.check)
    return settings


def _known(data: Path | None) -> tuple[Settings, list[tuple[ModelView, Path]], InUse]:
    settings = settings_of(data)
    with closing(open_store(settings)) as store:
        register_shipped(store, utc_now())
        with store.read() as session:
            default = default_or_words(settings)
            found = service.models(session, default)
            paths = [service.folder_of(repository.get(session, one.name), settings) for one in found]
            return settings, list(zip(found, paths, strict=True)), service.in_use(session, default)


def _short(against: Against | None) -> str:
    """The verdict of a comparison, in a word."""
    if against is None:
        return "-"
    return "same" if against.verdict is Verdict.SAME else against.verdict.value


def _figures(path: Path) -> tuple[str, ...]:
    try:
        whole = json.loads((path / "metrics.json").read_text(encoding="utf-8"))["dev"]
    except (OSError, ValueError, KeyError):
        return ("?",) * 4
    names = ("main_macro_f1", "secondary_macro_f1", "alert_kappa", "quiet_raised")
    return tuple(f"{whole[name]['value']:.3f}" if name in whole else "?" for name in names)
