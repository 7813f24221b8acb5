"""What circulated, as a fact-check quotes it: Indonesian fact-checkers call that part "Narasi".

The headline of a fact-check is the outlet's own wording; the quoted narrative holds the words that people pass on.
"""

from __future__ import annotations

import re
from itertools import takewhile

#: Longest narrative that is kept, in code points: enough to recognise a message, no copy of an article.
MAX_NARRATIVE = 600
#: Fewer words tell one message from no other.
_LEAST_WORDS = 6
_HEADING = re.compile(
    r"^\W{0,4}(?:isi |bunyi |transkrip(?:si)? )?(?:narasi(?:nya)?|klaim|isi pesan|unggahan)"
    r"(?: yang beredar| lengkap(?:nya)?)?\W{0,3}(?:[:=]\s*(?P<rest>.*))?$",
    re.IGNORECASE,
)
_NEXT_PART = re.compile(
    r"^\W{0,4}(?:penjelasan|kategori|sumber|rujukan|referensi|hasil (?:cek|periksa|pemeriksaan)|pemeriksaan( fakta)?|"
    r"kesimpulan|fakta(?:nya)?|cek fakta|verifikasi|hasil penelusuran|penelusuran)(?: fakta)?\W{0,3}(?:[:=].*)?$",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“”«]([^\"“”«»]{20,2000})[\"“”»]")
_BEFORE_QUOTE = re.compile(
    r"\b(narasi|unggahan|pesan|klaim|mengklaim|beredar|berbunyi|tertulis|bertuliskan|menuliskan|menyebut|keterangan)\b",
    re.IGNORECASE,
)
_LOOKED_BEFORE = 200


def narrative_of(text: str) -> str:
    """The narrative that a fact-check's body quotes, at most `MAX_NARRATIVE` code points; "" where none is marked.

    A part headed "Narasi" is taken first, then the first longer quotation that is introduced as what circulates.
    """
    found = _under_heading(text.split("\n")) or _quotation(text)
    plain = " ".join(found.split()).strip(" \"“”«»'")
    return _cut(plain) if len(plain.split()) >= _LEAST_WORDS else ""


def _under_heading(lines: list[str]) -> str:
    for number, line in enumerate(lines):
        head = _HEADING.match(line) if len(line) <= 2 * MAX_NARRATIVE else None
        if head is not None:
            following = takewhile(lambda one: not _NEXT_PART.match(one[:200]), lines[number + 1 : number + 20])
            found = head["rest"] or ""
            for one in following:
                if len(found) > MAX_NARRATIVE or (found and head["rest"]):
                    break
                found = f"{found}\n{one}".strip()
            if found:
                return found
    return ""


def _quotation(text: str) -> str:
    for quote in _QUOTED.finditer(text):
        before = text[max(0, quote.start() - _LOOKED_BEFORE) : quote.start()]
        if _BEFORE_QUOTE.search(before.rpartition("\n")[2]):
            return quote[1]
    return ""


def _cut(text: str) -> str:
    return text if len(text) <= MAX_NARRATIVE else text[:MAX_NARRATIVE].rpartition(" ")[0] or text[:MAX_NARRATIVE]
