"""Documents of places."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Document


class PlaceOut(Document):
    code: str = Field(description="Kemendagri code.", examples=["63.71"])
    name: str = Field(examples=["Kota Banjarmasin"])
    level: str = Field(examples=["regency"])


class Point(Document):
    """Degrees, WGS 84."""

    lat: float = Field(ge=-90, le=90, examples=[-3.32])
    lon: float = Field(ge=-180, le=180, examples=[114.59])


class PlaceDetailOut(PlaceOut):
    """A region in its tree. Lists with `region={code}` hold what belongs to the region and to all below it."""

    path: list[PlaceOut] = Field(description="From the province down to the place itself.")
    parent: PlaceOut | None = Field(description="The region right above; null for a province.")
    children: list[PlaceOut] = Field(description="The regions right below, in code order; empty for a desa/kelurahan.")
    point: Point | None = Field(description="The seat of its kabupaten/kota; null for a province.")
