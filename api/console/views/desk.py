"""What stands around a list of alerts: what is unread, who may have it in hand, what can be done with several."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from api.console import words
from api.schemas.desk import BulkDo
from api.v1.bulk import Outcome
from waspada.access.policy import may
from waspada.access.service import names_at_desk
from waspada.access.types import Action, Identity
from waspada.alerts import feed, seen
from waspada.alerts.policy import STEPS, reasons_for
from waspada.alerts.seen import Mark, Tally
from waspada.alerts.types import AlertFilter, AlertState, AlertSummary


@dataclass(frozen=True, slots=True)
class Around:
    """`line` is the newest line of any history when the list was read: a stream goes on from there."""

    marks: Mapping[int, Mark]
    tally: Tally
    line: int
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tool:
    """One step for the alerts that are chosen: `value` is what the form sends."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons that one step asks for."""

    step: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tools:
    """What a reader may do with several alerts at once; empty for those who only read."""

    steps: tuple[Tool, ...]
    reasons: tuple[Reasons, ...]
    hours: tuple[int, ...]


def around(
    session: Session, identity: Identity, wanted: AlertFilter, found: Sequence[AlertSummary], now: datetime
) -> Around:
    return Around(
        marks=seen.marks(session, identity.user_id, {view.id: view.revision for view in found}),
        tally=seen.tally(session, identity.user_id, wanted, now),
        line=feed.position(session),
        names=tuple(name for name in names_at_desk(session, within=identity.region) if name != identity.name),
    )


def tools(identity: Identity) -> Tools:
    if not may(identity, Action.MOVE_ALERTS):
        return Tools((), (), ())
    return _tools(may(identity, Action.EDIT_STORIES), may(identity, Action.QUIET))


@lru_cache(maxsize=4)
def _tools(merges: bool, silences: bool) -> Tools:
    targets = [state for state in AlertState if any(state in ways for ways in STEPS.values())]
    more = [Tool(BulkDo.ASSIGN, words.BULK[BulkDo.ASSIGN])]
    more += [Tool(BulkDo.MERGE, words.BULK[BulkDo.MERGE])] if merges else []
    more += [Tool(BulkDo.SILENCE, words.BULK[BulkDo.SILENCE])] if silences else []
    return Tools(
        steps=(*(Tool(state, words.STEPS[state]) for state in targets), *more),
        reasons=tuple(
            Reasons(words.STEPS[state], tuple(str(one) for one in reasons_for(state)))
            for state in targets
            if reasons_for(state)
        ),
        hours=tuple(words.SILENCE_HOURS),
    )


@dataclass(frozen=True, slots=True)
class OutcomeLine:
    """What became of one alert of many, with its headline."""

    headline: str
    outcome: Outcome


def counts(found: Sequence[Outcome]) -> dict[str, int]:
    """Outcome -> how many, in the order of the words."""
    return {name: n for name in words.OUTCOMES if (n := sum(one.outcome == name for one in found))}
