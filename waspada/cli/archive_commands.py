"""`waspada archive`: the raw pages that were kept. Pages leave unmasked, and only for a purpose that is named.

What shows or exports pages stands in the audit log before anything leaves; `check` shows what is missing or damaged,
and is not audited.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO

import typer
from rich.markup import escape
from rich.table import Table

from crawler.urls import canonical
from waspada.archive import repository
from waspada.archive.service import Archive, archive_of
from waspada.archive.types import ArchivedPage
from waspada.archive.warc import warc_draft
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction, Detail
from waspada.cli.common import ACTOR, DataOption, day_of, messages, progress_bar, results, settings_of
from waspada.clock import day_bounds, utc_now
from waspada.errors import InputError, NotFoundError, StoreError
from waspada.settings import Settings
from waspada.store import Store, open_store

archive_app = typer.Typer(no_args_is_help=True, help="Raw pages, where WASPADA_ARCHIVE_PAGES keeps them.")

PurposeOption = Annotated[str, typer.Option("--purpose", help="What it is for; it stands in the audit log.")]


def register(app: typer.Typer) -> None:
    app.add_typer(archive_app, name="archive")


@archive_app.command("show")
def archive_show(
    url: Annotated[str, typer.Argument(help="Address of an article, any that led to it.")],
    out: Annotated[Path | None, typer.Option("--out", help="Write the newest page to this file, unmasked.")] = None,
    purpose: PurposeOption = "",
    data: DataOption = None,
) -> None:
    """Which raw pages of an article were kept; the content itself only with --out."""
    settings = settings_of(data)
    store = open_store(settings)
    address = canonical(url)
    if address is None:
        raise InputError(f"{url[:200]!r} is no web address.")
    with store.read() as session:
        pages = repository.find(session, address)
    if not pages:
        raise NotFoundError(f"No raw page of {address} was kept.", hint="`waspada archive check` counts what there is.")
    if out is None:
        _audit(store, settings, AuditAction.ARCHIVE_READ, pages[0], purpose, {"pages": [page.id for page in pages]})
        results.print(_table(pages))
    else:
        _write_out(store, settings, pages[0], out, purpose)
    store.close()


@archive_app.command("export")
def archive_export(
    start: Annotated[str, typer.Option("--from", help="First day, YYYY-MM-DD, in the desk's zone.")],
    end: Annotated[str, typer.Option("--to", help="Last day, YYYY-MM-DD.")],
    warc: Annotated[Path, typer.Option("--warc", help="File to write, FILE.warc.gz; never over another.")],
    purpose: PurposeOption = "",
    data: DataOption = None,
) -> None:
    """Writes the raw pages fetched on these days to a WARC file, unmasked; exits with 1 when some were damaged."""
    _ask_purpose(purpose)
    settings = settings_of(data)
    first, last = day_of(start), day_of(end)
    if last < first:
        raise InputError(f"The last day {last} lies before the first, {first}.")
    moments = day_bounds(first, settings.zone_info)[0], day_bounds(last, settings.zone_info)[1]
    store, archive = open_store(settings), archive_of(settings)
    problems: list[str] = []
    with warc_draft(warc, _whole_pages(store, archive, moments, problems)) as draft:
        if not draft.pages:
            raise NotFoundError(f"No raw page was kept from {first} to {last}.", hint="\n".join(problems))
        detail: Detail = {
            "from": first.isoformat(),
            "to": last.isoformat(),
            "pages": draft.pages,
            "unreadable": len(problems),
            "sha256": draft.sha256,
        }
        _audit(store, settings, AuditAction.EXPORTED, None, purpose, detail)
        draft.publish()
    store.close()
    for problem in problems:
        messages.print(f"[red]left out:[/red] {escape(problem)}", soft_wrap=True)
    messages.print(f"{draft.pages} pages written to {escape(str(warc))}.", soft_wrap=True)
    if problems:
        raise typer.Exit(1)


@archive_app.command("check")
def archive_check(data: DataOption = None) -> None:
    """Reads every raw page back; exits with 1 where one is missing or damaged (damaged ones are kept aside)."""
    settings = settings_of(data)
    store = open_store(settings)
    report = archive_of(settings).check(store, utc_now())
    store.close()
    results.print(
        f"{report.whole} whole, {len(report.missing)} missing, {len(report.damaged)} damaged;"
        f" {report.stored_bytes:,} of at most {settings.archive_max_bytes:,} bytes.",
        soft_wrap=True,
    )
    if not report.is_fine:
        results.print(_table([*report.missing, *report.damaged]))
        raise typer.Exit(1)


def _whole_pages(
    store: Store, archive: Archive, moments: tuple[datetime, datetime], problems: list[str]
) -> Iterator[tuple[ArchivedPage, bytes]]:
    """Pages with their bodies; what cannot be read goes to `problems`."""
    with store.read() as session:
        pages = list(repository.between(session, *moments))
    with progress_bar() as bar:
        for page in bar.track(pages, description="Menulis"):
            try:
                yield page, archive.read(store, page, utc_now())
            except (NotFoundError, StoreError) as error:
                problems.append(str(error))


def _write_out(store: Store, settings: Settings, page: ArchivedPage, out: Path, purpose: str) -> None:
    _ask_purpose(purpose)
    body = archive_of(settings).read(store, page, utc_now())
    try:
        with _new_file(out) as file:
            _audit(store, settings, AuditAction.EXPORTED, page, purpose, {"sha256": page.sha256})
            file.write(body)
    except FileExistsError:
        raise InputError(f"The file {out} is there already.", hint="Name another one.") from None
    except OSError as error:
        raise InputError(f"The file {out} cannot be written: {error.strerror}.") from None
    messages.print(f"{page.body_bytes:,} bytes written to {escape(str(out))}.", soft_wrap=True)


@contextmanager
def _new_file(path: Path) -> Iterator[BinaryIO]:
    """A file of its own, never over another; nothing is left of it when the writing fails."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
    except BaseException:
        with suppress(OSError):
            path.unlink()
        raise


def _audit(
    store: Store, settings: Settings, action: AuditAction, page: ArchivedPage | None, purpose: str, detail: Detail
) -> None:
    """Before anything leaves: no log, no answer."""
    object_ = f"item/{page.item_id}" if page is not None else "archive"
    with store.write() as session:
        audit_log(settings).append(
            session, actor=ACTOR, action=action, object=object_, purpose=purpose, detail=detail, now=utc_now()
        )


def _ask_purpose(purpose: str) -> None:
    if not purpose.strip():
        raise InputError("Raw pages leave unmasked, so a purpose is needed.", hint="Name it with --purpose TEXT.")


def _table(pages: list[ArchivedPage]) -> Table:
    table = Table("id", "item", "fetched", "HTTP", "type", "bytes", "stored", "SHA-256", "address")
    for page in pages:
        fetched = f"{page.fetched_at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"
        sizes = (f"{page.body_bytes:,}", f"{page.stored_bytes:,}")
        kind = page.headers.get("content-type", "").partition(";")[0]
        columns = (str(page.id), str(page.item_id), fetched, str(page.status), kind, *sizes, page.sha256, page.url)
        table.add_row(*map(escape, columns))
    return table
