"""What several commands share: options, settings, progress, reading and writing JSONL."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn
from sqlalchemy.orm import Session

from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction, Detail
from waspada.clock import DEFAULT_ZONE, utc_now
from waspada.errors import InputError
from waspada.items.jsonl import JsonlItem, parse_lines
from waspada.settings import Settings, load_settings
from waspada.store import open_store

messages = Console(stderr=True, highlight=False)
results = Console(highlight=False)

DataOption = Annotated[Path | None, typer.Option("--data", help="Data folder.", show_default="WASPADA_DATA_DIR")]
FileArgument = Annotated[str, typer.Argument(metavar="FILE", help="JSONL file, or - for standard input.")]


#: Who acts when the command line does: whoever may write the data folder.
ACTOR = "cli"


@dataclass(frozen=True, slots=True)
class Desk:
    """The store at work for the command line: what `session` does and what `note` writes of it, both or neither."""

    session: Session
    settings: Settings
    now: datetime

    def note(self, action: AuditAction, object_: str, detail: Detail | None = None) -> None:
        """A line of the audit log."""
        audit_log(self.settings).append(
            self.session, actor=ACTOR, action=action, object=object_, detail=detail, now=self.now
        )


@contextmanager
def at_desk(data: Path | None) -> Iterator[Desk]:
    """One writing transaction; the store is closed whatever happens in it."""
    settings = settings_of(data)
    store = open_store(settings)
    try:
        with store.write() as session:
            yield Desk(session, settings, utc_now())
    finally:
        store.close()


@contextmanager
def audited(data: Path | None, action: AuditAction, object_: str) -> Iterator[tuple[Session, datetime]]:
    """A change of the store and its row in the audit log, both or neither."""
    with at_desk(data) as desk:
        yield desk.session, desk.now
        desk.note(action, object_)


def settings_of(data: Path | None, **given: object) -> Settings:
    return load_settings(data_dir=data, **given)


@contextmanager
def open_lines(file: str) -> Iterator[Iterator[bytes]]:
    """The lines of a file or of standard input, as bytes. Raises InputError naming the file."""
    if file == "-":
        yield iter(sys.stdin.buffer)
        return
    try:
        with Path(file).open("rb") as stream:
            yield iter(stream)
    except OSError as error:
        raise InputError(f"The file {file} cannot be read: {error.strerror}.") from None


@contextmanager
def new_file(file: str | Path) -> Iterator[TextIO]:
    """A file that is not there yet, or standard output. Raises InputError; what is there is not written over."""
    if str(file) == "-":
        yield sys.stdout
        return
    try:
        with Path(file).open("x", encoding="utf-8") as stream:
            yield stream
    except FileExistsError:
        raise InputError(f"The file {file} is there already.", hint="Name another one.") from None
    except OSError as error:
        raise InputError(f"The file {file} cannot be written: {error.strerror}.") from None


class JsonlReader:
    """Items of a JSONL file, in order; bad lines are reported on standard error and counted."""

    def __init__(self, file: str, zone: ZoneInfo = DEFAULT_ZONE) -> None:
        self.bad_lines = 0
        self._file = file
        self._zone = zone

    def __iter__(self) -> Iterator[JsonlItem]:
        with open_lines(self._file) as lines:
            for parsed in parse_lines(lines, self._zone):
                for warning in parsed.warnings:
                    complain(f"line {parsed.line}: warning: {warning}")
                if parsed.item is None:
                    self.bad(parsed.line, parsed.problem or "cannot be read")
                else:
                    yield parsed.item

    def bad(self, line: int, problem: str) -> None:
        self.bad_lines += 1
        complain(f"line {line}: {problem}")

    def finish(self) -> None:
        """Exits with 1 when a line was bad."""
        if self.bad_lines:
            raise typer.Exit(1)


def day_of(text: str) -> date:
    """The day of an ISO date. Raises InputError."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no date.", hint="Write it as 2025-02-14.") from None


def complain(message: str) -> None:
    """One plain line on standard error; never coloured or wrapped, so that programs can read it."""
    sys.stderr.write(f"{message}\n".encode("utf-8", "backslashreplace").decode())


def write_line(value: dict[str, Any]) -> None:
    """One JSON line on standard output; lone surrogates are escaped, so that it is always UTF-8."""
    text = json.dumps(value, ensure_ascii=False)
    try:
        data = text.encode()
    except UnicodeEncodeError:
        data = json.dumps(value).encode()
    sys.stdout.buffer.write(data + b"\n")


@contextmanager
def progress_bar() -> Iterator[Progress]:
    """A bar on standard error, shown on a terminal only."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as bar:
        yield bar
