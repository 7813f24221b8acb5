"""What every document is made of."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
Probability = Annotated[float, Field(ge=0, le=1)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Document, Generic[T]):
    """One page of a list. `next` is the cursor of the next page, null on the last one."""

    data: list[T]
    next: str | None = Field(default=None, examples=["WzYyLjUsMTJd"])
