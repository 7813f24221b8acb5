"""`waspada topics`: topics of a region's own, added, shown and switched off."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from waspada.alerts.exits import mask
from waspada.audit.types import AuditAction, Detail
from waspada.cli.common import ACTOR, DataOption, at_desk, messages, results
from waspada.topics import repository, service
from waspada.topics.types import NewTopic, StoredHead, Topic

topics_app = typer.Typer(no_args_is_help=True, help="Topics of a region's own, beside the eight labels.")


def register(app: typer.Typer) -> None:
    app.add_typer(topics_app, name="topics")


@topics_app.command("add")
def topics_add(
    title: Annotated[str, typer.Argument(help="What it is called; never a person.")],
    example: Annotated[list[str], typer.Option("--example", help="A sentence as in the news; three or more.")],
    description: Annotated[str, typer.Option("--description", help="What it is about.")] = "",
    place: Annotated[list[str] | None, typer.Option("--place", help="Name or code; only its items.")] = None,
    data: DataOption = None,
) -> None:
    """Adds a topic; the worker compares the items of the last 30 days with it."""
    with at_desk(data) as desk:
        new = NewTopic(title, description, example, place or ())
        found = service.add_topic(desk.session, new, actor=ACTOR, now=desk.now)
        detail: Detail = {"places": list(found.places), "examples": len(found.examples)}
        desk.note(AuditAction.TOPIC_ADDED, f"topic/{found.id}", detail)
    messages.print(f"Topic {found.id} added; `waspada run` looks for it.")


@topics_app.command("list")
def topics_list(
    all_: Annotated[bool, typer.Option("--all", help="Also those that were switched off.")] = False,
    data: DataOption = None,
) -> None:
    """The topics, with how many items each found."""
    with at_desk(data) as desk:
        found = repository.topics(desk.session, with_off=all_)
        desk.note(AuditAction.TOPICS_READ, "topics", {"found": len(found)})
    table = Table("id", "topic", "places", "items", "answers", "decided by", "by", "state")
    for one in found:
        cells = (str(one.tagged), str(one.answers), _decided_by(one), one.actor, "on" if one.is_on else "off")
        table.add_row(str(one.id), escape(mask(one.title)), ", ".join(one.places) or "everywhere", *cells)
    results.print(table)


@topics_app.command("show")
def topics_show(topic_id: int, data: DataOption = None) -> None:
    """A topic with its examples, its threshold, and what was learned from answers."""
    with at_desk(data) as desk:
        found, heads = repository.topic(desk.session, topic_id), repository.heads(desk.session, topic_id)
        desk.note(AuditAction.TOPICS_READ, f"topic/{topic_id}")
    waits = (
        f"could not be read by the model ({found.failed_at:%Y-%m-%d %H:%M})"
        if found.failed_at
        else "not made ready yet"
    )
    ready = waits if found.threshold is None else f"threshold {found.threshold:.3f}"
    lines = (
        f"{found.id} {mask(found.title)}{'' if found.is_on else f' (off, by {found.off_by})'}",
        mask(found.description),
        *(f"- {mask(one)}" for one in found.examples),
        f"{ready}, chosen at {found.sampled} stored items, model {found.model or '-'}",
        f"{found.tagged} items, {found.answers} answers, decided by {_decided_by(found)}",
        *(_head_line(one) for one in heads),
    )
    for line in filter(None, lines):
        results.print(escape(line), soft_wrap=True)


@topics_app.command("off")
def topics_off(topic_id: int, data: DataOption = None) -> None:
    """Tags nothing more with a topic and hides it; what it tagged stays."""
    with at_desk(data) as desk:
        service.switch_off(desk.session, topic_id, actor=ACTOR, now=desk.now)
        desk.note(AuditAction.TOPIC_OFF, f"topic/{topic_id}")
    messages.print(f"Topic {topic_id} is off.")


@topics_app.command("on")
def topics_on(topic_id: int, data: DataOption = None) -> None:
    """Tags with a topic again, with what it had learned."""
    with at_desk(data) as desk:
        service.switch_on(desk.session, topic_id)
        desk.note(AuditAction.TOPIC_ON, f"topic/{topic_id}")
    messages.print(f"Topic {topic_id} is on again.")


@topics_app.command("remove")
def topics_remove(topic_id: int, data: DataOption = None) -> None:
    """Erases a topic with its tags, answers and heads."""
    with at_desk(data) as desk:
        found = service.remove_topic(desk.session, topic_id)
        detail: Detail = {"items": found.tagged, "answers": found.answers}
        desk.note(AuditAction.TOPIC_REMOVED, f"topic/{topic_id}", detail)
    messages.print(f"Topic {topic_id} removed, with {found.tagged} tags and {found.answers} answers.")


def _decided_by(topic: Topic) -> str:
    return f"head {topic.head}" if topic.head else "likeness"


def _head_line(one: StoredHead) -> str:
    figures = one.figures
    return (
        f"head {one.version} of {one.at:%Y-%m-%d}, {figures.answers} answers: {figures.head_wrong} wrong, "
        f"by likeness {figures.likeness_wrong}; order {figures.head_order:.2f} and {figures.likeness_order:.2f}; "
        f"takes {figures.head_share:.1%} of the stored items, likeness {figures.likeness_share:.1%}; "
        f"{'used' if one.used else 'not used'}"
    )
