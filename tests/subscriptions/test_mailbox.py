"""The mailbox that mails come back to, over a real TLS connection to a small IMAP server."""

from __future__ import annotations

import re
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from tests.notify.senders.servers import certificate
from tests.patience import until
from tests.subscriptions.mailserver import Post, free_port
from tests.subscriptions.people import DUE, digest_rows, settings_in
from tests.subscriptions.test_bounces import dsn
from tests.subscriptions.test_delivery import mail_desk
from waspada.jobs.bounces import look, reading
from waspada.notify.senders.returns import Returns
from waspada.store import Store


@dataclass
class Mailbox:
    """Mails by number, and the flags that were given to them. Knows the few commands that are used (RFC 3501)."""

    mails: dict[int, bytes]
    flags: dict[int, str] = field(default_factory=dict)
    signed_in: list[str] = field(default_factory=list)

    def answer(self, command: str) -> tuple[bytes, str]:
        """What is said before the last line, and the last line."""
        name, _, rest = command.partition(" ")
        said = b""
        match name.upper():
            case "CAPABILITY":
                said = b"* CAPABILITY IMAP4rev1\r\n"
            case "LOGIN":
                self.signed_in.append(rest)
            case "SELECT":
                said = b"* %d EXISTS\r\n" % len(self.mails)
            case "EXPUNGE":
                for number in [one for one, flag in self.flags.items() if "Deleted" in flag]:
                    self.mails.pop(number, None)
            case "UID":
                said = self._by_number(rest)
            case "LOGOUT":
                said = b"* BYE\r\n"
            case _:
                return b"", "BAD"
        return said, "OK"

    def _by_number(self, rest: str) -> bytes:
        name, _, more = rest.partition(" ")
        if name.upper() == "SEARCH":
            unseen = [str(one) for one in self.mails if one not in self.flags]
            return f"* SEARCH {' '.join(unseen)}\r\n".encode()
        number = int(more.split()[0])
        if name.upper() == "FETCH":
            raw = self.mails[number]
            return b"* 1 FETCH (UID %d BODY[] {%d}\r\n" % (number, len(raw)) + raw + b")\r\n"
        found = re.search(r"\\(Seen|Deleted)", more)
        self.flags[number] = found[1] if found else ""
        return b""


@contextmanager
def serving(box: Mailbox, context: ssl.SSLContext) -> Iterator[int]:
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                plain, _ = listening.accept()
            except OSError:
                return
            with context.wrap_socket(plain, server_side=True) as there, there.makefile("rb") as lines:
                there.sendall(b"* OK ready\r\n")
                for line in lines:
                    tag, _, command = line.decode().strip().partition(" ")
                    before, last = box.answer(command)
                    there.sendall(before + f"{tag} {last} done\r\n".encode())
                    if command.upper() == "LOGOUT":
                        break

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listening.getsockname()[1]
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def test_bounces_are_taken_and_the_rest_is_left(store: Store, tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with mail_desk(store, tmp_path, Post()) as desk:
        desk.run()
    (row,) = digest_rows(store)
    raw = dsn(message_id=f"<x.{Returns(desk.settings).token(row.id)}@kesbang.example>")
    box = Mailbox({4: b"Subject: Promo\r\n\r\nBeli sekarang\r\n", 7: raw, 9: b"\xff\x00"})
    with serving(box, server) as port:
        url = f"imaps://bounces%40kesbang.example:raha%2Fsia@127.0.0.1:{port}/INBOX"
        settings = settings_in(tmp_path, bounce_url=url)
        later = DUE + timedelta(hours=1)
        found = look(store, settings, lambda: later, client)
        again = look(store, settings, lambda: later, client)
    assert (found.taken, found.refused) == (1, 2)
    assert (again.taken, again.refused) == (0, 0)
    assert set(box.mails) == {4, 9}
    assert "raha/sia" in box.signed_in[0]
    assert desk.subscription().end_reason == "bounced"


def test_a_mailbox_that_cannot_be_read_stops_nothing(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_in(tmp_path, bounce_url=f"imaps://u:rahasia@127.0.0.1:{free_port()}/INBOX")
    assert look(store, settings, lambda: DUE).taken == 0
    assert "rahasia" not in caplog.text
    assert look(store, settings_in(tmp_path), lambda: DUE).taken == 0


def test_a_password_that_the_protocol_cannot_take_stops_nothing_either(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    server, client = certificate(tmp_path)
    with serving(Mailbox({}), server) as port:
        settings = settings_in(tmp_path, bounce_url=f"imaps://u:r%C3%A4hasia@127.0.0.1:{port}/INBOX")
        assert look(store, settings, lambda: DUE, client).taken == 0
    assert "cannot be read (UnicodeEncodeError)" in caplog.text
    assert "hasia" not in caplog.text


def test_it_is_read_in_a_thread_of_its_own_that_ends_with_the_worker(store: Store, tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    with mail_desk(store, tmp_path, Post()) as desk:
        desk.run()
    (row,) = digest_rows(store)
    box = Mailbox({7: dsn(message_id=f"<x.{Returns(desk.settings).token(row.id)}@kesbang.example>")})
    with serving(box, server) as port:
        settings = settings_in(tmp_path, bounce_url=f"imaps://u:rahasia@127.0.0.1:{port}/INBOX")
        with reading(store, settings, threading.Event(), lambda: DUE + timedelta(hours=1), client):
            until(lambda: not box.mails, "the bounce was taken")
    assert desk.subscription().end_reason == "bounced"
    assert [thread.name for thread in threading.enumerate() if thread.name == "bounces"] == []


def test_a_worker_that_ends_leaves_the_rest_for_the_next_time(store: Store, tmp_path: Path) -> None:
    server, client = certificate(tmp_path)
    box = Mailbox({4: b"Subject: Promo\r\n\r\nBeli sekarang\r\n", 7: b"Subject: Promo\r\n\r\nLagi\r\n"})
    with serving(box, server) as port:
        settings = settings_in(tmp_path, bounce_url=f"imaps://u:rahasia@127.0.0.1:{port}/INBOX")
        assert look(store, settings, lambda: DUE, client, lambda: bool(box.flags)).refused == 1
    assert list(box.flags) == [4]


@pytest.mark.parametrize("url", ["imap://u:p@host/INBOX", "https://host", "host"])
def test_a_mailbox_is_read_over_tls_only(tmp_path: Path, url: str) -> None:
    from waspada.errors import SettingsError

    with pytest.raises(SettingsError, match="BOUNCE_URL"):
        settings_in(tmp_path, bounce_url=url)
