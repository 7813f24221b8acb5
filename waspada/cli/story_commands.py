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
from waspada.audit.types import AuditAction, Detail
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results
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
    with at_desk(data) as desk:
        found = items.story(desk.session, story)
        members = items.of_story(desk.session, story, limit=_SHOWN)
        known = history(desk.session, story)
        desk.note(AuditAction.STORY_READ, f"story/{story}", {"items": [item.id for item in members]})
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
    with at_desk(data) as desk:
        done = work(desk.session, desk.now)
        detail: Detail = {"edit": done.edit.id, "into": done.edit.into_id, "items": list(done.edit.item_ids)}
        desk.note(action, f"story/{done.edit.story_id}", detail)
    return done
