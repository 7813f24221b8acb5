"""The texts around a digest that people may edit: what the program ships, which placeholders they may hold, and what
is refused. Pure; `repository` keeps the edited ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from waspada.alerts.exits import harmless
from waspada.alerts.guilt import NAMES_GUILT
from waspada.digests.types import Kind
from waspada.errors import InputError

MAX_CHARACTERS = 1000
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


class Block(StrEnum):
    """One text of a template."""

    LETTERHEAD = "letterhead"
    TITLE = "title"
    OPENING = "opening"
    CLOSING = "closing"
    SIGNATURE = "signature"


Blocks = Mapping[Block, str]


class Flaw(StrEnum):
    """Why a text cannot stand around a digest."""

    UNKNOWN = "unknown"
    TOO_LONG = "too_long"
    NO_TITLE = "no_title"
    PLACEHOLDER = "placeholder"
    BRACE = "brace"
    GUILT = "guilt"


_FLAWS: Mapping[Flaw, str] = {
    Flaw.UNKNOWN: "There is no text {what!r} in a template.",
    Flaw.TOO_LONG: "The text {block!r} is too long ({what} characters).",
    Flaw.NO_TITLE: "A report needs a title.",
    Flaw.PLACEHOLDER: "The text {block!r} holds the placeholder {{{what}}}, which stands for nothing.",
    Flaw.BRACE: "The text {block!r} has a brace that belongs to no placeholder.",
    Flaw.GUILT: "The text {block!r} names guilt or an article of law ({what!r}).",
}

#: What stands for a value, and what it stands for.
PLACEHOLDERS = ("wilayah", "tanggal", "nomor", "jumlah")
#: The numbers of reports begin with these.
SHORT = {
    Kind.HARIAN: "LH",
    Kind.MINGGUAN: "LM",
    Kind.BULANAN: "LB",
    Kind.INFORMASI: "LI",
    Kind.ATENSI: "LA",
    Kind.KHUSUS: "LK",
    Kind.REKOMENDASI: "RK",
    Kind.RALAT: "RL",
}
NAMES = {
    "id": {
        Kind.HARIAN: "Laporan harian",
        Kind.MINGGUAN: "Laporan mingguan",
        Kind.BULANAN: "Laporan bulanan",
        Kind.INFORMASI: "Laporan informasi",
        Kind.ATENSI: "Laporan atensi",
        Kind.KHUSUS: "Laporan khusus",
        Kind.REKOMENDASI: "Rekomendasi",
        Kind.RALAT: "Ralat",
    },
    "en": {
        Kind.HARIAN: "Daily report",
        Kind.MINGGUAN: "Weekly report",
        Kind.BULANAN: "Monthly report",
        Kind.INFORMASI: "Laporan informasi",
        Kind.ATENSI: "Laporan atensi",
        Kind.KHUSUS: "Laporan khusus",
        Kind.REKOMENDASI: "Rekomendasi",
        Kind.RALAT: "Correction",
    },
}
_TAIL = {"id": "kewaspadaan dini", "en": "of early warning"}
_CLOSING = {
    "id": "Belum diverifikasi berarti belum diperiksa petugas. Laporan ini tentang peristiwa, tempat, lembaga, dan "
    "klaim; nama orang ditutup dan tidak boleh dicari dari sini.",
    "en": "Not verified means that no officer looked at it yet. This report is about events, places, institutions and "
    "claims; names of people are masked and must not be looked for.",
}
_OPENING = {
    Kind.RALAT: {
        "id": "Laporan yang Anda terima memuat hal yang ternyata keliru. Mohon bagian itu tidak dipakai lagi, dan "
        "ralat ini disampaikan kepada yang menerimanya dari Anda.",
        "en": "A report that you got told something that turned out to be wrong. Please use that part no more, and "
        "pass this on to those who had it from you.",
    },
}


class BadTextError(InputError):
    """A text that cannot stand around a digest: which flaw, in which block, and what of it."""

    def __init__(self, flaw: Flaw, block: Block | None, what: str = "") -> None:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        super().__init__(
            _FLAWS[flaw].format(block=block.value if block else "", what=what),
            hint=f"At most {MAX_CHARACTERS} characters; values are {known}.",
        )
        self.flaw, self.block, self.what = flaw, block, what


@dataclass(frozen=True, slots=True)
class Template:
    """The texts of a kind in a language; version 0 is what the program ships."""

    kind: Kind
    language: str
    version: int
    blocks: Blocks
    actor: str = ""
    at: datetime | None = None

    @property
    def is_shipped(self) -> bool:
        return self.blocks == shipped(self.kind, self.language).blocks


def shipped(kind: Kind, language: str) -> Template:
    """What the program ships."""
    blocks = {
        Block.LETTERHEAD: "",
        Block.TITLE: f"{NAMES[language][kind]} {_TAIL[language]}",
        Block.OPENING: _OPENING.get(kind, {}).get(language, ""),
        Block.CLOSING: _CLOSING[language],
        Block.SIGNATURE: "",
    }
    return Template(kind, language, 0, blocks)


def checked(given: Mapping[str, str]) -> dict[str, str]:
    """Blocks as they are kept: without control characters.

    Raises BadTextError.
    """
    unknown = sorted(set(given) - set(Block))
    if unknown:
        raise BadTextError(Flaw.UNKNOWN, None, unknown[0][:40])
    return {block.value: _checked(block, given.get(block, "")) for block in Block}


def filled(blocks: Blocks, values: Mapping[str, str]) -> dict[Block, str]:
    """The blocks with their values. What is no placeholder stays as it is."""
    return {
        block: _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), blocks.get(block, "")) for block in Block
    }


def number_of(kind: Kind, region: str, day: str) -> str:
    """The number of a report: LH/63.03/20241127."""
    return f"{SHORT[kind]}/{region}/{day.replace('-', '')}"


def _checked(block: Block, given: str) -> str:
    text = harmless(given.replace("\r\n", "\n")).strip()
    if block is Block.TITLE:
        text = " ".join(text.split())
    if len(text) > MAX_CHARACTERS:
        raise BadTextError(Flaw.TOO_LONG, block, str(len(text)))
    if block is Block.TITLE and not text:
        raise BadTextError(Flaw.NO_TITLE, block)
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            raise BadTextError(Flaw.PLACEHOLDER, block, name[:40])
    if set(_PLACEHOLDER.sub("", text)) & {"{", "}"}:
        raise BadTextError(Flaw.BRACE, block)
    named = NAMES_GUILT.search(text)
    if named is not None:
        raise BadTextError(Flaw.GUILT, block, named[0])
    return text
