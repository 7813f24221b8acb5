"""Adding, listing and importing sources."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib import resources
from pathlib import Path
from urllib.parse import urlsplit

from cssselect import HTMLTranslator, SelectorError
from sqlalchemy import select
from sqlalchemy.orm import Session

from waspada.clock import DEFAULT_ZONE_NAME, zone_of
from waspada.errors import ConflictError, InputError, NotFoundError
from waspada.places.types import Place, PlaceLevel
from waspada.sources import coverage, health, hearing, outlets, policy, repository
from waspada.sources.addresses import check_address, is_account
from waspada.sources.terms import check_terms
from waspada.sources.types import (
    OWN_ROLES,
    POST_KINDS,
    SOURCE_ID,
    Fault,
    Mentions,
    NewSource,
    Notice,
    PollOutcome,
    RegionCoverage,
    Source,
    SourceHealth,
    SourceKind,
    SourceRole,
    SourceState,
)
from waspada.store.tables import SourceRow

MAX_URL = 2048
#: `/api/v1/sources/health` is an address of its own.
RESERVED_IDS = frozenset({"health"})
#: A look at all sources is good this long; the worker of `waspada run` takes one every hour.
KEPT_FOR = timedelta(hours=2)
#: Length of the code of a kabupaten or kota.
REGENCY_DEPTH = 5
#: How far a source is trusted before anybody looked at it, by role and by how sure its address is (A to C).
RELIABILITY = {
    SourceRole.FACTCHECK: {"A": 0.9, "B": 0.85, "C": 0.8},
    SourceRole.OFFICIAL: {"A": 0.8, "B": 0.75, "C": 0.7},
    SourceRole.NEWS: {"A": 0.7, "B": 0.6, "C": 0.5},
    SourceRole.POST: {"A": 0.3, "B": 0.25, "C": 0.2},
    SourceRole.EXERCISE: {"A": 0.5, "B": 0.5, "C": 0.5},
    SourceRole.REPORT: {"A": 0.5, "B": 0.5, "C": 0.5},
}
TERMS = {
    SourceKind.RSS: "Public feed, offered for reading by programs; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.NEWS_SITEMAP: "Public sitemap, offered to crawlers; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.HTML: "Public listing page; robots.txt obeyed; texts stay with the outlet.",
    SourceKind.MASTODON_RSS: "Public RSS of the instance; its rules apply; handles are never stored.",
    SourceKind.MASTODON: "Public API of the instance, read without an account; its rules apply; accounts that opted out"
    " of indexing and bots are left out; deletions are followed; handles are never stored.",
    SourceKind.BLUESKY: "Public Jetstream of Bluesky, offered to developers under its developer guidelines; only posts"
    " with the source's words; deletions are followed; handles are never stored.",
    SourceKind.YOUTUBE: "YouTube Data API with the operator's key, under the YouTube API Services terms and developer"
    " policies: kept 30 days at most; deletions are followed; handles are never stored.",
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
    if (known := known_source(session, new.url)) is not None:
        hint = f"Change it with: waspada sources set {known}"
        raise ConflictError(f"The source {new.url} is in the list already, as {known}.", hint=hint)
    if new.id and _is_taken(session, new.id):
        raise ConflictError(f"The source id {new.id!r} is taken.", hint="Choose another one.")
    source_id = new.id or _free_id(session, new)
    role = role_of(new)
    reliability = RELIABILITY[role][new.tier] if new.reliability is None else new.reliability
    session.add(
        SourceRow(
            id=source_id,
            name=new.name,
            outlet=new.outlet,
            url=new.url,
            kind=new.kind.value,
            role=role.value,
            region=new.region,
            zone=new.zone,
            tier=new.tier,
            verified=new.verified,
            enabled=new.enabled,
            reliability=reliability,
            terms=new.terms,
            selector=new.selector,
            listing_selector=new.listing_selector,
            added_at=now,
            next_poll_at=now,
        )
    )
    session.flush()
    return source_id


def add_sources(session: Session, sources: Sequence[NewSource], now: datetime) -> ImportReport:
    """Adds many; what is known already or cannot be used is reported and left out. An id that is taken by another
    address is made anew."""
    report = ImportReport()
    for new in sources:
        named = replace(new, id="") if new.id and _is_taken(session, new.id) else new
        try:
            report.added.append(add_source(session, named, now))
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
    """All sources in the order of their ids, without the program's own."""
    query = select(SourceRow).where(SourceRow.role.not_in(OWN_ROLES))
    return list(session.scalars(query.order_by(SourceRow.id)))


def known_source(session: Session, url: str) -> str | None:
    """The id of the source at this address, whatever its scheme, "www." and last slash; None where there is none."""
    bare = outlets.bare_address(url)
    alike = SourceRow.url.icontains(bare.partition("?")[0], autoescape=True)
    rows = session.execute(select(SourceRow.id, SourceRow.url).where(alike).order_by(SourceRow.id))
    return next((source_id for source_id, known in rows if outlets.bare_address(known) == bare), None)


