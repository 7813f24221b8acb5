"""Migration 0022: old states and the history get the words of today, and back."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine, text

from waspada.store.migrate import downgrade, upgrade

STORY = (
    "INSERT INTO stories (id, opened_at, last_item_at, headline, stale, to_repair) VALUES (:id, :at, :at, '', {f}, {f})"
)
ALERT = (
    "INSERT INTO alerts (id, story_id, state, reason, label, level, score, parts, confidence, headline, why, labels, "
    "item_count, outlet_count, voice_count, opened_at, changed_at, last_item_at, ranked_at, revision) VALUES "
    "(:id, :id, :state, :reason, 'conflict', 2, 1, '{}', 0.9, '', '', '{}', 1, 1, 0, :at, :at, :at, :at, 3)"
)
EVENT = (
    "INSERT INTO alert_events (id, alert_id, at, actor, action, from_state, to_state, reason, note, detail) VALUES "
    "(:id, :alert, :at, 'ani', 'moved', :before, :after, :reason, '', '{}')"
)
BEFORE = "0018"
AT = "2026-10-01 03:04:05"
ALERTS = [
    (1, "dismissed", "duplicate"),
    (2, "dismissed", "old_news"),
    (3, "acknowledged", None),
    (4, "closed", "resolved"),
]
#: id, alert, from, to, reason: alert 3 was dismissed twice, as a duplicate and as old news, and re-opened each time.
EVENTS = [
    (1, 1, "new", "dismissed", "duplicate"),
    (2, 2, "new", "dismissed", "old_news"),
    (3, 3, "new", "dismissed", "duplicate"),
    (4, 3, "dismissed", "acknowledged", None),
    (5, 3, "acknowledged", "dismissed", "old_news"),
    (6, 3, "dismissed", "acknowledged", None),
    (7, 4, "acknowledged", "closed", "resolved"),
]


def test_dismissed_gets_the_words_of_today_and_back(empty_url: str) -> None:
    engine = create_engine(empty_url)
    upgrade(engine)
    downgrade(engine, BEFORE)
    _fill(engine)
    upgrade(engine)
    assert _rows(engine, "SELECT id, state, reason FROM alerts") == [
        (1, "duplicate", "duplicate"), (2, "not_a_threat", "old_news"), (3, "acknowledged", None),
        (4, "closed", "resolved"),
    ]  # fmt: skip
    assert _rows(engine, "SELECT id, from_state, to_state FROM alert_events") == [
        (1, "new", "duplicate"), (2, "new", "not_a_threat"), (3, "new", "duplicate"), (4, "duplicate", "acknowledged"),
        (5, "acknowledged", "not_a_threat"), (6, "not_a_threat", "acknowledged"), (7, "acknowledged", "closed"),
    ]  # fmt: skip
    with engine.begin() as connection:
        connection.execute(text("UPDATE alerts SET state = 'needs_clarification' WHERE id = 3"))
    downgrade(engine, BEFORE)
    assert [row[1] for row in _rows(engine, "SELECT id, state FROM alerts")] == [
        "dismissed", "dismissed", "acknowledged", "closed"
    ]  # fmt: skip
    found = _rows(engine, "SELECT id, alert_id, from_state, to_state, reason FROM alert_events")
    assert found == EVENTS
    engine.dispose()


def _fill(engine: Engine) -> None:
    no = "0" if engine.dialect.name == "sqlite" else "false"
    with engine.begin() as connection:
        for id_, state, reason in ALERTS:
            connection.execute(text(STORY.format(f=no)), {"id": id_, "at": AT})
            connection.execute(text(ALERT), {"id": id_, "at": AT, "state": state, "reason": reason})
        for id_, alert, before, after, reason in EVENTS:
            given = {"id": id_, "alert": alert, "at": AT, "before": before, "after": after, "reason": reason}
            connection.execute(text(EVENT), given)


def _rows(engine: Engine, query: str) -> list[tuple[object, ...]]:
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(text(f"{query} ORDER BY id"))]
