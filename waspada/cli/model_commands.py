"""`waspada train`, `evaluate`, `models`: from labelled text to a model folder, and what a model is worth."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waspada.cli.common import messages, results
from waspada.errors import MissingExtraError

models_app = typer.Typer(no_args_is_help=True, help="Model folders.")


def register(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(models_app, name="models")
