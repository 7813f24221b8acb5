"""Documents of stops of the collection."""

from __future__ import annotations

from datetime import datetime

from pydantic import ConfigDict, Field

from api.schemas.common import Document
from waspada.privacy.reasons import MAX_REASON_CHARACTERS
from waspada.sources.types import SOURCE_ID

_REGION = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"


class StopOut(Document):
    """Nothing is collected of what it names (a source, the sources at home in a region, or everything) until lifted."""

    id: int = Field(examples=[2])
    at: datetime
    actor: str = Field(description="The account that stopped it.", examples=["auditor-1"])
    source_id: str | None
    region: str | None = Field(examples=["63.03"])
    reason: str
    in_force: bool
    needs_another: bool = Field(description="An auditor's stop is lifted by another account than the one that set it.")
    lifted_at: datetime | None
    lifted_by: str | None
    lifted_why: str


class NewStop(Document):
    """With neither source nor region everything is stopped."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"region": "63.03", "reason": "keberatan sedang diperiksa"}]}
    )
    source_id: str | None = Field(default=None, pattern=f"^{SOURCE_ID}$")
    region: str | None = Field(default=None, pattern=_REGION)
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS)


class LiftStop(Document):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"reason": "sudah diperiksa"}]})
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS)
