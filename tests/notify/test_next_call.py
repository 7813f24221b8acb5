"""Who is called next, as a table; and that every chain ends, whatever happens."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waspada.notify.calls.policy import next_call
from waspada.notify.calls.types import CallNow, ChainState, End, EndReason, How, NextCall, Rest, Tried

NOW = datetime(2024, 11, 25, 4, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WAIT = 10 * MINUTE
ANA, BUDI, CITRA, DEWI = 1, 2, 3, 4


def state(*tried: Tried, **given: Any) -> ChainState:
    values: dict[str, Any] = {
        "level": 3, "is_exercise": False, "is_answered": False, "is_taken": False, "needs_answer": True,
        "rota": (ANA, BUDI), "everybody": (ANA, BUDI, CITRA, DEWI), "wait": WAIT, **given,
    }  # fmt: skip
    return ChainState(tried=tried, **values)


def step(*users: int, how: How = How.ROTA, ago: timedelta = timedelta(0), **given: bool) -> Tried:
    return Tried(users, how, NOW - ago, **given)


SENT: dict[str, Any] = {"is_sent": True}
FAILED: dict[str, Any] = {"has_failed": True}
AGO: dict[str, Any] = {"ago": WAIT}
TABLE: list[tuple[str, ChainState, NextCall]] = [
    ("first on the rota", state(), CallNow((ANA,), How.ROTA)),
    ("nobody on duty: everybody", state(rota=()), CallNow((ANA, BUDI, CITRA, DEWI), How.FALLBACK)),
    ("nobody on duty for an exercise: one of them", state(rota=(), is_exercise=True), CallNow((ANA,), How.FALLBACK)),
    ("nobody at all", state(rota=(), everybody=()), End(EndReason.FAILED)),
    ("answered before anybody was called", state(is_answered=True), End(EndReason.ACKNOWLEDGED)),
    ("taken in the console", state(step(ANA, **SENT), is_taken=True), End(EndReason.TAKEN)),
    ("the answer counts more than that", state(step(ANA), is_taken=True, is_answered=True),
     End(EndReason.ACKNOWLEDGED)),
    ("waits for an answer", state(step(ANA, **SENT)), Rest(NOW + WAIT)),
    ("waits while it is being sent", state(step(ANA)), Rest(NOW + WAIT)),
    ("silence calls the next one", state(step(ANA, **SENT, **AGO)), CallNow((BUDI,), How.ROTA)),
    ("unsent for as long is silence, too", state(step(ANA, **AGO)), CallNow((BUDI,), How.ROTA)),
    ("a failure calls the next one at once", state(step(ANA, **FAILED)), CallNow((BUDI,), How.ROTA)),
    ("after the last, those not called yet", state(step(ANA, ago=2 * WAIT), step(BUDI, **AGO)),
     CallNow((CITRA, DEWI), How.EVERYBODY)),
    ("everybody once", state(step(ANA, ago=3 * WAIT), step(BUDI, ago=2 * WAIT),
                             step(CITRA, DEWI, how=How.EVERYBODY, **AGO)),
     End(EndReason.SILENT)),
    ("everybody has their time", state(step(ANA, **AGO), step(CITRA, DEWI, how=How.EVERYBODY)), Rest(NOW + WAIT)),
    ("nobody is left", state(step(ANA, **AGO), rota=(ANA,), everybody=(ANA,)), End(EndReason.SILENT)),
    ("all failed", state(step(ANA, **FAILED), rota=(ANA,), everybody=(ANA,)), End(EndReason.FAILED)),
    ("after a fallback nobody is left", state(step(ANA, BUDI, how=How.FALLBACK, **AGO)), End(EndReason.SILENT)),
    ("the shift changed: who is on duty now", state(step(ANA, **AGO), rota=(CITRA,)), CallNow((CITRA,), How.ROTA)),
    ("level 2 is told", state(step(ANA, **SENT), level=2), End(EndReason.TOLD)),
    ("level 2 waits to be sent", state(step(ANA, ago=9 * WAIT), level=2), Rest()),
    ("level 2 that failed goes on", state(step(ANA, **FAILED), level=2), CallNow((BUDI,), How.ROTA)),
    ("level 2 never goes to everybody", state(step(ANA, **FAILED), step(BUDI, **FAILED), level=2),
     End(EndReason.FAILED)),
    ("news of what somebody has in hand", state(step(ANA, **SENT, **AGO), needs_answer=False), End(EndReason.TOLD)),
    ("an exercise wakes one", state(step(ANA, **SENT, **AGO), is_exercise=True), End(EndReason.TOLD)),
    ("a failed exercise wakes nobody else", state(step(ANA, **FAILED), is_exercise=True), End(EndReason.FAILED)),
]  # fmt: skip


@pytest.mark.parametrize(("chain", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_table(chain: ChainState, expected: NextCall) -> None:
    assert next_call(chain, NOW) == expected


@given(
    level=st.integers(1, 3),
    rota=st.lists(st.integers(1, 6), unique=True, max_size=4),
    everybody=st.lists(st.integers(1, 8), unique=True, max_size=6),
    fails=st.lists(st.booleans(), max_size=12),
    is_exercise=st.booleans(),
)
def test_every_chain_ends_and_calls_nobody_twice(
    level: int, rota: list[int], everybody: list[int], fails: list[bool], is_exercise: bool
) -> None:
    chain = state(level=level, rota=tuple(rota), everybody=tuple(everybody), is_exercise=is_exercise)
    called: list[int] = []
    now, outcomes = NOW, iter([*fails, *[False] * 20])
    for _ in range(20):
        found = next_call(chain, now)
        if isinstance(found, End):
            break
        if isinstance(found, Rest):
            assert found.until is None or found.until > now
            now = found.until or now
            continue
        called += found.user_ids
        failed = next(outcomes)
        made = Tried(found.user_ids, found.how, now, is_sent=not failed, has_failed=failed)
        chain = replace(chain, tried=(*chain.tried, made))
    else:
        pytest.fail("it never ended")
    assert len(called) == len(set(called))
    assert set(called) <= {*rota, *everybody}
    if rota and called:
        assert called[0] == rota[0]