def terms_of(kind: SourceKind) -> str:
    """The note on terms that a source of this kind gets when nobody writes another."""
    return TERMS[kind] + _NOT_READ


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


def change_source(
    session: Session,
    source_id: str,
    now: datetime,
    *,
    url: str | None = None,
    region: str | None = None,
    zone: str | None = None,
    selector: str | None = None,
    listing_selector: str | None = None,
) -> None:
    """Changes a source of the list: None leaves what is there, "" removes a selector.

    Another address or listing is read anew, as if nothing was known of it, as soon as any source may be. Raises
    NotFoundError, InputError, and ConflictError for an address that another source has.
    """
    row = find(session, source_id)
    if listing_selector and row.kind != SourceKind.HTML:
        raise InputError(f"The source {source_id} is no page of headlines, so that it has no links to select.")
    new = _completed(
        NewSource(
            url=row.url if url is None else url,
            kind=SourceKind(row.kind),
            role=SourceRole(row.role),
            region=row.region if region is None else region,
            zone=row.zone if zone is None else zone,
            selector=row.selector if selector is None else selector,
            listing_selector=row.listing_selector if listing_selector is None else listing_selector,
        )
    )
    known = known_source(session, new.url)
    if new.url != row.url and known not in (None, source_id):
        raise ConflictError(f"The source {new.url} is in the list already, as {known}.")
    listing = new.listing_selector or None
    if (new.url, listing) != (row.url, row.listing_selector):
        _forget_answers(row)
        row.parked, row.failures = False, 0.0
        soonest = timedelta(seconds=policy.MIN_INTERVAL_SECONDS)
        row.next_poll_at = max(now, row.last_poll_at + soonest) if row.last_poll_at else now
    row.verified = row.verified and new.url == row.url
    row.url, row.region, row.zone = new.url, new.region, new.zone
    row.selector, row.listing_selector = new.selector or None, listing


def _forget_answers(row: SourceRow) -> None:
    """They belong to the old address or listing: a page that is unchanged counts again."""
    row.etag = row.last_modified = row.body_sha256 = row.last_full_fetch_at = row.cursor = None


def set_terms(session: Session, source_id: str, terms: str) -> None:
    """Notes what a person read in the outlet's terms. Raises NotFoundError."""
    find(session, source_id).terms = terms


def put_off(session: Session, source_id: str, until: datetime) -> None:
    """A source that was not asked, since its site wants a pause: nothing of it counts as a poll."""
    row = find(session, source_id)
    row.next_poll_at = max(row.next_poll_at, until)


def note_check(row: SourceRow, outcome: PollOutcome, now: datetime, *, parks: bool) -> None:
    """Writes down what trying a source found (`waspada sources check --fix`).

    `parks` lets what failed be parked, which needs more than a server that stumbles: a source that is gone, refused or
    wrong, or one whose polls fail for a day already.
    """
    if outcome.is_good:
        row.verified = outcome.entries > 0
        if row.parked:
            row.parked, row.failures, row.next_poll_at = False, 0.0, now
    elif parks and not row.parked and (_is_lasting(outcome) or _fails_for_a_day(row, now)):
        row.verified = False
        row.parked, row.failures, row.next_poll_at = True, policy.PARK_AT, now + policy.PARKED_FOR


def _is_lasting(outcome: PollOutcome) -> bool:
    return outcome.state in (SourceState.GONE, SourceState.BLOCKED) or outcome.fault is Fault.HARD


def _fails_for_a_day(row: SourceRow, now: datetime) -> bool:
    return row.failures > 0 and now - (row.last_success_at or row.added_at) >= health.REACHED_FOR


def follow_move(session: Session, row: SourceRow, url: str) -> bool:
    """Writes the permanent address of a source that moved; False where it cannot be one, or is in the list."""
    try:
        check_url(url)
        check_address(SourceKind(row.kind), url, SourceRole(row.role))
    except InputError:
        return False
    if known_source(session, url) is not None:
        return False
    row.url = url
    _forget_answers(row)
    return True


def healths(session: Session, now: datetime, ids: Sequence[str] | None = None) -> list[SourceHealth]:
    """How the enabled sources (or exactly the named ones) stand with their own habit, in the order of their ids.

    As the last look found them (`jobs.watch`) where it is fresh; those that it does not know are judged now.
    """
    found = hearing.kept_health(session, now - KEPT_FOR, now, ids)
    known = {each.source.id for each in found}
    rest = [id_ for id_ in hearing.chosen_ids(session, ids) if id_ not in known] if found else ids
    found += _judged(session, now, rest) if rest is None or rest else ()
    return sorted(found, key=_id)


def judged(session: Session, now: datetime) -> list[SourceHealth]:
    """How all enabled sources stand now, in the order of their ids: reads the items of 56 days."""
    return sorted(_judged(session, now, None), key=_id)


def _judged(session: Session, now: datetime, ids: Sequence[str] | None) -> Iterator[SourceHealth]:
    """Without the hours that were judged: there are too many to keep."""
    for facts in hearing.facts(session, now - health.LOOK_BACK, now, ids):
        found = health.judge(facts, now)
        yield replace(found, source=replace(facts, hours=()))


