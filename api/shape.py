"""From what the store says to the documents of the API. Every text of content passes `waspada.alerts.exits` here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC
from typing import Any

from api import schemas
from waspada import places
from waspada.access.types import Token, User
from waspada.alerts.compare import Comparison
from waspada.alerts.exits import Masked, Span, mask, masked
from waspada.alerts.types import (
    AlertDetail,
    AlertEventView,
    AlertState,
    AlertSummary,
    EvidenceView,
    ItemView,
    VersionView,
)
from waspada.audit import AuditEntry
from waspada.claims.types import CheckView, MatchEventView, MatchView
from waspada.claims.verdicts import standing
from waspada.claims.wording import line_of_alert
from waspada.items.diff import Difference, Piece, Wording, difference
from waspada.notify.types import NoticeView, ShiftView, SilenceView
from waspada.sources.types import WORKING_STATES, Reach, RegionCoverage, RegionSource, SourceHealth
from waspada.stories.edits import StoryEdit, StoryEdited
from waspada.stories.headlines import HeadlineVersion
from waspada.taxonomy import ItemKind
from waspada.topics.types import ItemAnswered, StoredHead, Topic, TopicItem


def alert(view: AlertSummary) -> schemas.AlertOut:
    return schemas.AlertOut(**_alert_fields(view))


def alert_detail(view: AlertDetail) -> schemas.AlertDetailOut:
    return schemas.AlertDetailOut(
        **_alert_fields(view.summary),
        items=[item(member) for member in view.items],
        history=[event(line) for line in view.history],
        claim_line=claim_line(view),
        claims=[match(one) for one in view.claims],
    )


def claim_line(view: AlertDetail) -> str:
    return mask(line_of_alert({view.summary.label, *view.summary.labels}, view.claims))


def match(view: MatchView) -> schemas.MatchOut:
    return schemas.MatchOut(**_match_fields(view))


def match_detail(view: MatchView, history: Sequence[MatchEventView]) -> schemas.MatchDetailOut:
    return schemas.MatchDetailOut(**_match_fields(view), history=[_match_event(line) for line in history])


def _match_fields(view: MatchView) -> dict[str, object]:
    names = ("id", "item_id", "state", "origin", "score", "actor", "at", "model", "revision")
    return {
        **{name: getattr(view, name) for name in names},
        "reason": mask(view.reason),
        "fact_check": fact_check(view.check),
    }


def _match_event(line: MatchEventView) -> schemas.MatchEventOut:
    return schemas.MatchEventOut(
        at=line.at,
        actor=line.actor,
        from_state=line.from_state,
        to_state=line.to_state,
        reason=mask(line.reason),
        score=line.score,
        model=line.model,
    )


def fact_check(view: CheckView) -> schemas.FactCheckOut:
    return schemas.FactCheckOut(
        id=view.id,
        claim=mask(view.claim),
        title=mask(view.title),
        verdict=mask(view.verdict),
        standing=standing(view.verdict),
        url=view.url,
        outlet=view.outlet,
        checked_on=view.checked_on,
        origin=view.origin,
        actor=view.actor,
        reason=mask(view.reason),
        revision=view.seq,
    )


def _alert_fields(view: AlertSummary) -> dict[str, object]:
    return {
        "id": view.id,
        "story_id": view.story_id,
        "state": view.state,
        "label": view.label,
        "level": view.level,
        "score": view.score,
        "parts": dict(view.parts),
        "limits": dict(view.limits),
        "notes": notes(view.notes),
        "weights_version": view.weights_version,
        "confidence": view.confidence,
        "labels": dict(view.labels),
        "headline": mask(view.headline),
        "why": mask(view.why),
        "verified": is_verified(view.state),
        "item_count": view.item_count,
        "outlet_count": view.outlet_count,
        "voice_count": view.voice_count,
        "opened_at": view.opened_at,
        "changed_at": view.changed_at,
        "last_item_at": view.last_item_at,
        "ranked_at": view.ranked_at,
        "reason": view.reason,
        "revision": view.revision,
        "exercise": view.exercise,
        "merged_into": view.merged_into,
        "places": [place(code) for code in view.regions],
        "topics": [schemas.TopicNameOut(id=one.id, title=mask(one.title)) for one in view.topics],
    }


def notes(said: Mapping[str, str]) -> dict[str, str]:
    """What stands behind the points of parts. A stage may carry a name: an operator writes the calendar."""
    return {part: mask(words) for part, words in said.items()}


def comparison(found: Comparison) -> schemas.ComparisonOut:
    """The sentences of a comparison are masked where they are made."""
    return schemas.ComparisonOut(
        upper=_compared(found.upper),
        lower=_compared(found.lower),
        difference=found.difference,
        sentence=found.sentence,
        parts=[
            schemas.PartDifferenceOut(
                part=one.part,
                upper=one.upper,
                lower=one.lower,
                difference=one.difference,
                notes=list(one.notes),
                sentence=one.sentence,
            )
            for one in found.parts
        ],
    )


def _compared(view: AlertSummary) -> schemas.ComparedOut:
    return schemas.ComparedOut(id=view.id, headline=mask(view.headline), level=view.level, score=view.score)


def is_verified(state: AlertState) -> bool:
    """ "Belum diverifikasi" is the default word: only a person's step changes it."""
    return state is AlertState.VERIFIED


