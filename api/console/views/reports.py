"""The map of the recapitulation of field reports: the bubbles of the alert map, with the number of reports."""

from __future__ import annotations

from api.console.views.map import Picture, picture
from waspada import places
from waspada.overview.areas import area_of
from waspada.overview.types import AlertMap, RegionOnMap
from waspada.reports.types import Recap
from waspada.sources.types import CoverageState


def recap_picture(found: Recap) -> Picture | None:
    """None below a province: only kabupaten and kota have a point."""
    if len(found.region) != 2:
        return None
    counts = {row.key: row.total for row in found.by_region}
    points = places.points()
    area = area_of(found.region, None)
    regions = [
        RegionOnMap(one, points[one.code], (counts.get(one.code, 0), 0, 0, 0), CoverageState.COVERED)
        for one in area.regions
    ]
    return picture(AlertMap(area, regions, found.total, 0))
