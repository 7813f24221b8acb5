"""Mails that came back: as servers write them, broken, forged, and of somebody else."""

from __future__ import annotations

from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from tests.subscriptions.mailserver import Post
from tests.subscriptions.people import DUE, MINUTE, NOW, digest_rows, settings_in, subscribed, wanted
from tests.subscriptions.test_delivery import Desk, mail_desk
from waspada.jobs.bounces import take
from waspada.notify import outbox
from waspada.notify.contacts import service as contacts
from waspada.notify.contacts.sealing import Sealer
from waspada.notify.messages import Channel, Message
from waspada.notify.senders.returns import Returns
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AuditRow, ContactRow, DeliveryRow, RejectRow, SubscriptionRow, UserRow
from waspada.subscriptions import service
from waspada.subscriptions.bounces import MAX_MAIL_BYTES, Read, bounce_of

DSN = """\
From: Mail Delivery System <MAILER-DAEMON@mx.example>
To: {to}
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Wed, 20 Nov 2024 07:00:01 +0800

Final-Recipient: rfc822; camat@kantor.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} <camat@kantor.example>: no such user

--b
Content-Type: {quoted}

From: Waspada <waspada@kesbang.example>
Message-ID: {message_id}
Subject: Laporan harian

--b--
"""


def dsn(**given: str) -> bytes:
    known = {
        "to": "waspada@kesbang.example", "action": "failed", "status": "5.1.1", "quoted": "text/rfc822-headers",
        "message_id": "<none@kesbang.example>", **given,
    }  # fmt: skip
    return DSN.format(**known).replace("\n", "\r\n").encode()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return settings_in(tmp_path, bounce_address="bounces@kesbang.example")


@pytest.mark.parametrize("quoted", ["text/rfc822-headers", "message/rfc822"])
@pytest.mark.parametrize("by", ["envelope", "message"])
def test_it_is_known_by_its_word(settings: Settings, quoted: str, by: str) -> None:
    returns = Returns(settings)
    raw = (
        dsn(to=returns.envelope(7).upper(), quoted=quoted)
        if by == "envelope"
        else dsn(message_id=f"<0123456789abcdef.{returns.token(7)}@kesbang.example>", quoted=quoted)
    )
    found = bounce_of(raw, settings)
    assert found is not None
    assert (found.delivery_id, found.read, found.status) == (7, Read.FINAL, "5.1.1")


@pytest.mark.parametrize(
    ("action", "status", "read"),
    [
        ("failed", "5.1.1", Read.FINAL), ("failed", "5.1.10", Read.FINAL), ("failed", "5.2.1", Read.FINAL),
        ("failed", "5.2.2", Read.PASSING), ("failed", "5.7.1", Read.POLICY), ("failed", "5.7.26", Read.POLICY),
        ("failed", "4.4.7", Read.PASSING),
        ("delayed", "4.4.1", Read.DELAYED), ("failed", "", Read.PASSING), ("Failed", "5.1.1", Read.FINAL),
    ],
)  # fmt: skip
def test_what_it_says(settings: Settings, action: str, status: str, read: Read) -> None:
    found = bounce_of(dsn(to=Returns(settings).envelope(7), action=action, status=status), settings)
    assert found is not None
    assert found.read is read


def test_what_is_none_of_ours(settings: Settings, tmp_path: Path) -> None:
    others = Returns(settings_in(tmp_path / "others", bounce_address="bounces@kesbang.example"))
    word = Returns(settings).token(7)
    plain = EmailMessage()
    plain["To"] = Returns(settings).envelope(7)
    plain.set_content("Saya sedang cuti.")
    for raw in (
        dsn(),
        dsn(to=others.envelope(7)),
        dsn(to=f"bounces+{'a' * 45}@kesbang.example"),
        dsn(to=f"bounces+{word[:-3]}aaa@kesbang.example"),
        dsn(to=Returns(settings).envelope(7), action="relayed"),
        plain.as_bytes(),
        b"",
        b"\x00" * 1000,
        b"Content-Type: multipart/report; boundary=\r\n\r\n",
        dsn(to=Returns(settings).envelope(7)) + b"x" * MAX_MAIL_BYTES,
    ):
        assert bounce_of(raw, settings) is None


@given(st.binary(max_size=2_000), st.integers(0, 1_500))
def test_nothing_that_is_read_is_a_fault(tmp_path_factory: pytest.TempPathFactory, noise: bytes, at: int) -> None:
    settings = settings_in(tmp_path_factory.getbasetemp() / "bounces", bounce_address="bounces@kesbang.example")
    raw = dsn(to=Returns(settings).envelope(7))
    bounce_of(noise, settings)
    bounce_of(raw[:at] + noise + raw[at:], settings)


def came_back(desk: Desk, number: int, **given: str) -> bool:
    row = digest_rows(desk.store)[number]
    raw = dsn(message_id=f"<x.{Returns(desk.settings).token(row.id)}@kesbang.example>", **given)
    return take(desk.store, desk.settings, raw, DUE + timedelta(hours=1))


def test_no_such_mailbox_ends_the_subscription_for_all_to_see(store: Store, tmp_path: Path) -> None:
    with mail_desk(store, tmp_path, Post()) as desk:
        desk.run()
        assert came_back(desk, 0)
        assert came_back(desk, 0)  # the other server said it twice
        assert desk.subscription().end_reason == "bounced"
        assert desk.subscription().bounces == 1
    (row,) = digest_rows(store)
    assert (row.sent_at, row.last_problem) == (None, "It came back (5.1.1).")
    with store.read() as session:
        lines = session.scalars(select(AuditRow).where(AuditRow.action == "subscription.change")).all()
        assert not any("camat" in repr(line.detail) for line in lines)


