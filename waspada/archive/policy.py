"""Deciding about the archive, without doing anything: names of files, what goes, what stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from waspada.archive.types import StoredFile

#: A file younger than this may belong to a page whose row is just being written.
UNSETTLED = timedelta(hours=1)
#: A purge brings the archive down to this share of its ceiling, so that the newest pages find room.
KEPT_SHARE = 0.9
#: What is kept of an answer's headers: how to read the body, and how the server tells versions apart.
HEADERS = ("content-type", "etag", "last-modified")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ASIDE = re.compile(rf"({_SHA256.pattern})\.[0-9a-f]+")


def file_name(sha256: str) -> str:
    """ "ab/abcdef....gz". Raises ValueError for what is no SHA-256: it must never lead out of the folder."""
    if not _SHA256.fullmatch(sha256):
        raise ValueError("not a SHA-256 in hex digits")
    return f"{sha256[:2]}/{sha256}.gz"


def sha256_of(name: str) -> str | None:
    """The content that a file of this name holds, or None."""
    stem, _, ending = name.partition(".")
    return stem if ending == "gz" and _SHA256.fullmatch(stem) else None


def sha256_of_aside(name: str) -> str | None:
    """The content that a file kept aside under this name should have held, or None."""
    found = _ASIDE.fullmatch(name)
    return found[1] if found else None


def headers_that_matter(headers: Mapping[str, str | None]) -> dict[str, str]:
    """Those of `HEADERS` that are there, in small letters."""
    lower = {name.lower(): value for name, value in headers.items() if value}
    return {name: lower[name][:500] for name in HEADERS if name in lower}


def beyond_ceiling(newest_first: Iterable[tuple[int, str, int]], max_bytes: int) -> list[int]:
    """Which pages, of (id, sha256, stored_bytes), go so that no more than `KEPT_SHARE` of the ceiling is left.

    A page that would reach over the ceiling is refused, so that an archive is full before it reaches the ceiling
    itself. One content counts once, however many pages share it.
    """
    pages = list(newest_first)
    sizes = {sha256: size for _, sha256, size in pages}
    room = KEPT_SHARE * max_bytes
    if sum(sizes.values()) <= room:
        return []
    kept: set[str] = set()
    going: list[int] = []
    for id_, sha256, size in pages:
        if sha256 in kept:
            continue
        if not going and size <= room:
            kept.add(sha256)
            room -= size
        else:
            going.append(id_)
    return going


def is_left_over(file: StoredFile, is_known: bool, now: datetime, keep_for: timedelta) -> bool:
    """Whether nothing needs the file any more: a draft of a killed writer, a body without a page, an old one aside.

    What was kept aside of a page goes with the page: somebody may have asked for its erasure.
    """
    age = now - file.changed_at
    if file.is_draft:
        return age > UNSETTLED
    if file.is_aside:
        return age > keep_for or (file.sha256 is not None and not is_known)
    return not is_known and age > UNSETTLED
