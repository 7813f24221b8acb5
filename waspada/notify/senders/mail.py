"""Mail over SMTP, never in the clear (RFC 5321, 3207; Auto-Submitted: RFC 3834; List-Id: RFC 2919).

A message keeps its Message-ID however often it is tried, so that a mailbox can tell a second copy. What the server
says is kept as numbers only: its words often quote the address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from urllib.parse import unquote, urlsplit

from waspada.notify.contacts.service import Addresses
from waspada.notify.contacts.types import contact_of
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Retry, Sent
from waspada.settings import LOOPBACK, Settings

TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
#: X.7.X is about rights and policy (RFC 3463): relaying refused, no authentication. The mailbox is not to blame.
_POLICY = re.compile(rb"5\.7\.\d")
_ENHANCED = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")


def is_set_up(settings: Settings) -> bool:
    return settings.mail_url is not None and bool(settings.mail_from)


class MailSender:
    """`context` is the one of TLS connections; a test brings its own authority by it."""

    channel: str = Channel.MAIL

    def __init__(self, settings: Settings, addresses: Addresses, context: ssl.SSLContext | None = None) -> None:
        assert settings.mail_url is not None  # noqa: S101 (is_set_up)
        parts = urlsplit(settings.mail_url.get_secret_value())
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._from = settings.mail_from
        self._addresses = addresses
        self._context = context or ssl.create_default_context()

    def send(self, delivery: Delivery) -> Outcome:
        contact_id = contact_of(delivery.target)
        to = self._mailbox(delivery.target)
        if to is None:
            return GivenUp("The contact is gone.")
        message = message_of(delivery, self._from, to)
        try:
            with self._connection() as server:
                server.send_message(message, parseaddr(self._from)[1], [to])
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            return self._refused(contact_id, code, words)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return _failed(error)
        return Sent()

    def _mailbox(self, target: str) -> str | None:
        """Where a message goes: to a contact of an account, or to the office address that a report or setting names."""
        if contact_of(target) is None:
            return target if "@" in target else None
        address = self._addresses.find(target)
        return address.value if address is not None and address.channel is Channel.MAIL else None

    def _refused(self, contact_id: int | None, code: int, words: bytes) -> Outcome:
        said = _numbers(code, words)
        if not 500 <= code < 600:
            return Retry(f"The mail server does not take it now ({said}).")
        if contact_id is not None and not _POLICY.search(words) and code not in (530, 535):
            self._addresses.end(contact_id, f"The mailbox is refused ({said}).")
        return GivenUp(f"The mailbox is refused ({said}).")

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        """A connection that is encrypted, except to a server on this machine that offers no encryption."""
        if self._is_tls:
            opened: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            opened = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        with opened as server:
            server.ehlo_or_helo_if_needed()
            if not self._is_tls and not (self._host in LOOPBACK and not server.has_extn("starttls")):
                server.starttls(context=self._context)
                server.ehlo()
            if self._user:
                server.login(self._user, self._password)
            yield server


def message_of(delivery: Delivery, sender: str, to: str) -> EmailMessage:
    """The mail for a delivery; the plain text comes first."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "waspada.invalid"
    body = delivery.body
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = body["subject"]
    message["Date"] = format_datetime(delivery.due_at)
    message["Message-ID"] = f"<{sha256(delivery.key.encode()).hexdigest()[:40]}@{domain}>"
    message["List-Id"] = f"Waspada <{body.get('stream', 'laporan')}.{domain}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body["text"])
    if body.get("html"):
        message.add_alternative(body["html"], subtype="html")
    return message


def _failed(error: Exception) -> Outcome:
    """What a failure is that is not about the mailbox: of the sender, the content, the sign-in, the connection."""
    if isinstance(error, smtplib.SMTPDataError | smtplib.SMTPSenderRefused) and 500 <= error.smtp_code < 600:
        return GivenUp(f"The mail server refuses the message ({_numbers(error.smtp_code, error.smtp_error)}).")
    if isinstance(error, smtplib.SMTPResponseException):
        return Retry(f"The mail server does not take it ({_numbers(error.smtp_code, error.smtp_error)}).")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Retry("The mail server offers no STARTTLS or no sign-in.")
    return Retry(f"The mail server cannot be reached or used ({type(error).__name__}).")


def _numbers(code: int, words: bytes | str) -> str:
    """ "550 5.1.1" of an answer."""
    found = _ENHANCED.search(words if isinstance(words, bytes) else words.encode("ascii", "replace"))
    return f"{code} {found[0].decode()}" if found else str(code)
