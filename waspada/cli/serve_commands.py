"""`waspada run`, `demo`, `openapi`, `doctor`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

import nlp
from waspada.access import service as access
from waspada.cli.canary_site import exercising
from waspada.cli.common import DataOption, messages, results, settings_of
from waspada.cli.demo.command import run_demo
from waspada.cli.doctor import examine
from waspada.cli.processes import address, children, is_open, listen
from waspada.cli.supervisor import Supervisor
from waspada.clock import utc_now
from waspada.errors import SettingsError
from waspada.jobs.lock import data_dir_lock
from waspada.settings import Settings, prepare_data_dir
from waspada.sources.extras import unread
from waspada.sources.service import ensure_defaults, list_sources
from waspada.store import Store, open_store


def register(app: typer.Typer) -> None:
    for command in (run, demo, openapi, doctor):
        app.command()(command)


def run(
    data: DataOption = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8765")] = None,
) -> None:
    """Collects, tags, ranks and serves the API and the console until stopped."""
    settings = settings_of(data, host=host, port=port)
    prepare_data_dir(settings)
    with data_dir_lock(settings.data_dir):
        _ = settings.secret_key  # a broken one is said now, not by a child that dies again and again
        _refuse_open_bind_without_users(settings)
        nlp.load(settings.model_dir)  # a model that cannot be read is refused here, not by a worker that dies for ever
        listener = listen(settings)
        store = open_store(settings)
        report = store.retrying(lambda session: ensure_defaults(session, utc_now(), settings.sources_file))
        if report.added:
            say(f"{len(report.added)} default sources added, all unverified; `waspada sources check` tries them.")
        with store.read() as session:
            for problem in (*(f"not added: {each}" for each in report.problems), *unread(list_sources(session))):
                say(problem)
        announce(store, settings, address(listener))
        with exercising(settings, store) as allowed:
            store.close()
            Supervisor(children(settings, listener, allowed), say).run()
        listener.close()
    say("stopped")


def demo(
    exit_after: Annotated[bool, typer.Option("--exit", help="End after the table and the digest.")] = False,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="Folder of the demo.", show_default="~/.local/share/waspada-demo"),
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port of the console.", show_default="a free one")] = None,
) -> None:
    """The whole product on sample outlets: served on loopback, really crawled, tagged, ranked and shown."""
    run_demo(data, exit_after=exit_after, port=port)


def openapi() -> None:
    """The OpenAPI document of the API, as JSON."""
    from api.app import openapi_document

    results.file.write(json.dumps(openapi_document(), ensure_ascii=False, indent=2) + "\n")


_MARKS = {"ok": "[green]ok[/green] ", "look": "[yellow]look[/yellow]", "bad": "[red]bad[/red]"}


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document instead of lines.")] = False,
    data: DataOption = None,
) -> None:
    """Checks settings, data folder, disk, database, model, clock, processes, messages, backups and sources, and says
    what to do. Exits with 1 where something is bad; what one should only look at is no reason for that."""
    findings = examine(lambda: settings_of(data))
    if as_json:
        told = [
            {"subject": one.subject, "grade": one.grade, "message": one.message, "hint": one.hint} for one in findings
        ]
        results.file.write(json.dumps({"findings": told}, ensure_ascii=False, indent=2) + "\n")
    else:
        for finding in findings:
            hint = f"; {finding.hint}" if finding.hint else ""
            line = f"{_MARKS[finding.grade]} {finding.subject}: {escape(finding.message + hint)}"
            results.print(line, soft_wrap=True)
    if any(finding.grade == "bad" for finding in findings):
        raise typer.Exit(1)


def say(message: str) -> None:
    messages.print(f"[dim]{utc_now():%H:%M:%S}Z[/dim] {escape(message)}", soft_wrap=True)


def announce(store: Store, settings: Settings, where: str) -> None:
    """Says where the console is and, on the very first start, the one-time admin token."""
    token = access.first_token(store, utc_now())
    say(f"Console and API: {where}  (data folder {settings.data_dir})")
    if token:
        messages.print(
            f"\n  One-time admin token: [bold]{token}[/bold]\n"
            "  It opens the console once and is shown only now.\n"
            "  `waspada users password admin` prints a link that sets a password.\n",
            soft_wrap=True,
        )


def _refuse_open_bind_without_users(settings: Settings) -> None:
    if not is_open(settings):
        return
    store = open_store(settings)
    with store.read() as session:
        users = access.list_users(session)
    store.close()
    if not users:
        raise SettingsError(
            f"The service will not listen on {settings.host} while it has no user.",
            hint="Start it once on 127.0.0.1 and sign in with the token it prints, then open it up.",
        )
