"""`waspada run` with the canary: the night's article is served, polled, fetched, read, tagged, grouped and ranked."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from sqlalchemy import select

from tests.e2e.programs import Program, waspada
from waspada.clock import DEFAULT_ZONE, utc_now
from waspada.store import Store, open_url
from waspada.store.tables import AlertRow, ItemRow, NoticeRow


def test_the_article_of_the_night_becomes_an_alert_and_counts_nowhere(tmp_path: Path) -> None:
    sources = tmp_path / "none.csv"
    sources.write_text("id,name,url,kind,region,tz,tier\n")
    data = tmp_path / "data"
    at = (utc_now() + timedelta(seconds=1)).astimezone(DEFAULT_ZONE)
    settings = {
        "WASPADA_CANARY": "1",
        "WASPADA_CANARY_AT": f"{at:%H:%M}",
        "WASPADA_SOURCES_FILE": str(sources),
        "WASPADA_NOTIFY_WAIT_MINUTES": "0",
    }
    program = Program("run", "--data", str(data), "--port", "0", **settings)
    try:
        program.address()
        store = open_url(f"sqlite:///{data / 'waspada.db'}")
        program.wait_for(lambda: _surfaced(store), "an alert of the exercise")
        with store.read() as session:
            (alert,) = session.scalars(select(AlertRow)).all()
            (item,) = session.scalars(select(ItemRow)).all()
            assert alert.exercise
            assert alert.headline == f"LATIHAN: {item.title}"
            assert alert.level >= 2
            assert session.scalars(select(NoticeRow)).all() == []
        store.close()
        told = waspada("doctor", "--data", str(data), **settings).stdout
        assert "items: 0 stored" in told
        assert "sources: 0 enabled" in told
        assert "exercise: " in told
        assert "bad exercise" not in told
        assert "latihan-waspada" not in waspada("sources", "list", "--data", str(data)).stdout
    finally:
        program.close()


def _surfaced(store: Store) -> bool:
    with store.read() as session:
        return session.scalar(select(AlertRow.id).where(AlertRow.level > 0)) is not None