def place(code: str) -> schemas.PlaceOut:
    """A code that the gazetteer does not know (any more) stands for itself."""
    found = places.place(code)
    return schemas.PlaceOut(code=code, name=found.name if found else code, level=found.level if found else "unknown")


def item(view: ItemView) -> schemas.ItemOut:
    return schemas.ItemOut(**_item_fields(view), versions=[version(one) for one in view.versions])


def item_detail(view: ItemView) -> schemas.ItemDetailOut:
    return schemas.ItemDetailOut(**_item_fields(view), versions=[full_version(one) for one in view.versions])


def _item_fields(view: ItemView) -> dict[str, object]:
    title, text = masked_fields(view)
    return {
        "id": view.id,
        "source_id": view.source_id,
        "story_id": view.story_id,
        "kind": view.kind,
        "outlet": view.outlet,
        "url": public_url(view),
        "title": title.text,
        "text": text.text,
        "lang": view.lang,
        "published_at": view.published_at,
        "found_at": view.found_at,
        "version": view.version,
        "how": view.how,
        "model": view.model,
        "labels": dict(view.labels),
        "conflict_level": view.conflict_level,
        "alert_level": view.alert_level,
        "evidence": evidence(view.evidence, view.title, "title") + evidence(view.evidence, view.text, "text"),
        "places": [schemas.PlaceOut(code=p.code, name=p.name, level=p.level) for p in view.places],
    }


def masked_fields(view: ItemView) -> tuple[Masked, Masked]:
    """Title and text of an item as they may leave, with their evidence found again in them."""
    title_spans = [Span(e.start, e.end) for e in view.evidence if e.field == "title"]
    text_spans = [Span(e.start, e.end) for e in view.evidence if e.field == "text"]
    return masked(view.title, title_spans), masked(view.text, text_spans)


def public_url(view: ItemView) -> str | None:
    """The address of an article on the web; none for posts, whose address names the author, nor for odd schemes."""
    is_web = view.url.lower().startswith(("https://", "http://"))
    return view.url if is_web and view.kind is not ItemKind.POST else None


def evidence(lines: Sequence[EvidenceView], text: str, field: str) -> list[schemas.EvidenceOut]:
    """The evidence of one field, as quotes of the masked text."""
    out: list[schemas.EvidenceOut] = []
    for line in lines:
        if line.field == field:
            safe = masked(text, [Span(line.start, line.end)])
            out.extend(
                schemas.EvidenceOut(label=line.label, field=field, sentence=quote, start=span.start, end=span.end)
                for span, quote in zip(safe.spans, safe.quotes(), strict=True)
            )
    return out