def test_what_went_to_an_older_address_says_nothing_of_the_new_one(store: Store, tmp_path: Path) -> None:
    with mail_desk(store, tmp_path, Post()) as desk:
        desk.run()
        with store.write() as session:
            row = session.get_one(SubscriptionRow, 1)
            later = DUE + timedelta(hours=2)
            service.change_address(session, row, desk.settings, Channel.MAIL, "lurah@kantor.example", now=later)
        assert came_back(desk, 0)
        assert (desk.subscription().end_reason, desk.subscription().bounces) == ("", 0)
    assert digest_rows(store)[0].last_problem == "It came back (5.1.1)."


def test_full_mailboxes_are_let_be_for_a_while(store: Store, tmp_path: Path) -> None:
    with mail_desk(store, tmp_path, Post()) as desk:
        for day in range(4):
            desk.run(DUE + timedelta(days=day))
            assert desk.subscription().end_reason == ""
            row = digest_rows(store)[day]
            raw = dsn(message_id=f"<x.{Returns(desk.settings).token(row.id)}@k.example>", status="5.2.2")
            assert take(store, desk.settings, raw, desk.now + MINUTE)
        assert desk.subscription().end_reason == "full"


def test_garbage_is_put_aside_without_its_words(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    assert not take(store, settings, b"To: camat@kantor.example\r\n\r\nPromo!", DUE, name="12")
    with store.read() as session:
        (aside,) = session.scalars(select(RejectRow)).all()
    assert "camat" not in aside.problem
    assert aside.object == "bounce 12"


def test_refusals_for_reasons_of_policy_end_no_subscription(store: Store, tmp_path: Path) -> None:
    with mail_desk(store, tmp_path, Post()) as desk:
        for day in range(6):
            desk.run(DUE + timedelta(days=day))
            assert came_back(desk, day, status="5.7.1")
        assert (desk.subscription().end_reason, desk.subscription().bounces) == ("", 0)
    assert [row.last_problem for row in digest_rows(store)] == ["It came back (5.7.1)."] * 6


def test_a_bounce_of_what_is_long_gone_is_put_aside(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path)
    with store.write() as session:
        subscribed(session, settings, wanted())
    assert not take(store, settings, dsn(message_id=f"<x.{Returns(settings).token(999)}@k.example>"), DUE, name="8")
    with store.read() as session:
        (aside,) = session.scalars(select(RejectRow)).all()
    assert aside.object == "bounce 8"


class TestMailsOfNoSubscription:
    """Calls, codes and reports of institutions leave with the same signed word."""

    def sent(self, store: Store, target: str, about: str = "call/5") -> int:
        """A mail that a server took; its delivery."""
        message = Message(
            channel=Channel.MAIL,
            target=target,
            about=about,
            body={"subject": "x", "text": "x"},
            key=f"{about}/{target}",
        )
        with store.write() as session:
            id_ = outbox.put(session, message, now=DUE)
            assert id_ is not None
            outbox.settle(session, id_, outbox.Sent(), DUE)
        return id_

    def back(self, store: Store, settings: Settings, id_: int, status: str = "5.1.1") -> bool:
        raw = dsn(message_id=f"<x.{Returns(settings).token(id_)}@kesbang.example>", status=status)
        return take(store, settings, raw, DUE + timedelta(hours=1))

    def contact(self, store: Store, settings: Settings, proved_at: datetime = NOW) -> int:
        with store.write() as session:
            user = UserRow(name="ana", role="analyst", active=True, created_at=NOW)
            session.add(user)
            session.flush()
            made = contacts.add(
                session, user.id, Channel.MAIL, "ana@kesbang.example", Sealer(settings.secret_key), now=proved_at
            )
            session.get_one(ContactRow, made.id).verified_at = proved_at
            return made.id

    def ended(self, store: Store, contact_id: int) -> str:
        with store.read() as session:
            return session.get_one(ContactRow, contact_id).ended_reason

    @pytest.mark.parametrize(("status", "reason"), [("5.1.1", "It came back (5.1.1)."), ("5.7.1", "")])
    def test_a_call_that_came_back_ends_the_contact(
        self, store: Store, settings: Settings, status: str, reason: str
    ) -> None:
        contact_id = self.contact(store, settings)
        id_ = self.sent(store, f"contact/{contact_id}")
        assert self.back(store, settings, id_, status)
        with store.read() as session:
            row = session.get_one(DeliveryRow, id_)
            assert (row.sent_at, row.last_problem) == (None, f"It came back ({status}).")
            assert row.failed_at is not None
            (line,) = session.scalars(select(AuditRow)).all()
            assert (line.action, line.object) == ("contact.change", f"contact/{contact_id}")
        assert self.ended(store, contact_id) == reason

    def test_one_that_was_proved_anew_since_stays(self, store: Store, settings: Settings) -> None:
        contact_id = self.contact(store, settings, proved_at=DUE + MINUTE)
        assert self.back(store, settings, self.sent(store, f"contact/{contact_id}"))
        assert self.ended(store, contact_id) == ""

    def test_a_report_to_an_office_is_failed_and_its_address_stays_out_of_the_log(
        self, store: Store, settings: Settings
    ) -> None:
        id_ = self.sent(store, "sekretariat@bawaslu.example", "escalation/3")
        assert self.back(store, settings, id_)
        assert self.back(store, settings, id_)
        with store.read() as session:
            assert session.get_one(DeliveryRow, id_).failed_at == DUE + timedelta(hours=1)
            lines = session.scalars(select(AuditRow)).all()
            assert {(line.action, line.object) for line in lines} == {("delivery.return", f"delivery/{id_}")}
            assert session.scalars(select(RejectRow)).all() == []
