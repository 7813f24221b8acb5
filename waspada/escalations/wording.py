"""The words of a report, in Indonesian and English: composed of masked quotes, places, confidence and sources.

It says what is not verified, names no guilt and no article of law, and nobody. Kinds of reports have the names of
Permendagri 2/2018 in both languages. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from waspada.alerts.exits import mask
from waspada.alerts.likelihood import confidence_words, likelihood
from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS, percent
from waspada.clock import ZONES
from waspada.escalations.types import Body, Escalation, Quote, ReportFacts, ReportKind
from waspada.places import full_name
from waspada.recipients.types import LANGUAGES
from waspada.taxonomy import Label

KIND_WORDS = {
    ReportKind.INFORMASI: "Laporan Informasi",
    ReportKind.ATENSI: "Laporan Atensi",
    ReportKind.KHUSUS: "Laporan Khusus",
    ReportKind.RALAT: "Ralat dan Pencabutan",
    ReportKind.NAIK: "Kenaikan ke meja di atasnya",
}
LABELS_EN = {
    Label.CONFLICT: "conflict",
    Label.POLARIZATION: "polarization",
    Label.NEUTRALITY: "neutrality",
    Label.MISINFORMATION: "misinformation",
    Label.FRAUD: "election fraud",
    Label.LOGISTICS: "logistics",
    Label.DISASTER: "disaster",
    Label.ELECTION: "election",
}
LEVELS_EN = ("not needed", "context", "daily digest", "look at once")
#: Why a report is taken back, by the state and the reason that a person gave.
RETRACTED = {
    "not_a_threat": {
        "id": "setelah diperiksa ulang, peristiwa ini bukan ancaman",
        "en": "looked at again, this is no threat",
    },
    "duplicate": {
        "id": "laporan ini mengulang peristiwa yang sudah dilaporkan",
        "en": "it repeats an event that was reported already",
    },
    "prevention_only": {
        "id": "berita itu tentang pencegahan; tidak ada kejadian",
        "en": "the news was about prevention; nothing happened",
    },
    "wrong_place": {"id": "tempat kejadiannya keliru", "en": "the place was wrong"},
    "old_news": {"id": "yang diberitakan adalah kejadian lama", "en": "what was reported is old"},
    "not_enough": {"id": "dasarnya tidak cukup", "en": "there is not enough to go on"},
    "removed": {
        "id": "berita yang menjadi dasarnya telah ditarik, dikoreksi, atau dihapus",
        "en": "the news that it rested on was withdrawn, corrected or removed",
    },
}
_OTHER = {"id": "penilaian tim berubah", "en": "the team judges it otherwise now"}
_TEXTS = {
    "id": {
        "subject": "{kind}: {labels} di {place}",
        "head": "{kind} (kewaspadaan dini)",
        "number": "Peringatan nomor {id}, disusun {when}",
        "what": "Apa yang diberitakan",
        "where": "Di mana",
        "sure": "Seberapa yakin",
        "level": "Tingkat {level} dari 3 ({word}); label {labels}; keyakinan model {percent} % ({sure}).",
        "checked": "Diperiksa petugas tim pada {when} dan dinilai perlu diteruskan.",
        "sources": "Sumber",
        "outlet": "{name} ({count} berita)",
        "voices": "{count} suara publik (hanya dihitung, tidak dikutip)",
        "open": "Apa yang belum diverifikasi",
        "open_all": "Angka, sebab, dan pihak yang disebut media belum diperiksa tim di lapangan.",
        "open_one": "Baru satu media yang memberitakannya.",
        "open_official": "Belum ada rilis resmi di antara sumbernya.",
        "open_voices": "Isi kiriman publik tidak diverifikasi.",
        "remark": "Catatan tim",
        "foot": (
            "Terbatas untuk instansi penerima; bukan untuk diterbitkan. Laporan ini tentang peristiwa, tempat, dan "
            "lembaga. Nama orang ditutup dan tidak boleh dicari dari laporan ini; ini bukan dasar tindakan terhadap "
            "seseorang. Kalau isinya keliru, balaslah ke {contact}."
        ),
        "desk": "meja pengirim",
        "back_subject": "Ralat: {kind} tentang {labels} di {place} dicabut",
        "back_head": "Ralat dan Pencabutan (kewaspadaan dini)",
        "back": "{kind} tentang peringatan nomor {id}, dikirim {when}, dicabut: {why}.",
        "back_ask": "Mohon laporan itu tidak dipakai lagi dan ralat ini disampaikan kepada yang menerimanya dari Anda.",
    },
    "en": {
        "subject": "{kind}: {labels} in {place}",
        "head": "{kind} (early warning report)",
        "number": "Alert number {id}, composed {when}",
        "what": "What is reported",
        "where": "Where",
        "sure": "How sure",
        "level": "Level {level} of 3 ({word}); labels {labels}; confidence of the model {percent} % ({sure}).",
        "checked": "Looked at by the team on {when} and judged worth passing on.",
        "sources": "Sources",
        "outlet": "{name} (reports: {count})",
        "voices": "{count} public voices (counted only, never quoted)",
        "open": "What is not verified yet",
        "open_all": "Numbers, causes and parties named by the media were not checked by the team on the ground.",
        "open_one": "Only one outlet reports it so far.",
        "open_official": "There is no official release among the sources yet.",
        "open_voices": "What public posts say is not verified.",
        "remark": "Note of the team",
        "foot": (
            "Restricted to the institutions addressed; not for publication. This report is about events, places and "
            "institutions. Names of people are masked and must not be looked for; it is no ground for steps against "
            "anybody. If it is wrong, answer to {contact}."
        ),
        "desk": "the desk that sent it",
        "back_subject": "Correction: {kind} on {labels} in {place} is withdrawn",
        "back_head": "Correction and withdrawal (early warning)",
        "back": "{kind} on alert number {id}, sent {when}, is withdrawn: {why}.",
        "back_ask": "Please use that report no more, and pass this on to those who had it from you.",
    },
}
_MAX_OUTLETS = 8


@dataclass(frozen=True, slots=True)
class Around:
    """What an office wrote to stand around its reports of a kind, in one language, values set in; none by default."""

    letterhead: str = ""
    title: str = ""
    opening: str = ""
    closing: str = ""
    signature: str = ""


def compose(
    kind: ReportKind,
    facts: ReportFacts,
    remark: str,
    *,
    zone: ZoneInfo,
    contact: str,
    now: datetime,
    around: Mapping[str, Around] | None = None,
) -> dict[str, Body]:
    """The report in every language. `remark` is the line that the proposer adds; it is masked here."""
    texts = around or {}
    return {
        language: _report(language, kind, facts, mask(remark), zone, contact, now, texts.get(language, Around()))
        for language in LANGUAGES
    }


def correction(of: Escalation, facts: ReportFacts, why: str, *, zone: ZoneInfo, contact: str) -> dict[str, Body]:
    """What takes a report back, in every language; `why` is a key of `RETRACTED`. It repeats none of its quotes."""
    found = {}
    for language in LANGUAGES:
        say, when = _TEXTS[language], _clock(zone)
        values = {
            "kind": KIND_WORDS[of.kind],
            "labels": _labels(language, facts),
            "place": _place(of.regions),
            "id": of.alert_id,
            "when": when(of.ended_at or of.proposed_at),
            "why": why_words(language, why),
        }
        lines = [
            say["back_head"].upper(),
            "",
            say["back"].format(**values),
            "",
            f"{say['where']}: {_place(of.regions)}",
            "",
            say["back_ask"],
            "",
            "-- ",
            say["foot"].format(contact=contact or say["desk"]),
        ]
        found[language] = Body(say["back_subject"].format(**values), "\n".join(lines) + "\n")
    return found


def unverified(language: str, facts: ReportFacts) -> list[str]:
    """What nobody checked, said one by one."""
    say = _TEXTS[language]
    open_ = [say["open_all"]]
    if facts.outlet_count < 2:
        open_.append(say["open_one"])
    if not facts.has_official:
        open_.append(say["open_official"])
    if facts.voices:
        open_.append(say["open_voices"])
    if facts.claim_line and language == "id":
        open_.append(facts.claim_line)
    return open_


def label_word(language: str, label: str) -> str:
    words = LABELS_EN if language == "en" else LABEL_WORDS
    return words.get(Label(label), label) if label in set(Label) else label


def why_words(language: str, why: str) -> str:
    """Why something is taken back, by the state or the reason that a person gave."""
    return RETRACTED.get(why, _OTHER)[language]


def level_word(language: str, level: int) -> str:
    return (LEVELS_EN if language == "en" else LEVEL_WORDS)[level]


def _report(
    language: str,
    kind: ReportKind,
    facts: ReportFacts,
    remark: str,
    zone: ZoneInfo,
    contact: str,
    now: datetime,
    around: Around,
) -> Body:
    say, when = _TEXTS[language], _clock(zone)
    labels = _labels(language, facts)
    values = {"kind": KIND_WORDS[kind], "labels": labels, "place": _place(facts.regions[:1])}
    level = say["level"].format(
        level=facts.level,
        word=level_word(language, facts.level),
        labels=labels,
        percent=percent(facts.confidence),
        sure=likelihood(facts.confidence).value if language == "en" else confidence_words(facts.confidence),
    )
    sure = [level, *([say["checked"].format(when=when(facts.verified_at))] if facts.verified_at else [])]
    sections: list[tuple[str, Sequence[str]]] = [
        (say["what"], [facts.headline, *(_quote(one, when) for one in facts.quotes)]),
        (say["where"], [_name(code) for code in facts.regions]),
        (say["sure"], sure),
        (say["sources"], _sources(say, facts)),
        (say["open"], unverified(language, facts)),
        *([(say["remark"], [remark])] if remark else []),
    ]
    lines = [around.letterhead, ""] if around.letterhead else []
    lines.append((around.title or say["head"].format(**values)).upper())
    lines += [say["number"].format(id=facts.alert_id, when=when(now)), ""]
    lines += [around.opening, ""] if around.opening else []
    for number, (title, rows) in enumerate(sections, start=1):
        lines += [f"{number}. {title}", *(f"   - {row}" for row in rows if row), ""]
    lines += [line for text in (around.closing, around.signature) if text for line in (text, "")]
    lines += ["-- ", say["foot"].format(contact=contact or say["desk"])]
    return Body(" ".join(say["subject"].format(**values).split()), "\n".join(lines) + "\n")


def _quote(one: Quote, when: Callable[[datetime], str]) -> str:
    link = f", {one.url}" if one.url else ""
    return f'"{one.text}" ({one.outlet}, {when(one.at)}{link})'


def _sources(say: dict[str, str], facts: ReportFacts) -> list[str]:
    rows = [say["outlet"].format(name=name, count=count) for name, count in facts.outlets[:_MAX_OUTLETS]]
    return [*rows, *([say["voices"].format(count=facts.voices)] if facts.voices else [])]


def _labels(language: str, facts: ReportFacts) -> str:
    names = [facts.label, *(name for name in facts.labels if name != facts.label)]
    return ", ".join(label_word(language, name) for name in names)


def _place(regions: Sequence[str]) -> str:
    return "; ".join(_name(code) for code in regions)


def _name(code: str) -> str:
    return f"{full_name(code)} ({code})" if full_name(code) != code else code


def _clock(zone: ZoneInfo) -> Callable[[datetime], str]:
    ours = next((name for name, known in ZONES.items() if known.key == zone.key), "")

    def when(moment: datetime) -> str:
        local = moment.astimezone(zone)
        return f"{local:%d/%m/%Y %H.%M} {ours or local.tzname()}"

    return when
