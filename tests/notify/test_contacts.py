"""Contacts of accounts on both databases: sealed, masked, proved, limited, erased with the account."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.notify.test_outbox import NOW
from waspada.access import Role, add_user, disable_user
from waspada.errors import ConflictError, InputError, NotFoundError, SettingsError
from waspada.jobs.purge import purge
from waspada.notify.contacts import policy, service
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.contacts.service import Book
from waspada.notify.contacts.types import Contact, ContactState, target_of
from waspada.notify.messages import Channel
from waspada.notify.outbox import take
from waspada.store import Store
from waspada.store.tables import ContactRow, DeliveryRow, RecipientRow, UserRow

SEALER = Sealer(b"k" * 32)
MINUTE = timedelta(minutes=1)
ADDRESS = "Petugas.Jaga@Kantor.Example"
PUSH = {"endpoint": "https://push.example/a", "keys": {"p256dh": "BA" + "A" * 85, "auth": "A" * 22}}


@pytest.fixture
def ana(store: Store) -> int:
    with store.write() as session:
        for name in ("ana", "budi", "admin"):
            add_user(session, name, Role.ADMIN if name == "admin" else Role.LIAISON, None, actor="test", now=NOW)
        return session.scalars(select(UserRow.id).where(UserRow.name == "ana")).one()


def add(store: Store, user_id: int, channel: Channel = Channel.MAIL, given: str = ADDRESS) -> Contact:
    with store.write() as session:
        return service.add(session, user_id, channel, given, SEALER, now=NOW)


def code_sent(store: Store) -> str:
    with store.read() as session:
        body = session.scalars(select(DeliveryRow.body).order_by(DeliveryRow.id.desc())).first()
    return str(re.findall(r"\d{6}", json.dumps(body))[0])


def confirm(store: Store, user_id: int, contact: int, code: str, after: timedelta = MINUTE) -> bool:
    with store.write() as session:
        return service.confirm(session, user_id, contact, code, SEALER, now=NOW + after)


def test_an_address_is_stored_sealed_and_shown_masked(store: Store, ana: int) -> None:
    made = add(store, ana)
    assert (made.shown, made.state) == ("P•••@kantor.example", ContactState.WAITING)
    with store.read() as session:
        (row,) = session.scalars(select(ContactRow))
        stored = " ".join(str(value) for value in vars(row).values())
        sent = " ".join(
            f"{one.body} {one.target} {one.about} {one.key}" for one in session.scalars(select(DeliveryRow))
        )
    for text in (stored, sent):
        assert "kantor" not in text.lower()
    found = Book(store, SEALER, lambda: NOW).find("contact/1")
    assert found is not None
    assert found.value == "Petugas.Jaga@kantor.example"
    assert "kantor" not in repr(found)


def test_a_code_proves_it_once(store: Store, ana: int) -> None:
    made = add(store, ana)
    code = code_sent(store)
    with store.read() as session:
        assert service.ready_contacts(session, [ana]) == {}
    assert not confirm(store, ana, made.id, "000000" if code != "000000" else "1")
    assert confirm(store, ana, made.id, f" {code[:3]} {code[3:]} ")
    with store.read() as session:
        assert service.ready_contacts(session, [ana]) == {ana: [(made.id, Channel.MAIL)]}
    with pytest.raises(ConflictError):
        confirm(store, ana, made.id, code)


def test_a_code_ends_with_its_time_and_after_five_tries(store: Store, ana: int) -> None:
    made = add(store, ana)
    code = code_sent(store)
    with pytest.raises(ConflictError):
        confirm(store, ana, made.id, code, policy.CODE_LASTS)
    for _ in range(policy.CODE_TRIES):
        assert not confirm(store, ana, made.id, "x")
    with pytest.raises(ConflictError):
        confirm(store, ana, made.id, code)


def test_another_code_replaces_the_first_and_comes_once_a_minute(store: Store, ana: int) -> None:
    made = add(store, ana)
    old = code_sent(store)
    with store.write() as session, pytest.raises(ConflictError):
        service.send_code(session, ana, made.id, SEALER, now=NOW + MINUTE / 2)
    with store.write() as session:
        service.send_code(session, ana, made.id, SEALER, now=NOW + MINUTE)
    new = code_sent(store)
    assert old == new or not confirm(store, ana, made.id, old, 2 * MINUTE)
    assert confirm(store, ana, made.id, new, 2 * MINUTE)


def test_nobody_is_flooded(store: Store, ana: int) -> None:
    made = add(store, ana)
    with store.write() as session:
        for minute in range(1, policy.MOST_OWN_A_DAY):
            service.send_code(session, ana, made.id, SEALER, now=NOW + minute * MINUTE)
    with store.write() as session, pytest.raises(ConflictError, match="Too many"):
        service.send_code(session, ana, made.id, SEALER, now=NOW + policy.MOST_OWN_A_DAY * MINUTE)
    for n in range(policy.MAX_CONTACTS):
        add(store, ana + 1, given=f"a{n}@kantor.example")
    with pytest.raises(InputError, match="at most"):
        add(store, ana + 1, given="satu.lagi@kantor.example")


@pytest.mark.parametrize("given", ["siaga@polda.polri.go.id", "kontak@bin.go.id", "intel@kantor.example"])
def test_the_police_and_intelligence_are_no_channel_of_an_account(store: Store, ana: int, given: str) -> None:
    """They get reports under a permission of two accounts, and nothing else (design, rule 8)."""
    with pytest.raises(InputError):
        add(store, ana, given=given)
    recipient = RecipientRow(
        institution="Kantor", kind="police", region="63", channel="mail", address=ADDRESS.lower(), language="id",
        added_by="admin", added_at=NOW,
    )  # fmt: skip
    contact = add(store, ana)
    book = Book(store, SEALER, lambda: NOW)
    assert book.find(target_of(contact.id)) is not None
    with store.write() as session:  # that it is theirs is learned later
        session.add(recipient)
    assert book.find(target_of(contact.id)) is None


def test_the_same_address_once_and_of_somebody_else_never(store: Store, ana: int) -> None:
    made = add(store, ana)
    with pytest.raises(ConflictError):
        add(store, ana, given="Petugas.Jaga@KANTOR.example")
    for work in (service.put_first, lambda session, user, id_: service.remove(session, user, id_, now=NOW)):
        with store.write() as session, pytest.raises(NotFoundError):
            work(session, ana + 1, made.id)


def test_order_test_and_removal(store: Store, ana: int) -> None:
    first, second = add(store, ana), add(store, ana, Channel.TELEGRAM, "12345")
    with store.write() as session, pytest.raises(ConflictError):
        service.send_test(session, ana, second.id, "https://w.example", now=NOW)
    confirm(store, ana, second.id, code_sent(store))
    with store.write() as session:
        service.put_first(session, ana, second.id)
        service.send_test(session, ana, second.id, "https://w.example", now=NOW + MINUTE)
        found = service.contacts_of(session, ana, SEALER)
        assert [(one.id, one.shown) for one in found] == [(second.id, "•••345"), (first.id, "P•••@kantor.example")]
        service.remove(session, ana, second.id, now=NOW + MINUTE)
        assert [one.target for one in take(session, NOW + MINUTE)] == [first.target]  # what waited there is dropped


def test_what_the_other_side_refuses_is_marked_until_it_is_proved_anew(store: Store, ana: int) -> None:
    made = add(store, ana)
    confirm(store, ana, made.id, code_sent(store))
    book = Book(store, SEALER, lambda: NOW + MINUTE)
    book.end(f"contact/{made.id}", "The mailbox is refused (550 5.1.1).")
    assert book.find(made.target) is None
    with store.read() as session:
        (one,) = service.contacts_of(session, ana, SEALER)
        assert (one.state, one.ended_reason) == (ContactState.ENDED, "The mailbox is refused (550 5.1.1).")
        assert service.ready_contacts(session, [ana]) == {}
        assert service.had_contact(session, [ana], NOW + MINUTE / 2) is False
    with store.write() as session:
        service.send_code(session, ana, made.id, SEALER, now=NOW + 2 * MINUTE)
    assert confirm(store, ana, made.id, code_sent(store), 3 * MINUTE)


def test_addresses_go_with_the_account_and_the_unproved_by_themselves(store: Store, ana: int) -> None:
    add(store, ana)
    add(store, ana + 1)
    with store.write() as session:
        disable_user(session, "ana", actor="admin", now=NOW)
        assert session.scalars(select(ContactRow.user_id)).all() == [ana + 1]
    assert purge(store, NOW + timedelta(days=6)).contacts == 0
    assert purge(store, NOW + timedelta(days=8)).contacts == 1


def test_another_key_opens_nothing_and_the_list_still_stands(store: Store, ana: int) -> None:
    add(store, ana)
    other = Sealer(b"x" * 32)
    with store.read() as session:
        assert [one.shown for one in service.contacts_of(session, ana, other)] == ["?"]
    with pytest.raises(SettingsError, match=r"secret\.key"):
        Book(store, other, lambda: NOW).find("contact/1")


@given(st.text(max_size=200), st.integers(1, 9), st.sampled_from(["mail", "push"]))
def test_a_seal_opens_for_its_account_and_channel_only(address: str, user_id: int, channel: str) -> None:
    try:
        sealed = SEALER.seal(address, user_id, channel)
    except UnicodeEncodeError:
        return
    assert SEALER.open(sealed, user_id, channel) == address
    for other in ((user_id + 1, channel), (user_id, "telegram")):
        with pytest.raises(SettingsError):
            SEALER.open(sealed, *other)


@pytest.mark.parametrize(
    ("channel", "given"),
    [
        (Channel.MAIL, "petugas"),
        (Channel.MAIL, "a@b"),
        (Channel.MAIL, "a b@c.example"),
        (Channel.MAIL, "a@c.example\r\nBcc: x@y.example"),
        (Channel.MAIL, '"a"@c.example'),
        (Channel.MAIL, "a@c.example,b@c.example"),
        (Channel.MAIL, "a" * 250 + "@c.example"),
        (Channel.MAIL, ""),
        (Channel.TELEGRAM, "-100200"),
        (Channel.TELEGRAM, "@petugas"),
        (Channel.TELEGRAM, "0"),
        (Channel.TELEGRAM, "\u0663\u0664"),
        (Channel.TELEGRAM, "9" * 30),
        (Channel.PUSH, "{"),
        (Channel.PUSH, "[]"),
        (Channel.PUSH, "null"),
        (Channel.PUSH, json.dumps(PUSH | {"endpoint": "http://push.example/a"})),
        (Channel.PUSH, json.dumps(PUSH | {"endpoint": "https://127.0.0.1/a"})),
        (Channel.PUSH, json.dumps(PUSH | {"endpoint": "https://2130706433/"})),
        (Channel.PUSH, json.dumps(PUSH | {"endpoint": 5})),
        (Channel.PUSH, json.dumps(PUSH | {"keys": {"p256dh": "AA", "auth": "AA"}})),
        (Channel.PUSH, json.dumps(PUSH) + " " * 3000),
        (Channel.PUSH, "[" * 1500),
        (Channel.WEBHOOK, "https://a.example"),
    ],
)
def test_odd_addresses_are_refused(channel: Channel, given: str) -> None:
    with pytest.raises(InputError):
        policy.clean_address(channel, given)


def test_a_subscription_is_kept_with_what_is_needed_of_it() -> None:
    kept = policy.clean_address(Channel.PUSH, json.dumps(PUSH | {"expirationTime": None, "more": "x" * 50}))
    assert json.loads(kept) == PUSH
    assert policy.shown(Channel.PUSH, kept) == "push.example"


@given(st.text(max_size=300))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for channel in (Channel.MAIL, Channel.TELEGRAM, Channel.PUSH):
        try:
            kept = policy.clean_address(channel, text)
        except InputError:
            continue
        assert policy.clean_address(channel, kept) == kept
        assert "\n" not in kept
