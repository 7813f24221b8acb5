"""Exports of the alerts that fit, as files, for a purpose that stands in the audit log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Query
from starlette.responses import Response, StreamingResponse

from api import exports
from api.auth import Caller, NeedsPurpose, audited
from api.context import Context, Ctx
from api.v1.alerts import search_detail
from api.v1.params import AlertChoices
from api.v1.routing import problems, router
from waspada.access.types import Action
from waspada.alerts import repository
from waspada.alerts.types import AlertFilter, AlertSummary
from waspada.audit import AuditAction
from waspada.audit.types import Detail

routes = router("exports")
Exporter = Annotated[Caller, Depends(NeedsPurpose(Action.EXPORT))]
Choices = Annotated[AlertChoices, Query()]


_TEXT: dict[str, object] = {"type": "string"}
_FEATURES: dict[str, object] = {
    "type": "object",
    "required": ["type", "features", "cut"],
    "properties": {
        "type": {"const": "FeatureCollection"},
        "features": {"type": "array", "items": {"type": "object"}},
        "cut": {"type": "boolean"},
    },
}


def _file(media_type: str, schema: dict[str, object], words: str) -> dict[int | str, dict[str, object]]:
    content = {media_type: {"schema": schema}}
    return {**problems(404, 428), 200: {"description": words, "content": content}}


@routes.get(
    "/alerts/export.csv", response_class=Response, responses=_file("text/csv", _TEXT, "UTF-8 with a byte order mark")
)
def export_csv(ctx: Ctx, caller: Exporter, params: Choices) -> Response:
    """The alerts that fit, best first, as a table for spreadsheets: at most 5,000, and a last line says so where there
    are more. No cell is a formula. Needs a purpose (`X-Purpose`)."""
    return export_audited(ctx, caller, params.as_filter(caller.identity.region, caller.name), exports.CSV)


@routes.get(
    "/alerts/export.geojson",
    response_class=Response,
    responses=_file("application/geo+json", _FEATURES, "A FeatureCollection; `cut` is true where there are more"),
)
def export_geojson(ctx: Ctx, caller: Exporter, params: Choices) -> Response:
    """The same for maps (RFC 7946). A point is the seat of the kabupaten or kota, and the Kemendagri codes stand beside
    it. Needs a purpose (`X-Purpose`)."""
    return export_audited(ctx, caller, params.as_filter(caller.identity.region, caller.name), exports.GEOJSON)


def export_audited(ctx: Context, caller: Caller, wanted: AlertFilter, format: exports.Format) -> Response:
    """What is in the file is fixed and written to the audit log before its first byte leaves."""
    with ctx.store.read() as session:
        ids = list(repository.ranked_ids(session, wanted, at_most=exports.MOST_ROWS + 1))
    cut = exports.MOST_ROWS if len(ids) > exports.MOST_ROWS else None
    ids = ids[: exports.MOST_ROWS]
    detail: Detail = {
        **search_detail(wanted, len(ids)),
        "format": format.name,
        "cut": cut is not None,
        "alerts": ids,  # all that leave, `MOST_ROWS` at most: an erasure looks here for who has them
    }
    audited(ctx, caller, AuditAction.EXPORTED, "alerts", detail)
    link = ctx.settings.link("").rstrip("/")
    pieces = exports.csv_lines if format is exports.CSV else exports.geojson
    name = format.file_name(f"{ctx.clock():%Y%m%d-%H%M}")
    return StreamingResponse(
        pieces(_read(ctx, ids, wanted.within), link=link, cut=cut),
        media_type=format.media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"},
    )


def _read(ctx: Context, ids: list[int], within: str | None) -> Iterator[AlertSummary]:
    """In batches, so that neither the memory nor a transaction grows with the file."""
    for batch in exports.batches(ids):
        with ctx.store.read() as session:
            found = repository.by_ids(session, batch, within=within)
        yield from found
