"""Documents of agreement between accounts, and of answers that are likely wrong. No figure is given by account."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Document, Probability
from waspada.labels.agreement import Undefined

_FIELD = Field(examples=["conflict"])


class IntervalOut(Document):
    """95 % of the resamples lie in it."""

    low: float
    high: float


class FieldAgreementOut(Document):
    """Agreement in one field; a figure that is not defined is null, with its reason."""

    field: str = _FIELD
    items: int = Field(description="Items with two answers or more.")
    pairs: int
    alpha: float | None = Field(description="Krippendorff's: 1 full agreement, 0 that of chance.")
    alpha_interval: IntervalOut | None
    positive: Probability | None = Field(description="2a / (2a + b + c) over pairs of answers.")
    no_alpha: Undefined | None
    no_interval: Undefined | None
    no_positive: Undefined | None


class AgreementWeekOut(Document):
    name: str = Field(description="ISO week.", examples=["2024-W48"])
    fields: list[FieldAgreementOut]


class FollowingOut(Document):
    """How often answers equal the proposal where it was shown and where it was hidden. Field null: the whole answer."""

    field: str | None = _FIELD
    shown: int
    hidden: int
    rate_shown: Probability | None
    rate_hidden: Probability | None
    difference: float | None
    interval: IntervalOut | None
    why: Undefined | None


class AgreementOut(Document):
    """How far accounts agree, and how far they follow the proposal. Weeks: oldest first."""

    fields: list[FieldAgreementOut]
    weeks: list[AgreementWeekOut]
    following: list[FollowingOut]


class SuspectOut(Document):
    """`score` is the probability of the given value: the lower, the more suspect. Title masked."""

    item_id: int = Field(examples=[12])
    title: str
    field: str = _FIELD
    given: int = Field(examples=[0])
    likely: int = Field(examples=[2])
    score: Probability


class SuspectsOut(Document):
    """What the training of a model found, and nobody has answered since. Null: none has looked yet."""

    model: str | None = Field(examples=["waspada-id-v1+7~desk-3"])
    at: datetime | None
    data: list[SuspectOut]
