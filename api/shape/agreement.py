"""From what the store says of agreement and suspects to the documents of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from api import schemas
from waspada.alerts.exits import mask
from waspada.labels.agreement import Agreement, FieldAgreement, Following
from waspada.labels.suspects import Suspected


def agreement(found: Agreement, following: Sequence[Following]) -> schemas.AgreementOut:
    """How many accounts there are is left out: of two, a figure is about either."""
    return schemas.AgreementOut(
        fields=_fields(found.fields),
        weeks=[schemas.AgreementWeekOut(name=week.name, fields=_fields(week.fields)) for week in found.weeks],
        following=[schemas.FollowingOut(**asdict(one)) for one in following],
    )


def suspects(found: Suspected | None, titles: Mapping[int, str]) -> schemas.SuspectsOut:
    """`titles` by item are those that the reader may see, unmasked; the others are left out."""
    if found is None:
        return schemas.SuspectsOut(model=None, at=None, data=[])
    data = [
        schemas.SuspectOut(**asdict(one), title=mask(titles[one.item_id]))
        for one in found.suspects
        if one.item_id in titles
    ]
    return schemas.SuspectsOut(model=found.model, at=found.at, data=data)


def _fields(found: Sequence[FieldAgreement]) -> list[schemas.FieldAgreementOut]:
    return [schemas.FieldAgreementOut(**asdict(one)) for one in found]
