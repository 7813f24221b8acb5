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


@dataclass(frozen=True, slots=True)
class Template:
    """The texts of a kind in a language; version 0 is what the program ships."""

    kind: Kind
    language: str
    version: int
    blocks: Blocks
    actor: str = ""
    at: datetime | None = None


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

    Raises InputError, saying which block: not one of them, too long, no title, a placeholder or brace that is none, a
    word of guilt or an article of law.
    """
    unknown = sorted(set(given) - set(Block))
    if unknown:
        raise InputError(f"There is no text {unknown[0][:40]!r} in a template.", hint=f"Use: {', '.join(Block)}.")
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
    where = f"The text {block.value!r}"
    if len(text) > MAX_CHARACTERS:
        raise InputError(f"{where} is too long ({len(text)}).", hint=f"Keep it under {MAX_CHARACTERS} characters.")
    if block is Block.TITLE and not text:
        raise InputError("A report needs a title.", hint="Write one, or reset the template.")
    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    for name in _PLACEHOLDER.findall(text):
        if name not in PLACEHOLDERS:
            raise InputError(f"{where} holds the placeholder {{{name[:40]}}}, which is none.", hint=f"Use: {known}.")
    if set(_PLACEHOLDER.sub("", text)) & {"{", "}"}:
        raise InputError(f"{where} has a brace that belongs to no placeholder.", hint=f"Use: {known}.")
    named = NAMES_GUILT.search(text)
    if named is not None:
        raise InputError(
            f"{where} names guilt or an article of law ({named[0]!r}).", hint="Describe what happened; judge nobody."
        )
    return text
