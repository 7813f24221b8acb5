"""The document of an error."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ProblemOut(BaseModel):
    """RFC 9457. `hint` is the next step; a 422 has `errors`, a 412 has `revision` and `changes`."""

    type: str = Field(examples=["urn:waspada:problem:not-found"])
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field(examples=["There is no alert 12 in your area."])
    hint: str = Field(examples=["It may belong to another region."])
    instance: str = Field(examples=["/api/v1/alerts/12"])
