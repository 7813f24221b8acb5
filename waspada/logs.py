"""The log of the service: lines for people or one JSON object a line, and no personal data in either.

Every handler of the process writes through one of the two formatters here, so that what a library logs passes too:

- e-mail addresses, telephone numbers, NIK, account names and the product's own secrets are masked in every message;
- of an exception that is not the product's own only the type and the frames are written: its text may quote an item, a
  query or an address. Errors of the product's tree hold no content and are written whole.

`configure` is called once by each long-lived process.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import TextIO

from waspada.errors import WaspadaError
from waspada.privacy.door import mask_contacts
from waspada.settings import Settings

ACCESS = "waspada.access"
_MAX_CHARACTERS = 8000
#: The product's own secrets, bearer headers, and the password in an address.
_SECRETS = re.compile(
    r"(?P<own>\b(?:wsp|whsec)_[A-Za-z0-9_+/=-]{8,})"
    r"|(?P<bearer>(?i:bearer|basic)\s+[A-Za-z0-9._~+/=-]{8,})"
    r"|(?P<login>(?<=://)[^\s/@]+@)"
    r"|(?P<bot>\bbot\d{6,}:[A-Za-z0-9_-]{20,})"
    r"|(?P<query>(?<=[?&])(?i:key|token|secret|code|state|sig|password|q|cursor)=[^\s&#\"']+)"
)
_MASKS = {
    "own": "[rahasia]",
    "bearer": "[rahasia]",
    "login": "[rahasia]@",
    "bot": "bot[rahasia]",
    "query": "[rahasia]",
}
#: Attributes that every record has; what is beyond them was given as `extra`.
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}
#: Fields that may be given as `extra` and are written; others are dropped, so that no library can add its own.
FIELDS = ("method", "route", "status", "milliseconds", "client", "count", "role")


def scrub(text: str) -> str:
    """The text without what names a person or opens a door. Line breaks become ` | `: a record is one line."""
    one_line = " | ".join(text[:_MAX_CHARACTERS].splitlines())
    hidden = _SECRETS.sub(lambda found: _MASKS[found.lastgroup or "own"], one_line)
    masked = mask_contacts(hidden)
    return "".join(c if c.isprintable() else " " for c in masked)


class TextFormatter(logging.Formatter):
    """A line for people."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        fields = "".join(f" {name}={value}" for name, value in _fields(record).items())
        return f"{at:%Y-%m-%d %H:%M:%S},{int(record.msecs):03d} {record.name}: {_message(record)}{fields}"


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at, level, logger, event, fields, and error with its frames where there is one."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC)
        document: dict[str, object] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": scrub(_safe_message(record)),
            **_fields(record),
        }
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            document |= {"error": type(error).__name__, "frames": _frames(error)}
            if isinstance(error, WaspadaError):
                document["problem"] = scrub(str(error))
        return json.dumps(document, ensure_ascii=False, default=str)


def configure(settings: Settings, role: str, stream: TextIO | None = None) -> None:
    """Sets the log of this process: everything goes to one handler, and faults that nobody catches go there too."""
    handler = logging.StreamHandler(stream or sys.stderr)
    is_json = settings.log_format == "json"
    handler.setFormatter(JsonFormatter() if is_json else TextFormatter())
    # Libraries set levels of their own loggers again after this: Scrapy makes itself heard in every detail.
    handler.addFilter(lambda record: record.levelno >= logging.WARNING or record.name == ACCESS)
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.getLogger(ACCESS).setLevel(logging.INFO if is_json else logging.WARNING)
    logging.captureWarnings(True)
    log = logging.getLogger(f"waspada.{role}")

    def on_fault(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            log.critical("A fault ended the process.", exc_info=(kind, error, frames))

    def on_thread_fault(given: threading.ExceptHookArgs) -> None:
        if given.exc_value is not None:
            on_fault(given.exc_type, given.exc_value, given.exc_traceback)

    sys.excepthook = on_fault
    threading.excepthook = on_thread_fault


def log_fault(role: str, error: BaseException) -> None:
    """Writes a fault down where Python would print its text: the end of a child process."""
    log = logging.getLogger(f"waspada.{role}")
    log.critical("A fault ended the process.", exc_info=(type(error), error, error.__traceback__))


def _message(record: logging.LogRecord) -> str:
    message = scrub(_safe_message(record))
    if not record.exc_info or record.exc_info[1] is None:
        return message
    error = record.exc_info[1]
    said = f": {scrub(str(error))}" if isinstance(error, WaspadaError) else ""
    return f"{message} {type(error).__name__}{said} [{'; '.join(_frames(error))}]"


def _safe_message(record: logging.LogRecord) -> str:
    try:
        message = record.getMessage()
    except Exception:  # a library's own mistake must not break the log
        return f"a message that cannot be put together ({record.name})"
    # Python prints a traceback into the message now and then (asyncio, Twisted); its last line is the error's text.
    return _cut_traceback(message)


def _cut_traceback(message: str) -> str:
    head, found, rest = message.partition("Traceback (most recent call last):")
    if not found:
        return message
    places = re.findall(r'File "([^"]+)", line (\d+), in (\S+)', rest)
    shown = "; ".join(f"{name.rsplit('/', 1)[-1]}:{line} {where}" for name, line, where in places[-12:])
    kinds = re.findall(r"^([A-Za-z_][\w.]*(?:Error|Exception|Failure|Timeout\w*))\b", rest, re.MULTILINE)
    return f"{head}{kinds[-1] if kinds else 'an error'} [{shown}]"


def _frames(error: BaseException) -> list[str]:
    """file:line function of the innermost frames, of the error and of what caused it; no source, no values."""
    found: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        if current is not error:
            found.append(f"caused by {type(current).__name__}")
        found += [
            f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)[-12:]
        ]
        current = current.__cause__ or current.__context__
    return found[:60]


def _fields(record: logging.LogRecord) -> dict[str, object]:
    given = {name: value for name, value in vars(record).items() if name not in _PLAIN}
    return {name: _field(given[name]) for name in FIELDS if name in given}


def _field(value: object) -> object:
    return value if isinstance(value, (int, float)) or value is None else scrub(str(value))[:200]
