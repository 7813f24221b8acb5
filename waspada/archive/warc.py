"""Archived pages as one WARC file (ISO 28500), with warcio.

What was kept is the body after transfer and content decoding, and the headers of `policy.HEADERS`; the file says so in
its first record.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC
from http import HTTPStatus
from io import BufferedRandom, BytesIO
from pathlib import Path
from typing import Any

from waspada import __version__
from waspada.archive.types import ArchivedPage
from waspada.errors import InputError, MissingExtraError, StoreFullError

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
#: What file systems without hard links (exFAT, some network shares) answer.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
_INFO = {
    "software": f"Waspada/{__version__}",
    "format": "WARC File Format 1.0",
    "description": "Bodies after transfer and content decoding; of the headers only those that matter for reading.",
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A WARC file that is written but not in its place yet."""

    path: Path
    target: Path
    pages: int
    sha256: str

    def publish(self) -> None:
        """Puts the file in its place. Raises InputError when another took it meanwhile."""
        try:
            os.link(self.path, self.target)  # unlike a rename it takes no other file's place
        except FileExistsError:
            raise _taken(self.target) from None
        except OSError as error:
            if error.errno not in _NO_LINKS:
                raise
            _copy(self.path, self.target)


def _copy(path: Path, target: Path) -> None:
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _taken(target) from None
    try:
        with os.fdopen(descriptor, "wb") as copy, path.open("rb") as file:
            shutil.copyfileobj(file, copy)
            copy.flush()
            os.fsync(copy.fileno())
    except BaseException:
        with suppress(OSError):
            target.unlink()
        raise


@contextmanager
def warc_draft(target: Path, pages: Iterable[tuple[ArchivedPage, bytes]]) -> Iterator[Draft]:
    """Writes the pages beside `target`; nothing is left of it afterwards unless `publish` was called.

    Raises MissingExtraError without warcio, InputError for a file that is there or cannot be written, StoreFullError.
    """
    make_writer = _writer_class()
    if target.exists():
        raise _taken(target)
    path = target.with_name(f".{target.name}.{os.getpid()}.{secrets.token_hex(4)}.tmp")
    try:
        yield _written(make_writer, path, target, pages)
    except OSError as error:
        if error.errno in _FULL:
            raise StoreFullError(f"There is no room to write {target}.") from None
        raise InputError(f"The file {target} cannot be written: {error.strerror or error}.") from None
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _written(make_writer: Any, path: Path, target: Path, pages: Iterable[tuple[ArchivedPage, bytes]]) -> Draft:
    count = 0
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "w+b") as file:
        writer = make_writer(file, gzip=True)
        writer.write_record(writer.create_warcinfo_record(target.name, _INFO))
        for page, body in pages:
            writer.write_record(_record(writer, page, body))
            count += 1
        file.flush()
        os.fsync(file.fileno())
        return Draft(path, target, count, _sha256(file))


def _record(writer: Any, page: ArchivedPage, body: bytes) -> Any:
    from warcio.statusandheaders import StatusAndHeaders

    headers = [(name.title(), value) for name, value in page.headers.items()]
    headers.append(("Content-Length", str(len(body))))
    moment = page.fetched_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return writer.create_warc_record(
        page.url,
        "response",
        payload=BytesIO(body),
        length=len(body),
        http_headers=StatusAndHeaders(_status_line(page.status), headers, protocol="HTTP/1.1"),
        # With its own digest warcio would copy every body twice and leave one copy open.
        warc_headers_dict={"WARC-Date": moment, "WARC-Payload-Digest": f"sha256:{_base32(page.sha256)}"},
    )


def _base32(sha256: str) -> str:
    return base64.b32encode(bytes.fromhex(sha256)).decode("ascii")


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _sha256(file: BufferedRandom) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _taken(target: Path) -> InputError:
    return InputError(f"The file {target} is there already.", hint="Name another one; nothing is written over.")


def _writer_class() -> Any:
    try:
        from warcio.warcwriter import WARCWriter
    except ModuleNotFoundError:
        raise MissingExtraError(
            "Writing a WARC file needs the package warcio.", hint="Install it with: pip install 'waspada[warc]'"
        ) from None
    return WARCWriter
