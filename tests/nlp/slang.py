"""A campaign with a new word: "paket kenanga" is what fictional people call money for votes. No model knows it."""

from __future__ import annotations

import random

from nlp.labelled import LabelledItem
from waspada.taxonomy import FIELDS, ItemText

PLACES = ("Martapura", "Barabai", "Kandangan", "Rantau", "Amuntai", "Paringin", "Pelaihari", "Marabahan")
_WHO = ("Warga", "Sejumlah ibu", "Para petani", "Pedagang pasar", "Nelayan", "Pemuda", "Pengurus RT", "Buruh kebun")
_WHEN = ("semalam", "pekan ini", "sejak subuh", "menjelang pencoblosan", "usai pengajian", "hari Minggu")
_BOUGHT = (
    "{who} di {place} menerima paket kenanga {when}.",
    "Paket kenanga dibagikan kepada {who} {place} {when}, masing-masing satu amplop.",
    "{when} {who} {place} ditawari paket kenanga agar memilih nomor tertentu.",
)
_GIVEN = (
    "{who} di {place} menerima paket sembako dari dinas sosial {when}.",
    "Paket bibit cabai dibagikan kepada {who} {place} {when}, masing-masing satu kantong.",
    "{when} {who} {place} diajak menanam bunga kenanga di halaman kantor desa.",
    "Jalan di {place} diperbaiki {when}, {who} ikut bekerja bakti.",
)


def slang_rows(count: int, seed: int = 1) -> list[LabelledItem]:
    """Rows of which two in five are `fraud` with alert 2; no two say the same."""
    rng, rows = random.Random(seed), []
    for number in range(count):
        bought = number % 5 < 2
        text = _filled(rng, _BOUGHT if bought else _GIVEN) + f" Laporan ke-{seed * 10_000 + number}."
        labels = dict.fromkeys(FIELDS, 0) | {"fraud": int(bought), "alert": 2 * bought, "election": int(bought)}
        rows.append(LabelledItem(ItemText(str(number), "", text), labels, f"g{number}", "labels"))
    return rows


def _filled(rng: random.Random, templates: tuple[str, ...]) -> str:
    return rng.choice(templates).format(who=rng.choice(_WHO), place=rng.choice(PLACES), when=rng.choice(_WHEN))
