"""`waspada backup`, `restore`, `erasures export`, `erasures repeat`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from waspada.audit.types import AuditAction
from waspada.backups import erasures, making
from waspada.backups.restoring import restore as bring_back
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results, settings_of
from waspada.clock import utc_now
from waspada.errors import InputError
from waspada.store import open_store

erasure_app = typer.Typer(help="What was erased, for whoever restores a database.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    app.command()(backup)
    app.command()(restore)
    app.add_typer(erasure_app, name="erasures")


def backup(
    to: Annotated[
        Path | None, typer.Option("--to", help="Folder to write to.", show_default="WASPADA_BACKUP_DIR")
    ] = None,
    keep: Annotated[
        int | None, typer.Option("--keep", min=1, help="How many to keep.", show_default="WASPADA_BACKUP_KEEP")
    ] = None,
    with_key: Annotated[
        bool, typer.Option("--with-key", help="Also the secret key: whoever has the file can then sign as this desk.")
    ] = False,
    data: DataOption = None,
) -> None:
    """Writes the embedded database to one file, while the service runs; prints the file's name."""
    settings = settings_of(data)
    with messages.status("copying and packing the database"):
        made = making.make(settings, to=to, keep=keep, with_key=with_key, actor=ACTOR)
    results.print(str(made.file), soft_wrap=True)
    counts = made.manifest.counts
    messages.print(
        f"{made.manifest.size_bytes / 2**20:.1f} MiB of database, {counts['items']} items, {counts['alerts']} alerts"
        + (f"; {len(made.removed)} older removed" if made.removed else ""),
        soft_wrap=True,
    )
    if not with_key:
        messages.print(
            f"The secret key is not in it. Keep a copy of {settings.data_dir / making.KEY} at another place.",
            soft_wrap=True,
        )


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `waspada backup` wrote.")],
    erased: Annotated[
        list[Path] | None,
        typer.Option("--erasures", help="A further list of `waspada erasures export`; may be repeated."),
    ] = None,
    data: DataOption = None,
) -> None:
    """Puts the database of a backup in place of the desk's own, and erases again what was erased since.

    The service must be stopped. The database that was there is kept aside: remove it when the new one is in order.
    """
    settings = settings_of(data)
    done = bring_back(file, settings, actor=ACTOR, now=utc_now(), more_erasures=erased or ())
    results.print(f"restored: the database of {done.manifest.made_at:%Y-%m-%d %H:%M:%S}Z", soft_wrap=True)
    results.print(f"erased again: {done.erased_items} items, {done.erased_texts} texts", soft_wrap=True)
    if done.migrated:
        results.print("brought to the tables of this version", soft_wrap=True)
    for database in done.unread:
        messages.print(f"The list of erasures in {database} cannot be read: what was erased there alone is back.")
    if done.aside:
        messages.print(
            f"The database that was there is in {done.aside}. It holds what was erased here: remove it soon.",
            soft_wrap=True,
        )


@erasure_app.command("export")
def export_erasures(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="File to write.")], data: DataOption = None
) -> None:
    """Writes the list of what was erased: keys of addresses and times, no words."""
    store = open_store(settings_of(data))
    try:
        with store.read() as session:
            count = erasures.write(out, erasures.listed(session))
    except OSError as error:
        raise InputError(f"The file {out} cannot be written: {error.strerror}.") from None
    finally:
        store.close()
    results.print(f"{count} erasures", soft_wrap=True)


@erasure_app.command("repeat")
def repeat_erasures(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A list of `waspada erasures export`.")],
    data: DataOption = None,
) -> None:
    """Erases again what is in a list: after a pg_restore of a database that is older than the list."""
    found = erasures.read(file)
    with at_desk(data) as desk:
        items, texts = erasures.repeat(desk.session, found)
        desk.note(AuditAction.PURGED, "erasures", {"items": items, "texts": texts})
    results.print(f"erased again: {items} items, {texts} texts", soft_wrap=True)
