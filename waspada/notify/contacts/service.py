"""Contacts of an account: named, proved by a code that is sent there, tried, ordered, removed.

Everything but `Book` runs in the caller's writing transaction. What an account has sent to itself (codes, tests) is
counted, so that nobody's mailbox is flooded from here.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from waspada.errors import ConflictError, InputError, NotFoundError, SettingsError
from waspada.escalations import gate
from waspada.notify import outbox
from waspada.notify.contacts import policy
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.types import PERSONAL, Address, Contact, contact_of, target_of
from waspada.notify.messages import Channel, Message
from waspada.notify.rendering import Link, Note, rendered
from waspada.store import Store
from waspada.store.tables import ContactRow, DeliveryRow

_MAX_REASON_CHARS = 200
_DAY = timedelta(days=1)
#: A contact that can be called.
IS_READY = ContactRow.verified_at.is_not(None) & ContactRow.ended_at.is_(None)
_UNREADABLE = "?"


def contacts_of(session: Session, user_id: int, sealer: Sealer) -> list[Contact]:
    """Those of one account, the one tried first at the top. One that the key does not open is shown as "?"."""
    rows = session.scalars(
        select(ContactRow).where(ContactRow.user_id == user_id).order_by(ContactRow.position, ContactRow.id)
    )
    return [_contact(row, sealer) for row in rows]


def ready_contacts(session: Session, user_ids: Collection[int]) -> dict[int, list[tuple[int, Channel]]]:
    """Account -> (contact, channel) of those that can be called, in their order; accounts without one are left out."""
    found: dict[int, list[tuple[int, Channel]]] = {}
    query = select(ContactRow.user_id, ContactRow.id, ContactRow.channel).where(
        ContactRow.user_id.in_(user_ids), IS_READY
    )
    for user_id, id_, channel in session.execute(query.order_by(ContactRow.position, ContactRow.id)):
        found.setdefault(user_id, []).append((id_, Channel(channel)))
    return found


def had_contact(session: Session, user_ids: Collection[int], moment: datetime) -> bool:
    """Whether any of these accounts had a contact that could be called at a moment."""
    query = select(ContactRow.id).where(
        ContactRow.user_id.in_(user_ids),
        ContactRow.verified_at <= moment,
        or_(ContactRow.ended_at.is_(None), ContactRow.ended_at > moment),
    )
    return session.scalar(query.limit(1)) is not None


def add(
    session: Session,
    user_id: int,
    channel: Channel,
    given: str,
    sealer: Sealer,
    *,
    now: datetime,
    allowed: Collection[str] = frozenset(),
) -> Contact:
    """A new contact; a code is on its way there, and it is called only once that came back.

    Raises InputError (no such address, too many contacts) and ConflictError (named already, too many messages today).
    """
    if channel not in PERSONAL:
        raise InputError(f"Nobody is called by {channel.value}.", hint="Use mail, telegram or push.")
    address = policy.clean_address(channel, given, allowed)
    if channel is Channel.MAIL and gate.needs_permission(session, address):
        raise InputError(
            "This address cannot be a channel of an account.",
            hint="Police and intelligence get reports only, by /recipients.",
        )
    mine = session.scalars(select(ContactRow).where(ContactRow.user_id == user_id)).all()
    digest = sealer.digest(f"{channel.value} {address}")
    if any(row.channel == channel.value and row.digest == digest for row in mine):
        raise ConflictError("This contact is named already.", hint="Remove it first to name it anew.")
    if len(mine) >= policy.MAX_CONTACTS:
        raise InputError(f"An account has {policy.MAX_CONTACTS} contacts at most.", hint="Remove one first.")
    row = ContactRow(
        user_id=user_id,
        channel=channel.value,
        sealed=sealer.seal(address, user_id, channel.value),
        digest=digest,
        position=max((one.position for one in mine), default=0) + 1,
        created_at=now,
    )
    session.add(row)
    session.flush()
    _send_code(session, row, sealer, now)
    return _contact(row, sealer)


def send_code(session: Session, user_id: int, contact_id: int, sealer: Sealer, *, now: datetime) -> Contact:
    """Another code, which replaces the one before. Raises NotFoundError and ConflictError (proved already, asked for
    too often)."""
    row = _own(session, user_id, contact_id)
    if row.verified_at is not None and row.ended_at is None:
        raise ConflictError("This contact is proved already.", hint="Nothing is left to be done.")
    if row.code_sent_at is not None and now < row.code_sent_at + policy.CODE_EVERY:
        raise ConflictError("A code was sent a moment ago.", hint="Wait a minute; a mail may take as long.")
    _send_code(session, row, sealer, now)
    return _contact(row, sealer)


def confirm(session: Session, user_id: int, contact_id: int, code: str, sealer: Sealer, *, now: datetime) -> bool:
    """Whether the code is the one that was sent there; if so, the contact is called from now on.

    A wrong one counts: the caller commits either way. Raises NotFoundError, and ConflictError where no code is good any
    more.
    """
    row = _own(session, user_id, contact_id)
    is_good = row.code_sha256 is not None and row.code_sent_at is not None
    if not is_good or now >= (row.code_sent_at or now) + policy.CODE_LASTS or row.code_tries >= policy.CODE_TRIES:
        raise ConflictError("No code is good for this contact now.", hint="Have another one sent.")
    row.code_tries += 1
    if not hmac.compare_digest(row.code_sha256 or "", _code_hash(sealer, row.id, policy.plain_code(code))):
        session.flush()
        return False
    row.code_sha256, row.code_tries = None, 0
    row.verified_at, row.ended_at, row.ended_reason = now, None, ""
    session.flush()
    return True


def remove(session: Session, user_id: int, contact_id: int, *, now: datetime) -> Channel:
    """Removes a contact, and what still waits to be sent there. Raises NotFoundError."""
    row = _own(session, user_id, contact_id)
    channel = Channel(row.channel)
    _drop_waiting(session, row.id, now)
    session.delete(row)
    session.flush()
    return channel


def put_first(session: Session, user_id: int, contact_id: int) -> None:
    """This one is tried first from now on; the others keep their order. Raises NotFoundError."""
    chosen = _own(session, user_id, contact_id)
    rows = session.scalars(
        select(ContactRow).where(ContactRow.user_id == user_id).order_by(ContactRow.position, ContactRow.id)
    ).all()
    for position, row in enumerate([chosen, *(one for one in rows if one.id != chosen.id)], 1):
        row.position = position
    session.flush()


def send_test(session: Session, user_id: int, contact_id: int, page: str, *, now: datetime) -> int:
    """Puts a test message into the outbox; returns its id there. `page` is the address of the console.

    Raises NotFoundError and ConflictError (not proved, refused by the other side, too many messages today).
    """
    row = _own(session, user_id, contact_id)
    if row.verified_at is None or row.ended_at is not None:
        raise ConflictError("This contact is not called.", hint="Prove it by the code first.")
    note = Note(
        subject="Waspada: pesan percobaan",
        paragraphs=[
            ["Ini pesan percobaan. Tidak ada kejadian apa pun.", "Lewat saluran ini Anda akan dipanggil saat bertugas."]
        ],
        links=[Link("Buka Waspada", page)],
        tag="waspada-test",
    )
    return _put_own(session, row, "test", note, now)


def sent_state(session: Session, user_id: int, contact_id: int) -> DeliveryRow | None:
    """How the newest message that the account had sent to this contact went."""
    about = _about(user_id)
    query = select(DeliveryRow).where(DeliveryRow.about == about, DeliveryRow.target == target_of(contact_id))
    return session.scalar(query.order_by(DeliveryRow.id.desc()).limit(1))


def end_returned(session: Session, target: str, sent_at: datetime, reason: str, *, now: datetime) -> None:
    """A mail to a contact came back: it ends, unless it was proved anew since the mail was put. Nothing for what is no
    contact."""
    ended = update(ContactRow).where(
        ContactRow.id == contact_of(target), ContactRow.ended_at.is_(None), ContactRow.code_sent_at <= sent_at
    )
    session.execute(ended.values(ended_at=now, ended_reason=reason[:_MAX_REASON_CHARS]))


class Addresses(Protocol):
    """What a sender needs of contacts."""

    def find(self, target: str) -> Address | None:
        """The address behind a delivery's target; None where it is gone or ended."""

    def end(self, target: str, reason: str, *, is_final: bool = True) -> None:
        """The other side refuses it: it is sent nothing more until its owner proves it anew. One that may come back
        (a full mailbox) is not `is_final`."""