def version(view: VersionView) -> schemas.VersionOut:
    return schemas.VersionOut(version=view.version, title=mask(view.title), seen_at=view.seen_at)


def full_version(view: VersionView) -> schemas.FullVersionOut:
    return schemas.FullVersionOut(
        version=view.version, title=mask(view.title), seen_at=view.seen_at, text=mask(view.text)
    )


def item_versions(view: ItemView) -> schemas.ItemVersionsOut:
    return schemas.ItemVersionsOut(item_id=view.id, versions=[version(one) for one in view.versions])


def masked_difference(old: VersionView, new: VersionView) -> Difference:
    """What changed between two versions, compared as they may leave: a masked name is never told by its change."""
    return difference(Wording(mask(old.title), mask(old.text)), Wording(mask(new.title), mask(new.text)))


def version_diff(item_id: int, old: VersionView, new: VersionView) -> schemas.VersionDiffOut:
    found = masked_difference(old, new)
    return schemas.VersionDiffOut(
        item_id=item_id,
        old=version(old),
        new=version(new),
        summary=found.summary,
        changes=[
            schemas.ChangeOut(kind=one.kind, field=one.field, old=_pieces(one.old), new=_pieces(one.new))
            for one in found.changes
        ],
        left_out=found.left_out,
    )


def _pieces(pieces: Sequence[Piece]) -> list[schemas.PieceOut]:
    return [schemas.PieceOut(text=text, changed=changed) for text, changed in pieces]


def notice(view: NoticeView) -> schemas.NoticeOut:
    one, main = view.notice, (view.place or "")[:5]
    return schemas.NoticeOut(
        id=one.id,
        alert_id=one.alert_id,
        desk=view.desk,
        kind=one.kind,
        state=view.state,
        due_at=one.due_at,
        ready_at=one.ready_at,
        held_at=one.held_at,
        held_reason=one.held_reason,
        held_by=one.held_by,
        dropped_at=one.dropped_at,
        drop_reason=one.drop_reason,
        changes=list(one.changes),
        level=one.facts.level,
        labels=sorted(one.facts.labels),
        places=[place(code) for code in sorted(one.facts.places, key=lambda code: (code != main, code))],
        outlets=one.facts.outlets,
        label=view.label,
        headline=mask(view.headline),
        alert_state=view.alert_state,
    )


def shift(view: ShiftView) -> schemas.ShiftOut:
    return schemas.ShiftOut(
        desk=view.desk,
        start=view.shift.start.astimezone(UTC),
        end=view.shift.end.astimezone(UTC),
        cap=view.cap,
        used=view.used,
        held_by_label=dict(view.held_by_label),
        held=[notice(one) for one in view.held],
    )


def silence(view: SilenceView) -> schemas.SilenceOut:
    one = view.silence
    return schemas.SilenceOut(
        id=one.id,
        region=place(one.region),
        label=one.label,
        until=one.until,
        reason=mask(one.reason),
        actor=one.actor,
        at=one.at,
        ended_at=one.ended_at,
        ended_by=one.ended_by,
        active=view.is_active,
        holds=view.holds,
    )


def topic(view: Topic) -> schemas.TopicOut:
    return schemas.TopicOut(**_topic_fields(view))


def topic_detail(view: Topic, heads: Sequence[StoredHead]) -> schemas.TopicDetailOut:
    shown = [
        schemas.TopicHeadOut(version=one.version, model=one.model, used=one.used, at=one.at, **asdict(one.figures))
        for one in heads
    ]
    return schemas.TopicDetailOut(**_topic_fields(view), heads=shown)


def _topic_fields(view: Topic) -> dict[str, Any]:
    names = (
        "id",
        "threshold",
        "sampled",
        "model",
        "actor",
        "at",
        "off_at",
        "off_by",
        "failed_at",
        "tagged",
        "answers",
        "head",
    )
    return {
        **{name: getattr(view, name) for name in names},
        "title": mask(view.title),
        "description": mask(view.description),
        "examples": [mask(one) for one in view.examples],
        "places": [place(code) for code in view.places],
    }