def _id(found: SourceHealth) -> str:
    return found.source.id


def coverages(
    session: Session, found: Sequence[SourceHealth], regions: Sequence[Place], now: datetime, within: str = ""
) -> list[RegionCoverage]:
    """How well each of these regions, all of one level, can be heard through the sources `found`.

    `within` is a region that holds them all; it spares the database the rest of the country.
    """
    if not regions:
        return []
    is_kept = regions[0].level is PlaceLevel.REGENCY and hearing.is_kept(session, now - KEPT_FOR, now)
    depth = len(regions[0].code)
    named = hearing.kept_mentions(session, within) if is_kept else mentions(session, now, depth, within)
    return [coverage.cover(place, found, named.get(place.code, {})) for place in regions]


def mentions(
    session: Session, now: datetime, depth: int = REGENCY_DEPTH, within: str = ""
) -> dict[str, dict[str, Mentions]]:
    """By region and source: how many items of the last 7 and 28 days name places in it. Reads the items of 28 days."""
    return hearing.mentions(session, now - timedelta(days=28), now - timedelta(days=7), depth, within)


def last_asked(session: Session, now: datetime) -> datetime | None:
    """The desk's last poll of any source that is an hour old (`health.unasked_for`)."""
    return repository.last_poll(session, now - health.CUT_OFF_WITHIN)


def news(session: Session, found: Sequence[SourceHealth], now: datetime) -> list[Notice]:
    """What the operator was not told yet of these sources (all of the desk): that one fell silent, is parked, fails,
    refuses or is not asked. Nothing while the desk itself is cut off.

    Once noted (`repository.add_notice`), it is news again only after the source spoke (silent), answered (parked,
    failing) or had an article read (refused) in between.
    """
    if health.is_cut_off(each.source for each in found):
        return []
    told, asked_at = repository.last_notices(session), last_asked(session, now)
    notices = [notice for each in found if (notice := health.notice_of(each, now, asked_at))]
    return [notice for notice in notices if health.is_news(notice, told.get((notice.source_id, notice.kind)))]


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
        role=_ROLE_WORDS.get(word) or (SourceRole.POST if kind in POST_KINDS else SourceRole.NEWS),
        region=None if word in _EVERYWHERE else word,
        zone=value["tz"] or DEFAULT_ZONE_NAME,
        tier=value["tier"] or "C",
        enabled=word not in _ABROAD,
    )


def _completed(new: NewSource) -> NewSource:
    url = new.url.strip()
    check_url(url)
    check_address(new.kind, url, new.role)
    zone_of(new.zone)
    if new.role in OWN_ROLES:
        raise InputError(f"The role {new.role} is the program's own.", hint="Take news, official, factcheck or post.")
    if new.id and not re.fullmatch(SOURCE_ID, new.id):
        hint = "Use 1 to 80 letters, digits, dots, dashes, underscores and tildes."
        raise InputError(f"{new.id[:100]!r} is not an id that a source can have.", hint=hint)
    if new.reliability is not None and not 0 <= new.reliability <= 1:
        raise InputError(f"The reliability {new.reliability} of {url} is none.", hint="Use a number from 0 to 1.")
    for selector in filter(None, (new.selector, new.listing_selector)):
        check_selector(selector)
    tier = new.tier.upper()
    if tier not in ("A", "B", "C"):
        raise InputError(f"The tier {new.tier!r} of {url} is not known.", hint="Use A, B or C.")
    outlet = new.outlet.strip() or outlets.default_outlet(url)
    return replace(
        new,
        url=url,
        outlet=outlet,
        name=new.name.strip() or outlet or outlets.registrable_domain(url),
        region=region_code(new.region),
        tier=tier,
        terms=new.terms or terms_of(new.kind),
    )


def role_of(new: NewSource) -> SourceRole:
    """Who speaks: of public posts always the public, unless it is one account, of an institution."""
    if new.kind not in POST_KINDS:
        return new.role or SourceRole.NEWS
    is_named = new.kind is SourceKind.MASTODON_RSS and is_account(new.url)
    return (new.role if is_named else None) or SourceRole.POST


def check_url(url: str) -> None:
    """Raises InputError for what is no http(s) URL, and for a site whose terms forbid this use."""
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
    check_terms(url)


def check_selector(selector: str) -> None:
    """Raises InputError for what is no CSS selector: at the first poll it would only look like a bad page."""
    try:
        HTMLTranslator().css_to_xpath(selector)
    except (SelectorError, SyntaxError, RuntimeError) as error:
        raise InputError(
            f"{selector!r} is no CSS selector ({error}).", hint="Write one such as .daftar-berita or div.news h3 a."
        ) from None


def region_code(word: str | None) -> str | None:
    """The Kemendagri code for a code or a name; of "kalteng/kaltim" the first counts. None covers the whole country.

    Raises InputError.
    """
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
    while _is_taken(session, candidate):
        number += 1
        candidate = f"{stem}-{number}"
    return candidate


def _is_taken(session: Session, source_id: str) -> bool:
    return source_id in RESERVED_IDS or session.get(SourceRow, source_id) is not None
