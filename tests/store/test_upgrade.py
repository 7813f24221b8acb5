"""A database of the first version, with a row in every table, comes to this version whole."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, inspect, select, text

from waspada.errors import AlreadyRunningError
from waspada.items.addresses import article_key
from waspada.jobs.lock import LOCK_FILE, data_dir_lock
from waspada.settings import load_settings
from waspada.store import open_store, open_url
from waspada.store.migrate import upgrade
from waspada.store.tables import ItemRow, PageRow, SourceRow

AT = "2026-10-01 03:04:05.000006"
URL = "https://kabar-banjar.example/read/7654321/tanggul-jebol-di-astambul"
POST = "https://sosial.example/11223344"
_SOURCE: dict[str, Any] = {
    "outlet": "Kabar Banjar", "role": "news", "region": "63.03", "zone": "WITA", "tier": "B", "verified": True,
    "enabled": True, "reliability": 0.6, "terms": "dibaca", "selector": ".isi", "added_at": AT, "state": "ok",
    "parked": False, "next_poll_at": AT, "interval_seconds": 900, "failures": 0.5, "on_time_successes": 2,
    "etag": '"a"', "last_modified": "Thu, 01 Oct 2026", "body_sha256": "ab" * 32, "last_poll_at": AT,
    "last_success_at": AT, "last_full_fetch_at": AT, "last_item_at": AT,
}  # fmt: skip
_ITEM: dict[str, Any] = {
    "outlet": "Kabar Banjar", "lang": "id", "published_at": AT, "found_at": AT, "version": 2, "stage": "done",
}  # fmt: skip
_PAGE: dict[str, Any] = {
    "title": "Tanggul jebol", "title_key": "k", "summary": "Warga Astambul mengungsi.", "published_at": AT,
    "seen_at": AT, "state": "done", "attempts": 1, "next_try_at": None, "detail": "", "checked_at": AT,
}  # fmt: skip
#: Tables of 0001 in an order that their foreign keys allow.
ROWS: dict[str, list[dict[str, Any]]] = {
    "audit": [
        {"id": 1, "at": AT, "actor": "cli", "action": "purge", "object": "store", "purpose": "", "detail": '{"n": 1}',
         "previous": "0" * 64, "hash": "1" * 64},
    ],
    "pseudonym_keys": [{"period": "2026-10", "key": b"\x00\xff"}],
    "rejects": [{"id": 1, "at": AT, "stage": "fetch", "object": "rusak", "problem": "tidak terbaca"}],
    "sources": [
        {"id": "kabar-banjar", "name": "Kabar Banjar", "url": "https://kabar-banjar.example/feed", "kind": "rss"}
        | _SOURCE,
        {"id": "sosial", "name": "Sosial", "url": "https://sosial.example/tags/kalsel.rss", "kind": "mastodon-rss"}
        | _SOURCE | {"role": "post"},
    ],
    "stories": [{"id": 1, "opened_at": AT, "last_item_at": AT, "headline": "Tanggul jebol", "stale": False}],
    "users": [{"id": 1, "name": "petugas", "role": "admin", "region": "63", "active": True, "created_at": AT}],
    "alerts": [
        {"id": 1, "story_id": 1, "state": "new", "label": "disaster", "level": 2, "score": 0.5, "parts": '{"a": 0.5}',
         "confidence": 0.9, "headline": "Tanggul jebol", "why": "dua media", "labels": '["disaster"]', "item_count": 2,
         "outlet_count": 1, "voice_count": 0, "opened_at": AT, "changed_at": AT, "last_item_at": AT, "ranked_at": AT,
         "reason": None, "revision": 3},
    ],
    "items": [
        {"id": 1, "source_id": "kabar-banjar", "kind": "article", "url": URL, "url_key": "u1",
         "title": "Tanggul jebol di Astambul", "voice": None} | _ITEM,
        {"id": 2, "source_id": "sosial", "kind": "post", "url": POST, "url_key": "u2", "title": "", "voice": "v"}
        | _ITEM,
    ],
    "pages": [
        {"id": 1, "source_id": "kabar-banjar", "url": URL, "url_key": "u1"} | _PAGE,
        {"id": 2, "source_id": "sosial", "url": POST, "url_key": "u2"} | _PAGE,
        {"id": 3, "source_id": "kabar-banjar", "url": URL + "?page=2", "url_key": "u3"}
        | _PAGE | {"state": "waiting", "next_try_at": AT},
    ],
    "source_events": [
        {"id": 1, "source_id": "kabar-banjar", "at": AT, "outcome": "ok", "http_status": 200, "entries": 9,
         "new_entries": 2, "detail": ""},
    ],
    "story_places": [{"code": "63.03", "story_id": 1, "last_item_at": AT, "eventful": True}],
    "tokens": [
        {"id": 1, "user_id": 1, "name": "laptop", "sha256": "c" * 64, "scope": "read", "created_at": AT,
         "expires_at": None, "revoked_at": None, "last_used_at": AT, "single_use": False},
    ],
    "alert_events": [
        {"id": 1, "alert_id": 1, "at": AT, "actor": "petugas", "action": "note", "from_state": None, "to_state": None,
         "reason": None, "note": "sudah ditelepon", "detail": "{}"},
    ],
    "alert_places": [{"alert_id": 1, "code": "63.03", "position": 0}],
    "bands": [{"value": -(2**60), "item_id": 1}],
    "fact_checks": [
        {"id": "cek-1", "claim": "Bendungan jebol", "title": "Salah", "verdict": "salah", "url": None,
         "outlet": "Kabar Banjar", "checked_on": "2026-10-01", "item_id": 1},
    ],
    "fingerprints": [{"item_id": 1, "terms": b"\x01", "regions": '["63.03"]', "labels": '["disaster"]'}],
    "item_versions": [
        {"item_id": 1, "version": 1, "title": "Tanggul retak", "text": "Tanggul retak.", "sha256": "d" * 64,
         "seen_at": AT},
        {"item_id": 1, "version": 2, "title": "Tanggul jebol di Astambul", "text": "Warga mengungsi.",
         "sha256": "e" * 64, "seen_at": AT},
        {"item_id": 2, "version": 2, "title": "", "text": "Banyu naik di Astambul", "sha256": "f" * 64, "seen_at": AT},
    ],
    "places": [
        {"id": 1, "item_id": 1, "code": "63.03", "name": "Kabupaten Banjar", "level": "regency", "mention": "Banjar",
         "field": "text", "start": 3, "end": 9},
    ],
    "story_items": [{"item_id": 1, "story_id": 1, "how": "first", "likeness": 1.0, "at": AT}],
    "tags": [
        {"item_id": 1, "version": 2, "model": "waspada-id-v1", "labels": '{"disaster": {"p": 0.9, "on": true}}',
         "aux": "{}", "conflict_level": 0, "alert_level": 2, "evidence": "[]", "embedding": b"\x00" * 768,
         "tagged_at": AT},
    ],
}  # fmt: skip


def _fill(engine: Engine) -> None:
    with engine.begin() as connection:
        for table, rows in ROWS.items():
            for row in rows:
                names = ", ".join(f'"{name}"' for name in row)
                values = ", ".join(f":{name}" for name in row)
                connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


def _contents(engine: Engine) -> dict[str, list[str]]:
    """The columns of 0001 of every row, as text."""
    found = {}
    with engine.connect() as connection:
        for table, rows in ROWS.items():
            names = ", ".join(f'"{name}"' for name in rows[0])
            query = text(f"SELECT {names} FROM {table}")  # noqa: S608
            found[table] = sorted(str(tuple(row)) for row in connection.execute(query))
    return found


def test_every_row_of_the_first_version_is_there_after_the_upgrade(
    empty_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    engine = create_engine(empty_url)
    upgrade(engine, "0001")
    assert set(inspect(engine).get_table_names()) - {"alembic_version"} == set(ROWS)
    _fill(engine)
    before = _contents(engine)
    assert caplog.text == ""  # nothing is said of a new database
    with caplog.at_level(logging.WARNING, "waspada.store"):
        store = open_url(empty_url)
    assert "Migrating the database from 0001 to 0" in caplog.text
    assert _contents(engine) == before
    with store.read() as session:
        items = {item.url: item.article_key for item in session.scalars(select(ItemRow))}
        pages = {page.id: (page.article_key is not None, page.item_id) for page in session.scalars(select(PageRow))}
        assert {source.id for source in session.scalars(select(SourceRow))} == {"kabar-banjar", "sosial"}
    assert items == {URL: article_key(URL), POST: None}
    assert pages == {1: (True, 1), 2: (False, None), 3: (True, None)}
    store.close()
    engine.dispose()


def test_what_a_running_service_works_on_is_not_migrated(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    engine = create_engine(settings.url)
    upgrade(engine, "0001")
    with (tmp_path / LOCK_FILE).open("w") as lock:  # as `waspada run` of another process holds it
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("1")
        lock.flush()
        with pytest.raises(AlreadyRunningError, match=r"\(pid 1\).*Upgrading"):
            open_store(settings)
    assert "recurring" not in {column["name"] for column in inspect(engine).get_columns("sources")}
    with data_dir_lock(tmp_path):
        open_store(settings).close()  # the service itself may
    engine.dispose()
