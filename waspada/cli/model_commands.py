"""`waspada train`, `evaluate`, `models`: from labelled text to a model folder, and what a model is worth."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import nlp
from nlp.evaluation.evaluate import evaluate as judge
from nlp.evaluation.table import as_tables
from nlp.labelled import read_labelled
from waspada.cli.common import messages, progress_bar, results, settings_of
from waspada.errors import InputError, MissingExtraError

models_app = typer.Typer(no_args_is_help=True, help="Model folders.")
Progress = Callable[[str, int, int], None]
ModelOption = Annotated[Path | None, typer.Option("--model", help="Model folder; the shipped one if none.")]


def register(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(models_app, name="models")


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
) -> None:
    """Trains a model by a recipe and writes a model folder; stopped, it goes on where it was. Needs the extra
    `train`."""
    if data is None:
        raise InputError("Training needs labelled data.", hint="Name its folder, or set WASPADA_DATA.")
    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total or None)

        try:
            written = _train(data, out, recipe, seed, show)
        except ModuleNotFoundError as error:
            raise MissingExtraError(
                f"Training needs {error.name}.", hint="Install it with: pip install 'waspada[train]'"
            ) from None
    messages.print(f"Model written to {written}. Judge it with: waspada evaluate FILE --model {written}")


def _train(data: Path, out: Path | None, recipe: Path | None, seed: int | None, show: Progress) -> Path:
    if recipe is None:
        from nlp.training.baseline import NAME, train_baseline

        return train_baseline(data, out or _in_store(NAME), 7 if seed is None else seed, show).path
    from nlp.training.encoder.recipe import read_recipe
    from nlp.training.encoder.train import train_encoder

    chosen = read_recipe(recipe)
    chosen = chosen if seed is None else replace(chosen, seed=seed)
    return train_encoder(data, out or _in_store(chosen.name), chosen, show).path


def _in_store(name: str) -> Path:
    return settings_of(None).data_dir / "models" / name


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
    folder: Annotated[Path | None, typer.Argument(help="Folder of model folders; the shipped ones if none.")] = None,
) -> None:
    """Every model folder with its figures on the development set."""
    table = Table("model", "main macro-F1", "secondary macro-F1", "alert kappa", "quiet raised")
    for path in sorted(_folders(folder)):
        table.add_row(path.name, *_figures(path))
    results.print(table)


def _folders(folder: Path | None) -> list[Path]:
    root = folder or Path(str(files("models")))
    return [path for path in root.iterdir() if (path / "config.json").exists()]


def _figures(path: Path) -> tuple[str, ...]:
    try:
        whole = json.loads((path / "metrics.json").read_text(encoding="utf-8"))["dev"]
    except (OSError, ValueError, KeyError):
        return ("?",) * 4
    names = ("main_macro_f1", "secondary_macro_f1", "alert_kappa", "quiet_raised")
    return tuple(f"{whole[name]['value']:.3f}" if name in whole else "?" for name in names)
