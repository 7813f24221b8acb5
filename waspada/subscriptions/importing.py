"""Subscriptions from a list (CSV): one line each, with the columns of `COLUMNS`; only `address` and `region` must have
something in them."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import datetime
from io import StringIO

from sqlalchemy.orm import Session

from waspada.digests.types import Period
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.notify.messages import Channel
from waspada.settings import Settings
from waspada.subscriptions import service
from waspada.subscriptions.policy import EVERY_DAY
from waspada.subscriptions.types import Imported, NewSubscription, Rhythm, Topic

COLUMNS = ("channel", "address", "region", "labels", "min_level", "language", "zone", "period", "days", "hour")
MAX_LINES = 1000
MAX_CHARACTERS = 200_000
_DAY_NAMES = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))} | {
    name: number for number, name in enumerate(("sen", "sel", "rab", "kam", "jum", "sab", "min"))
}


def add_all(
    session: Session, text: str, settings: Settings, *, actor: str, now: datetime, within: str | None = None
) -> Imported:
    """Adds what can be added; each is asked to confirm like any other. Raises InputError for what is no such list."""
    if len(text) > MAX_CHARACTERS:
        raise InputError("The list is too long.", hint=f"Give at most {MAX_CHARACTERS} characters at a time.")
    try:
        rows = list(csv.DictReader(StringIO(text.lstrip("\ufeff").replace("\0", "")), restkey="more", strict=True))
    except csv.Error as error:
        raise InputError(f"The list cannot be read ({error}).", hint="Save it as CSV with commas.") from None
    names = set(rows[0]) if rows else set()
    if not {"address", "region"} <= names or not names <= set(COLUMNS) | {"more"}:
        raise InputError("The list has not the right columns.", hint=f"Its first line is: {','.join(COLUMNS)}")
    if len(rows) > MAX_LINES:
        raise InputError("The list is too long.", hint=f"Give at most {MAX_LINES} lines at a time.")
    added, left_out = [], []
    for number, row in enumerate(rows, 2):
        try:
            with session.begin_nested():
                made = service.add(session, read(row), settings, actor=actor, now=now, within=within)
            added.append(made.id)
        except (InputError, ConflictError, NotFoundError) as error:
            left_out.append((number, str(error.args[0])))
    return Imported(added, left_out)


def read(row: Mapping[str, str | None]) -> NewSubscription:
    """One line. Raises InputError."""

    def said(name: str, otherwise: str) -> str:
        return (row.get(name) or "").strip() or otherwise

    try:
        channel, period = Channel(said("channel", "mail").lower()), Period(said("period", "daily").lower())
        min_level, hour = int(said("min_level", "2")), int(said("hour", "7"))
    except ValueError:
        raise InputError("A channel, period, level or hour cannot be read.") from None
    topic = Topic(said("region", ""), tuple(said("labels", "").split()), min_level, said("language", "id").lower())
    days = days_of(said("days", "")) or EVERY_DAY
    return NewSubscription(
        channel, said("address", ""), topic, Rhythm(period, days, hour, said("zone", "WITA").upper())
    )


def days_of(text: str) -> tuple[int, ...]:
    """Days of the week as numbers (0 Monday) or names, Indonesian or English: "sen rab jum". Raises InputError."""
    words = text.lower().split()
    try:
        return tuple(_DAY_NAMES[word[:3]] if word[:3] in _DAY_NAMES else int(word) for word in words)
    except ValueError:
        raise InputError("A day of the week cannot be read.", hint="Write them as sen sel rab, or 0 1 2.") from None
