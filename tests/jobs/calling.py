"""A desk with people who can be called, for tests: accounts, proved contacts, hours of duty, a sender that records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.api.sample import NOW
from waspada.access import Role, add_user
from waspada.notify.calls.links import LinkSigner
from waspada.notify.contacts import policy
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.messages import Channel, Delivery, Outcome, Sent
from waspada.settings import Settings, load_settings
from waspada.store import Store
from waspada.store.tables import CallRow, ContactRow, DeliveryRow, DutyShiftRow, UserRow

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


#: Mail that is set up; nothing is there to be reached.
MAIL = {"mail_url": "smtps://desk:rahasia@127.0.0.1:9", "mail_from": "Waspada <waspada@kesbang.example>"}


def settings_in(folder: Path, **given: object) -> Settings:
    """Settings with mail and Telegram set up."""
    values: dict[str, object] = {
        "data_dir": folder,
        **MAIL,
        "telegram_token": "12345:rahasia-bot",
        "base_url": "https://waspada.example",
        **given,
    }
    return load_settings(**values)


def add_person(
    session: Session,
    settings: Settings,
    name: str,
    *channels: Channel,
    region: str | None = None,
    role: Role = Role.LIAISON,
) -> int:
    """An account with a proved contact on each of these channels; returns its id."""
    add_user(session, name, role, region, actor="test", now=NOW)
    user_id = session.scalars(select(UserRow.id).where(UserRow.name == name)).one()
    sealer = Sealer(settings.secret_key)
    for position, channel in enumerate(channels, 1):
        given = {Channel.MAIL: f"{name}@kesbang.example", Channel.TELEGRAM: str(70000 + user_id)}[channel]
        address = policy.clean_address(channel, given)
        session.add(
            ContactRow(
                user_id=user_id, channel=channel.value, sealed=sealer.seal(address, user_id, channel.value),
                digest=sealer.digest(f"{channel.value} {address}"), position=position, created_at=NOW - 24 * HOUR,
                verified_at=NOW - 24 * HOUR, code_tries=0, ended_reason="",
            )
        )  # fmt: skip
    session.flush()
    return user_id


def on_duty(session: Session, user_id: int, position: int = 1, desk: str = "63", hours: float = 12) -> None:
    """On duty around the sample's now."""
    session.add(
        DutyShiftRow(
            desk=desk, starts_at=NOW - HOUR, ends_at=NOW + hours * HOUR, user_id=user_id, position=position,
            actor="admin", at=NOW,
        )
    )  # fmt: skip
    session.flush()


@dataclass
class Recorder:
    """A sender that has what it was given, and says what the test wants."""

    channel: str = "mail"
    outcome: Outcome = field(default_factory=Sent)
    seen: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery) -> Outcome:
        self.seen.append(delivery)
        return self.outcome


def calls(store: Store) -> list[CallRow]:
    with store.read() as session:
        found = list(session.scalars(select(CallRow).order_by(CallRow.id)))
        session.expunge_all()
        return found


def deliveries(store: Store) -> list[DeliveryRow]:
    with store.read() as session:
        found = list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))
        session.expunge_all()
        return found


def link_word(settings: Settings, call: CallRow, at: datetime) -> str:
    return LinkSigner(settings.secret_key).word(call.id, call.user_id or 0, at)
