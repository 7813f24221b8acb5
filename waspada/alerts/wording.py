"""The one sentence that says why an alert stands where it stands, in Indonesian, made of its parts only."""

from __future__ import annotations

from waspada.alerts.scoring import Assessment
from waspada.places import full_name
from waspada.sources.types import CoverageState
from waspada.taxonomy import Label

LABEL_WORDS = {
    Label.CONFLICT: "konflik",
    Label.POLARIZATION: "polarisasi",
    Label.NEUTRALITY: "netralitas",
    Label.MISINFORMATION: "misinformasi",
    Label.FRAUD: "kecurangan",
    Label.LOGISTICS: "logistik",
    Label.DISASTER: "bencana",
    Label.ELECTION: "pemilihan",
}
#: The default word: nothing is more than this until a named person says so.
UNVERIFIED = "Belum diverifikasi."
#: How well a kabupaten or kota can be heard.
COVERAGE_WORDS = {
    CoverageState.COVERED: "terpantau",
    CoverageState.THIN: "terpantau tipis",
    CoverageState.SILENT: "sumbernya diam",
    CoverageState.NONE: "tanpa sumber",
}
LEVEL_WORDS = ("tak perlu", "konteks", "rangkuman harian", "segera dilihat")


def why(found: Assessment) -> str:
    """For example: "Tingkat 3 (segera dilihat): konflik, keyakinan 93 %; 4 media; Kabupaten Banjar; ..."."""
    facts = [
        f"{LABEL_WORDS[found.label]}, keyakinan {percent(found.confidence)} %",
        _sources(found),
    ]
    if found.regions:
        facts.append(full_name(found.regions[0]))
    facts.extend(_extras(found.parts))
    return f"Tingkat {found.level} ({LEVEL_WORDS[found.level]}): {'; '.join(facts)}."


def percent(probability: float) -> int:
    """A probability for people, 1 to 99: nothing here is ever certain."""
    return min(99, max(1, round(100 * probability)))


def headline_of_posts(found: Assessment) -> str:
    """The headline of an alert that only public posts speak of: a count, never somebody's words."""
    return f"Kiriman publik tentang {LABEL_WORDS[found.label]}: {found.voice_count} suara"


def _sources(found: Assessment) -> str:
    parts = []
    if found.outlet_count:
        parts.append(f"{found.outlet_count} media")
    if found.voice_count:
        parts.append(f"{found.voice_count} suara publik")
    return " dan ".join(parts) or "1 sumber"


def _extras(parts: dict[str, float]) -> list[str]:
    said = {
        "severity": (3.0, "ada kekerasan"),
        "burst": (2.0, "lebih ramai dari biasanya di wilayah ini"),
        "novelty": (4.0, "baru dalam 12 jam"),
        "stage": (2.0, "dekat hari pemungutan suara"),
    }
    return [words for name, (least, words) in said.items() if parts.get(name, 0.0) >= least]
