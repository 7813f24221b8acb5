"""Subscribers of a test, and a desk whose alerts their digests are of. Nobody of them is real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.digests.types import Period
from waspada.notify.messages import Channel
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import DeliveryRow, SubscriptionRow
from waspada.subscriptions import policy, service
from waspada.subscriptions.repository import state_of
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import NewSubscription, Rhythm, SendState, Topic

#: Wednesday 06.00 WITA, an hour before digests are due.
NOW = datetime(2024, 11, 19, 22, 0, tzinfo=UTC)
DUE = NOW + timedelta(hours=1)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TOPIC = Topic("63")
RHYTHM = Rhythm(Period.DAILY, policy.EVERY_DAY, hour=7, zone="WITA")


def settings_in(folder: Path, **given: Any) -> Settings:
    known = {"base_url": "https://waspada.example", "mail_from": "Waspada <waspada@kesbang.example>", **given}
    return load_settings(data_dir=folder, **known)


def wanted(address: str = "camat@kantor.example", channel: Channel = Channel.MAIL, **given: Any) -> NewSubscription:
    rhythm = {name: given.pop(name) for name in ("period", "days", "hour", "zone") if name in given}
    return NewSubscription(channel, address, replace(TOPIC, **given), replace(RHYTHM, **rhythm))


def subscribed(session: Session, settings: Settings, new: NewSubscription | None = None, *, at: datetime = NOW) -> int:
    """Somebody who confirmed."""
    made = service.add(session, new or wanted(), settings, actor="manager", now=at)
    row = session.get_one(SubscriptionRow, made.id)
    service.confirm(session, row, now=at)
    return made.id


def crowd(session: Session, settings: Settings, count: int, *, at: datetime = NOW) -> list[str]:
    """Many who confirmed, half of them with a filter of their own; returns their addresses."""
    book, addresses = AddressBook(settings.secret_key), [f"pelanggan-{n}@kantor.example" for n in range(count)]
    rows = [
        SubscriptionRow(
            channel="mail", sealed="", digest="", created_at=at, created_by="manager", confirmed_at=at,
            region=("63", "63.03", "63.71", "62")[n % 4], labels=[], min_level=1 + n % 2,
            language=("id", "en")[n % 3 == 0], zone="WITA", period="daily",
            days=policy.bits_of(policy.EVERY_DAY), hour=7, quiet_from=21, quiet_until=5,
            next_due_at=policy.after(RHYTHM, at).due_at,
        )
        for n in range(count)
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    for row, address in zip(rows, addresses, strict=True):
        book.seal(row, address)
    session.flush()
    return addresses


def states(store: Store) -> Sequence[SendState]:
    """How the digests stand that were put."""
    with store.read() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.bulk).order_by(DeliveryRow.id)).all()
        return [state_of(row) for row in rows]


def digest_rows(store: Store) -> Sequence[DeliveryRow]:
    with store.read() as session:
        rows = session.scalars(select(DeliveryRow).where(DeliveryRow.bulk).order_by(DeliveryRow.id)).all()
        session.expunge_all()
        return rows
