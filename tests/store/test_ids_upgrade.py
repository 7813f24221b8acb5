"""A database of before 0037 keeps its subscriptions and what they were sent, and gives no id twice from then on."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import create_engine, event, text

from tests.subscriptions.people import NOW, settings_in, subscribed, wanted
from waspada.store import Store, open_url
from waspada.store.migrate import upgrade
from waspada.store.tables import SubscriptionRow, WebhookRow

AT = "2026-11-29 03:04:05.000006"
_SUBSCRIPTION = (
    "INSERT INTO subscriptions (id, channel, sealed, digest, region, labels, min_level, language, zone, period, days,"
    " hour, quiet_from, quiet_until, created_at, created_by, confirmed_at, end_reason, address_version, link_version,"
    " bounces) VALUES (:id, 'mail', 's', 'd', '63', '[\"disaster\"]', 2, 'id', 'WITA', 'daily', 127, 7, 21, 5, :at,"
    " 'manager', :at, '', 1, 1, 0)"
)
_SEND = (
    "INSERT INTO subscription_sends (id, subscription_id, kind, occasion, day, at, skipped)"
    " VALUES (:id, :subscription, 'digest', :occasion, '2026-11-29', :at, '')"
)
_WEBHOOK = (
    "INSERT INTO webhooks (id, title, url, nonce, min_level, internal, internal_reason, active, actor, created_at,"
    " since_at, seen_event_id, failures) VALUES (:id, 'Sistem', 'https://sistem.example', 'n', 0, 1, '', 1, 'admin',"
    " :at, :at, 0, 0)"
)
_ATTEMPT = (
    "INSERT INTO webhook_attempts (id, webhook_id, delivery_id, at, attempt, outcome, milliseconds, problem)"
    " VALUES (1, 2, 1, :at, 1, 'sent', 3, '')"
)
_DELIVERY = (
    "INSERT INTO deliveries (channel, target, about, body, key, created_at, due_at, attempts, next_try_at,"
    " last_problem, bulk) VALUES ('mail', 'subscription/9', 'subscription/9/opt-in/1', '{}',"
    " 'subscription/9/opt-in/1', :at, :at, 1, :at, '', 0)"
)


@pytest.fixture
def old(tmp_path: Path) -> str:
    """Two subscriptions and one that was purged, whose message is still there; one webhook."""
    url = f"sqlite:///{tmp_path}/old.db"
    engine = create_engine(url)
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    upgrade(engine, "0035")
    with engine.begin() as connection:
        for id_ in (3, 4):
            connection.execute(text(_SUBSCRIPTION), {"id": id_, "at": AT})
            connection.execute(text(_SEND), {"id": 10 + id_, "subscription": id_, "occasion": "2026-11-29", "at": AT})
        connection.execute(text(_DELIVERY), {"at": AT})
        connection.execute(text(_WEBHOOK), {"id": 2, "at": AT})
        connection.execute(text(_ATTEMPT), {"at": AT})
    engine.dispose()
    return url


def test_nothing_is_lost_and_no_known_id_is_given_again(old: str, tmp_path: Path) -> None:
    store = open_url(old)
    with store.read() as session:
        assert session.execute(text("SELECT id, subscription_id, at FROM subscription_sends ORDER BY id")).all() == [
            (13, 3, AT),
            (14, 4, AT),
        ]
        assert session.execute(text("SELECT id, webhook_id FROM webhook_attempts")).all() == [(1, 2)]
        rows = session.query(SubscriptionRow).order_by(SubscriptionRow.id).all()
        assert [(row.id, row.labels, row.confirmed_at is not None) for row in rows] == [
            (3, ["disaster"], True),
            (4, ["disaster"], True),
        ]
        assert session.get_one(WebhookRow, 2).internal is True
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
    with store.write() as session:
        assert subscribed(session, settings_in(tmp_path)) == 10
        session.delete(session.get_one(SubscriptionRow, 3))
        session.flush()
        assert session.scalar(text("SELECT count(*) FROM subscription_sends WHERE subscription_id = 3")) == 0
    store.close()


def test_the_highest_id_is_not_given_again(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with store.write() as session:
        first = subscribed(session, settings)
        session.delete(session.get_one(SubscriptionRow, first))
    with store.write() as session:
        assert subscribed(session, settings, wanted("lurah@kantor.example"), at=NOW) > first
