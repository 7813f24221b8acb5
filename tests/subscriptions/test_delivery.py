"""Digests to a real mail server and to a stand-in of Telegram that fail in every way, and what each failure does."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from tests.api.sample import NOW as SAMPLE_NOW
from tests.api.sample import fill
from tests.conftest import REPOSITORY
from tests.notify.senders.servers import Said, http_server, telegram_answer
from tests.subscriptions.mailserver import Post, free_port, serving
from tests.subscriptions.people import (
    DAY,
    DUE,
    HOUR,
    MINUTE,
    NOW,
    digest_rows,
    settings_in,
    states,
    subscribed,
    wanted,
)
from tests.webhooks.receiver import receiving, signature_fits
from waspada.alerts.service import move
from waspada.alerts.types import AlertState
from waspada.errors import InputError, NotFoundError
from waspada.jobs.digest import one_round, senders_of
from waspada.notify.messages import Channel
from waspada.notify.outbox import LEASE, Ran
from waspada.recipients import service as recipients
from waspada.recipients.types import NewRecipient, RecipientKind
from waspada.settings import Settings
from waspada.store import Store
from waspada.store.tables import AlertRow, AuditRow, SubscriptionRow, SubscriptionSendRow, UserRow, WebhookRow
from waspada.subscriptions import policy, service
from waspada.subscriptions.sending import put_corrections
from waspada.subscriptions.types import EndReason, SendState
from waspada.webhooks import service as webhooks
from waspada.webhooks.sender import WebhookSender
from waspada.webhooks.types import Filter, NewWebhook

SENT, WAITING, FAILED, UNCERTAIN, DROPPED = (
    [SendState.SENT], [SendState.WAITING], [SendState.FAILED], [SendState.UNCERTAIN], [SendState.DROPPED]
)  # fmt: skip


@dataclass
class Desk:
    """A store, a clock, and rounds of the job."""

    store: Store
    settings: Settings
    now: datetime = DUE

    def run(self, at: datetime | None = None) -> Ran:
        self.now = at or self.now
        senders = senders_of(self.settings, self.store, lambda: self.now)
        return one_round(self.store, self.settings, senders, lambda: self.now)

    @property
    def states(self) -> list[SendState]:
        return list(states(self.store))

    def subscription(self, id_: int = 1) -> SubscriptionRow:
        with self.store.read() as session:
            row = session.get_one(SubscriptionRow, id_)
            session.expunge(row)
            return row


@contextmanager
def mail_desk(store: Store, folder: Path, post: Post, **options: Any) -> Iterator[Desk]:
    with serving(post, **options) as port:
        settings = settings_in(folder, mail_url=f"smtp://127.0.0.1:{port}")
        with store.write() as session:
            subscribed(session, settings)
        yield Desk(store, settings)


def test_the_digest_comes_whole_with_its_way_out(store: Store, tmp_path: Path) -> None:
    post = Post()
    with store.write() as session:
        fill(session)
    with mail_desk(store, tmp_path, post) as desk:
        assert desk.run(DUE - MINUTE).sent == 0
        assert desk.run(DUE).sent == 1
    (mail,) = post.mails
    assert mail["To"] == "camat@kantor.example"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    way_out = str(mail["List-Unsubscribe"])
    assert way_out.startswith("<https://waspada.example/unsubscribe/")
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert way_out.strip("<>") in plain.get_content().replace("=\n", "")
    assert desk.states == SENT


def test_one_connection_serves_many(store: Store, tmp_path: Path) -> None:
    post = Post()
    with mail_desk(store, tmp_path, post) as desk:
        with store.write() as session:
            for number in range(8):
                subscribed(session, desk.settings, wanted(f"p{number}@kantor.example"))
        assert desk.run().sent == 9
    assert post.connections == 1


@pytest.mark.parametrize(
    ("said", "state", "end"),
    [
        ({"greeting": "421 4.3.2 closing"}, WAITING, ""),
        ({"greeting": "554 no"}, WAITING, ""),
        ({"rcpt": lambda _: "450 4.2.1 greylisted"}, WAITING, ""),
        ({"rcpt": lambda _: "421 4.7.0 too many"}, WAITING, ""),
        ({"rcpt": lambda _: "550 5.1.1 no such user"}, FAILED, "bounced"),
        ({"rcpt": lambda _: "550 gone"}, FAILED, "bounced"),
        ({"rcpt": lambda _: "552 5.2.2 full"}, FAILED, ""),
        ({"rcpt": lambda _: "550 5.7.1 relaying denied"}, FAILED, ""),
        ({"data": "451 4.3.0 later"}, WAITING, ""),
        ({"data": "554 5.6.0 spam"}, FAILED, ""),
        ({"data": "garbage"}, UNCERTAIN, ""),
        ({"raw": b"250 " + b"x" * 9_000 + b"\r\n"}, UNCERTAIN, ""),
        ({"data": "354 go on"}, UNCERTAIN, ""),
        ({"data": "252 taken, not looked at"}, SENT, ""),
        ({"drop": True}, UNCERTAIN, ""),
        ({"drop": True, "keeps_dropped": False}, UNCERTAIN, ""),
    ],
)
def test_what_the_mail_server_says(
    store: Store, tmp_path: Path, said: dict[str, Any], state: list[SendState], end: str
) -> None:
    post = Post(**said)
    with mail_desk(store, tmp_path, post) as desk:
        desk.run()
        assert desk.states == state
        assert desk.subscription().end_reason == end
        assert all(one not in repr(digest_rows(store)[0].last_problem) for one in ("camat", "kantor"))
        post.greeting, post.data, post.drop, post.rcpt = "", "", False, lambda _: ""
        desk.run(DUE + 3 * MINUTE)
        assert desk.states == (SENT if state is WAITING else state)
    assert len(post.got) == (1 if state is WAITING or said.get("keeps_dropped", "drop" in said) else 0)


def test_a_server_that_is_not_there_or_is_silent(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waspada.notify.senders.mail.TIMEOUT_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        for number, port in enumerate((free_port(), silent.getsockname()[1])):
            settings = settings_in(tmp_path, mail_url=f"smtp://127.0.0.1:{port}")
            with store.write() as session:
                subscribed(session, settings, wanted(f"p{number}@kantor.example"))
            assert Desk(store, settings).run(DUE + number * MINUTE).retried >= 1
    assert set(states(store)) == {SendState.WAITING}


def test_a_slow_server_that_took_it_leaves_it_uncertain(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waspada.notify.senders.mail.TIMEOUT_SECONDS", 0.5)
    with mail_desk(store, tmp_path, Post(slow_seconds=2)) as desk:
        desk.run()
        assert desk.states == UNCERTAIN
        desk.run(DUE + LEASE + MINUTE)
        assert desk.states == UNCERTAIN


def test_nothing_goes_in_the_clear_to_another_machine(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("waspada.notify.senders.mail.LOOPBACK", frozenset())  # as if the server were elsewhere
    post = Post()
    with mail_desk(store, tmp_path, post) as desk:
        desk.run()
        assert desk.states == WAITING
    assert post.got == []


@dataclass
class Bot:
    said: Said
    desk: Desk
    texts: list[dict[str, Any]] = field(default_factory=list)


@contextmanager
def telegram_desk(store: Store, folder: Path, **said: Any) -> Iterator[Bot]:
    answers = Said(**said)
    with http_server(answers) as host:
        settings = settings_in(folder, telegram_token="12345:rahasia", telegram_api=f"http://{host}")
        with store.write() as session:
            subscribed(session, settings, wanted("777888", Channel.TELEGRAM))
        yield Bot(answers, Desk(store, settings))


OK = b'{"ok": true, "result": {}}'


@pytest.mark.parametrize(
    ("status", "body", "state", "end"),
    [
        (200, OK, SENT, ""),
        (403, telegram_answer(description="Forbidden: bot was blocked by the user"), FAILED, "bounced"),
        (400, telegram_answer(description="Bad Request: chat not found"), FAILED, "bounced"),
        (400, telegram_answer(description="Bad Request: message is too long"), FAILED, ""),
        (401, telegram_answer(description="Unauthorized"), WAITING, ""),
        (500, b"oops", WAITING, ""),
        (502, b"<html>", UNCERTAIN, ""),
        (200, b"{garbage", UNCERTAIN, ""),
        (200, b"[]", UNCERTAIN, ""),
        (200, b'{"ok": "yes"}', UNCERTAIN, ""),
    ],
)
def test_what_telegram_says(
    store: Store, tmp_path: Path, status: int, body: bytes, state: list[SendState], end: str
) -> None:
    with telegram_desk(store, tmp_path, status=status, body=body) as bot:
        bot.desk.run()
        assert bot.desk.states == state
        assert bot.desk.subscription().end_reason == end
        bot.said.status, bot.said.body = 200, OK
        bot.desk.run(DUE + 3 * MINUTE)
        assert bot.desk.states == (SENT if state is WAITING else state)
    asked = json.loads(bot.said.asked[0][2])
    assert asked["chat_id"] == 777888
    assert len(asked["text"]) <= 4096


def test_telegram_is_given_the_pause_that_it_asks_for(store: Store, tmp_path: Path) -> None:
    body = telegram_answer(parameters={"retry_after": 600}, description="Too Many Requests: retry after 600")
    with telegram_desk(store, tmp_path, status=429, body=body) as bot:
        bot.desk.run()
        bot.said.status, bot.said.body = 200, OK
        bot.desk.run(DUE + 9 * MINUTE)
        assert (bot.desk.states, len(bot.said.asked)) == (WAITING, 1)
        bot.desk.run(DUE + 11 * MINUTE)
        assert bot.desk.states == SENT


def test_telegram_that_hangs_up_leaves_it_uncertain(store: Store, tmp_path: Path) -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)

        def hang_up() -> None:
            there, _ = listening.accept()
            there.recv(100)
            there.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        api = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = settings_in(tmp_path, telegram_token="12345:rahasia", telegram_api=api)
        with store.write() as session:
            subscribed(session, settings, wanted("777888", Channel.TELEGRAM))
        Desk(store, settings).run()
        thread.join()
    assert list(states(store)) == UNCERTAIN


def test_no_telegram_at_all_is_tried_again(store: Store, tmp_path: Path) -> None:
    settings = settings_in(tmp_path, telegram_token="1:r", telegram_api=f"http://127.0.0.1:{free_port()}")
    with store.write() as session:
        subscribed(session, settings, wanted("777888", Channel.TELEGRAM))
    Desk(store, settings).run()
    assert list(states(store)) == WAITING


class TestOccasions:
    def test_mailboxes_that_refuse_for_now_hold_up_nobody_else(self, store: Store, tmp_path: Path) -> None:
        post = Post(rcpt=lambda to: "450 4.2.1 greylisted" if "abu" in to else "")
        with mail_desk(store, tmp_path, post) as desk:
            desk.settings = desk.settings.model_copy(update={"mail_per_minute": 4})
            with store.write() as session:
                for row in session.scalars(select(SubscriptionRow)):
                    row.next_due_at = DUE + 30 * MINUTE
                for number in range(4):
                    subscribed(session, desk.settings, wanted(f"abu{number}@kantor.example"))
            sent = [desk.run(DUE + n * MINUTE).sent for n in range(60)]
        assert sum(sent[:30]) == 0
        assert sum(sent[30:]) == 1
        assert set(post.received) == {"camat@kantor.example"}

    def test_a_job_that_runs_twice_sends_once(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with mail_desk(store, tmp_path, post) as desk:
            assert [desk.run().sent, desk.run().sent, desk.run(DUE + HOUR).sent] == [1, 0, 0]
            assert desk.run(DUE + DAY).sent == 1
        assert [row.key for row in digest_rows(store)] == ["digest/1/2024-11-20", "digest/1/2024-11-21"]

    def test_what_leaves_stands_in_the_log_by_its_numbers(self, store: Store, tmp_path: Path) -> None:
        with mail_desk(store, tmp_path, Post()) as desk:
            desk.run()
            with store.read() as session:
                (line,) = session.scalars(select(AuditRow).where(AuditRow.action == "digest.put")).all()
        assert line.detail == {"subscriptions": [1], "digests": [digest_rows(store)[0].body["digest"]]}

    def test_another_hour_on_the_same_day_brings_no_second_one(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with mail_desk(store, tmp_path, post) as desk:
            desk.run()
            with store.write() as session:
                new = wanted(hour=9)
                service.change(session, session.get_one(SubscriptionRow, 1), new.topic, new.rhythm, now=DUE)
            assert desk.run(DUE + 2 * HOUR).sent == 0
            assert desk.run(DUE + 2 * HOUR + DAY).sent == 1

    @pytest.mark.parametrize(("hours", "sent"), [(5.9, 1), (6.1, 0)])
    def test_a_missed_hour_is_caught_up_for_some_hours(
        self, store: Store, tmp_path: Path, hours: float, sent: int
    ) -> None:
        with mail_desk(store, tmp_path, Post()) as desk:
            assert desk.run(DUE + hours * HOUR).sent == sent
        with store.read() as session:
            (note,) = session.scalars(select(SubscriptionSendRow).where(SubscriptionSendRow.kind == "digest"))
            assert note.skipped == ("" if sent else "late")

    def test_days_of_silence_are_noted_one_by_one(self, store: Store, tmp_path: Path) -> None:
        with mail_desk(store, tmp_path, Post()) as desk:
            assert desk.run(DUE + 3 * DAY).sent == 1
        with store.read() as session:
            notes = session.scalars(select(SubscriptionSendRow).where(SubscriptionSendRow.kind == "digest")).all()
            assert [(one.occasion[-2:], one.skipped) for one in notes] == [
                ("20", "late"), ("21", "late"), ("22", "late"), ("23", "")
            ]  # fmt: skip

    def test_nothing_goes_in_quiet_hours(self, store: Store, tmp_path: Path) -> None:
        with mail_desk(store, tmp_path, Post(rcpt=lambda _: "450 4.2.1 later")) as desk:
            with store.write() as session:
                new = wanted(hour=20)
                service.change(session, session.get_one(SubscriptionRow, 1), new.topic, new.rhythm, now=NOW)
            evening = DUE + 13 * HOUR
            desk.run(evening)
            assert desk.run(evening + 2 * HOUR).held == 0  # the end of the quiet hours lies too far
            assert desk.states == FAILED

    def test_what_was_late_waits_for_the_end_of_the_quiet_hours(self, store: Store, tmp_path: Path) -> None:
        post = Post()
        with mail_desk(store, tmp_path, post) as desk:
            with store.write() as session:
                row = session.get_one(SubscriptionRow, 1)
                row.quiet_from, row.quiet_until = 8, 11
            assert desk.run(DUE + HOUR).sent == 0
            assert desk.states == WAITING
            assert desk.run(DUE + 3 * HOUR).sent == 0
            assert desk.run(DUE + 4 * HOUR).sent == 1

    def test_an_address_has_so_many_a_day(self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(policy, "MOST_A_DAY", 0)
        with mail_desk(store, tmp_path, Post()) as desk:
            assert desk.run().sent == 0
        with store.read() as session:
            assert session.scalars(
                select(SubscriptionSendRow.skipped).where(SubscriptionSendRow.kind == "digest")
            ).all() == ["cap"]


class TestAtTheMomentOfSending:
    @pytest.mark.parametrize("step", ["end", "pause", "address"])
    def test_who_left_meanwhile_gets_nothing(self, store: Store, tmp_path: Path, step: str) -> None:
        """The subscription changes when its digest waits already."""
        post = Post(rcpt=lambda _: "450 4.2.1 later")
        with mail_desk(store, tmp_path, post) as desk:
            desk.run()
            with store.write() as session:
                row = session.get_one(SubscriptionRow, 1)
                if step == "end":
                    service.end(session, row, EndReason.UNSUBSCRIBED, now=DUE)
                elif step == "pause":
                    service.pause(session, row, DUE + DAY, now=DUE)
                else:
                    to = "lurah@kantor.example"
                    service.change_address(session, row, desk.settings, Channel.MAIL, to, now=DUE + HOUR)
            post.rcpt = lambda _: ""
            desk.run(DUE + 2 * HOUR)
            assert desk.states == DROPPED
        assert post.got == []

    def test_unsubscribing_while_it_is_handed_over(
        self, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The last look is after the server said yes to the address, before a word of the message."""
        post = Post()

        def leave(_: str) -> str:
            with store.write() as session:
                service.end(session, session.get_one(SubscriptionRow, 1), EndReason.UNSUBSCRIBED, now=DUE)
            return ""

        post.rcpt = leave
        with mail_desk(store, tmp_path, post) as desk:
            desk.run()
            assert desk.states == DROPPED
        assert post.got == []

    def test_old_words_are_made_anew(self, store: Store, tmp_path: Path) -> None:
        post = Post(rcpt=lambda _: "450 4.2.1 later")
        with mail_desk(store, tmp_path, post) as desk:
            desk.run()
            (before,) = digest_rows(store)
            post.rcpt = lambda _: ""
            with store.write() as session:
                fill(session)
            desk.run(DUE + 3 * HOUR)
            (after,) = digest_rows(store)
        assert desk.states == SENT
        assert after.body["digest"] != before.body["digest"]
        with store.read() as session:
            sent = session.scalars(select(SubscriptionSendRow).where(SubscriptionSendRow.kind == "digest")).one()
            assert sent.digest_id == after.body["digest"]
            lines = session.scalars(select(AuditRow).where(AuditRow.action == "digest.put").order_by(AuditRow.id))
            assert [line.detail["digests"] for line in lines] == [[before.body["digest"]], [sent.digest_id]]

    def test_the_police_get_no_digest_of_another_region_than_is_permitted(self, store: Store, tmp_path: Path) -> None:
        """The filter was narrowed to the permitted region when a digest of more waited already."""
        post = Post(rcpt=lambda _: "450 4.2.1 later")
        with mail_desk(store, tmp_path, post) as desk:
            with store.write() as session:
                new = wanted("p1@kantor.example", region="63.03")
                subscribed(session, desk.settings, new)
            desk.run()
            with store.write() as session:
                session.add(UserRow(name="admin", role="admin", active=True, created_at=NOW))
                police = NewRecipient("Polda", RecipientKind.POLICE, "63", "camat@kantor.example")
                known = recipients.add_recipient(session, police, actor="admin", now=NOW)
                grant = recipients.ask_grant(
                    session, known.id, "63.03", NOW, NOW + DAY, "pemungutan suara", actor="admin", now=NOW
                )
                recipients.decide_grant(session, grant.id, True, "", actor="manager", now=NOW)
                session.get_one(SubscriptionRow, 1).region = "63.03"
            post.rcpt = lambda _: ""
            desk.run(DUE + 2 * MINUTE)
            assert desk.states == [*FAILED, *SENT]
        assert set(post.received) == {"p1@kantor.example"}

    def test_the_outbox_holds_no_word_of_it(self, store: Store, tmp_path: Path) -> None:
        with mail_desk(store, tmp_path, Post()) as desk:
            desk.run()
        assert digest_rows(store)[0].body == {"digest": 1, "subscription": 1, "address": 1}

    def test_uncertain_ones_are_sent_again_by_hand_alone(self, store: Store, tmp_path: Path) -> None:
        post = Post(drop=True)
        with mail_desk(store, tmp_path, post) as desk:
            desk.run()
            post.drop = False
            (row,) = digest_rows(store)
            with store.write() as session:
                service.send_again(session, row.id, now=DUE)
            desk.run(DUE + MINUTE)
        assert [one.value for one in desk.states] == ["uncertain", "sent"]
        assert post.received["camat@kantor.example"] == 2


