"""What every document is made of."""

from __future__ import annotations

from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

T = TypeVar("T")
#: A Kemendagri code: province, kabupaten or kota, kecamatan, desa or kelurahan.
REGION_PATTERN = r"^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$"
Probability = Annotated[float, Field(ge=0, le=1)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Page(Document, Generic[T]):
    """One page of a list. `next` is the cursor of the next page, null on the last one."""

    data: list[T]
    next: str | None = Field(default=None, examples=["WzYyLjUsMTJd"])
