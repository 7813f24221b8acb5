"""Contacts and numbers of people, masked in public posts before anything is stored.

Each kind has one pattern whose repetitions are bounded, so the time grows with the length of the text alone. Numbers
that are no contacts stay: times, dates, rupiah, votes, percentages, polling stations, years, laws, coordinates,
hashtags.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

AKUN: Final = "[akun]"
TELEPON: Final = "[telepon]"
SUREL: Final = "[surel]"
NIK: Final = "[nik]"
REKENING: Final = "[rekening]"

Span = tuple[int, int]

# Signs that people use for others, one for one, so that offsets stay.
_ALIKE: Final = {
    **{ord(odd): " " for odd in "\u00a0\u2007\u2009\u200a\u202f\u3000\t"},
    **{ord(odd): "-" for odd in "\u2010\u2011\u2012\u2013\u2014\u2212\u200b\u200c\u200d\u2060\ufeff\u00ad"},
    **{ord(odd): "." for odd in "\uff0e\u00b7\u2022"},
    ord("\uff20"): "@",
    ord("\uff0b"): "+",
    **{0xFF10 + digit: str(digit) for digit in range(10)},
    **{0x0660 + digit: str(digit) for digit in range(10)},
    **{0x06F0 + digit: str(digit) for digit in range(10)},
}

_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = rf"{_LABEL}(?:\.{_LABEL}){{1,6}}"
_EMAIL = re.compile(rf"(?<![\w.+%-])[\w.+%-]{{1,64}}@{_LABEL}(?:\.{_LABEL}){{1,6}}", re.IGNORECASE)
_AT, _DOT = r"\s?[(\[]\s?at\s?[)\]]\s?", r"(?:\.|\s?[(\[]\s?(?:dot|titik)\s?[)\]]\s?)"
_EMAIL_SPELT = re.compile(rf"(?<![\w.+%-])[\w.+%-]{{1,64}}{_AT}{_LABEL}(?:{_DOT}{_LABEL}){{1,6}}", re.IGNORECASE)
_FEDIVERSE = re.compile(rf"@[\w.-]{{1,64}}@{_HOST}", re.IGNORECASE)
_UNIT = r"(?:kg|gr?|ml|l|lt|liter|rb|ribu|k|jt|juta|pcs|org|orang|pax|m|cm|lembar|buah|unit|hari|jam|%)"
_MENTION = re.compile(rf"@(?!rp\.?\s?\d)(?!\d+(?:[.,]\d+)*\s?(?:{_UNIT})?(?!\w))\w(?:[\w.-]{{0,62}}\w)?", re.IGNORECASE)
_PROFILE = re.compile(
    r"(?<![\w@-])(?:(?:twitter|instagram|facebook|fb|threads|tiktok)\.(?:com|net|me)|x\.com|t\.me|"
    r"bsky\.app/profile|chat\.whatsapp\.com(?:/invite)?)/([\w.%+-]{2,80})",
    re.IGNORECASE,
)

_SEP = r"[ .\-]"
_NO_MONEY = r"(?<!rp)(?<!rp\.)(?<!rp )(?<!rp\. )(?<!idr )"
_START = rf"(?<![\w])(?<!\d[.,:/]){_NO_MONEY}"
_WHATSAPP = re.compile(r"(?:wa\.me|whatsapp\.com/send/?\?phone=|wa\.link)/?\+?([\w+-]{5,32})", re.IGNORECASE)
_MOBILE_PREFIX = r"8[1-35-9]\d"
_MOBILE = re.compile(
    rf"(?<![\w])(?<!\d[.,:/]){_NO_MONEY}\(?(?:0|\+?62{_SEP}{{0,2}}(?:\(0\)|0)?|0062{_SEP}?)\)?{_SEP}?{_MOBILE_PREFIX}\)?"
    rf"(?:[ .\-]{{0,3}}\d){{5,10}}(?!\d)",
    re.IGNORECASE,
)
_SPELT = re.compile(rf"{_START}0([ .\-])8(?:\1\d){{8,11}}(?!\1?\d)", re.IGNORECASE)
_ABROAD = re.compile(r"(?<![\w])\+\d{1,3}[ \-]?(?:\(\d{1,4}\)[ \-]?)?\d(?:[ \-]?\d){6,12}(?![.,]?\d)")
_LANDLINE = re.compile(
    rf"(?<!tps ){_START}(?:\(0[2-79]\d{{1,2}}\) ?|0[2-79]\d{{1,2}}[ \-])"
    r"\d{3,4}[ .\-]?\d{3,4}(?:[ \-]\d{1,3})?(?![.,]?\d)",
    re.IGNORECASE,
)

# 16 digits, or the 18 of a civil servant, in the groups in which people write them.
_NIK_GROUPS = ("4 4 4 4", "6 6 4", "6 10", "12 4", "8 8", "2 2 2 6 4", "2 2 2 2 2 2 4", "6 2 2 2 4", "8 6 1 3")
_NIK = re.compile(
    r"(?<!\d)(?:\d{16,20}|"
    + "|".join(r"[ .\-]".join(rf"\d{{{size}}}" for size in groups.split()) for groups in _NIK_GROUPS)
    + r"|\d(?:[ ]\d){15}|\d(?:[.\-]\d){15})(?!\d)"
)
_NIK_NAMED = re.compile(
    r"(?<![\w\[])(?:nik|nokk|no\.? ?kk|kk|ktp|nip)\b[^\d\n\[]{0,15}(\d(?:[ .\-]?\d){13,19})(?!\d)", re.IGNORECASE
)
_ACCOUNT = re.compile(
    r"(?<![\w\[])(?:no\.?\s?)?(?:rek(?:ening)?|norek|virtual account|bca|bri|bni|mandiri|bsi|btn|"
    r"bank kalsel|gopay|dana|ovo)\b"
    r"([^\d\n\[]{0,40}?)(?<![\d.,])(\d(?:[ .\-]?\d){6,19})(?![.,]?\d)"
    r"(?!\s?(?:rupiah|ribu|rb|juta|jt|miliar|triliun|suara|persen|%|orang))",
    re.IGNORECASE,
)
_THOUSANDS = re.compile(r"\d{1,3}(?:\.\d{3}){1,7}|\d{1,3}(?:,\d{3}){1,7}")
_AMOUNT_WORD = re.compile(
    r"rp|rupiah|sebesar|senilai|saldo|sejumlah|sebanyak|nominal|total|idr|tanggal|tahun|pukul", re.IGNORECASE
)
_DATE = re.compile(
    r"(?:[0-3]?\d[ .\-][01]?\d[ .\-](?:19|20)\d\d|(?:19|20)\d\d[ .\-][01]?\d[ .\-][0-3]?\d)(?:[ .\-][\d.: \-]*)?"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_DIGIT = re.compile(r"\d")


def mask_contacts(text: str) -> str:
    """The text with contacts and numbers of people replaced by fixed tokens; masking twice changes nothing more.

    [akun]: mentions, fediverse handles, profile links. [surel]: e-mail addresses. [telepon]: Indonesian and foreign
    telephone numbers and WhatsApp links. [nik]: identity, family-card and civil-servant numbers. [rekening]: bank
    account and wallet numbers. Never raises; any plain text goes in.
    """
    while (masked := _masked_once(text)) != text:
        text = masked
    return text


def _masked_once(text: str) -> str:
    alike = text if text.isascii() and "\t" not in text else text.translate(_ALIKE)
    digits = _DIGIT.search(alike) is not None
    for mask, trigger, find in _FINDERS:
        if digits if trigger == "0" else trigger in alike:
            spans = list(find(alike))
            same = alike is text
            text = _replaced(text, spans, mask)
            alike = text if same else _replaced(alike, spans, mask)
    return text


def _replaced(text: str, spans: list[Span], mask: str) -> str:
    pieces: list[str] = []
    last = 0
    for start, end in spans:
        pieces += (text[last:start], mask)
        last = end
    return "".join((*pieces, text[last:])) if pieces else text


def _whole(pattern: re.Pattern[str]) -> Callable[[str], Iterator[Span]]:
    """A finder of all that a pattern matches; of its last group where it has one that took part."""

    def find(text: str) -> Iterator[Span]:
        for found in pattern.finditer(text):
            yield found.span(found.lastindex or 0)

    return find


def _phones(pattern: re.Pattern[str], least_digits: int, most_digits: int) -> Callable[[str], Iterator[Span]]:
    """A finder of numbers with so many digits that are not written as an amount."""

    def find(text: str) -> Iterator[Span]:
        for found in pattern.finditer(text):
            number = found.group()
            digits = len(_DIGIT.findall(number))
            if least_digits <= digits <= most_digits and not _THOUSANDS.fullmatch(number):
                yield found.span()

    return find


def _identities(text: str) -> Iterator[Span]:
    for found in _NIK.finditer(text):
        number = found.group()
        groups = re.split(r"[ .\-]", number)
        years = len(groups) == 4 and all(_YEAR.fullmatch(group) for group in groups)
        money = text[max(0, found.start() - 5) : found.start()].lower().rstrip(" .").endswith(("rp", "idr"))
        if not years and not (money and not _looks_like_nik(number)):
            yield found.span()


def _looks_like_nik(number: str) -> bool:
    """Whether 16 digits can be an identity number: province 11-99, day 1-31 or 41-71, month 1-12."""
    digits = "".join(_DIGIT.findall(number))
    day, month = int(digits[6:8]), int(digits[8:10])
    return int(digits[:2]) >= 11 and (1 <= day <= 31 or 41 <= day <= 71) and 1 <= month <= 12


def _accounts(text: str) -> Iterator[Span]:
    for found in _ACCOUNT.finditer(text):
        between, number = found.groups()
        digits = len(_DIGIT.findall(number))
        amount = _THOUSANDS.fullmatch(number) or _AMOUNT_WORD.search(between)
        if digits >= 8 and not amount and not _DATE.fullmatch(number):
            yield found.span(2)


# The mask, what a text must hold for the finder to look at all ("0" is any digit), and the finder; in this order.
_FINDERS: Final[tuple[tuple[str, str, Callable[[str], Iterator[Span]]], ...]] = (
    (AKUN, "@", _whole(_FEDIVERSE)),
    (SUREL, "@", _whole(_EMAIL)),
    (SUREL, "(", _whole(_EMAIL_SPELT)),
    (SUREL, "[", _whole(_EMAIL_SPELT)),
    (TELEPON, "/", _whole(_WHATSAPP)),
    (AKUN, "/", _whole(_PROFILE)),
    (AKUN, "@", _whole(_MENTION)),
    (NIK, "0", _whole(_NIK_NAMED)),
    (NIK, "0", _identities),
    (REKENING, "0", _accounts),
    (TELEPON, "0", _phones(_MOBILE, 9, 15)),
    (TELEPON, "0", _phones(_SPELT, 10, 13)),
    (TELEPON, "0", _phones(_LANDLINE, 9, 13)),
    (TELEPON, "+", _phones(_ABROAD, 8, 15)),
)
