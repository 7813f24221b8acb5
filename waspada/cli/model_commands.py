"""`waspada train`, `evaluate`, `models`: from labelled text to a model folder, and what a model is worth."""

from __future__ import annotations

import typer

models_app = typer.Typer(no_args_is_help=True, help="Model folders.")


def register(app: typer.Typer) -> None:
    app.command()(train)
    app.command()(evaluate)
    app.add_typer(models_app, name="models")
