"""`waspada train`: from labelled files, or from the answers of this desk; and the jobs that do the latter."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Column, Table
from sqlalchemy.orm import Session

import nlp
from nlp.evaluation.evaluate import Progress
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, progress_bar, results, settings_of
from waspada.cli.training import run
from waspada.clock import utc_now
from waspada.errors import ConflictError, InputError, MissingExtraError, ModelError
from waspada.jobs.train import settle_audited
from waspada.models import training_repository, trainings
from waspada.models.training_policy import may_resume
from waspada.models.trainings import INSTALL
from waspada.models.types import Training, TrainingKind, TrainingState
from waspada.settings import Settings
from waspada.store import Store, open_store


def register(app: typer.Typer) -> None:
    app.command()(train)


def train(
    data: Annotated[
        Path | None,
        typer.Argument(help="Folder with gold/train.jsonl in the codebook's fields.", envvar="WASPADA_DATA"),
    ] = None,
    out: Annotated[
        Path | None, typer.Argument(help="New folder for the model; in the data folder, by its name, if none.")
    ] = None,
    recipe: Annotated[
        Path | None, typer.Option(help="TOML file (models/recipes/); the TF-IDF baseline if none.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Seed of everything random; the recipe's own if none.")] = None,
    from_labels: Annotated[
        bool, typer.Option("--from-labels", help="Learn from the answers of this desk: new heads, in a minute.")
    ] = False,
    full: Annotated[bool, typer.Option("--full", help="With --from-labels: the encoder, too (20 minutes).")] = False,
    compare: Annotated[
        bool, typer.Option("--compare/--no-compare", help="With --from-labels: compare the new model afterwards.")
    ] = True,
    hate_words_of: Annotated[
        Path | None, typer.Option(help="Keep this encoder model and learn the words of its head `hate` anew.")
    ] = None,
    least_round: Annotated[
        int, typer.Option(min=1, help="With --hate-words-of: the first round of readings that it has not seen.")
    ] = 1,
    networks_of: Annotated[
        Path | None, typer.Option(help="Keep the networks of this work folder (OUT.work); learn the rest anew.")
    ] = None,
    resume: Annotated[
        int | None, typer.Option(metavar="ID", help="Go on with a training of `waspada models trainings`.")
    ] = None,
    store: DataOption = None,
) -> None:
    """Trains a model by a recipe and writes a model folder, or learns from the answers of this desk and registers what
    it made; stopped, it goes on where it was. Needs the extra `train`."""
    here = from_labels or resume is not None
    of_files = any(each is not None for each in (out, recipe, seed, hate_words_of, networks_of))
    is_odd = (recipe and hate_words_of) or (networks_of and not recipe)
    if (here and of_files) or (from_labels and resume is not None) or is_odd:
        raise InputError("These options do not go together.", hint="See `waspada train --help`.")
    if here:
        _train_here(TrainingKind.FULL if full else TrainingKind.HEADS, compare, resume, store)
        return
    if data is None:
        raise InputError("Training needs labelled data.", hint="Name its folder, or say --from-labels.")
    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        try:
            if hate_words_of is not None:
                written = _learn_hate_words(hate_words_of, data, out, least_round, 7 if seed is None else seed, show)
            else:
                written = _train_files(data, out, recipe, seed, store, show, networks_of)
        except ModuleNotFoundError as error:
            raise MissingExtraError(f"Training needs {error.name}.", hint=f"Install it with: {INSTALL}") from None
    messages.print(f"Model written to {written}. Judge it with: waspada evaluate FILE --model {written}")


def list_trainings(data: DataOption = None) -> None:
    """Trainings and comparisons, the newest first."""
    name = Column("model", no_wrap=True)
    problems: list[str] = []
    table = Table("id", "kind", "state", name, "answers", "asked by", "at", box=box.SIMPLE_HEAD, pad_edge=False)
    with closing(open_store(settings_of(data))) as store, store.read() as session:
        for one in training_repository.newest(session):
            far = one.stage if one.total == 0 else f"{one.stage} {one.done}/{one.total}"
            is_midway = far and one.state in (TrainingState.RUNNING, TrainingState.CANCELLED)
            problems += [f"{one.id}: {one.problem}"] if one.problem else []
            table.add_row(
                str(one.id),
                one.kind,
                f"{one.state}: {far}" if is_midway else one.state,
                one.model or "",
                str(one.asked.get("train", "")),
                one.actor,
                f"{one.at:%m-%d %H:%M}Z",
            )
    results.print(table)
    for problem in problems:
        results.print(escape(problem), soft_wrap=True)


def cancel_training(
    id_: Annotated[int, typer.Argument(metavar="ID", help="A training of `waspada models trainings`.")],
    data: DataOption = None,
) -> None:
    """Cancels a training or comparison; what it learned so far is kept."""
    with at_desk(data) as desk:
        found = trainings.cancel(desk.session, id_, now=desk.now)
        desk.note(AuditAction.TRAINING_CANCELLED, f"training/{id_}", trainings.audit_detail(found))
    if found.state is TrainingState.CANCELLED:
        messages.print(f"The training {id_} is cancelled. Go on with: waspada train --resume {id_}")
    else:
        messages.print(f"The training {id_} was told to stop; it does so at its next step.")


def _train_here(kind: TrainingKind, compare: bool, resume: int | None, data: Path | None) -> None:
    settings = settings_of(data)
    with closing(open_store(settings)) as store:
        training = store.retrying(lambda session: _claimed(session, settings, kind, compare, resume))
        messages.print(f"Training {training.id} runs, about {_minutes(training)}. It can be stopped at any moment.")
        ended = _shown(store, settings, training)
    if ended.state is TrainingState.FAILED:
        raise ModelError(ended.problem, hint=f"Go on with: waspada train --resume {ended.id}")
    if ended.state is not TrainingState.DONE:
        messages.print(
            f"The training {ended.id} is {ended.state}. Go on with: waspada train --resume {ended.id}", soft_wrap=True
        )
        raise typer.Exit(1)
    messages.print(
        f"{ended.model} is there. Decide with: waspada models promote {ended.model} --reason ...", soft_wrap=True
    )


def _claimed(session: Session, settings: Settings, kind: TrainingKind, compare: bool, resume: int | None) -> Training:
    """The training that is run here, asked for and given to this process in one transaction: no worker takes it."""
    now = utc_now()
    settle_audited(session, settings, now)
    if resume is None:
        _check_extra(kind)
        asked = trainings.ask(session, kind, actor=ACTOR, now=now, compare=compare)
        _note(session, settings, AuditAction.TRAINING_ASKED, asked)
    else:
        asked = training_repository.get(session, resume)
        _check_extra(asked.kind)
        if may_resume(asked):
            asked = trainings.resume(session, resume)
        _note(session, settings, AuditAction.TRAINING_RESUMED, asked)
    claimed = trainings.claim(session, now, asked.id)
    if claimed is None:
        raise ConflictError(
            "Another training runs, or this one has run to its end.", hint="`waspada models trainings` shows them."
        )
    return claimed


def _shown(store: Store, settings: Settings, training: Training) -> Training:
    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        try:
            return run(store, settings, training, show=show)
        except KeyboardInterrupt:
            with store.read() as session:
                return training_repository.get(session, training.id)


def _check_extra(kind: TrainingKind) -> None:
    missing = trainings.missing_extra(kind)
    if missing is not None:
        raise MissingExtraError(f"Training needs {missing}.", hint=f"Install it with: {INSTALL}")


def _note(session: Session, settings: Settings, action: AuditAction, training: Training) -> None:
    audit_log(settings).append(
        session,
        actor=ACTOR,
        action=action,
        object=f"training/{training.id}",
        detail=trainings.audit_detail(training),
        now=utc_now(),
    )


def _minutes(training: Training) -> str:
    seconds = training.asked.get("estimate_seconds", 0)
    return f"{seconds} s" if seconds < 90 else f"{round(seconds / 60)} min"


def _train_files(
    data: Path,
    out: Path | None,
    recipe: Path | None,
    seed: int | None,
    store: Path | None,
    show: Progress,
    networks_of: Path | None,
) -> Path:
    if recipe is None:
        from nlp.training.baseline import NAME, train_baseline

        return train_baseline(data, out or _in_store(NAME, store), 7 if seed is None else seed, show).path
    from nlp.training.encoder.recipe import read_recipe
    from nlp.training.encoder.train import train_encoder

    chosen = read_recipe(recipe)
    chosen = chosen if seed is None else replace(chosen, seed=seed)
    return train_encoder(data, out or _in_store(chosen.name, store), chosen, show, networks_of).path


def _learn_hate_words(base: Path, data: Path, out: Path | None, least_round: int, seed: int, show: Progress) -> Path:
    from nlp.training.encoder.hate_words import learn_hate_words

    if out is None:
        raise InputError("Where should the model go?", hint="Name a new folder after that of the data.")
    version = f"{nlp.model_name(base)}.{least_round}"
    return learn_hate_words(base, data, out, version, least_round, seed, show)


def _in_store(name: str, data: Path | None) -> Path:
    return settings_of(data).data_dir / "models" / name
