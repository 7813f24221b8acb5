"""Documents of kept digests."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from api.paging import MAX_ID
from api.schemas.common import REGION_PATTERN, Document
from api.schemas.places import PlaceOut
from waspada.digests.policy import MAX_ENTRIES, MAX_REMARK, MIN_LEVEL
from waspada.digests.types import Kind, Part, Period
from waspada.search.query import MAX_CHARACTERS
from waspada.taxonomy import MAX_LEVEL, Label


class WantedOut(Document):
    """What a digest is of."""

    labels: list[Label] = Field(description="Empty for all of them.")
    min_level: int = Field(examples=[2])
    language: str = Field(examples=["id"])
    zone: str = Field(examples=["Asia/Makassar"])
    period: Period


class DigestLineOut(Document):
    """A kept digest in the list of the archive."""

    id: int = Field(examples=[5])
    kind: Kind
    region: PlaceOut
    wanted: WantedOut
    day: date = Field(description="Of its moment, in its own zone.")
    at: datetime = Field(description="The moment that it was made for.")
    title: str = Field(examples=["Laporan harian kewaspadaan dini"])
    entries: int = Field(description="How many alerts stand in it.", examples=[4])
    erased_at: datetime | None = Field(description="When words of it were erased last.")


class DigestEntryOut(Document):
    """One alert, as the digest tells it; every text is masked."""

    alert_id: int = Field(examples=[12])
    level: int = Field(examples=[2])
    label: Label
    facts: str
    headline: str
    where: str
    outlets: str
    quote: str
    claim: str = Field(description="The fact-check that it may repeat.")


class DigestTextOut(Document):
    text: str
    alert_id: int | None


class DigestSectionOut(Document):
    part: Part
    title: str
    entries: list[DigestEntryOut]
    lines: list[DigestTextOut]


class DigestOut(DigestLineOut):
    """A kept digest in full. The hashes are of what it was when it was kept, whatever was erased since."""

    kept_at: datetime
    subject: str
    scope: str
    notices: list[str] = Field(description="What stands at its top: a stage of an election, a stop of the collection.")
    opening: str
    empty: str = Field(description="The line of a digest with nothing to report.")
    sections: list[DigestSectionOut]
    closing: str
    signature: str
    letterhead: str
    sha256: str
    html_sha256: str
    text_sha256: str


class DigestOrderIn(Document):
    """A digest or report to be made of now. Of informasi, atensi, khusus and rekomendasi the alerts and the remark
    count; of harian, mingguan and bulanan the labels and the level."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"kind": "atensi", "region": "63.03", "alerts": [12], "remark": "Besok pleno."}]
        },
    )
    kind: Kind = Kind.HARIAN
    region: str = Field(pattern=REGION_PATTERN, examples=["63.03"])
    labels: list[Label] = Field(default=[], max_length=len(Label), description="Empty for all of them.")
    min_level: int = Field(default=MIN_LEVEL, ge=1, le=MAX_LEVEL)
    language: Literal["id", "en"] = "id"
    zone: str | None = Field(default=None, max_length=40, description="WIB, WITA, WIT or an IANA name; the desk's.")
    alerts: list[Annotated[int, Field(ge=1, le=MAX_ID)]] = Field(
        default=[], max_length=MAX_ENTRIES, description="Verified alerts of the region, in this order."
    )
    remark: str = Field(default="", max_length=MAX_REMARK, description="A person's words; names are masked.")


class DigestSearchIn(Document):
    """Looks for words in kept digests. They come in the body, so that they stand in no address."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"words": "banjir logistik"}]})
    words: str = Field(max_length=8 * MAX_CHARACTERS)
    region: str | None = Field(default=None, pattern=REGION_PATTERN)
    kind: Kind | None = None
    first: date | None = None
    last: date | None = None
    limit: int = Field(default=50, ge=1, le=200)
