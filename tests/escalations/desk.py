"""A desk with a verified alert, accounts, and institutions to tell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from tests.api.sample import CLASH, NOW, Sample, add_alert
from waspada.access import Role, add_user
from waspada.escalations import service
from waspada.escalations.types import Escalation, ReportKind
from waspada.notify.messages import Delivery, Outcome, Sent
from waspada.notify.outbox import run_once
from waspada.recipients import service as recipients
from waspada.recipients.types import Grant, NewRecipient, RecipientKind
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AlertEventRow, AlertRow, UserRow

__all__ = ["NOW"]
#: A state of an alert that people took back.
REFUTED = "not_a_threat"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@dataclass
class Mailbox:
    """A sender of mail that keeps what it was given."""

    outcome: Outcome = field(default_factory=Sent)
    channel: str = "mail"
    seen: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery) -> Outcome:
        self.seen.append(delivery)
        return self.outcome

    @property
    def targets(self) -> list[str]:
        return sorted(one.target for one in self.seen)


@dataclass
class Team:
    """`alert` is verified and stands in 63.03.05; `liaison` proposes, `second` approves, `admin` grants."""

    store: Store
    settings: Settings
    alert: int

    def propose(self, *ids: int, actor: str = "liaison", now: datetime = NOW, **more: object) -> Escalation:
        with self.store.write() as session:
            values: dict[str, object] = {"reason": "Perlu diketahui instansi", "settings": self.settings, **more}
            return service.propose(
                session,
                self.alert,
                ids,
                ReportKind.ATENSI,
                actor=actor,
                now=now,
                **values,  # type: ignore[arg-type]
            )

    def decide(
        self, found: Escalation, approved: bool = True, *, actor: str = "second", now: datetime = NOW, reason: str = "x"
    ) -> Escalation:
        with self.store.write() as session:
            return service.decide(session, found.id, approved, reason, actor=actor, revision=found.revision, now=now)

    def recipient(
        self,
        name: str = "Kesbangpol Kabupaten Banjar",
        kind: RecipientKind = RecipientKind.KESBANGPOL,
        address: str = "kesbangpol@banjarkab.example",
        region: str = "63.03",
        language: str = "id",
    ) -> int:
        with self.store.write() as session:
            new = NewRecipient(name, kind, region, address, language=language)
            return recipients.add_recipient(session, new, actor="admin", now=NOW).id

    def police(self, address: str = "polres@banjar.example", kind: RecipientKind = RecipientKind.POLICE) -> int:
        name = "Polres Banjar" if kind is RecipientKind.POLICE else "Binda Kalimantan Selatan"
        return self.recipient(name, kind, address, "63.03" if kind is RecipientKind.POLICE else "63")

    def ask(self, id_: int, region: str = "63.03", days: int = 30, now: datetime = NOW) -> Grant:
        with self.store.write() as session:
            return recipients.ask_grant(
                session, id_, region, now, now + days * DAY, "Pemungutan suara", actor="admin", now=now
            )

    def grant(self, id_: int, region: str = "63.03", days: int = 30, now: datetime = NOW) -> Grant:
        """A live permission."""
        asked = self.ask(id_, region, days, now)
        with self.store.write() as session:
            return recipients.decide_grant(session, asked.id, True, "", actor="manager", now=now)

    def send(self, box: Mailbox, now: datetime = NOW) -> None:
        run_once(self.store, [box], lambda: now)

    def set_state(self, state: str, reason: str | None = None, **more: object) -> None:
        with self.store.write() as session:
            row = update(AlertRow).where(AlertRow.id == self.alert)
            session.execute(row.values(state=state, reason=reason, revision=AlertRow.revision + 1, **more))

    def history(self) -> list[str]:
        with self.store.read() as session:
            query = select(AlertEventRow.action).where(AlertEventRow.alert_id == self.alert)
            return list(session.scalars(query.order_by(AlertEventRow.id)))


def team_of(store: Store, folder: Path, sample: Sample = CLASH, **settings: object) -> Team:
    with store.write() as session:
        alert = add_verified(session, sample)
        for name, role in (
            ("liaison", Role.LIAISON), ("second", Role.ANALYST), ("admin", Role.ADMIN),
            ("manager", Role.SUBSCRIBER_MANAGER),
        ):  # fmt: skip
            add_user(session, name, role, None, actor="test", now=NOW)
    return Team(store, Settings(data_dir=folder / "settings", **settings), alert)  # type: ignore[arg-type]


def add_verified(session: Session, sample: Sample = CLASH) -> int:
    """An alert that a person verified an hour ago."""
    alert = add_alert(session, sample)
    session.execute(update(AlertRow).where(AlertRow.id == alert).values(state="verified", revision=2))
    session.add(
        AlertEventRow(
            alert_id=alert, at=NOW - HOUR, actor="liaison", action="moved", from_state="acknowledged",
            to_state="verified", detail={},
        )
    )  # fmt: skip
    session.flush()
    return alert


def demote(session: Session, names: Collection[str]) -> None:
    session.execute(update(UserRow).where(UserRow.name.in_(names)).values(role=Role.LIAISON.value))
