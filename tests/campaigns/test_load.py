"""A desk under load: many readers at once on a store of thousands of alerts, and nobody gets an error."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from api.app import create_app
from tests.rows import NOW, add_source
from waspada.access import service as access
from waspada.access.types import Role, Scope
from waspada.alerts.regions import write_regions
from waspada.settings import load_settings
from waspada.store import Store, open_store
from waspada.store.tables import AlertPlaceRow, AlertRow, StoryRow

pytestmark = pytest.mark.full

ALERTS = 5_000
READERS = 8
REQUESTS_EACH = 60


def moment(number: int) -> datetime:
    return NOW - timedelta(minutes=number)


def story(number: int) -> StoryRow:
    at = moment(number)
    return StoryRow(id=number, opened_at=at, last_item_at=at, headline=f"Kejadian {number}", stale=False)


def alert(number: int) -> AlertRow:
    at, score = moment(number), (number * 37 % 400) / 4
    return AlertRow(
        id=number, story_id=number, label="conflict", level=number % 4, score=score, parts={"level": score},
        confidence=0.9, headline=f"Kejadian {number}", why="", labels={"conflict": 0.9}, item_count=1,
        outlet_count=1, voice_count=0, opened_at=at, changed_at=at, last_item_at=at, ranked_at=at,
    )  # fmt: skip


def filled(store: Store) -> str:
    """Thousands of alerts, and a token that reads them."""
    with store.write() as session:
        add_source(session)
        numbers = range(1, ALERTS + 1)
        session.add_all(story(number) for number in numbers)
        session.flush()
        session.add_all(alert(number) for number in numbers)
        session.flush()
        session.add_all(AlertPlaceRow(alert_id=n, code=f"63.{n % 11 + 1:02}", position=0) for n in numbers)
        for n in numbers:
            write_regions(session, n, [f"63.{n % 11 + 1:02}"], alert(n).score)
        access.add_user(session, "pembaca", Role.LIAISON, None, actor="test", now=NOW)
        return access.issue_token(session, "pembaca", "beban", Scope.READ, now=NOW).secret


async def read_all(app: object, token: str) -> Counter[int]:
    statuses: Counter[int] = Counter()
    transport = httpx.ASGITransport(app=app)  # type: ignore[arg-type]
    headers = {"Authorization": f"Bearer {token}", "X-Purpose": "load test"}
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1", headers=headers) as client:

        async def reader(number: int) -> None:
            path = f"/api/v1/alerts?limit=20&region=63.{number % 11 + 1:02}"
            for _ in range(REQUESTS_EACH):
                answer = await client.get(path)
                statuses[answer.status_code] += 1
                following = answer.json().get("next")
                path = f"/api/v1/alerts?limit=20&cursor={following}" if following else "/api/v1/alerts?limit=20"

        await asyncio.gather(*(reader(number) for number in range(READERS)))
    return statuses


def test_many_readers_get_answers(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    store = open_store(settings)
    token = filled(store)
    app = create_app(store, settings, clock=lambda: NOW)
    statuses = asyncio.run(read_all(app, token))
    assert statuses == {200: READERS * REQUESTS_EACH}
    store.close()
