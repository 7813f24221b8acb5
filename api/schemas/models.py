"""Documents of models: what was found of one, and what was decided."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from api.schemas.common import Document, Probability
from waspada.models.types import ModelMove, Objection, Step, Verdict
from waspada.privacy.reasons import MAX_REASON_CHARACTERS

_NAME = Field(min_length=1, max_length=80, examples=["waspada-id-v1+7"])
_REASON = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, examples=["Better on fraud, no gate fails."])


class GatesOut(Document):
    """The two release gates; shares are 0..1."""

    open: bool
    functional_share: Probability
    weakest: str = Field(examples=["satire"])
    weakest_share: Probability
    functional_open: bool
    protected_hits: int
    protected_n: int
    protected_upper: Probability = Field(description="Upper end of the 95 % Wilson interval.")
    protected_open: bool


class ModelOut(Document):
    """A model. `verdict` is that of its comparison with the model in use; null where there is none."""

    name: str = _NAME
    kind: str = Field(examples=["hashed-linear"])
    base: str | None = Field(description="The model whose encoder it uses.")
    shipped: bool
    current: bool
    shadow: bool
    verdict: Verdict | None
    gates_open: bool | None
    compared_at: datetime | None
    actor: str
    at: datetime


class DifferenceOut(Document):
    """One figure of the candidate and of another model on the same rows; the difference lies within low .. high."""

    figure: str = Field(examples=["main_macro_f1"])
    slice: str = Field(description="Empty for all rows.", examples=["kind post"])
    n: int
    candidate: float
    other: float
    low: float
    high: float
    verdict: Verdict


class AgainstOut(Document):
    other: str = _NAME
    verdict: Verdict
    differences: list[DifferenceOut]


class MovedOut(Document):
    """An alert that would stand elsewhere. `headline` is null for who may not read it."""

    alert: int | None
    story: int
    what: ModelMove
    label: str
    level_before: int
    level_after: int
    rank_before: int | None
    rank_after: int | None
    headline: str | None


class EffectOut(Document):
    other: str = _NAME
    days: int
    stories: int
    counts: dict[ModelMove, int]
    moved: list[MovedOut]


class ModelEventOut(Document):
    what: Step
    model: str
    previous: str | None
    reason: str
    overridden: list[Objection] = Field(description="What spoke against it and was set aside.")
    actor: str
    at: datetime


class ModelDetailOut(ModelOut):
    current_name: str = Field(description="The model in use now; a decision says that it saw it.")
    rollback_to: str | None
    answers: int = Field(description="Items with an answer that it learned from; 0 for one that was not trained here.")
    training: int | None = Field(description="The training that made it.")
    rows: int = Field(description="Labelled items of the comparison.")
    groups: int = Field(description="Of so many stories, or items of none; 0 where that was not counted.")
    few_groups: bool = Field(description="They are too few to say which model is better.")
    source: str
    against: list[AgainstOut]
    gates: GatesOut | None
    objections: list[Objection] = Field(description="What speaks against a promotion.")
    effect: EffectOut | None
    events: list[ModelEventOut]


class PromoteIn(Document):
    seen: str = _NAME
    reason: str = _REASON
    override: bool = Field(default=False, description="Set aside what speaks against it; admins only.")


class RollbackIn(Document):
    seen: str = _NAME
    reason: str = _REASON
