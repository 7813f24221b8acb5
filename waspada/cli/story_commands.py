"""`waspada stories`: a story with its items and edits; merge, split and undo from the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table
from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts.exits import mask
from waspada.audit.service import audit_log
from waspada.audit.types import AuditAction
from waspada.cli.common import ACTOR, DataOption, messages, results, settings_of
from waspada.clock import utc_now
from waspada.store import open_store
from waspada.stories import service
from waspada.stories.edits import StoryEdited, history, revision_of

stories_app = typer.Typer(no_args_is_help=True, help="Stories: which items are one event.")
Reason = Annotated[str, typer.Option(help="Why, for the story's history.")]
_SHOWN = 200


def register(app: typer.Typer) -> None:
    app.add_typer(stories_app, name="stories")


@stories_app.command("show")
def show(story: int, data: DataOption = None) -> None:
    """The items of a story, the headlines that it had, and what was done to it."""
    settings = settings_of(data)
    store, now = open_store(settings), utc_now()
    with store.write() as session:
        found = items.story(session, story)
        members = items.of_story(session, story, limit=_SHOWN)
        known = history(session, story)
        audit_log(settings).append(
            session,
            actor=ACTOR,
            action=AuditAction.STORY_READ,
            object=f"story/{story}",
            detail={"items": [item.id for item in members]},
            now=now,
        )
    store.close()
    ended = f", merged into story {known.merged_into}" if known.merged_into else ""
    results.print(f"Story {story}: {mask(found.headline) or '(no headline)'}{ended}", markup=False)
    table = Table("item", "time", "outlet", "why", "title")
    for item in members:
        table.add_row(
            str(item.id), f"{item.at:%Y-%m-%d %H:%M}", escape(item.outlet), item.how or "", escape(mask(item.title))
        )
    results.print(table)
    edits = Table("edit", "time", "actor", "what", "from", "to", "items", "undone by")
    for edit in known.edits:
        ends = (str(edit.story_id), str(edit.into_id), str(len(edit.item_ids)), str(edit.undone_by or ""))
        edits.add_row(str(edit.id), f"{edit.at:%Y-%m-%d %H:%M}", edit.actor, edit.kind, *ends)
    results.print(edits)


@stories_app.command("merge")
def merge(story: int, other: int, reason: Reason = "", data: DataOption = None) -> None:
    """Joins two stories into the older one, and their alerts with them."""
    done = _audited(
        data,
        AuditAction.STORY_MERGED,
        lambda session, now: service.merge(
            session, story, other, actor=ACTOR, revision=revision_of(session, story), reason=reason, now=now
        ),
    )
    messages.print(f"Story {done.edit.story_id} is part of story {done.edit.into_id} now (edit {done.edit.id}).")


@stories_app.command("split")
def split(story: int, item: list[int], reason: Reason = "", data: DataOption = None) -> None:
    """Moves items of a story into a new one."""
    done = _audited(
        data,
        AuditAction.STORY_SPLIT,
        lambda session, now: service.split(
            session, story, item, actor=ACTOR, revision=revision_of(session, story), reason=reason, now=now
        ),
    )
    messages.print(f"{len(done.edit.item_ids)} items are story {done.edit.into_id} now (edit {done.edit.id}).")


@stories_app.command("undo")
def undo(story: int, edit: int, reason: Reason = "", data: DataOption = None) -> None:
    """Takes an edit of a story back; items that came since stay where they are."""
    done = _audited(
        data,
        AuditAction.STORY_EDIT_UNDONE,
        lambda session, now: service.undo(session, story, edit, actor=ACTOR, reason=reason, now=now),
    )
    stayed = f"; {len(done.stayed)} that came since stay in story {done.edit.story_id}" if done.stayed else ""
    messages.print(f"{len(done.edit.item_ids)} items are in story {done.edit.into_id} again{stayed}.")


def _audited(data: Path | None, action: AuditAction, work: Callable[[Session, datetime], StoryEdited]) -> StoryEdited:
    """The edit and its line in the audit log, both or none."""
    settings = settings_of(data)
    store, now = open_store(settings), utc_now()
    with store.write() as session:
        done = work(session, now)
        audit_log(settings).append(
            session,
            actor=ACTOR,
            action=action,
            object=f"story/{done.edit.story_id}",
            detail={"edit": done.edit.id, "into": done.edit.into_id, "items": list(done.edit.item_ids)},
            now=now,
        )
    store.close()
    return done
