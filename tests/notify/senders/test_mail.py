"""Mail to a real SMTP server on loopback: over TLS only, once in a mailbox, and refusals read right."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from tests.notify.senders.servers import Book, certificate, delivery
from waspada.notify.messages import Channel, GivenUp, Retry, Sent
from waspada.notify.senders.mail import MailSender
from waspada.settings import load_settings

BODY: dict[str, object] = {
    "subject": "Waspada tingkat 3: Kabupaten Banjar",
    "text": "Belum diverifikasi\nhttps://waspada.example/acknowledge/abc\n",
    "html": "<p>Belum diverifikasi</p>",
    "stream": "desk-63",
}


@dataclass
class Mailbox:
    """What the server was given; `refuse_*` is what it says instead of taking it."""

    refuse_rcpt: str = ""
    refuse_data: str = ""
    refuse_mail: str = ""
    got: list[Envelope] = field(default_factory=list)

    async def handle_MAIL(self, _s: Any, _session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.refuse_mail or "250 OK"

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        if self.refuse_rcpt:
            return self.refuse_rcpt
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.refuse_data:
            return self.refuse_data
        self.got.append(envelope)
        return "250 OK"

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(_raw(one), policy=default) for one in self.got]
        return [one for one in found if isinstance(one, EmailMessage)]


def _raw(one: Envelope) -> bytes:
    assert isinstance(one.content, bytes)
    return one.content


Start = Callable[..., tuple[MailSender, Book]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a server and makes its sender; `tls` "smtps", "starttls" or "" (none)."""
    server_context, client_context = certificate(tmp_path)
    running: list[Controller] = []

    def make(
        box: Mailbox, tls: str = "smtps", *, auth: bool = False, host: str = "127.0.0.1"
    ) -> tuple[MailSender, Book]:
        def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, given: Any) -> AuthResult:
            good = isinstance(given, LoginPassword) and given.password == b"raha/sia@"
            return AuthResult(success=good, handled=False)  # the server says 535 by itself, where it is not

        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": _free_port()}
        if tls == "smtps":
            options["ssl_context"] = server_context
        if tls == "starttls":
            options |= {"tls_context": server_context, "require_starttls": True}
        if auth:
            options |= {"authenticator": check, "auth_required": True, "auth_require_tls": tls == "starttls"}
        controller = Controller(box, **options)
        controller.start()
        running.append(controller)
        user = "desk:raha%2Fsia%40@" if auth else ""
        scheme = "smtps" if tls == "smtps" else "smtp"
        settings = load_settings(
            data_dir=tmp_path, mail_url=f"{scheme}://{user}{host}:{controller.port}",
            mail_from="Waspada <waspada@kesbang.example>",
        )  # fmt: skip
        book = Book(Channel.MAIL, "petugas@kantor.example")
        return MailSender(settings, book, client_context), book

    yield make
    for controller in running:
        controller.stop()


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.mark.parametrize("tls", ["smtps", "starttls"])
def test_a_mail_arrives_whole(start: Start, tls: str) -> None:
    box = Mailbox()
    sender, _ = start(box, tls)
    assert sender.send(delivery("mail", BODY)) == Sent()
    (mail,) = box.mails
    assert (mail["To"], mail["Subject"]) == ("petugas@kantor.example", BODY["subject"])
    assert (mail["Auto-Submitted"], mail["List-Id"]) == ("auto-generated", "Waspada <desk-63.kesbang.example>")
    parts = [part.get_content_type() for part in mail.iter_parts()]
    assert parts == ["text/plain", "text/html"]
    body = mail.get_body(("plain",))
    assert body is not None
    assert body.get_content().replace("\r\n", "\n") == BODY["text"]
    assert box.got[0].rcpt_tos == ["petugas@kantor.example"]
    assert box.got[0].mail_from == "waspada@kesbang.example"


def test_what_a_mail_program_reads_stands_plainly_on_the_wire(start: Start) -> None:
    """The raw bytes: a parser would decode what no mail program decodes."""
    box = Mailbox()
    sender, _ = start(box)
    url = f"https://{'kewaspadaan-dini.' * 4}kesbang.example/unsubscribe/{'a2' * 60}"
    text = f"Waspada \N{EN DASH} {'kata ' * 400}\n.\n{url}\n"
    subject = "Laporan harian \N{EN DASH} " + "Kabupaten Banjar, " * 8
    body = {**BODY, "subject": subject, "text": text, "html": f"<p>{text}</p>", "unsubscribe": url}
    assert sender.send(delivery("mail", body)) == Sent()
    raw = _raw(box.got[0])
    head = raw.partition(b"\r\n\r\n")[0].split(b"\r\n")
    assert f"List-Unsubscribe: <{url}>".encode() in head
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in head
    (id_,) = [line for line in head if line.lower().startswith(b"message-id:")]
    assert id_.endswith(b"@kesbang.example>")
    assert max(len(line) for line in raw.split(b"\r\n")) < 998
    assert max(len(word) for line in head for word in line.split() if word.startswith(b"=?")) <= 75
    assert raw.isascii()
    (mail,) = box.mails
    plain = mail.get_body(("plain",))
    assert plain is not None
    assert (plain.get_content().replace("\r\n", "\n"), mail["Subject"].strip()) == (text, subject.strip())


