"""The addresses of subscribers, opened one at a time for sending, and what a refusal does to a subscription."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from waspada.escalations import gate
from waspada.notify.contacts.types import Address
from waspada.notify.messages import Channel
from waspada.store import Store
from waspada.store.tables import SubscriptionRow
from waspada.subscriptions import service
from waspada.subscriptions.sealing import AddressBook
from waspada.subscriptions.types import subscription_of


class SubscriberBook:
    """`waspada.notify.contacts.service.Addresses` for targets such as "subscription/12"."""

    def __init__(self, store: Store, addresses: AddressBook, clock: Callable[[], datetime]) -> None:
        self._store, self._addresses, self._clock = store, addresses, clock

    def find(self, target: str) -> Address | None:
        """None where it ended, or is of the police or of intelligence without a live permission. Raises SettingsError
        where the secret key does not open it, StoreError."""
        id_ = subscription_of(target)
        with self._store.read() as session:
            row = session.get(SubscriptionRow, id_) if id_ is not None else None
            if row is None or row.ended_at is not None or not row.sealed:
                return None
            value = self._addresses.open(row)
            is_mail = row.channel == Channel.MAIL
            if is_mail and not gate.may_get_digests(session, value, row.region, self._clock()):
                return None
            return Address(target, Channel(row.channel), value, row.confirmed_at is not None)

    def end(self, target: str, reason: str, *, is_final: bool = True) -> None:
        id_ = subscription_of(target)

        def work(session: Session) -> None:
            row = session.get(SubscriptionRow, id_, with_for_update=True) if id_ is not None else None
            if row is not None:
                service.note_bounce(session, row, is_final=is_final, now=self._clock())

        self._store.retrying(work)