def topic_item(view: TopicItem, of: ItemView) -> schemas.TopicItemOut:
    return schemas.TopicItemOut(
        item=item(of), score=view.score, how=view.how, fits=view.fits, actor=view.actor, revision=view.revision
    )


def answer(done: ItemAnswered) -> schemas.AnswerOut:
    return schemas.AnswerOut(**asdict(done))


def event(view: AlertEventView) -> schemas.EventOut:
    return schemas.EventOut(
        id=view.id,
        at=view.at,
        actor=view.actor,
        action=view.action,
        from_state=view.from_state,
        to_state=view.to_state,
        reason=view.reason,
        note=mask(view.note),
        detail=dict(view.detail),
    )


def headline(view: HeadlineVersion) -> schemas.HeadlineOut:
    return schemas.HeadlineOut(at=view.at, headline=mask(view.headline), item_id=view.item_id)


def story_edit(view: StoryEdit) -> schemas.StoryEditOut:
    return schemas.StoryEditOut(**_edit_fields(view))


def story_edited(done: StoryEdited) -> schemas.StoryEditedOut:
    return schemas.StoryEditedOut(**_edit_fields(done.edit), stayed=list(done.stayed))


def _edit_fields(view: StoryEdit) -> dict[str, Any]:
    return {
        "id": view.id,
        "at": view.at,
        "actor": view.actor,
        "kind": view.kind,
        "story_id": view.story_id,
        "into_id": view.into_id,
        "item_ids": list(view.item_ids),
        "reason": mask(view.reason),
        "undoes": view.undoes,
        "undone_by": view.undone_by,
    }


def audit_entry(entry: AuditEntry) -> schemas.AuditOut:
    return schemas.AuditOut(
        id=entry.id,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        object=entry.object,
        purpose=mask(entry.purpose),
        detail=dict(entry.detail),
        hash=entry.hash,
    )


def source_health(health: SourceHealth) -> schemas.SourceHealthOut:
    source, gap = health.source, health.usual_gap
    return schemas.SourceHealthOut(
        id=source.id,
        name=source.name,
        outlet=source.outlet,
        region=source.region,
        state=health.state,
        alarm=health.alarm,
        last_item_at=health.last_at,
        usual_gap_seconds=round(gap.total_seconds()) if gap else None,
        rings_at=health.rings_at,
        items_7_days=health.items_7_days,
        items_28_days=health.items_28_days,
    )


def coverage(found: RegionCoverage) -> schemas.RegionCoverageOut:
    near = [one for one in found.sources if one.reach is not Reach.COUNTRY or one.mentions.items_28_days]
    return schemas.RegionCoverageOut(
        region=place(found.region.code),
        state=found.state,
        last_item_at=found.last_at,
        items_7_days=found.items_7_days,
        items_28_days=found.items_28_days,
        source_count=len(found.sources),
        working_count=sum(one.health.state in WORKING_STATES for one in found.sources),
        sources=[_region_source(one) for one in near],
    )


def _region_source(found: RegionSource) -> schemas.RegionSourceOut:
    source, mentions = found.health.source, found.mentions
    return schemas.RegionSourceOut(
        id=source.id,
        name=source.name,
        outlet=source.outlet,
        reach=found.reach,
        state=found.health.state,
        last_item_at=mentions.last_at,
        items_7_days=mentions.items_7_days,
        items_28_days=mentions.items_28_days,
    )


def token(view: Token) -> schemas.TokenOut:
    return schemas.TokenOut(**_token_fields(view))


def issued_token(view: Token, secret: str) -> schemas.IssuedTokenOut:
    return schemas.IssuedTokenOut(**_token_fields(view), secret=secret)


def _token_fields(view: Token) -> dict[str, object]:
    names = ("id", "name", "scope", "created_at", "expires_at", "revoked_at", "last_used_at")
    return {name: getattr(view, name) for name in names}


def user(view: User) -> schemas.UserOut:
    return schemas.UserOut(
        name=view.name, role=view.role, region=view.region, active=view.active, created_at=view.created_at
    )
