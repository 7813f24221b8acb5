"""The words of digests, in Indonesian and English. Quotes and headlines stay in the words of their outlets. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from waspada.alerts.likelihood import confidence_words, likelihood
from waspada.alerts.types import AlertState, AlertSummary, Coverage
from waspada.alerts.wording import COVERAGE_WORDS, percent
from waspada.calendar import StageNow
from waspada.clock import ZONES
from waspada.digests.types import Part, Period
from waspada.escalations.wording import label_word, level_word
from waspada.sources.types import CoverageState

#: What stands around what is said: kept with every digest, so that it is written again as it was.
FRAME = {
    "id": {
        "open": "Buka",
        "claim": "Cek fakta",
        "manage": "Ubah langganan",
        "unsubscribe": "Berhenti berlangganan",
        "left_out": "{count} entri lagi ada di laporan lengkap.",
        "erased": "{count} entri laporan ini dihapus sejak laporan disimpan.",
        "gone": "[dihapus]",
        "page": "Halaman",
    },
    "en": {
        "open": "Open",
        "claim": "Fact-check",
        "manage": "Change the subscription",
        "unsubscribe": "Unsubscribe",
        "left_out": "{count} more entries stand in the whole report.",
        "erased": "{count} entries of this report were erased since it was kept.",
        "gone": "[erased]",
        "page": "Page",
    },
}
TITLES = {
    "id": {
        Part.VERIFIED: "Sudah diverifikasi",
        Part.UNVERIFIED: "Belum diverifikasi",
        Part.HOAXES: "Hoaks dan klaim yang beredar, dengan cek faktanya",
        Part.MORE: "Selain itu",
        Part.COVERAGE: "Liputan",
        Part.CORRECTIONS: "Ralat",
        Part.REMARK: "Catatan dan saran",
    },
    "en": {
        Part.VERIFIED: "Verified",
        Part.UNVERIFIED: "Not verified yet",
        Part.HOAXES: "Hoaxes and claims in circulation, with their fact-checks",
        Part.MORE: "Besides",
        Part.COVERAGE: "Coverage",
        Part.CORRECTIONS: "Corrections",
        Part.REMARK: "Remarks and advice",
    },
}
CHANGES = {
    "id": {
        Period.DAILY: "Perubahan sejak kemarin",
        Period.WEEKLY: "Perubahan sejak minggu lalu",
        Period.MONTHLY: "Perubahan sejak bulan lalu",
    },
    "en": {
        Period.DAILY: "Changes since yesterday",
        Period.WEEKLY: "Changes since last week",
        Period.MONTHLY: "Changes since last month",
    },
}
SAY = {
    "id": {
        "facts": "Tingkat {level} ({word}) · {labels} · keyakinan model {percent} % ({sure})",
        "clarifying": "menunggu klarifikasi",
        "closed": "sudah ditutup",
        "nowhere": "Wilayah belum diketahui",
        "voices": "{count} suara publik",
        "outlets_more": "dan {count} media lain",
        "daily": "{day}, 24 jam sampai pukul {clock} {zone}",
        "span": "{first} sampai {day} pukul {clock} {zone}",
        "level_up": "tingkat {level} ke atas",
        "level_only": "tingkat 3 saja",
        "labels_only": "hanya {labels}",
        "empty": "Tidak ada peringatan{labels} tingkat {level} atau lebih untuk wilayah ini.",
        "more": "{counts}.",
        "lines_more": "Dan {count} lagi.",
        "vote": "Hari ini {name} ({election}).",
        "stage": "Tahapan: {words}.",
        "before": "{days} hari menjelang {name} ({election})",
        "after": "{days} hari setelah {name} ({election})",
        "within": "{name} ({election})",
        "provisional": "; jadwal sementara",
        "stopped": "Pengumpulan dihentikan sejak {when}: sejak itu tidak ada yang didengar.",
        "erased": "Memuat butir yang dihapus: {count} peringatan masa ini kehilangan butir karena dihapus.",
        "sources": "{heard} dari {enabled} sumber terpantau sesuai iramanya{silent}. Sumber yang diam bukan berarti "
        "wilayah tenang.",
        "silent": "; diam: {names}",
        "silent_more": "{names}, dan {count} lagi",
        "regions": "Wilayah: {counts}.",
        "unheard": "Tidak terpantau: {names}.",
        "raised": "Naik dari tingkat {before} ke {after}: {what}",
        "lowered": "Turun dari tingkat {before} ke {after}: {what}",
        "verified": "Baru diverifikasi: {what}",
        "ended": "Ditutup ({why}): {what}",
        "taken_back": "Dicabut ({why}): {what}",
        "corrected": "Peringatan nomor {id} ({labels}, {where}) dalam laporan {day} tidak berlaku lagi: {why}.",
        "correction": "Dicabut dari laporan sebelumnya",
        "reports_of": "laporan {days}",
        "made": "{day} pukul {clock} {zone}",
        "sentence": "{headline} ({where})",
    },
    "en": {
        "facts": "Level {level} ({word}) · {labels} · confidence of the model {percent} % ({sure})",
        "clarifying": "waiting for clarification",
        "closed": "closed",
        "nowhere": "Region not known yet",
        "voices": "{count} public voices",
        "outlets_more": "and {count} more outlets",
        "daily": "{day}, 24 hours until {clock} {zone}",
        "span": "{first} to {day} at {clock} {zone}",
        "level_up": "level {level} and higher",
        "level_only": "level 3 only",
        "labels_only": "{labels} only",
        "empty": "No alerts{labels} of level {level} or higher for this region.",
        "more": "{counts}.",
        "lines_more": "And {count} more.",
        "vote": "Today is {name} ({election}).",
        "stage": "Stage: {words}.",
        "before": "{days} days before {name} ({election})",
        "after": "{days} days after {name} ({election})",
        "within": "{name} ({election})",
        "provisional": "; dates may move",
        "stopped": "Collection has been stopped since {when}: nothing has been heard since then.",
        "erased": "Items were erased: {count} alerts of this time lost items to an erasure.",
        "sources": "{heard} of {enabled} sources are heard by their rhythm{silent}. A silent source does not mean that "
        "the region is calm.",
        "silent": "; silent: {names}",
        "silent_more": "{names}, and {count} more",
        "regions": "Regions: {counts}.",
        "unheard": "Not heard: {names}.",
        "raised": "Raised from level {before} to {after}: {what}",
        "lowered": "Lowered from level {before} to {after}: {what}",
        "verified": "Newly verified: {what}",
        "ended": "Closed ({why}): {what}",
        "taken_back": "Taken back ({why}): {what}",
        "corrected": "Alert number {id} ({labels}, {where}) in the report of {day} does not stand any more: {why}.",
        "correction": "Taken back from earlier reports",
        "reports_of": "reports of {days}",
        "made": "{day} at {clock} {zone}",
        "sentence": "{headline} ({where})",
    },
}
CLOSED = {
    "id": {
        "resolved": "selesai",
        "passed_on": "sudah diteruskan",
        "no_longer_current": "tidak lagi terjadi",
        "unanswered": "klarifikasi tidak dijawab",
    },
    "en": {
        "resolved": "resolved",
        "passed_on": "passed on",
        "no_longer_current": "no longer current",
        "unanswered": "the clarification never came",
    },
}
COVERAGE_EN = {
    CoverageState.COVERED: "heard",
    CoverageState.THIN: "heard thinly",
    CoverageState.SILENT: "with silent sources",
    CoverageState.NONE: "without a source",
}
#: More names than these make a line that nobody reads.
MOST_NAMES = 12
_STATES = {AlertState.NEEDS_CLARIFICATION: "clarifying", AlertState.CLOSED: "closed"}


def day_words(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def zone_words(zone: ZoneInfo, at: datetime) -> str:
    """WIB, WITA or WIT; the zone's own short name elsewhere."""
    return next((name for name, known in ZONES.items() if known.key == zone.key), at.astimezone(zone).tzname() or "")


