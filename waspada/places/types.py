"""The shapes of a place and of a mention of one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class PlaceLevel(StrEnum):
    """Administrative level; the Kemendagri code has 2, 4 (`63.71`), 6 or 10 digits with dots."""

    PROVINCE = "province"
    REGENCY = "regency"  # kabupaten or kota
    DISTRICT = "district"  # kecamatan
    VILLAGE = "village"  # desa or kelurahan


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer: `code` is Kemendagri's ("63", "63.71", "63.71.01"), `name` its official name."""

    code: str
    name: str
    level: PlaceLevel


@dataclass(frozen=True, slots=True)
class PlaceMention:
    """A place as an item names it. `start` and `end` are Unicode code points within `field` ("title" or "text")."""

    code: str
    name: str
    level: PlaceLevel
    mention: str
    field: str
    start: int
    end: int

    def as_contract(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "name": self.name,
            "level": self.level.value,
            "mention": self.mention,
            "field": self.field,
            "start": self.start,
            "end": self.end,
        }
