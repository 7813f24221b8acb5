"""Adding, listing and importing sources."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.clock import zone_of
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.sources import outlets, repository
from waspada.sources.types import NewSource, Source, SourceKind, SourceRole
from waspada.store.tables import SourceRow

MAX_URL = 2048
#: How far a source is trusted before anybody looked at it, by role and by how sure its address is (A to C).
RELIABILITY = {
    SourceRole.FACTCHECK: {"A": 0.9, "B": 0.85, "C": 0.8},
    SourceRole.OFFICIAL: {"A": 0.8, "B": 0.75, "C": 0.7},
    SourceRole.NEWS: {"A": 0.7, "B": 0.6, "C": 0.5},
    SourceRole.POST: {"A": 0.3, "B": 0.25, "C": 0.2},
}
TERMS = {
    SourceKind.RSS: "Public feed, offered for reading by programs; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.NEWS_SITEMAP: "Public sitemap, offered to crawlers; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.HTML: "Public listing page; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.MASTODON_RSS: "Public RSS of the instance; its rules apply; handles are never stored.",
}
_NOT_READ = " The outlet's terms have not been read by a person yet."
#: Words of the default list that say something else than a place.
_ROLE_WORDS = {"factcheck": SourceRole.FACTCHECK, "pemerintah": SourceRole.OFFICIAL}
_ABROAD = {"sarawak"}
_EVERYWHERE = {"", "nasional", "national"} | set(_ROLE_WORDS) | _ABROAD
_REQUIRED = ("id", "name", "url", "kind", "region", "tz", "tier")


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did: ids added, ids or addresses that were there before, and lines that could not be read."""

    added: list[str] = field(default_factory=list)
    known: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def add_source(session: Session, new: NewSource, now: datetime) -> str:
    """Adds a source, due at once, and returns its id.

    Raises InputError for a URL, zone or region that cannot be used, ConflictError for one that is there already.
    """
    new = _completed(new)
    if session.scalar(select(SourceRow.id).where(SourceRow.url == new.url)) is not None:
        raise ConflictError(f"The source {new.url} is in the list already.", hint="See `waspada sources list`.")
    if new.id and session.get(SourceRow, new.id) is not None:
        raise ConflictError(f"The source id {new.id!r} is taken.", hint="Choose another one.")
    source_id = new.id or _free_id(session, new)
    reliability = RELIABILITY[new.role][new.tier] if new.reliability is None else new.reliability
    session.add(
        SourceRow(
            id=source_id,
            name=new.name,
            outlet=new.outlet,
            url=new.url,
            kind=new.kind.value,
            role=new.role.value,
            region=new.region,
            zone=new.zone,
            tier=new.tier,
            verified=new.verified,
            enabled=new.enabled,
            reliability=reliability,
            terms=new.terms,
            selector=new.selector,
            added_at=now,
            next_poll_at=now,
        )
    )
    session.flush()
    return source_id


def add_sources(session: Session, sources: Sequence[NewSource], now: datetime) -> ImportReport:
    """Adds many; what is known already or cannot be used is reported and left out."""
    report = ImportReport()
    for new in sources:
        try:
            report.added.append(add_source(session, new, now))
        except ConflictError:
            report.known.append(new.id or new.url)
        except InputError as error:
            report.problems.append(str(error))
    return report


def import_defaults(session: Session, now: datetime, path: Path | None = None) -> ImportReport:
    """Adds the default sources (or those of the CSV file `path`), all unverified. Doing it twice changes nothing.

    Raises InputError when the file cannot be read.
    """
    return add_sources(session, read_default_sources(path), now)


def ensure_defaults(session: Session, now: datetime, path: Path | None = None) -> ImportReport:
    """Adds the default sources to a list that is empty; a list that somebody has edited is left as it is."""
    if session.scalar(select(SourceRow.id).limit(1)) is not None:
        return ImportReport()
    return import_defaults(session, now, path)


def read_default_sources(path: Path | None = None) -> list[NewSource]:
    """The rows of a CSV file with the columns id, name, url, kind, region, tz, tier. Raises InputError."""
    try:
        text = path.read_text("utf-8-sig") if path else _shipped_text()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The source list {path} cannot be read: {error}.", hint="It must be CSV in UTF-8.") from None
    rows = csv.DictReader(text.splitlines())
    missing = [name for name in _REQUIRED if name not in (rows.fieldnames or ())]
    if missing:
        raise InputError(
            f"The source list {path} lacks the columns {', '.join(missing)}.",
            hint=f"Its first line must be: {','.join(_REQUIRED)}",
        )
    return [_from_row(row) for row in rows]


