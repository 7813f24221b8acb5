"""What speaks against a promotion, and which model is in use: pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from waspada.models.types import Comparison, Gates, InUse, ModelEvent, Objection, Step, Verdict

#: A model reads the items of so many days anew once it is promoted, as far back as topics and fact-checks look.
REREAD_DAYS = 30
#: A comparison on items of fewer stories says nothing of a difference.
LEAST_GROUPS = 5
#: Objection -> what it says in a sentence about a model.
SAID: dict[Objection, str] = {
    Objection.NOT_COMPARED: "it was not compared with the model in use",
    Objection.WORSE: "it is worse than the model in use",
    Objection.NO_GATES: "it was not held against the release gates",
    Objection.FUNCTIONAL: "it fails the functional suite",
    Objection.PROTECTED: "it raises too much protected speech",
}


def said(objections: Sequence[Objection]) -> str:
    return ", ".join(SAID[one] for one in objections)


def may_promote(comparison: Comparison | None, gates: Gates | None, current: str) -> list[Objection]:
    """What speaks against putting a model in use in place of `current`; nothing where nothing does.

    Silence is an objection, too: a model that was not compared with the current one, or not held against the gates.
    """
    against = comparison.with_model(current) if comparison else None
    found = {
        Objection.NOT_COMPARED: against is None,
        Objection.WORSE: against is not None and against.verdict is Verdict.WORSE,
        Objection.NO_GATES: gates is None,
        Objection.FUNCTIONAL: gates is not None and not gates.functional_open,
        Objection.PROTECTED: gates is not None and not gates.protected_open,
    }
    return [objection for objection, holds in found.items() if holds]


def in_use(events: Sequence[ModelEvent], default: str) -> InUse:
    """What the events (oldest first) say. `default` is used until the first promotion.

    A roll-back undoes the promotion that put the current model in use, and one before that the next time: it never goes
    back and forth between two models.
    """
    used: list[str] = []
    shadow, since = None, None
    for event in events:
        if event.what is Step.SHADOW:
            shadow = event.model
        elif event.what is Step.UNSHADOW:
            shadow = None
        else:
            if not used:
                used.append(event.previous or default)
            if event.what is Step.PROMOTE:
                used.append(event.model)
            elif len(used) > 1:
                used.pop()
            since = event.at
            shadow = None if shadow == event.model else shadow
    current = used[-1] if used else default
    return InUse(current, shadow, used[-2] if len(used) > 1 else None, since)


def in_use_at(events: Sequence[ModelEvent], default: str, at: datetime) -> InUse:
    """What the events (oldest first) say of a moment: those before it. Before the first promotion the model was in use
    that it took the place of."""
    first = next((one.previous for one in events if one.what is Step.PROMOTE and one.previous), default)
    return in_use([one for one in events if one.at < at], first)