def moment_words(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%d/%m/%Y %H.%M} {zone_words(zone, at)}"


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day that a moment belongs to: midnight ends one."""
    return (at - timedelta(microseconds=1)).astimezone(zone).date()


def span_words(language: str, since: datetime, at: datetime, zone: ZoneInfo, period: Period) -> str:
    """The time that a digest tells of: "27/11/2024, 24 jam sampai pukul 24.00 WITA"."""
    local = at.astimezone(zone)
    clock = "24.00" if (local.hour, local.minute) == (0, 0) else f"{local:%H.%M}"
    is_a_day = period is Period.DAILY and at - since < timedelta(hours=25)
    return SAY[language]["daily" if is_a_day else "span"].format(
        first=day_words(since.astimezone(zone).date()),
        day=day_words(day_of(at, zone)),
        clock=clock,
        zone=zone_words(zone, at),
    )


def made_words(language: str, at: datetime, zone: ZoneInfo) -> str:
    """When a report on some alerts was made."""
    local = at.astimezone(zone)
    return SAY[language]["made"].format(day=day_words(local.date()), clock=f"{local:%H.%M}", zone=zone_words(zone, at))


def choice_words(language: str, labels: Sequence[str], min_level: int, usual: int) -> str:
    """What a digest is narrowed to; nothing where it is not."""
    say = SAY[language]
    told = [say["labels_only"].format(labels=labels_words(language, labels))] if labels else []
    if min_level != usual:
        told.append(say["level_only"] if min_level == 3 else say["level_up"].format(level=min_level))
    text = "; ".join(told)
    return text[:1].upper() + text[1:]


def empty_words(language: str, labels: Sequence[str], min_level: int) -> str:
    named = f" {labels_words(language, labels)}" if labels else ""
    if named and language == "en":
        named = f" ({labels_words(language, labels)})"
    return SAY[language]["empty"].format(labels=named, level=min_level)


def labels_words(language: str, labels: Sequence[str]) -> str:
    return ", ".join(label_word(language, label) for label in labels)


def facts_words(language: str, alert: AlertSummary) -> str:
    """Level, label and confidence of an alert, and where it stands with the team if that is not plain."""
    facts = SAY[language]["facts"].format(
        level=alert.level,
        word=level_word(language, alert.level),
        labels=label_word(language, alert.label),
        percent=percent(alert.confidence),
        sure=likelihood(alert.confidence).value if language == "en" else confidence_words(alert.confidence),
    )
    state = _STATES.get(alert.state)
    return f"{facts} · {SAY[language][state]}" if state else facts


def stage_words(language: str, stage: StageNow) -> str:
    """The stage of an election on a day, named; empty where there is none."""
    found = stage.stage
    if found is None:
        return ""
    say = SAY[language]
    doubt = say["provisional"] if found.is_provisional else ""
    named = {"name": found.name, "election": f"{found.election}{doubt}"}
    if stage.days_to == 0:
        return (
            say["vote"].format(**named) if found.is_vote else say["stage"].format(words=say["within"].format(**named))
        )
    words = say["before" if stage.days_to > 0 else "after"].format(days=abs(stage.days_to), **named)
    return say["stage"].format(words=words)


def coverage_words(language: str, coverage: Coverage) -> list[str]:
    """How well the region was heard: its sources, its kabupaten and kota, and which of them nobody heard."""
    say = SAY[language]
    names = COVERAGE_EN if language == "en" else COVERAGE_WORDS
    silent = say["silent"].format(names=_some(language, coverage.silent)) if coverage.silent else ""
    told = [say["sources"].format(heard=coverage.heard, enabled=coverage.enabled, silent=silent)]
    if coverage.regions:
        told.append(say["regions"].format(counts=", ".join(f"{n} {names[s]}" for s, n in coverage.regions.items())))
    if coverage.unheard:
        told.append(say["unheard"].format(names=_some(language, coverage.unheard)))
    return told


def counts_words(language: str, counts: dict[str, int]) -> str:
    return SAY[language]["more"].format(
        counts=", ".join(f"{n} {label_word(language, label)}" for label, n in counts.items())
    )


def _some(language: str, names: Sequence[str]) -> str:
    shown = ", ".join(names[:MOST_NAMES])
    rest = len(names) - MOST_NAMES
    return SAY[language]["silent_more"].format(names=shown, count=rest) if rest > 0 else shown
