"""kill -9 of a worker that matches, then a restart: every match once, each with a history that leads to it."""

from __future__ import annotations

import random
import signal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from tests.jobs.match_process import ITEMS
from tests.killed import run_module
from tests.rows import pairs
from waspada.store import Store, open_url
from waspada.store.tables import ClaimMatchEventRow, ClaimMatchRow, FactCheckRow, ItemRow, RejectRow, UnmatchedItemRow


def _work(url: str, statements: int = 0) -> tuple[int, str]:
    return run_module("tests.jobs.match_process", url, statements)


def _check(store: Store) -> None:
    """Whatever the moment: the state of every match is where its history leads, and none is there without one."""
    with store.read() as session:
        rows = session.scalars(select(ClaimMatchEventRow).order_by(ClaimMatchEventRow.item_id, ClaimMatchEventRow.id))
        last: dict[tuple[int, str], str | None] = {}
        for row in rows:
            assert last.get((row.item_id, row.claim_id)) == row.from_state
            last[row.item_id, row.claim_id] = row.to_state
        states = {(m.item_id, m.claim_id): m.state for m in session.scalars(select(ClaimMatchRow))}
    assert {key: state for key, state in last.items() if state is not None} == states


def _picture(store: Store) -> dict[str, Any]:
    with store.read() as session:
        url = pairs(session, select(ItemRow.id, ItemRow.url))
        checks = {row.id: row.url or row.id for row in session.scalars(select(FactCheckRow))}
        rows = session.scalars(select(ClaimMatchRow)).all()
        assert session.scalar(select(func.count()).select_from(UnmatchedItemRow)) == 0
        assert session.scalars(select(RejectRow.problem)).all() == []
        assert set(session.scalars(select(FactCheckRow.looked_back))) == {True}
        assert len(url) == ITEMS
        found = sorted((url[row.item_id], checks[row.claim_id], row.state) for row in rows)
    return {item: [rest for _, *rest in group] for item, group in groupby(found, key=lambda row: row[0])}


def _kill_and_restart(store: Store, url: str, kills: int, seed: int, tmp_path: Path) -> None:
    calm_url = f"sqlite:///{tmp_path / 'calm.db'}"
    code, said = _work(calm_url)
    assert code == 0, said
    statements, rng = int(said.split()[-1]), random.Random(seed)
    for _ in range(kills):
        code, said = _work(url, rng.randint(1, statements))
        if code == 0:
            break
        assert code == -signal.SIGKILL, said
        _check(store)
    code, said = _work(url)
    assert code == 0, said
    _check(store)
    calm = open_url(calm_url)
    expected, found = _picture(calm), _picture(store)
    calm.close()
    assert found == expected
    assert len(found) == ITEMS - ITEMS // 8 - 2  # all but the fact-checker's own articles and the two edited ones


def test_three_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 3, 5, tmp_path)


@pytest.mark.full
def test_thirty_kills(store: Store, store_url: str, tmp_path: Path) -> None:
    _kill_and_restart(store, store_url, 30, 2, tmp_path)
