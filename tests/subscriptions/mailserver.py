"""A real SMTP server on loopback that says what a test wants, and breaks off when it wants that."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope


@dataclass
class Post:
    """What the server took, and what it says: `greeting`, `rcpt` and `data` instead of taking it, by a function of the
    address where that matters. `on_data` runs when a message is there and nothing was answered yet; `drop` then breaks
    the connection off instead of answering; `raw` is written before the answer, as it is."""

    greeting: str = ""
    rcpt: Callable[[str], str] = lambda _: ""
    data: str = ""
    raw: bytes = b""
    drop: bool = False
    keeps_dropped: bool = True
    slow_seconds: float = 0.0
    on_data: Callable[[Envelope], None] = lambda _: None
    got: list[Envelope] = field(default_factory=list)
    connections: int = 0

    async def handle_RCPT(self, _s: Any, _session: Any, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        refused = self.rcpt(address)
        if refused:
            return refused
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.slow_seconds:
            await asyncio.sleep(self.slow_seconds)
        if not self.data and not self.raw and (not self.drop or self.keeps_dropped):
            self.got.append(envelope)
        self.on_data(envelope)
        if self.drop:
            server.transport.abort()
        if self.raw:
            server.transport.write(self.raw)
        return self.data or "250 OK"

    @property
    def received(self) -> Counter[str]:
        return Counter(one.rcpt_tos[0] for one in self.got)

    @property
    def mails(self) -> list[EmailMessage]:
        found = [message_from_bytes(one.content or b"", policy=default) for one in self.got]  # type: ignore[arg-type]
        return [one for one in found if isinstance(one, EmailMessage)]


class _Server(SMTP):
    """Greets as it was told."""

    post: Post

    def connection_made(self, transport: Any) -> None:
        self.post.connections += 1
        if self.post.greeting:
            transport.write(f"{self.post.greeting}\r\n".encode())
            transport.close()
            return
        super().connection_made(transport)


class _Controller(Controller):
    def factory(self) -> SMTP:
        made = _Server(self.handler, **self.SMTP_kwargs)
        made.post = self.handler
        return made


@contextmanager
def serving(post: Post, **options: Any) -> Iterator[int]:
    """Yields its port."""
    controller = _Controller(post, hostname="127.0.0.1", port=free_port(), ready_timeout=30, **options)
    if post.greeting:  # what the controller asks at its start must be let in
        greeting, post.greeting = post.greeting, ""
        controller.start()
        post.greeting = greeting
    else:
        controller.start()
    post.connections = 0
    try:
        yield controller.port
    finally:
        controller.stop()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
