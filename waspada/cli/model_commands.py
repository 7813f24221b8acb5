"""`waspada train`, `evaluate`, `models`: from labelled text to a model folder, and what a model is worth."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

import nlp
from nlp.evaluation.evaluate import evaluate as judge
from nlp.evaluation.table import as_tables
from nlp.labelled import read_labelled
from waspada.cli.common import messages, progress_bar, results
from waspada.errors import MissingExtraError

models_app = typer.Typer(no_args_is_help=True, help="Model folders.")
ModelOption = Annotated[Path | None, typer.Option("--model", help="Model folder; the shipped one if none.")]


def register(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(models_app, name="models")


def train(
    data: Annotated[Path, typer.Argument(help="Folder with gold/train.jsonl in the codebook's fields.")],
    out: Annotated[Path, typer.Argument(help="New folder for the model; never one that exists.")],
    seed: Annotated[int, typer.Option(help="Seed of everything random.")] = 7,
) -> None:
    """Trains the TF-IDF and logistic-regression baseline and writes a model folder. Needs the extra `train`."""
    try:
        from nlp.training.baseline import train_baseline
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"Training needs {error.name}.", hint="Install it with: pip install 'waspada[train]'"
        ) from None
    with progress_bar() as bar:
        task = bar.add_task("", total=None)

        def show(stage: str, done: int, total: int) -> None:
            bar.update(task, description=stage, completed=done, total=total)

        train_baseline(data, out, seed, show)
    messages.print(f"Model written to {out}. Judge it with: waspada evaluate FILE --model {out}")


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
