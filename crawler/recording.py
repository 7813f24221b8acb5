"""Pages kept as tests: NAME.html as it was served, and NAME.expected.json with what is in it.

`waspada extract FILE.html --url URL --record DIR` writes both from what was extracted; a person corrects the second.
The pages of others are for one's own desk: they are never committed to this repository.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from crawler.extraction import Extracted
from waspada.clock import utc_now, zone_of
from waspada.errors import ConflictError, InputError


@dataclass(frozen=True, slots=True)
class Recorded:
    """A page and its expectation. `published_at` is aware UTC or None; `zone` holds for times without one.

    `recorded_at` (aware UTC) is the "now" that its times are judged by; None, of an older expectation, is this moment.
    """

    name: str
    url: str
    body: bytes
    title: str
    text: str
    published_at: datetime | None
    section: str | None
    is_article: bool
    zone: ZoneInfo
    recorded_at: datetime | None = None


def record_page(
    folder: Path, name: str, body: bytes, found: Extracted, zone: ZoneInfo, *, recorded_at: datetime | None = None
) -> Path:
    """Writes both files and returns the path of the expectation. `recorded_at` is now unless it is given.

    Raises ConflictError where one of them exists, InputError where the folder cannot be written.
    """
    page, expected = folder / f"{name}.html", folder / f"{name}.expected.json"
    when = (recorded_at or utc_now()).isoformat()
    data = {**found.as_contract(), "section": found.section, "zone": str(zone), "recorded_at": when}
    there = next((path for path in (page, expected) if path.exists()), None)
    if there is not None:
        raise ConflictError(
            f"The file {there} exists already; nothing was written.",
            hint="Name the page otherwise, or remove both files first.",
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        page.write_bytes(body)
        expected.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise InputError(f"The folder {folder} cannot be written: {error.strerror}.") from None
    return expected


def recorded_pages(folder: Path) -> list[Recorded]:
    """The pages recorded in a folder, by name. Raises InputError for an expectation that cannot be read."""
    return [_read(path) for path in sorted(folder.glob("*.expected.json"))]


def _read(path: Path) -> Recorded:
    try:
        data = json.loads(path.read_text("utf-8"))
        return Recorded(
            name=path.name.removesuffix(".expected.json"),
            url=data["url"],
            body=path.with_name(path.name.replace(".expected.json", ".html")).read_bytes(),
            title=data["title"],
            text=data["text"],
            published_at=_moment(data["published_at"]),
            section=data.get("section"),
            is_article=data["is_article"],
            zone=zone_of(data.get("zone")),
            recorded_at=_moment(data.get("recorded_at")),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"The recorded page {path} cannot be read ({type(error).__name__}: {error}).",
            hint="It needs NAME.html beside it and the fields of `waspada extract`.",
        ) from None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