def list_sources(session: Session) -> list[SourceRow]:
    return list(session.scalars(select(SourceRow).order_by(SourceRow.id)))


def find(session: Session, source_id: str) -> SourceRow:
    """Raises NotFoundError."""
    row = session.get(SourceRow, source_id)
    if row is None:
        raise NotFoundError(f"There is no source {source_id!r}.", hint="See `waspada sources list`.")
    return row


def chosen(session: Session, ids: Sequence[str] | None) -> list[Source]:
    """The enabled sources, or exactly the named ones. Raises NotFoundError for an unknown id."""
    for source_id in ids or ():
        find(session, source_id)
    return repository.enabled_sources(session, ids)


def set_enabled(session: Session, source_id: str, enabled: bool) -> None:
    """Switches a source on or off; one that is off is not polled, and its items stay. Raises NotFoundError."""
    find(session, source_id).enabled = enabled


def _shipped_text() -> str:
    return resources.files("waspada.sources").joinpath("data").joinpath("default_sources.csv").read_text("utf-8")


def _from_row(row: dict[str, str | None]) -> NewSource:
    value = {name: (row.get(name) or "").strip() for name in _REQUIRED}
    word = value["region"].lower()
    outlet = outlets.known_outlet(value["url"]) or re.sub(r"\s*\(.*?\)", "", value["name"])
    try:
        kind = SourceKind(value["kind"] or "rss")
    except ValueError:
        raise InputError(
            f"The source {value['id']!r} has the unknown kind {value['kind']!r}.",
            hint="Known kinds: " + ", ".join(SourceKind),
        ) from None
    return NewSource(
        url=value["url"],
        id=value["id"],
        name=value["name"],
        outlet=outlet,
        kind=kind,
        role=SourceRole.POST if kind is SourceKind.MASTODON_RSS else _ROLE_WORDS.get(word, SourceRole.NEWS),
        region=None if word in _EVERYWHERE else word,
        zone=value["tz"] or "WITA",
        tier=value["tier"] or "C",
        enabled=word not in _ABROAD,
    )


def _completed(new: NewSource) -> NewSource:
    url = new.url.strip()
    _check_url(url)
    zone_of(new.zone)
    tier = new.tier.upper()
    if tier not in ("A", "B", "C"):
        raise InputError(f"The tier {new.tier!r} of {url} is not known.", hint="Use A, B or C.")
    outlet = new.outlet.strip() or outlets.default_outlet(url)
    return replace(
        new,
        url=url,
        outlet=outlet,
        name=new.name.strip() or outlet or outlets.registrable_domain(url),
        region=_region(new.region),
        tier=tier,
        role=SourceRole.POST if new.kind is SourceKind.MASTODON_RSS else new.role,
        terms=new.terms or TERMS[new.kind] + _NOT_READ,
    )


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        parts.port  # noqa: B018 (raises for a port that is no number)
    except ValueError:
        usable = False
    if not usable or len(url) > MAX_URL or any(c.isspace() or ord(c) < 32 for c in url):
        raise InputError(
            f"{url[:200]!r} is not an address a source can have.",
            hint="Give an http or https URL without spaces or a password, at most 2,048 characters.",
        )


def _region(word: str | None) -> str | None:
    """The Kemendagri code for a code or a name; of "kalteng/kaltim" the first counts. None covers the whole country."""
    if word is None or word.strip().lower() in _EVERYWHERE:
        return None
    from waspada.places import resolve_region

    code = resolve_region(word.split("/")[0].strip())
    if code is None:
        raise InputError(
            f"The region {word!r} is not known.", hint="Use a Kemendagri code such as 63 or 63.71, or a name."
        )
    return code


def _free_id(session: Session, new: NewSource) -> str:
    stem = re.sub(r"[^a-z0-9]+", "-", (new.name or new.url).lower()).strip("-")[:60] or "source"
    number, candidate = 1, stem
    while session.get(SourceRow, candidate) is not None:
        number += 1
        candidate = f"{stem}-{number}"
    return candidate