def test_the_same_message_keeps_its_id_and_another_has_another(start: Start) -> None:
    box = Mailbox()
    sender, _ = start(box)
    for key, attempt in (("call/5/1", 1), ("call/5/1", 2), ("call/6/1", 1)):
        sender.send(delivery("mail", BODY, key, attempt))
    first, again, other = (mail["Message-ID"] for mail in box.mails)
    assert first == again != other


def test_it_signs_in_with_a_password_that_was_escaped(start: Start) -> None:
    box = Mailbox()
    sender, _ = start(box, "starttls", auth=True)
    assert sender.send(delivery("mail", BODY)) == Sent()


@pytest.mark.parametrize(
    ("refuse", "outcome", "ends"),
    [
        ({"refuse_rcpt": "550 5.1.1 <petugas@kantor.example> no such user"}, GivenUp, True),
        ({"refuse_rcpt": "552 5.2.2 mailbox full"}, GivenUp, True),
        ({"refuse_rcpt": "550 5.7.1 relaying denied for petugas@kantor.example"}, GivenUp, False),
        ({"refuse_rcpt": "450 4.2.1 greylisted"}, Retry, False),
        ({"refuse_data": "554 5.6.0 refused"}, GivenUp, False),
        ({"refuse_data": "451 4.3.0 later"}, Retry, False),
        ({"refuse_mail": "550 5.1.8 bad sender"}, GivenUp, False),
        ({"refuse_mail": "421 4.7.0 too many"}, Retry, False),
    ],
)
def test_refusals(start: Start, refuse: dict[str, Any], outcome: type, ends: bool) -> None:
    sender, book = start(Mailbox(**refuse))
    found = sender.send(delivery("mail", BODY))
    assert isinstance(found, outcome)
    assert bool(book.ended) == ends
    assert "petugas" not in repr(found) + "".join(book.ended)


def test_a_wrong_password_is_tried_again_and_ends_no_contact(start: Start) -> None:
    sender, book = start(Mailbox(), "starttls", auth=True)
    sender._password = "salah"
    assert isinstance(sender.send(delivery("mail", BODY)), Retry)
    assert book.ended == []


def test_nothing_is_sent_in_the_clear_to_another_machine(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    box = Mailbox()
    monkeypatch.setattr("waspada.notify.senders.mail.LOOPBACK", frozenset())  # as if the server were elsewhere
    sender, _ = start(box, "")
    assert isinstance(sender.send(delivery("mail", BODY)), Retry)
    assert box.got == []


def test_a_relay_on_this_machine_needs_no_tls(start: Start) -> None:
    box = Mailbox()
    sender, _ = start(box, "")
    assert sender.send(delivery("mail", BODY)) == Sent()


def test_a_certificate_of_somebody_else_is_not_taken(start: Start) -> None:
    box = Mailbox()
    sender, _ = start(box)
    sender._context = ssl.create_default_context()
    assert isinstance(sender.send(delivery("mail", BODY)), Retry)
    assert box.got == []


def test_a_server_that_is_not_there_and_one_that_is_silent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("waspada.notify.senders.mail.TIMEOUT_SECONDS", 0.3)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen(1)
        for port in (_free_port(), silent.getsockname()[1]):
            settings = load_settings(
                data_dir=tmp_path, mail_url=f"smtp://127.0.0.1:{port}", mail_from="w@kesbang.example"
            )
            assert isinstance(
                MailSender(settings, Book(Channel.MAIL, "a@b.example")).send(delivery("mail", BODY)), Retry
            )


def test_a_contact_that_is_gone_is_given_up(start: Start) -> None:
    sender, book = start(Mailbox())
    book.is_gone = True
    assert isinstance(sender.send(delivery("mail", BODY)), GivenUp)


def test_a_report_goes_to_the_office_that_it_names(start: Start) -> None:
    """Reports to institutions and the head of the audit log name an address, not a contact of an account."""
    box = Mailbox()
    sender, book = start(box)
    body: dict[str, object] = {"subject": "Laporan atensi", "text": "Belum diverifikasi"}
    sent = replace(delivery(Channel.MAIL, body), target="sekretariat@bawaslu.example")
    assert sender.send(sent) == Sent()
    assert box.got[0].rcpt_tos == ["sekretariat@bawaslu.example"]
    assert box.mails[0]["Subject"] == "Laporan atensi"
    box.refuse_rcpt = "550 5.1.1 tidak ada"
    assert isinstance(sender.send(sent), GivenUp)
    assert book.ended == []
    assert isinstance(sender.send(replace(sent, target="webhook/4")), GivenUp)
