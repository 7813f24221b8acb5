"""Documents of fact-checks and of the items that may repeat them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import ConfigDict, Field

from api.schemas.common import Document, Probability
from waspada.claims.service import MAX_CLAIM, MAX_VERDICT
from waspada.claims.types import MATCHER, CheckOrigin, MatchOrigin, MatchState
from waspada.claims.verdicts import Standing
from waspada.privacy.reasons import MAX_REASON_CHARACTERS


class FactCheckOut(Document):
    """A verdict on a claim: an outlet's article, an import, or a verdict of this desk. It is that outlet's word."""

    id: str = Field(examples=["item-77"])
    claim: str = Field(description="What circulated, as far as it is quoted.")
    title: str = Field(examples=["[SALAH] Pulpen di TPS berisi tinta yang hilang"])
    verdict: str = Field(description="As its outlet wrote it.", examples=["SALAH"])
    standing: Standing = Field(description="`supports` and `unclear`: a match with it is no refutation.")
    url: str | None = Field(examples=["https://cek.example/77"])
    outlet: str = Field(examples=["Cek Contoh"])
    checked_on: date | None = Field(examples=["2024-11-20"])
    origin: CheckOrigin
    actor: str | None = Field(description="Who imported it or gave the verdict.", examples=[None])
    reason: str = Field(description="What a verdict of this desk rests on.", examples=[""])
    revision: int = Field(description="Another one after every change.", examples=[1732240800000000])


class MatchOut(Document):
    """A fact-check that an item may repeat. What a person set, no machine changes."""

    id: int = Field(examples=[9])
    item_id: int = Field(examples=[301])
    state: MatchState
    origin: MatchOrigin = Field(description="Who set the state.")
    score: Probability = Field(examples=[0.71])
    actor: str = Field(examples=["waspada"])
    at: datetime
    reason: str = Field(examples=[""])
    model: str = Field(examples=[MATCHER])
    revision: int = Field(description="Send it back in If-Match when you decide.", examples=[1])
    fact_check: FactCheckOut


class MatchEventOut(Document):
    """One step of a match; `to_state` null says that the machine took its suggestion back."""

    at: datetime
    actor: str = Field(examples=["liaison-1"])
    from_state: str | None = Field(examples=["suggested"])
    to_state: str | None = Field(examples=["rejected"])
    reason: str = Field(examples=["Klaim lain: ini soal TPS di kota lain."])
    score: float = Field(examples=[0.48])
    model: str = Field(examples=[MATCHER])


class MatchDetailOut(MatchOut):
    history: list[MatchEventOut]


class MatchListOut(Document):
    """Which fact-checks an alert or an item may repeat, the surest first, what a person rejected last."""

    claim_line: str = Field(
        description="In one line, or that none is known; empty where neither is to be said.",
        examples=["Belum ada cek fakta yang diketahui."],
    )
    matches: list[MatchOut]


class NewDecision(Document):
    """A person's word on a match. `reason` is asked for when it is rejected."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"confirmed": False, "reason": "Klaim lain: ini soal TPS di kota lain."}]},
    )
    confirmed: bool
    reason: str = Field(default="", max_length=MAX_REASON_CHARACTERS)


class NewVerdict(Document):
    """A verdict of this desk on a claim, in the words in which it circulates."""

    claim: str = Field(min_length=1, max_length=MAX_CLAIM, examples=["TPS di Banjarbaru tutup pukul 10.00."])
    verdict: str = Field(min_length=1, max_length=MAX_VERDICT, examples=["SALAH"])
    reason: str = Field(min_length=1, max_length=MAX_REASON_CHARACTERS, examples=["KPU kota: sampai pukul 13.00."])
    url: str | None = Field(default=None, max_length=2000)
    revision: int | None = Field(default=None, description="Of the verdict on the same words that this one replaces.")


class ImportedClaims(Document):
    """Fact-checks as lines of `docs/contracts/claim.schema.json`, at most 500 at once."""

    source: str | None = Field(
        default=None, min_length=1, max_length=100, description="Whose ids they are; else the host of each address."
    )
    claims: list[dict[str, Any]] = Field(min_length=1, max_length=500)


class ImportedOut(Document):
    """What an import did; `problems` names the lines that could not be used, from 1 on."""

    new: int = Field(examples=[12])
    changed: int = Field(examples=[1])
    same: int = Field(examples=[40])
    bad: int = Field(examples=[0])
    problems: list[str] = Field(examples=[[]])
