"""The tree of regions, by Kemendagri code."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from api import schemas
from api.auth import Caller, Needs
from api.replies import json_reply
from api.v1.params import PlaceQuery, RegionCode, no_query
from api.v1.routing import READ, problems, router
from waspada import places
from waspada.access.types import Action
from waspada.errors import NotFoundError
from waspada.places.types import Place

routes = router("places")
Reader = Annotated[Caller, Depends(Needs(Action.READ_PLACES))]


@routes.get("/places", response_model=schemas.Page[schemas.PlaceOut], responses={**READ, **problems(404)})
def list_places(request: Request, caller: Reader, params: PlaceQuery) -> Response:  # noqa: ARG001
    """The provinces, or the regions right below `parent`."""
    if params.parent is not None:
        _known(params.parent)
    below = places.children(params.parent or "")
    return json_reply(request, schemas.Page[schemas.PlaceOut](data=[_out(place) for place in below]))


@routes.get(
    "/places/{code}",
    response_model=schemas.PlaceDetailOut,
    responses={**READ, **problems(404)},
    dependencies=[Depends(no_query)],
)
def read_place(request: Request, caller: Reader, code: RegionCode) -> Response:  # noqa: ARG001
    """One region in its tree: the way down to it, what lies right above and below, and the point of its seat."""
    found = _known(code)
    above, point = places.parent(code), places.points().get(places.regency_of(code) or "")
    return json_reply(
        request,
        schemas.PlaceDetailOut(
            code=code,
            name=found.name,
            level=found.level,
            path=[_out(step) for step in places.path(code)],
            parent=_out(above) if above is not None else None,
            children=[_out(child) for child in places.children(code)],
            point=schemas.Point(lat=point[0], lon=point[1]) if point is not None else None,
        ),
    )


def _known(code: str) -> Place:
    found = places.place(code)
    if found is None:
        raise NotFoundError(f"There is no region {code}.", hint="/api/v1/places lists the provinces.")
    return found


def _out(place: Place) -> schemas.PlaceOut:
    return schemas.PlaceOut(code=place.code, name=place.name, level=place.level)
