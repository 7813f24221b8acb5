"""`waspada sources add URL`: looks what stands at an address, shows it, asks, and adds the best of it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import typer
from rich.markup import escape
from rich.table import Table

from crawler.process import discover
from crawler.types import Candidate, Discovery, Form, Progress
from waspada.cli.common import messages, progress_bar, results
from waspada.clock import utc_now, zone_of
from waspada.errors import ConflictError, InputError
from waspada.places import path
from waspada.settings import Settings
from waspada.sources import service
from waspada.sources.addresses import check_address
from waspada.sources.types import API_KINDS, POST_KINDS, NewSource, SourceRole
from waspada.store import Store

#: Failed attempts that are told when nothing was found.
_TOLD = 12


@dataclass(frozen=True, slots=True)
class Given:
    """What the user said of the source; it wins over what is found. Empty and None mean: not said."""

    name: str = ""
    outlet: str = ""
    role: SourceRole | None = None
    region: str | None = None
    zone: str | None = None
    listing_selector: str | None = None


def add_found(settings: Settings, store: Store, url: str, given: Given, *, pick: int | None, yes: bool) -> str:
    """Looks, shows, asks and adds; returns the id of the new source.

    Raises InputError and ConflictError with the next step; typer.Exit(1) when nobody agreed.
    """
    region = service.region_code(given.region)
    if given.zone is not None:
        zone_of(given.zone)
    service.check_url(with_scheme(url))
    _refuse_known(store, url)
    found = _look(settings, url, region)
    known = _known(store, found)
    if found.candidates:
        results.print(_candidates_table(found, known))
    if not found.usable:
        raise _nothing(url, found)
    candidate = _picked(found, known, pick)
    new = _new_source(found, candidate, given)
    check_address(new.kind, new.url, new.role)
    results.print(_source_table(found, new, given))
    _agree(new, yes)
    return store.retrying(lambda session: service.add_source(session, new, utc_now()))


def is_asked() -> bool:
    """Whether somebody sits at a terminal who can be asked."""
    return sys.stdin.isatty()


def _look(settings: Settings, url: str, region: str | None) -> Discovery:
    with progress_bar() as bar:
        task = bar.add_task("Mencari umpan", total=None)

        def show(at: Progress) -> None:
            bar.update(task, completed=at.pages_done, total=at.pages_total)

        return discover(settings, url, region=region, progress=show)


def with_scheme(url: str) -> str:
    """The address as a browser takes what somebody types."""
    return url if "://" in url else f"https://{url}"


def _refuse_known(store: Store, url: str) -> None:
    with store.read() as session:
        source_id = service.known_source(session, with_scheme(url))
    if source_id is not None:
        raise ConflictError(
            f"{url} is in the list already, as {source_id}.", hint=f"Change it with: waspada sources set {source_id}"
        )


def _known(store: Store, found: Discovery) -> dict[str, str]:
    """Candidates that are in the list already: address -> id."""
    with store.read() as session:
        ids = {each.url: service.known_source(session, each.url) for each in found.candidates}
    return {url: source_id for url, source_id in ids.items() if source_id is not None}


def _picked(found: Discovery, known: Mapping[str, str], pick: int | None) -> Candidate:
    """Number `pick` of the usable candidates, else the first; not one that is in the list already."""
    if pick is not None and pick > len(found.usable):
        raise InputError(f"There is no number {pick}.", hint=f"Choose from 1 to {len(found.usable)}.")
    candidate = found.usable[(pick or 1) - 1]
    if pick is None and candidate.foreign:
        raise InputError(
            f"Only feeds of other sites were found at {found.url}.",
            hint="`--pick 1` takes the first; or give the site's own feed with `--kind rss`.",
        )
    if candidate.url in known:
        rest = [(number, each) for number, each in enumerate(found.usable, 1) if each.url not in known]
        others = [number for number, each in rest if not each.foreign]
        hint = f"`--pick {others[0]}` takes the next one." if others else "Nothing else was found to follow there."
        raise ConflictError(f"{candidate.url} is in the list already, as {known[candidate.url]}.", hint=hint)
    return candidate


def _new_source(found: Discovery, candidate: Candidate, given: Given) -> NewSource:
    outlet, of_posts = given.outlet or found.outlet, candidate.kind in POST_KINDS
    if given.listing_selector is not None and candidate.form is not Form.LISTING:
        raise InputError(
            f"`--listing-selector` is for a page of headlines, and {candidate.url} is none.",
            hint="Take one of the headlines found with `--pick`, or give the page with `--kind html`.",
        )
    return NewSource(
        url=candidate.url,
        name=given.name or outlet,
        outlet="" if of_posts and not given.outlet else outlet,
        kind=candidate.kind,
        role=given.role or (SourceRole.POST if of_posts else found.home.role),
        region=found.home.region if given.region is None else service.region_code(given.region),
        zone=given.zone or found.home.zone,
        verified=candidate.kind not in API_KINDS,  # it was read a moment ago, and had entries
        terms=service.terms_of(candidate.kind),
        listing_selector=given.listing_selector,
    )


def _agree(new: NewSource, yes: bool) -> None:
    if yes:
        return
    if not is_asked():
        messages.print("Nothing was added: there is no terminal to ask at. Add it with `--yes`.", soft_wrap=True)
        raise typer.Exit(1)
    if not typer.confirm(f"Add {new.url}?", err=True):
        messages.print("Nothing was added.")
        raise typer.Exit(1)


def _nothing(url: str, found: Discovery) -> InputError:
    tried = "; ".join(f"{each.url}: {each.came}" for each in found.attempts[:_TOLD])
    told = f" Tried: {tried}." if len(found.attempts) > 1 else ""
    return InputError(
        f"Nothing to follow was found at {url}: {found.problem.rstrip('.')}.{told}",
        hint="Check the address in a browser. If you know a feed, give it with `--kind rss`; a page of headlines with"
        " `--kind html`; public posts with `--kind mastodon`, `bluesky` or `youtube`.",
    )


def _candidates_table(found: Discovery, known: Mapping[str, str]) -> Table:
    table = Table(title=f"{len(found.usable)} to follow, {found.requests} requests")
    table.add_column("no.", justify="right")
    table.add_column("address", overflow="fold")
    for column in ("what", "kind"):
        table.add_column(column)
    table.add_column("entries", justify="right")
    table.add_column("newest")
    table.add_column("note")
    numbers = {id(each): str(number) for number, each in enumerate(found.usable, 1)}
    for each in found.candidates:
        newest = f"{each.newest:%Y-%m-%d %H:%M}Z" if each.newest else ""
        listed = f"in the list as {known[each.url]}" if each.url in known else ""
        note = "; ".join(filter(None, (listed, each.note)))
        kind = each.kind.value if each.is_usable else ""
        cells = (each.url, each.form.value, kind, str(each.entries), newest, note)
        table.add_row(numbers.get(id(each), ""), *map(escape, cells))
    return table


def _source_table(found: Discovery, new: NewSource, given: Given) -> Table:
    """What would be added, each line with the reason it was believed."""
    home = found.home
    where = ", ".join(place.name for place in reversed(path(new.region))) if new.region else "the whole country"
    said: Callable[[object, str], str] = lambda option, why: "given" if option else why  # noqa: E731
    rows = (
        ("address", new.url, ""),
        ("outlet", new.outlet or "each page names its own", said(given.outlet, "")),
        ("region", f"{new.region} {where}" if new.region else where, said(given.region, home.region_why)),
        ("zone", new.zone, said(given.zone, home.zone_why)),
        ("role", new.role.value if new.role else "", said(given.role, home.role_why)),
        ("terms", new.terms, ""),
    )
    table = Table("", "found", "why", title="Source")
    for row in rows:
        table.add_row(*map(escape, row))
    return table
