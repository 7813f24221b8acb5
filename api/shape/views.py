"""From what the store says of saved views to the documents of the API."""

from __future__ import annotations

from api import schemas
from api.shape.places import place
from waspada.alerts.exits import mask
from waspada.views.service import MOST_NEW
from waspada.views.types import View


def saved_view(one: View) -> schemas.ViewOut:
    chosen = one.filter
    return schemas.ViewOut(
        id=one.id,
        title=mask(one.title),
        owner=one.owner,
        shared=one.shared,
        region=place(chosen.region) if chosen.region else None,
        label=chosen.label,
        min_level=chosen.min_level,
        state=chosen.state,
        period=chosen.period,
        topic=chosen.topic,
        mine=chosen.mine,
        created_at=one.created_at,
        new=min(one.new, MOST_NEW + 1),
        atom=f"/api/v1/views/{one.id}/feed.atom",
        json_feed=f"/api/v1/views/{one.id}/feed.json",
    )
