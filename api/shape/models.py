"""From what the store says of models to the documents of the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from api import schemas
from waspada.alerts.exits import mask
from waspada.models.policy import LEAST_GROUPS
from waspada.models.types import Effect, Gates, InUse, ModelEvent, ModelView, Objection


def model(view: ModelView, use: InUse) -> schemas.ModelOut:
    return schemas.ModelOut(**_fields(view, use))


def model_detail(
    view: ModelView,
    use: InUse,
    objections: Sequence[Objection],
    events: Sequence[ModelEvent],
    headlines: Mapping[int, str],
) -> schemas.ModelDetailOut:
    """`headlines` by story are those that the reader may see, unmasked."""
    found = view.comparison
    return schemas.ModelDetailOut(
        **_fields(view, use),
        current_name=use.current,
        rollback_to=use.previous,
        answers=int(view.made_of.get("answers", 0)),
        training=view.made_of.get("training"),
        rows=found.rows if found else 0,
        groups=found.groups if found else 0,
        few_groups=found is not None and 0 < found.groups < LEAST_GROUPS,
        source=found.source if found else "",
        against=[
            schemas.AgainstOut(
                other=one.other,
                verdict=one.verdict,
                differences=[schemas.DifferenceOut(**asdict(line)) for line in one.differences],
            )
            for one in (found.against if found else ())
        ],
        gates=_gates(view.gates) if view.gates else None,
        objections=list(objections),
        effect=_effect(found.effect, headlines) if found and found.effect else None,
        events=[model_event(one) for one in events],
    )


def model_event(one: ModelEvent) -> schemas.ModelEventOut:
    return schemas.ModelEventOut(
        what=one.what,
        model=one.model,
        previous=one.previous,
        reason=mask(one.reason),
        overridden=list(one.overridden),
        actor=one.actor,
        at=one.at,
    )


def _fields(view: ModelView, use: InUse) -> dict[str, Any]:
    against = view.comparison.with_model(use.current) if view.comparison else None
    return {
        "name": view.name,
        "kind": view.kind,
        "base": view.base,
        "shipped": view.shipped,
        "current": view.is_current,
        "shadow": view.is_shadow,
        "verdict": against.verdict if against else None,
        "gates_open": view.gates.is_open if view.gates else None,
        "compared_at": view.compared_at,
        "actor": view.actor,
        "at": view.at,
    }


def _gates(gates: Gates) -> schemas.GatesOut:
    return schemas.GatesOut(open=gates.is_open, **asdict(gates))


def _effect(effect: Effect, headlines: Mapping[int, str]) -> schemas.EffectOut:
    moved = [
        schemas.MovedOut(**asdict(one), headline=mask(headlines[one.story]) if one.story in headlines else None)
        for one in effect.moved
    ]
    return schemas.EffectOut(
        other=effect.other, days=effect.days, stories=effect.stories, counts=dict(effect.counts), moved=moved
    )
