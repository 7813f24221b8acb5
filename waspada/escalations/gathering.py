"""What is known of an alert when it is reported: read from the store, masked on the way."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from waspada.alerts import items
from waspada.alerts import repository as alerts
from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.types import AlertState, AlertSummary, ItemView
from waspada.claims import repository as claims
from waspada.claims.wording import line_of_alert
from waspada.escalations import repository
from waspada.escalations.types import Quote, ReportFacts
from waspada.reports import repository as reports
from waspada.reports.types import NO_REPORTS
from waspada.taxonomy import ItemKind, TextField

#: So many sentences are quoted, of one outlet at most two: a report is no copy of the news.
MOST_QUOTES = 4
MOST_OF_AN_OUTLET = 2
MOST_QUOTE_CHARACTERS = 400
_ITEMS_READ = 50


def facts_of(session: Session, alert_id: int, *, within: str | None = None) -> ReportFacts:
    """The facts of an alert as they may leave. Raises NotFoundError.

    Only articles are quoted: public posts are an aggregate (design, rule 4), and nobody's words; of field reports their
    number is told, and how they stand.
    """
    found = alerts.summary(session, alert_id, within=within)
    members = items.of_story(session, found.story_id, limit=_ITEMS_READ)
    articles = [member for member in members if member.kind is ItemKind.ARTICLE]
    official = repository.official_sources(session, {member.source_id for member in articles})
    return ReportFacts(
        alert_id=found.id,
        story_id=found.story_id,
        revision=found.revision,
        state=found.state.value,
        label=found.label,
        labels=sorted(found.labels),
        level=found.level,
        confidence=found.confidence,
        stage_share=_stage_share(found),
        headline=mask(found.headline),
        why=mask(found.why),
        regions=list(found.regions),
        outlets=_outlets(articles),
        outlet_count=found.outlet_count,
        voices=found.voice_count,
        has_official=bool(official),
        quotes=_quotes(articles, [found.label, *found.labels]),
        field_reports=reports.counts_of_stories(session, [found.story_id]).get(found.story_id, NO_REPORTS),
        claim_line=mask(line_of_alert({found.label, *found.labels}, claims.of_story(session, found.story_id))),
        opened_at=found.opened_at,
        last_item_at=found.last_item_at,
        verified_at=repository.reached_at(session, alert_id, AlertState.VERIFIED),
        exercise=found.exercise,
        reason=found.reason,
    )


def _stage_share(found: AlertSummary) -> float:
    limit = found.limits.get("stage", 0.0)
    return max(0.0, min(1.0, found.parts.get("stage", 0.0) / limit)) if limit else 0.0


def _outlets(articles: Sequence[ItemView]) -> list[tuple[str, int]]:
    counts: dict[str, int] = {}
    for one in articles:
        counts[one.outlet] = counts.get(one.outlet, 0) + 1
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))


def _quotes(articles: Sequence[ItemView], labels: Sequence[str]) -> list[Quote]:
    """The sentences that carry the main label before the others, each once, the oldest report first."""
    found: list[Quote] = []
    said: set[str] = set()
    for label in dict.fromkeys(labels):
        for article in reversed(articles):
            for text in _sentences(article, label):
                of_outlet = sum(one.outlet == article.outlet for one in found)
                if text in said or of_outlet >= MOST_OF_AN_OUTLET or len(found) >= MOST_QUOTES:
                    continue
                said.add(text)
                found.append(Quote(text, article.outlet, article.at, _url(article)))
    return found


def _sentences(article: ItemView, label: str) -> list[str]:
    spans = [
        Span(line.start, line.end) for line in article.evidence if line.label == label and line.field == TextField.TEXT
    ]
    quotes = masked(article.text, spans).quotes() if spans else []
    return [_short(" ".join(quote.split())) for quote in quotes if quote.strip()]


def _short(text: str) -> str:
    plain = text.strip("\"'“”‘’ ")
    return plain if len(plain) <= MOST_QUOTE_CHARACTERS else f"{plain[:MOST_QUOTE_CHARACTERS].rstrip()} …"


def _url(article: ItemView) -> str | None:
    """An address whose words name somebody would say what masking hides."""
    is_web = article.url.lower().startswith(("https://", "http://")) and article.url.isprintable()
    words = article.url.replace("-", " ").replace("_", " ").replace("/", " ").title()
    return article.url if is_web and len(article.url) <= 300 and mask(words) == words else None
