"""Mail over SMTP, never in the clear (RFC 5321, 3207; Auto-Submitted: RFC 3834; List-Id: RFC 2919; one-tap
unsubscribing: RFC 8058).

A message keeps its Message-ID however often it is tried, so that a mailbox can tell a second copy, and so that a bounce
can be told from it (`waspada.subscriptions.bounces`). What the server says is kept as numbers only: its words often
quote the address.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.generator import BytesGenerator
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from io import BytesIO
from urllib.parse import unquote, urlsplit

from waspada.notify.contacts.service import Addresses
from waspada.notify.messages import Channel, Delivery, GivenUp, Outcome, Retry, Sent, Unknown
from waspada.notify.senders.returns import Returns
from waspada.settings import LOOPBACK, Settings

TIMEOUT_SECONDS = 20.0
_PORTS = {"smtp": 587, "smtps": 465}
#: X.7.X is about rights and policy (RFC 3463): relaying refused, no authentication. The mailbox is not to blame.
_POLICY = re.compile(rb"5\.7\.\d")
_ENHANCED = re.compile(rb"\b[245]\.\d{1,3}\.\d{1,3}\b")
#: There is no such mailbox or domain, or it moved: X.1.X (RFC 3463), and what servers without such numbers say of it.
_NO_MAILBOX = re.compile(rb"5\.1\.\d")
_NO_MAILBOX_CODES = (550, 551, 553)
#: A server may wish for a fresh connection now and then.
_MOST_A_CONNECTION = 100
_OK, _GO_AHEAD, _CLOSING = 250, 354, 421
_UNSUBSCRIBE = "List-Unsubscribe"


class _Wire(EmailPolicy):
    """Everything in ASCII, for servers without 8BITMIME. A URL too long for a line would be folded into encoded words,
    which no mail program reads there (RFC 2369): its header stays one line, of which a server takes 998 bytes."""

    def fold_binary(self, name: str, value: str) -> bytes:
        if name == _UNSUBSCRIBE:
            return f"{name}: {value}{self.linesep}".encode("ascii")
        return super().fold_binary(name, value)


_WIRE = _Wire(linesep=SMTP.linesep, cte_type="7bit")


def is_set_up(settings: Settings) -> bool:
    return settings.mail_url is not None and bool(settings.mail_from)


class MailSender:
    """`context` is the one of TLS connections; a test brings its own authority by it. With `keeps` one connection
    serves many messages, until `close`."""

    channel: str = Channel.MAIL

    def __init__(
        self,
        settings: Settings,
        addresses: Addresses,
        context: ssl.SSLContext | None = None,
        *,
        keeps: bool = False,
    ) -> None:
        assert settings.mail_url is not None  # noqa: S101 (is_set_up)
        parts = urlsplit(settings.mail_url.get_secret_value())
        self._is_tls = parts.scheme == "smtps"
        self._host, self._port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._from = settings.mail_from
        self._returns = Returns(settings)
        self._addresses = addresses
        self._context = context or ssl.create_default_context()
        self._keeps, self._served = keeps, 0
        self._open: smtplib.SMTP | None = None

    def send(self, delivery: Delivery) -> Outcome:
        to = self._mailbox(delivery.target)
        if to is None:
            return GivenUp("The contact is gone.")
        content = _as_bytes(message_of(delivery, self._from, to, self._returns.token(delivery.id)))
        is_fine = False
        try:
            found = self._hand_over(self._connection(), delivery, to, content)
            is_fine = isinstance(found, Sent | GivenUp)
        except smtplib.SMTPRecipientsRefused as error:
            code, words = next(iter(error.recipients.values()))
            is_fine = code != _CLOSING
            return self._refused(delivery.target, code, words)
        except (smtplib.SMTPException, OSError, UnicodeError) as error:
            return _failed(error)
        finally:
            if not (is_fine and self._keeps):
                self.close()
        return found

    def close(self) -> None:
        """Ends the connection; the next message opens another one."""
        server, self._open = self._open, None
        if server is not None:
            _quit(server)

    def _hand_over(self, server: smtplib.SMTP, delivery: Delivery, to: str, content: bytes) -> Outcome:
        """One transaction (RFC 5321, 3.3), with `handing` called when nothing is left but the message itself."""
        code, words = server.mail(self._returns.envelope(delivery.id))
        if code != _OK:
            raise smtplib.SMTPSenderRefused(code, words, "")
        code, words = server.rcpt(to)
        if code not in (250, 251):
            raise smtplib.SMTPRecipientsRefused({to: (code, words)})
        code, words = server.docmd("data")
        if code != _GO_AHEAD:
            raise smtplib.SMTPDataError(code, words)
        try:
            delivery.handing()
        except BaseException:
            server.close()  # it waits for the message: it would take a QUIT for one
            raise
        try:
            server.send(content)
            code, words = server.getreply()
        except OSError as error:  # no answer, or none that can be read: SMTPException is one, too
            server.close()
            return Unknown(f"The mail server did not say whether it took it ({type(error).__name__}).")
        if 400 <= code < 600:
            raise smtplib.SMTPDataError(code, words)
        if 200 <= code < 300:  # the first digit decides (RFC 5321, 4.2)
            return Sent()
        server.close()
        return Unknown(f"The mail server did not say whether it took it (code {code}).")

    def _mailbox(self, target: str) -> str | None:
        """Where a message goes: to a contact of an account or a subscriber, or to the office address that a report or
        setting names."""
        if "@" in target:
            return target
        address = self._addresses.find(target)
        return address.value if address is not None and address.channel is Channel.MAIL else None

    def _refused(self, target: str, code: int, words: bytes) -> Outcome:
        said = _numbers(code, words)
        if not 500 <= code < 600:
            return Retry(f"The mail server does not take it now ({said}).")
        if "@" not in target and not _POLICY.search(words) and code not in (530, 535):
            is_final = bool(_NO_MAILBOX.search(words)) or (code in _NO_MAILBOX_CODES and not _ENHANCED.search(words))
            self._addresses.end(target, f"The mailbox is refused ({said}).", is_final=is_final)
        return GivenUp(f"The mailbox is refused ({said}).")

    def _connection(self) -> smtplib.SMTP:
        """The connection that is kept, where it still answers, or a new one."""
        if self._open is not None and self._served < _MOST_A_CONNECTION and _answers(self._open):
            self._served += 1
            return self._open
        self.close()
        self._open, self._served = self._opened(), 1
        return self._open

    def _opened(self) -> smtplib.SMTP:
        """A connection that is encrypted, except to a server on this machine that offers no encryption."""
        if self._is_tls:
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                self._host, self._port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        else:
            server = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if not self._is_tls and not (self._host in LOOPBACK and not server.has_extn("starttls")):
                server.starttls(context=self._context)
                server.ehlo()
            if self._user:
                server.login(self._user, self._password)
        except BaseException:
            server.close()
            raise
        return server


def message_of(delivery: Delivery, sender: str, to: str, token: str) -> EmailMessage:
    """The mail for a delivery; the plain text comes first. `token` names the delivery to whoever returns it. Raises
    ValueError where a header would hold a line break."""
    domain = parseaddr(sender)[1].rpartition("@")[2] or "waspada.invalid"
    body = delivery.body
    message = EmailMessage(policy=_WIRE)
    message["From"] = sender
    message["To"] = to
    message["Subject"] = body["subject"]
    message["Date"] = format_datetime(delivery.due_at)
    message["Message-ID"] = f"<{sha256(delivery.key.encode()).hexdigest()[:16]}.{token}@{domain}>"
    message["List-Id"] = f"Waspada <{body.get('stream', 'laporan')}.{domain}>"
    if body.get("unsubscribe"):
        message[_UNSUBSCRIBE] = f"<{body['unsubscribe']}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(body["text"])
    if body.get("html"):
        message.add_alternative(body["html"], subtype="html")
    return message


def _as_bytes(message: EmailMessage) -> bytes:
    """As it goes over the line: CR LF, a leading dot twice, a dot alone at the end (RFC 5321, 4.5.2)."""
    written = BytesIO()
    BytesGenerator(written).flatten(message, linesep="\r\n")
    stuffed = re.sub(rb"(?m)^\.", b"..", written.getvalue())
    return stuffed + (b".\r\n" if stuffed.endswith(b"\r\n") else b"\r\n.\r\n")


def _answers(server: smtplib.SMTP) -> bool:
    """Whether a kept connection is still there, ready for another message."""
    try:
        return server.rset()[0] == _OK
    except (smtplib.SMTPException, OSError):
        return False


def _quit(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


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
