"""The `waspada` command: the one place where everything is put together.

Results go to standard output, everything else to standard error. An error of the product is one message and exit
code 2; a bad line of a JSONL file is reported with its number and makes the exit code 1 at the end.
"""

from __future__ import annotations

import os
import sys

import typer
from rich.console import Console
from rich.markup import escape

from waspada import __version__
from waspada.cli import (
    access_commands,
    archive_commands,
    backfill_command,
    backtest_command,
    backup_commands,
    call_commands,
    claims_commands,
    collect_commands,
    desk_commands,
    escalation_commands,
    model_commands,
    notice_commands,
    oversight_commands,
    ranking_commands,
    serve_commands,
    story_commands,
    text_commands,
    topic_commands,
    view_commands,
)
from waspada.errors import WaspadaError

app = typer.Typer(
    name="waspada",
    help="Media early warning for Indonesian regions: local news and public posts in, ranked alerts out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for part in (
    serve_commands,
    collect_commands,
    backfill_command,
    text_commands,
    backtest_command,
    backup_commands,
    desk_commands,
    claims_commands,
    topic_commands,
    story_commands,
    archive_commands,
    access_commands,
    model_commands,
    ranking_commands,
    notice_commands,
    view_commands,
    oversight_commands,
    escalation_commands,
    call_commands,
):
    part.register(app)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"waspada {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Settings come from the environment (WASPADA_...); see docs/settings.md."""


def main() -> None:
    os.umask(0o077)  # what the program writes is for its owner only, also in a folder that others may enter
    try:
        app()
    except WaspadaError as error:
        message = escape(str(error))  # a message may hold brackets that are no markup
        Console(stderr=True).print(f"[red]waspada:[/red] {message}", soft_wrap=True, highlight=False)
        sys.exit(2)
    except BrokenPipeError:  # the reader of the results went away, as `head` does
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