def test_nothing_is_sent_in_development(store: Store, tmp_path: Path) -> None:
    """Not even where a server is set up."""
    post = Post()
    with serving(post) as port:
        settings = settings_in(tmp_path, mail_url=f"smtp://127.0.0.1:{port}", delivery="files")
        with store.write() as session:
            subscribed(session, settings)
            subscribed(session, settings, wanted("777888", Channel.TELEGRAM))
        desk = Desk(store, settings)
        assert desk.run().sent == 2
    assert post.connections == 0
    files = {path.suffix: path.read_text() for path in (tmp_path / "outbox").iterdir()}
    assert set(files) == {".eml", ".txt"}
    assert "camat@kantor.example" in files[".eml"]


class TestWebhooks:
    def test_a_digest_is_signed_and_of_the_contract(self, store: Store, tmp_path: Path) -> None:
        settings = settings_in(tmp_path)
        with store.write() as session:
            fill(session)
        with receiving() as receiver:
            desk = Desk(store, settings)
            with store.write() as session:
                known: dict[str, Any] = {
                    "installation": settings.secret_key,
                    "actor": "admin",
                    "allowed": {receiver.host},
                }
                own = NewWebhook("Posko", receiver.url, Filter(), internal=True, internal_reason="Program tim sendiri")
                made = webhooks.add(session, own, now=NOW, **known)
                other = webhooks.add(session, NewWebhook("Lain", receiver.url, Filter()), now=NOW, **known)
                new = wanted(str(made.webhook.id), Channel.WEBHOOK)
                assert service.add(session, new, settings, actor="manager", now=NOW).confirmed_at == NOW
                with pytest.raises(InputError, match="verified"):  # which is told of what a person verified, only
                    service.add(
                        session, wanted(str(other.webhook.id), Channel.WEBHOOK), settings, actor="manager", now=NOW
                    )
            sender = WebhookSender(store, settings, lambda: desk.now, {receiver.host})
            ran = one_round(store, settings, [sender], lambda: desk.now)
        assert ran.sent == 1
        (got,) = receiver.got
        assert signature_fits(made.secret, got)
        assert got.headers["webhook-id"] == "digest_1_2024-11-20"
        document = json.loads(got.body)
        schema = json.loads((REPOSITORY / "docs/contracts/webhook.schema.json").read_text())
        Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(document)
        assert "/subscription/" not in got.body.decode()

    @pytest.mark.parametrize("change", [{"internal": False}, {"region": "62"}, {"region": "63.03"}])
    def test_it_is_looked_at_again_before_each(self, store: Store, tmp_path: Path, change: dict[str, Any]) -> None:
        """The webhook is given to somebody else, or narrowed, when digests go there already."""
        settings = settings_in(tmp_path)
        with receiving() as receiver, store.write() as session:
            own = NewWebhook("Posko", receiver.url, Filter(), internal=True, internal_reason="Program tim sendiri")
            known: dict[str, Any] = {"installation": settings.secret_key, "actor": "admin", "allowed": {receiver.host}}
            id_ = webhooks.add(session, own, now=NOW, **known).webhook.id
            service.add(session, wanted(str(id_), Channel.WEBHOOK), settings, actor="manager", now=NOW)
            for name, value in change.items():
                setattr(session.get_one(WebhookRow, id_), name, value)
            session.commit()
            sender = WebhookSender(store, settings, lambda: DUE, {receiver.host})
            assert one_round(store, settings, [sender], lambda: DUE).sent == 0
            assert receiver.got == []
        assert list(states(store)) == FAILED

    @pytest.mark.parametrize("given", ["9", "x", ""])
    def test_no_webhook_no_subscription(self, store: Store, tmp_path: Path, given: str) -> None:
        new = wanted(given, Channel.WEBHOOK)
        with pytest.raises(NotFoundError), store.write() as session:
            service.add(session, new, settings_in(tmp_path), actor="manager", now=NOW)


