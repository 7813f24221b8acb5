"""A store as a desk has it after two years: 100,000 alerts on 1,000,000 items, made up, without a text of anybody's.

Alerts are spread over the kabupaten and kota unevenly (Zipf); the last two weeks are mostly open, of what is older 85 %
is finished. Rows of items have short texts and no embeddings: no page of alerts reads either.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select, text

from waspada.alerts.regions import holders
from waspada.places import Place, PlaceLevel, regions
from waspada.store import Store
from waspada.store.tables import (
    AlertEventRow,
    AlertPlaceRow,
    AlertRegionRow,
    AlertRow,
    Base,
    ItemRow,
    ItemVersionRow,
    SourceHealthRow,
    SourceRow,
    StoryItemRow,
    StoryRow,
)
from waspada.taxonomy import EVENT_LABELS

DAYS = 730
SOURCES = 200
_CHUNK = 10_000
_PARTS = {
    "level": 22.0,
    "expectation": 5.0,
    "focus": 4.0,
    "confidence": 5.0,
    "outlets": 1.5,
    "novelty": 2.5,
    "stage": 3.5,
}
_WORDS = [
    "warga",
    "massa",
    "jalan",
    "kantor",
    "desa",
    "kecamatan",
    "rapat",
    "suara",
    "kotak",
    "hujan",
    "banjir",
    "pasar",
    "sekolah",
    "jembatan",
    "laporan",
    "dugaan",
    "bentrok",
    "protes",
    "antre",
    "logistik",
    "surat",
    "pemilih",
    "panwas",
    "rekapitulasi",
    "penghitungan",
    "pengamanan",
    "sungai",
    "listrik",
    "tanah",
]
_EMPTY: dict[str, Any] = {}


def fill(store: Store, alerts: int, items: int, now: datetime, seed: int = 7) -> None:
    """Fills an empty store; the newest alert and item are of `now`."""
    chance = random.Random(seed)
    places = [one for one in regions() if one.level is PlaceLevel.REGENCY]
    chance.shuffle(places)
    weights = [1.0 / (n + 1) for n in range(len(places))]
    with store.engine.begin() as connection:
        _put(connection, SourceRow, (_source(n, now) for n in range(SOURCES)))
        _put(connection, SourceHealthRow, (_health(n, now) for n in range(SOURCES)))
        for start in range(0, alerts, _CHUNK):
            numbers = range(start, min(start + _CHUNK, alerts))
            _fill_alerts(connection, numbers, alerts, now, chance, chance.choices(places, weights, k=len(numbers)))
        for start in range(0, items, _CHUNK):
            _fill_items(connection, range(start, min(start + _CHUNK, items)), items, alerts, now)
        if connection.dialect.name == "postgresql":
            for of in (AlertRow, ItemRow, StoryRow, AlertEventRow):  # rows to come are numbered after these
                name, last = of.__tablename__, select(func.max(of.id)).scalar_subquery()
                connection.execute(select(func.setval(func.pg_get_serial_sequence(name, "id"), last)))
    if not store.is_sqlite:
        with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def _source(number: int, now: datetime) -> dict[str, Any]:
    name = f"media-{number}"
    return {
        "id": name, "name": f"Media {number}", "outlet": name, "url": f"https://{name}.example/feed", "kind": "rss",
        "region": "63", "added_at": now - timedelta(days=DAYS), "next_poll_at": now, "state": "ok", "role": "news",
        "last_poll_at": now, "last_success_at": now, "last_item_at": now, "newest_entry_at": now, "enabled": True,
        "zone": "Asia/Makassar", "tier": "B", "verified": True, "reliability": 0.6, "terms": "", "parked": False,
        "failures": 0.0,
    }  # fmt: skip


def _health(number: int, now: datetime) -> dict[str, Any]:
    silent = number % 20 == 0
    return {
        "source_id": f"media-{number}", "at": now, "state": "silent" if silent else "speaking",
        "alarm": silent, "last_at": now - timedelta(days=3 if silent else 0), "usual_gap_seconds": 3600,
        "rings_at": now + timedelta(days=-1 if silent else 1), "items_7_days": 70, "items_28_days": 280,
    }  # fmt: skip


def _fill_alerts(
    connection: Connection, numbers: range, of: int, now: datetime, chance: random.Random, places: Sequence[Place]
) -> None:
    found: dict[type[Base], list[dict[str, Any]]] = {
        table: [] for table in (StoryRow, AlertRow, AlertPlaceRow, AlertRegionRow, AlertEventRow)
    }
    for number, place in zip(numbers, places, strict=True):
        id_, at = number + 1, now - timedelta(days=DAYS * (of - number - 1) / of)
        headline = f"{' '.join(chance.choices(_WORDS, k=8)).capitalize()} di {place.name}"
        level, score = chance.choice((1, 1, 2, 2, 2, 3)), round(chance.uniform(15, 80), 2)
        state = _state(chance, (now - at).days)
        label = chance.choice(EVENT_LABELS).value
        found[StoryRow].append({"id": id_, "opened_at": at, "last_item_at": at, "headline": headline, "stale": False})
        found[AlertRow].append(
            {
                "id": id_, "story_id": id_, "state": state, "label": label, "level": level, "score": score,
                "parts": {**_PARTS, "level": round(score - sum(list(_PARTS.values())[1:]), 2)}, "confidence": 0.9,
                "headline": headline, "why": f"Tingkat {level}: {label}, keyakinan 90 %; {place.name}.",
                "labels": {label: 0.9, "election": 0.8}, "item_count": 10, "outlet_count": 3, "voice_count": 0,
                "opened_at": at, "changed_at": at, "last_item_at": at, "ranked_at": at, "revision": 1,
                "exercise": False, "notes": {"burst": "4 kejadian lain dalam 3 hari, biasanya 0,8"},
                "reason": "resolved" if state == "closed" else "not_a_threat" if state == "not_a_threat" else None,
                "owner": f"liaison-{number % 9}" if state in ("acknowledged", "verified") else None,
            }
        )  # fmt: skip
        found[AlertPlaceRow].append({"alert_id": id_, "code": place.code, "position": 0})
        found[AlertRegionRow] += [{"alert_id": id_, "code": code, "score": score} for code in holders(place.code)]
        found[AlertEventRow].append(
            {"id": id_, "alert_id": id_, "at": at, "actor": "waspada", "action": "opened", "note": "", "detail": _EMPTY}
        )
    for table, rows in found.items():
        _put(connection, table, rows)


def _state(chance: random.Random, days: int) -> str:
    if days < 14:
        return chance.choices(("new", "acknowledged", "verified", "not_a_threat"), (60, 20, 10, 10))[0]
    return chance.choices(("new", "acknowledged", "verified", "not_a_threat", "closed"), (8, 3, 4, 45, 40))[0]


def _fill_items(connection: Connection, numbers: range, of: int, alerts: int, now: datetime) -> None:
    items, versions, members = [], [], []
    for number in numbers:
        id_, at = number + 1, now - timedelta(days=DAYS * (of - number - 1) / of)
        outlet = f"media-{number % SOURCES}"
        items.append(
            {
                "id": id_, "source_id": outlet, "kind": "article", "outlet": outlet, "version": 1,
                "url": f"https://{outlet}.example/{id_}", "url_key": f"{id_:064d}", "title": f"Judul {id_}",
                "published_at": at, "found_at": at, "stage": "grouped",
            }
        )  # fmt: skip
        versions.append(
            {
                "item_id": id_, "version": 1, "title": f"Judul {id_}", "text": f"Teks {id_}. " * 20,
                "sha256": f"{id_:064d}", "seen_at": at,
            }
        )  # fmt: skip
        story = min(alerts, 1 + number * alerts // of)
        members.append({"item_id": id_, "story_id": story, "how": "event", "likeness": 1.0, "at": at})
    for table, rows in ((ItemRow, items), (ItemVersionRow, versions), (StoryItemRow, members)):
        _put(connection, table, rows)


def _put(connection: Connection, of: type[Base], rows: Iterable[dict[str, Any]]) -> None:
    table = of.__table__
    assert isinstance(table, Table)
    found = list(rows)
    if connection.dialect.name != "postgresql":
        connection.execute(insert(table), found)
        return
    names = list(found[0])
    fixed = {c.name: c.default.arg for c in table.columns if c.name not in names and c.default and c.default.is_scalar}
    names += fixed
    raw: Any = connection.connection.driver_connection
    with raw.cursor() as cursor, cursor.copy(f"COPY {table.name} ({', '.join(names)}) FROM STDIN") as copy:
        for row in found:
            copy.write_row([_value({**fixed, **row}[name]) for name in names])


def _value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value
