"""The words of a call, in Indonesian. Pure; every word of content was masked before it comes here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS, percent
from waspada.notify.calls.types import CallMessage, How, Told
from waspada.notify.exercise import MARK
from waspada.notify.rendering import Link, Note, quoted
from waspada.notify.types import Change, Occasion
from waspada.places import full_name
from waspada.taxonomy import Label

#: So many alerts are told in one message; of the rest only how many they are.
ALERTS_TOLD = 5
_MAX_HEADLINE_CHARS, _MAX_WHY_CHARS = 200, 400
_UNVERIFIED, _VERIFIED = "Belum diverifikasi", "Sudah diverifikasi"
_NO_HEADLINE = "(tanpa judul)"
_EXERCISE = f"{MARK}: ini latihan, tidak ada kejadian nyata."
_KINDS = {Occasion.UPDATE: "Pembaruan", Occasion.REPEAT: "Pengingat: belum ada yang menangani"}
_CHANGES = {
    Change.LEVEL: "tingkat naik",
    Change.LABEL: "label baru",
    Change.PLACE: "tempat baru",
    Change.OUTLETS: "lebih banyak media",
}
_HOW = {
    How.FALLBACK: "Tidak ada yang terjadwal jaga dan dapat dihubungi: pesan ini untuk semua anggota meja.",
    How.EVERYBODY: "Yang terjadwal jaga tidak menjawab: pesan ini untuk semua anggota meja.",
}


def note_of(message: CallMessage) -> Note:
    """The message of a call, without a form yet."""
    paragraphs: list[list[str]] = []
    if message.is_exercise:
        paragraphs.append([_EXERCISE])
    if message.how in _HOW and not message.is_exercise:
        paragraphs.append([_HOW[message.how]])
    shown = message.alerts[:ALERTS_TOLD]
    paragraphs += [list(_lines(told, number, len(message.alerts))) for number, told in enumerate(shown, 1)]
    if len(message.alerts) > len(shown):
        paragraphs.append([f"Dan {len(message.alerts) - len(shown)} peringatan lagi: lihat di Waspada."])
    links = [Link("Nyatakan sedang ditangani", message.answer_url)]
    links += [Link(f"Peringatan {told.alert_id}", url) for told, url in zip(shown, message.alert_urls, strict=False)]
    return Note(
        subject=_subject(message),
        paragraphs=paragraphs,
        links=links,
        foot=list(_foot(message)),
        tag=f"waspada-call-{message.call_id}",
        stream=f"desk-{message.desk}",
    )


def _subject(message: CallMessage) -> str:
    top = max(message.alerts, key=lambda told: told.level)
    more = f" (+{len(message.alerts) - 1})" if len(message.alerts) > 1 else ""
    where = f"{top.place}: " if top.place else ""
    words = f"Waspada tingkat {top.level}{more}: {where}{quoted(top.headline, _MAX_HEADLINE_CHARS) or _NO_HEADLINE}"
    return f"{MARK}: {words}" if message.is_exercise else words


def _lines(told: Told, number: int, of: int) -> Iterator[str]:
    headline = quoted(told.headline, _MAX_HEADLINE_CHARS) or _NO_HEADLINE
    yield f"{number}. {headline}" if of > 1 else headline
    label = LABEL_WORDS.get(Label(told.label), told.label) if told.label in set(Label) else told.label
    yield f"Tingkat {told.level} ({LEVEL_WORDS[told.level]}) · {_VERIFIED if told.is_verified else _UNVERIFIED}"
    yield f"{label.capitalize()}, keyakinan {percent(told.confidence)} % · {_sources(told)}"
    if told.place:
        yield f"Tempat: {told.place}"
    if told.kind in _KINDS:
        what = ", ".join(_CHANGES[change] for change in told.changes)
        yield f"{_KINDS[told.kind]}: {what}" if what else _KINDS[told.kind]
    if told.why:
        yield f"Mengapa: {quoted(told.why, _MAX_WHY_CHARS)}"


def _sources(told: Told) -> str:
    parts = [f"{told.outlets} media"] if told.outlets else []
    parts += [f"{told.voices} suara publik"] if told.voices else []
    return " dan ".join(parts) or "1 sumber"


def _foot(message: CallMessage) -> Iterator[str]:
    yield f"Meja {full_name(message.desk)}."
    if message.waits is not None:
        yield f"Bila tidak dijawab dalam {_minutes(message.waits)} menit, petugas berikutnya dipanggil."
    yield "Tautan jawaban berlaku 24 jam. Membukanya belum menjawab; tombol di halamannya yang menjawab."
    held = ", ".join(f"{_label(name)} {count}" for name, count in _sorted(message.held))
    if held:
        yield f"Ditahan oleh batas giliran ini: {held}. Semuanya ada di halaman Pemberitahuan."
    if message.held_own:
        yield f"Panggilan kepada Anda yang ditahan dalam giliran ini: {message.held_own}. Lihat halaman Panggilan."


def _sorted(held: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(held.items())


def _label(name: str) -> str:
    return next((word for label, word in LABEL_WORDS.items() if label.value == name), name)


def _minutes(time: timedelta) -> int:
    return max(1, time // timedelta(minutes=1))
