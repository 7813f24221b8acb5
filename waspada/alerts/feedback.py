"""What people made of alerts like this one: a part of the score. Pure; `decisions.py` reads the decisions.

Like means the same label in the same kabupaten. Only steps that people took count, never the machine's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from waspada.alerts.types import AlertState, CloseReason, NoThreatReason

#: The share is mixed with so many decisions that say nothing.
PRIOR_DECISIONS = 8.0
#: One person's decisions count as no more than so many: somebody who finds nothing in anything is one voice.
MOST_OF_A_PERSON = 5.0
#: How many days back decisions count.
DAYS = 180
_CONFIRMS = frozenset({CloseReason.RESOLVED, CloseReason.PASSED_ON})
#: A duplicate and `wrong_place` say that grouping or the gazetteer erred, not that the event was none.
_REFUTES = frozenset(NoThreatReason) - {NoThreatReason.WRONG_PLACE}


@dataclass(frozen=True, slots=True)
class Feedback:
    """`verified` of `decided` alerts like this one; `value` is -1 (no threat in any, by many) to 1 (all verified)."""

    verified: int = 0
    decided: int = 0
    value: float = 0.0


NO_FEEDBACK = Feedback()


def verdict(state: str, reason: str | None) -> bool | None:
    """Whether a person found an alert worth it; None where the state does not say."""
    if state == AlertState.VERIFIED or (state == AlertState.CLOSED and reason in _CONFIRMS):
        return True
    return False if state in (AlertState.NOT_A_THREAT, AlertState.CLOSED) and reason in _REFUTES else None


def feedback_of(verdicts: Sequence[tuple[str, bool]]) -> Feedback:
    """The feedback of decisions, each with the account that took it."""
    made = Counter(actor for actor, _ in verdicts)
    weight = {actor: min(1.0, MOST_OF_A_PERSON / count) for actor, count in made.items()}
    total = sum(weight[actor] for actor, _ in verdicts)
    agreed = sum(weight[actor] if verified else -weight[actor] for actor, verified in verdicts)
    return Feedback(sum(verified for _, verified in verdicts), len(verdicts), agreed / (total + PRIOR_DECISIONS))
