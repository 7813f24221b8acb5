"""Making and writing a digest."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, select_autoescape
from sqlalchemy.orm import Session

from waspada.alerts import items, repository
from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.likelihood import confidence_words
from waspada.alerts.types import AlertFilter, AlertSummary, ItemView
from waspada.alerts.wording import COVERAGE_WORDS, LABEL_WORDS, LEVEL_WORDS, percent
from waspada.claims import repository as claims
from waspada.claims.wording import line_of_alert
from waspada.clock import day_bounds, utc_now
from waspada.corrections.repository import erased_alerts
from waspada.digests.policy import MIN_LEVEL, STATES, choose
from waspada.digests.types import Digest, DigestEntry
from waspada.errors import InputError
from waspada.places import full_name, is_within, place
from waspada.settings import Settings
from waspada.stops.repository import in_force

FORMATS = ("html", "text")
_MAX_ALERTS = 200

_templates = Environment(
    loader=PackageLoader("waspada.digests"),
    autoescape=select_autoescape(("html",)),
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    label_words=LABEL_WORDS,
    level_words=LEVEL_WORDS,
    percent=percent,
    coverage_words=COVERAGE_WORDS,
    confidence_words=confidence_words,
)


def make_digest(session: Session, region: str, day: date, settings: Settings) -> Digest:
    """The digest of a region (and all below it) for a day of the desk. Raises InputError for an unknown region."""
    where = place(region)
    if where is None:
        raise InputError(f"The region {region!r} is not known.", hint="Give a Kemendagri code such as 63 or 63.03.")
    start, end = day_bounds(day, settings.zone_info)
    wanted = AlertFilter(region=region, min_level=MIN_LEVEL, states=STATES, since=start, until=end)
    verified, others, held_back = choose(repository.search(session, wanted, limit=_MAX_ALERTS))
    return Digest(
        region=region,
        region_name=where.name,
        day=day,
        verified=[_entry(session, alert, settings) for alert in verified],
        unverified=[_entry(session, alert, settings) for alert in others],
        held_back=held_back,
        coverage=repository.coverage(session, region, min(end, utc_now())),
        erased=erased_alerts(session, region, start, end),
        stopped_since=_stopped_since(session, region),
    )


def render(digest: Digest, format: str, zone: ZoneInfo) -> str:
    """The digest as `html` or `text`. Raises InputError for another format."""
    if format not in FORMATS:
        raise InputError(f"The format {format!r} is not available.", hint=f"Use one of: {', '.join(FORMATS)}.")
    suffix = "html" if format == "html" else "txt"
    return _templates.get_template(f"daily.{suffix}").render(digest=digest, zone=zone).rstrip() + "\n"


def _stopped_since(session: Session, region: str) -> datetime | None:
    """Since when the collection is stopped for the whole region, by the oldest stop in force that holds all of it."""
    stops = (stop for stop in in_force(session) if stop.source_id is None)
    return next((stop.at for stop in stops if stop.region is None or is_within(region, stop.region)), None)


def _entry(session: Session, alert: AlertSummary, settings: Settings) -> DigestEntry:
    members = items.of_story(session, alert.story_id)
    return DigestEntry(
        alert=alert,
        headline=mask(alert.headline),
        quote=_quote(members, alert.label),
        place="; ".join(full_name(code) for code in alert.regions[:2]),
        outlets=sorted({member.outlet for member in members if member.outlet}),
        claim_line=mask(line_of_alert({alert.label, *alert.labels}, claims.of_story(session, alert.story_id))),
        link=f"http://{settings.host}:{settings.port}/alerts/{alert.id}",
    )


def _quote(members: list[ItemView], label: str) -> str:
    """The first sentence of the text that carries the label, masked; titles are shown as the headline already."""
    for member in members:
        for evidence in member.evidence:
            if evidence.label == label and evidence.field == "text":
                quotes = masked(member.text, [Span(evidence.start, evidence.end)]).quotes()
                if quotes:
                    return quotes[0].strip("\"'“”‘’ ")
    return ""