class Book:
    """The addresses in a store, opened one at a time for sending."""

    def __init__(self, store: Store, sealer: Sealer, clock: Callable[[], datetime]) -> None:
        self._store, self._sealer, self._clock = store, sealer, clock

    def find(self, target: str) -> Address | None:
        """Raises SettingsError where the secret key does not open it, StoreError."""
        id_ = contact_of(target)
        with self._store.read() as session:
            row = session.get(ContactRow, id_) if id_ is not None else None
            if row is None or row.ended_at is not None:
                return None
            value = self._sealer.open(row.sealed, row.user_id, row.channel)
            if row.channel == Channel.MAIL and gate.needs_permission(session, value):
                return None  # it was named before that was known of it
            return Address(target, Channel(row.channel), value, row.verified_at is not None)

    def end(self, target: str, reason: str, *, is_final: bool = True) -> None:
        """A contact ends either way: a desk must know at once that somebody is not reached."""
        contact_id = contact_of(target)

        def work(session: Session) -> None:
            ended = update(ContactRow).where(ContactRow.id == contact_id, ContactRow.ended_at.is_(None))
            session.execute(ended.values(ended_at=self._clock(), ended_reason=reason[:_MAX_REASON_CHARS]))

        self._store.retrying(work)


def _own(session: Session, user_id: int, contact_id: int) -> ContactRow:
    row = session.get(ContactRow, contact_id, with_for_update=True)
    if row is None or row.user_id != user_id:
        raise NotFoundError(f"You have no contact {contact_id}.", hint="The page of channels lists yours.")
    return row


