"""From what the store says of items to the documents of the API."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from api import schemas
from waspada.alerts.exits import Masked, Span, mask, masked
from waspada.alerts.types import EvidenceView, ItemView, VersionView
from waspada.items.diff import Difference, Piece, Wording, difference
from waspada.taxonomy import ItemKind


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
        "report_state": view.report,
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
    """The address of an article on the web; none for posts, whose address names the author, nor for one that may lead
    elsewhere than it seems: an odd scheme, or a name before the host."""
    if view.kind is not ItemKind.ARTICLE:
        return None
    try:
        parts = urlsplit(view.url)
    except ValueError:
        return None
    is_plain = parts.scheme in ("https", "http") and bool(parts.hostname) and "@" not in parts.netloc
    return view.url if is_plain else None


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