def test_what_changed_is_told_since_the_digest_that_the_reader_had(store: Store, tmp_path: Path) -> None:
    """Not since one that somebody else got a minute ago, who wants the same."""
    post = Post()
    with store.write() as session:
        alerts = fill(session)
    with mail_desk(store, tmp_path, post) as desk:
        desk.now = SAMPLE_NOW + HOUR
        with store.write() as session:
            subscribed(session, desk.settings, wanted("lurah@kantor.example"))
            for row in session.scalars(select(SubscriptionRow)):
                row.next_due_at, row.quiet_from, row.quiet_until, row.hour = desk.now, 0, 0, 12
        assert desk.run().sent == 2
        with store.write() as session:
            for step in (AlertState.ACKNOWLEDGED, AlertState.VERIFIED):
                revision = session.get_one(AlertRow, alerts["clash"]).revision
                move(session, alerts["clash"], step, actor="liaison-1", revision=revision, now=desk.now + HOUR)
            session.get_one(SubscriptionRow, 2).next_due_at = desk.now + DAY + 2 * MINUTE
        post.got.clear()
        assert [desk.run(SAMPLE_NOW + HOUR + DAY + n * 2 * MINUTE).sent for n in (0, 1)] == [1, 1]
    texts = [mail.get_body(("plain",)).get_content() for mail in post.mails]  # type: ignore[union-attr]
    assert [text.casefold().count("perubahan sejak kemarin") for text in texts] == [1, 1]