def _send_code(session: Session, row: ContactRow, sealer: Sealer, now: datetime) -> None:
    code = policy.new_code()
    row.code_sha256, row.code_sent_at, row.code_tries = _code_hash(sealer, row.id, code), now, 0
    row.ended_at, row.ended_reason, row.verified_at = None, "", None
    minutes = policy.CODE_LASTS // timedelta(minutes=1)
    note = Note(
        subject=f"Waspada: kode {code}",
        paragraphs=[
            [f"Kode Anda: {code}", f"Berlaku {minutes} menit. Ketik di halaman Akun, Saluran."],
            ["Bila Anda tidak memintanya, abaikan pesan ini: tanpa kode, alamat ini tidak dipakai."],
        ],
        tag="waspada-code",
    )
    _put_own(session, row, "code", note, now)


def _put_own(session: Session, row: ContactRow, kind: str, note: Note, now: datetime) -> int:
    about = _about(row.user_id)
    today = (
        select(func.count())
        .select_from(DeliveryRow)
        .where(DeliveryRow.about == about, DeliveryRow.created_at > now - _DAY)
    )
    if (session.scalar(today) or 0) >= policy.MOST_OWN_A_DAY:
        raise ConflictError("Too many codes and tests were sent today.", hint="Try again tomorrow.")
    channel = Channel(row.channel)
    message = Message(
        channel=channel,
        target=target_of(row.id),
        about=about,
        body=rendered(note, channel),
        key=f"{target_of(row.id)}/{kind}/{now:%Y%m%d%H%M%S%f}",
    )
    id_ = outbox.put(session, message, now=now)
    if id_ is None:
        raise ConflictError("This was sent a moment ago.", hint="Wait a little.")
    return id_


def _drop_waiting(session: Session, contact_id: int, now: datetime) -> None:
    waiting = update(DeliveryRow).where(outbox.IS_WAITING, DeliveryRow.target == target_of(contact_id))
    session.execute(waiting.values(dropped_at=now))


def _about(user_id: int) -> str:
    return f"account/{user_id}/own"


def _code_hash(sealer: Sealer, contact_id: int, code: str) -> str:
    return sealer.digest(f"code {contact_id} {code}")


def _contact(row: ContactRow, sealer: Sealer) -> Contact:
    channel = Channel(row.channel)
    try:
        seen = policy.shown(channel, sealer.open(row.sealed, row.user_id, row.channel))
    except SettingsError:
        seen = _UNREADABLE
    return Contact(
        id=row.id,
        channel=channel,
        shown=seen,
        position=row.position,
        created_at=row.created_at,
        code_sent_at=row.code_sent_at,
        verified_at=row.verified_at,
        ended_at=row.ended_at,
        ended_reason=row.ended_reason,
    )
