"""The words of ranking, in Indonesian: why an alert stands where it stands, made of its parts and what they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from waspada.alerts.burst import most_surprising
from waspada.alerts.scoring import Assessment
from waspada.places import full_name
from waspada.reports.policy import count_words
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
#: How the headline of an alert begins that only field reports speak of; it says how they stand, so it is made anew.
OF_REPORTS = "Laporan lapangan tentang"
#: How well a kabupaten or kota can be heard.
COVERAGE_WORDS = {
    CoverageState.COVERED: "terpantau",
    CoverageState.THIN: "terpantau tipis",
    CoverageState.SILENT: "sumbernya diam",
    CoverageState.NONE: "tanpa sumber",
}
LEVEL_WORDS = ("tak perlu", "konteks", "rangkuman harian", "segera dilihat")


#: What each part is called where people read about the score.
PART_WORDS = {
    "level": "tingkat peringatan",
    "expectation": "perkiraan tingkat",
    "focus": "tugas utama tim",
    "severity": "beratnya konflik",
    "confidence": "keyakinan model",
    "outlets": "media independen",
    "burst": "keramaian wilayah",
    "novelty": "kebaruan",
    "stage": "tahapan pemilihan",
    "vulnerability": "kerawanan wilayah",
    "reliability": "keandalan sumber",
    "feedback": "putusan atas peringatan serupa",
}
#: Shown where no index is known of a region: its points are those of the middle.
NEUTRAL_WORD = "netral"
#: The parts that a reason names: those that gave the most points.
_LEADING = 3


def why(found: Assessment) -> str:
    """For example: "Tingkat 3 (segera dilihat): konflik, keyakinan 93 %; 4 media; Kabupaten Banjar; ...; poin terbanyak
    dari tingkat peringatan 38, perkiraan tingkat 9,5, media independen 6."."""
    facts = [
        f"{LABEL_WORDS[found.label]}, keyakinan {percent(found.confidence)} %",
        _sources(found),
    ]
    if found.regions:
        facts.append(full_name(found.regions[0]))
    facts.extend(_extras(found))
    facts.append(f"poin terbanyak dari {', '.join(leading(found.parts))}")
    return f"Tingkat {found.level} ({LEVEL_WORDS[found.level]}): {'; '.join(facts)}."


def leading(parts: Mapping[str, float]) -> list[str]:
    """The parts that gave the most points, with their points: ["tingkat peringatan 38", "media independen 6"]."""
    most = sorted((name for name in parts if parts[name] > 0), key=lambda name: -parts[name])
    return [f"{PART_WORDS.get(name, name)} {points(parts[name])}" for name in most[:_LEADING]]


def points(value: float) -> str:
    """Points as they are written in Indonesian: 9,5 and not 9.50."""
    return f"{value:g}".replace(".", ",").replace("-", "−")


def notes(found: Assessment) -> dict[str, str]:
    """Part -> what stands behind its points, where the number alone does not say it."""
    around = found.around
    window = most_surprising(around.windows)[1]
    judged = around.feedback
    days_ago = (around.now - found.level_at) // timedelta(days=1)
    said = {
        "level": f"tingkat {found.level} terakhir dilaporkan {days_ago} hari lalu" if days_ago else "",
        "outlets": f"{found.networks} jaringan dari {found.outlet_count} media"
        if found.networks < found.outlet_count
        else "",
        "burst": f"{window.count} kejadian lain dalam {window.days} hari, biasanya {points(round(window.expected, 1))}"
        if window
        else "",
        "novelty": "laporan terbaru tidak membawa fakta baru" if found.news_at < found.last_item_at else "",
        "stage": around.stage.words,
        "vulnerability": f"{NEUTRAL_WORD}: tidak ada indeks untuk wilayah ini" if around.vulnerability is None else "",
        "feedback": f"{judged.verified} dari {judged.decided} peringatan serupa diverifikasi" if judged.decided else "",
    }
    return {name: words for name, words in said.items() if words}


def percent(probability: float) -> int:
    """A probability for people, 1 to 99: nothing here is ever certain."""
    return min(99, max(1, round(100 * probability)))


def headline_of_voices(found: Assessment) -> str:
    """The headline of an alert that no outlet speaks of: a count, never somebody's words."""
    if found.reports and not found.voice_count:
        where = f" di {full_name(found.regions[0])}" if found.regions else ""
        return f"{OF_REPORTS} {LABEL_WORDS[found.label]}{where}: {count_words(found.reports)}"
    return f"Kiriman publik tentang {LABEL_WORDS[found.label]}: {found.voice_count} suara"


def headline_of_no_reports(label: str) -> str:
    """The headline of an alert for which field reports spoke, and speak no more."""
    return f"{OF_REPORTS} {LABEL_WORDS[Label(label)]}: tidak lagi dihitung"


def _sources(found: Assessment) -> str:
    parts = []
    if found.outlet_count:
        parts.append(f"{found.outlet_count} media")
    if found.voice_count:
        parts.append(f"{found.voice_count} suara publik")
    if found.reports:
        parts.append(count_words(found.reports))
    return " dan ".join(parts) or "1 sumber"


def _extras(found: Assessment) -> list[str]:
    """What is said of parts that gave at least such a share of what they can give."""
    said = {
        "severity": (0.5, "ada kekerasan"),
        "burst": (0.3, "lebih ramai dari biasanya di wilayah ini"),
        "novelty": (0.5, "baru dalam 12 jam"),
        "stage": (0.25, f"tahapan: {found.around.stage.words}"),
        "feedback": (0.25, "peringatan serupa sering diverifikasi"),
    }
    return [
        words
        for name, (least, words) in said.items()
        if found.parts[name] > 0 and found.parts[name] >= least * found.weights[name]
    ]
