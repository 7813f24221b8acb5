"""The `waspada` command: the one place where everything is put together.

Results go to standard output, everything else to standard error. An error of the product is one message and exit
code 2; a bad line of a JSONL file is reported with its number and makes the exit code 1 at the end.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.markup import escape

from waspada import __version__
from waspada.errors import WaspadaError

if TYPE_CHECKING:
    app: typer.Typer

#: Which module has which commands. A command loads its own module alone: all of them together take seconds, also in
#: each process that `waspada run` starts.
PARTS: dict[str, tuple[str, ...]] = {
    "serve_commands": ("run", "demo", "openapi", "doctor"),
    "collect_commands": ("crawl", "sources"),
    "backfill_command": ("backfill",),
    "text_commands": ("classify", "embed", "cluster", "match", "extract"),
    "backtest_command": ("backtest",),
    "backup_commands": ("backup", "restore", "erasures"),
    "desk_commands": ("digest",),
    "claims_commands": ("claims",),
    "topic_commands": ("topics",),
    "story_commands": ("stories",),
    "archive_commands": ("archive",),
    "access_commands": ("purge", "users", "tokens", "audit"),
    "model_commands": ("evaluate", "models"),
    "training_commands": ("train",),
    "label_commands": ("label", "labels"),
    "ranking_commands": ("why", "ranking"),
    "notice_commands": ("notices", "silences"),
    "view_commands": ("views",),
    "oversight_commands": ("transparency", "collection", "privacy"),
    "escalation_commands": ("recipients", "escalations", "cap"),
    "call_commands": ("calls", "rota", "notify"),
    "field_report_commands": ("reports",),
    "subscription_commands": ("subscriptions",),
}


def needed_for(arguments: Iterable[str]) -> list[str]:
    """The modules that a command line needs: that of its command, or all where it names none that is known."""
    arguments = list(arguments)
    if arguments == ["--version"]:
        return []
    command = next((word for word in arguments if not word.startswith("-")), None)
    return [part for part, commands in PARTS.items() if command in commands] or list(PARTS)


def build(parts: Iterable[str] = PARTS) -> typer.Typer:
    """The command line with the commands of these modules."""
    built = typer.Typer(
        name="waspada",
        help="Media early warning for Indonesian regions: local news and public posts in, ranked alerts out.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )
    for part in parts:
        import_module(f"waspada.cli.{part}").register(built)
    built.callback()(_options)
    return built


def __getattr__(name: str) -> Any:
    """`app` is the whole command line."""
    if name == "app":
        return build()
    raise AttributeError(name)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"waspada {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Show the version."),
) -> None:
    """Settings come from the environment (WASPADA_...); see docs/settings.md."""


def main() -> None:
    os.umask(0o077)  # what the program writes is for its owner only, also in a folder that others may enter
    gc.disable()  # what is loaded here stays: looking through it for garbage takes a sixth of a short command
    try:
        command = build(needed_for(sys.argv[1:]))
        gc.freeze()
        gc.enable()
        command()
    except WaspadaError as error:
        message = escape(str(error))  # a message may hold brackets that are no markup
        Console(stderr=True).print(f"[red]waspada:[/red] {message}", soft_wrap=True, highlight=False)
        sys.exit(2)
    except BrokenPipeError:  # the reader of the results went away, as `head` does
        sys.stderr.close()
        sys.exit(0)


if __name__ == "__main__":
    main()