def test_a_correction_goes_to_who_got_the_wrong_digest(store: Store, tmp_path: Path) -> None:
    """And to nobody whose digest did not tell it, or who left."""
    post = Post()
    with store.write() as session:
        alerts = fill(session)
    with mail_desk(store, tmp_path, post) as desk:
        desk.now = SAMPLE_NOW + HOUR  # 12.00 WITA
        with store.write() as session:
            for number, region in enumerate(("63", "62", "63")):
                new = wanted(f"p{number}@kantor.example", region=region)
                subscribed(session, desk.settings, new, at=SAMPLE_NOW - DAY)
            for row in session.scalars(select(SubscriptionRow)):
                row.next_due_at, row.quiet_from, row.quiet_until = desk.now, 0, 0
                row.hour = 12
        assert desk.run().sent == 4
        with store.write() as session:
            service.end(session, session.get_one(SubscriptionRow, 4), EndReason.UNSUBSCRIBED, now=desk.now)
        post.got.clear()
        with store.write() as session:
            id_ = alerts["clash"]
            revision = session.get_one(AlertRow, id_).revision
            said = {"reason": "not_a_threat", "actor": "liaison-1", "revision": revision}
            move(session, id_, AlertState.NOT_A_THREAT, now=desk.now + MINUTE, **said)  # type: ignore[arg-type]
        desk.now += HOUR
        assert put_corrections(store, desk.settings, desk.now) == 2
        assert put_corrections(store, desk.settings, desk.now + MINUTE) == 0
        assert desk.run().sent == 2
    assert set(post.received) == {"camat@kantor.example", "p0@kantor.example"}
    assert all("ralat" in str(mail["Subject"]).lower() for mail in post.mails)
