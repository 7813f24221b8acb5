"""The form of a subscription's filter and hour, which managers, subscribers and strangers fill in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Form

from waspada.digests.types import Period
from waspada.recipients.types import LANGUAGES
from waspada.subscriptions.policy import EVERY_DAY
from waspada.subscriptions.types import ZONE_NAMES, Rhythm, Topic
from waspada.taxonomy import EVENT_LABELS, MAX_LEVEL

Short = Annotated[str, Form(max_length=20)]
Hour = Annotated[int, Form(ge=0, le=23)]


@dataclass(frozen=True, slots=True)
class Filled:
    """What somebody filled in; nothing of it was judged yet."""

    topic: Topic
    rhythm: Rhythm


def filled(
    region: Annotated[str, Form(max_length=13)] = "",
    labels: Annotated[list[str], Form(max_length=8)] = [],  # noqa: B006 (the framework copies it)
    min_level: Annotated[int, Form(ge=1, le=MAX_LEVEL)] = 2,
    language: Short = "id",
    zone: Short = "WITA",
    period: Annotated[Period, Form()] = Period.DAILY,
    days: Annotated[list[int], Form(max_length=7)] = [],  # noqa: B006
    hour: Hour = 7,
    quiet_from: Hour = 21,
    quiet_until: Hour = 5,
) -> Filled:
    chosen = tuple(days) or (() if period is Period.WEEKLY else EVERY_DAY)
    return Filled(
        Topic(region, tuple(labels), min_level, language),
        Rhythm(period, chosen, hour, zone, quiet_from, quiet_until),
    )


def choices() -> dict[str, Any]:
    """What the template of the form offers."""
    return {
        "labels": EVENT_LABELS,
        "levels": range(1, MAX_LEVEL + 1),
        "tongues": LANGUAGES,
        "zone_names": ZONE_NAMES,
        "periods": list(Period),
        "hours": range(24),
        "days": EVERY_DAY,
    }


EMPTY = Filled(Topic(""), Rhythm(Period.DAILY, EVERY_DAY, 7, "WITA"))
