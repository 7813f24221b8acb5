"""Documents of the machine's state."""

from __future__ import annotations

from pydantic import Field

from api.schemas.common import Document


class Health(Document):
    status: str = Field(examples=["ok"])


class Ready(Health):
    exercise: str = Field(
        description="How the canary went: off, waiting, ok, late, missing or unsent (docs/quieting.md).",
        examples=["ok"],
    )
    checks: dict[str, str] = Field(
        description="Each thing that readiness depends on: ok, or what is wrong with it.",
        examples=[{"database": "ok", "migrations": "ok", "collector": "ok", "worker": "ok", "model": "ok"}],
    )
