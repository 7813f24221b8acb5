"""The figures of a report: a number with what it counts. A report with a new one tells something new."""

from __future__ import annotations

import re

_UP_TO_ELEVEN = "satu|dua|tiga|empat|lima|enam|tujuh|delapan|sembilan|sepuluh|sebelas"
_NUMBERS = {word: number for number, word in enumerate(_UP_TO_ELEVEN.split("|"), start=1)}
_UNITS = (
    "orang|warga|korban|jiwa|kk|keluarga|anak|siswa|pelajar|petugas|saksi|pemilih|massa|rumah|unit|bangunan|kios|ruko|"
    "tps|suara|lembar|kotak|desa|kelurahan|kecamatan|rt|hektare|hektar|ha|meter|cm|km|ton|miliar|juta|ribu|persen|"
    "luka|tewas|meninggal|hilang|laporan|kasus|titik|perkara|kapal|perahu|motor|mobil|truk|pohon|jembatan|sekolah"
)
_FIGURE = re.compile(
    rf"(?<![\w.,])(\d{{1,3}}(?:\.\d{{3}})+|\d+(?:,\d+)?|{_UP_TO_ELEVEN})(?:[ -](belas|puluh))?\s*"
    rf"(%|(?:{_UNITS})\b)",
    re.IGNORECASE,
)


def figures(text: str) -> frozenset[str]:
    """Numbers with their unit, written one way: "Tujuh orang luka, 1.200 rumah" -> {"7 orang", "1200 rumah"}."""
    return frozenset(f"{_number(m[1], m[2])} {_unit(m[3])}" for m in _FIGURE.finditer(text))


def _number(written: str, ending: str | None) -> str:
    word = written.lower()
    if word not in _NUMBERS:
        return written.replace(".", "")
    number = _NUMBERS[word]
    if ending:
        number = number + 10 if ending.lower() == "belas" else number * 10
    return str(number)


def _unit(written: str) -> str:
    word = written.lower()
    return {"%": "persen", "hektar": "ha", "hektare": "ha"}.get(word, word)
