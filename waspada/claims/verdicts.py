"""What a fact-check's verdict says of the claim. Only for choosing words: verdicts are quoted, never replaced."""

from __future__ import annotations

import re
from enum import StrEnum

from waspada.items.policy import normalised


class Standing(StrEnum):
    """`unclear` stands for every verdict that does not plainly refute or support, and for none at all."""

    REFUTES = "refutes"
    SUPPORTS = "supports"
    UNCLEAR = "unclear"


#: Words that keep a verdict from being plain, whatever else it says.
_MIXED = re.compile(r"\b(sebagian|belum|campuran|half|partly|mostly|unproven|klarifikasi|satire|satir|parodi)\b")
_REFUTES = re.compile(
    r"\b(salah|keliru|hoa(x|ks?)|palsu|disinformasi|misinformasi|menyesatkan|fitnah|manipulasi|false|misleading|fake|"
    r"(tidak|tak|bukan|nggak) (benar|terbukti|fakta))\b"
)
#: "Bukan hoaks", "tidak salah": what denies that a claim is false supports it.
_DENIED = re.compile(
    r"\b(tidak|tak|bukan|bukanlah|not) (salah|keliru|hoa(x|ks?)|palsu|disinformasi|misinformasi|menyesatkan|fitnah|"
    r"manipulasi|false|misleading|fake)\b"
)
_SUPPORTS = re.compile(r"\b(benar|fakta|terbukti|true|correct)\b")


def is_unsaid(verdict: str) -> bool:
    """Whether there is none: "Cek Fakta" before a headline names the rubric only."""
    return normalised(verdict).strip() in ("", "cek fakta")


def standing(verdict: str) -> Standing:
    """Of a verdict as the outlet wrote it: "SALAH", "Tidak Benar", "BENAR", "KLARIFIKASI", ""."""
    words = normalised(verdict).replace("cek fakta", "")
    if _MIXED.search(words):
        return Standing.UNCLEAR
    if _DENIED.search(words):
        return Standing.SUPPORTS
    if _REFUTES.search(words):
        return Standing.REFUTES
    return Standing.SUPPORTS if _SUPPORTS.search(words) else Standing.UNCLEAR
