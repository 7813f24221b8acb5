"""Where sentences begin and end, as code-point offsets into the text as it was given.

Rules only: a sentence ends at `.`, `!`, `?` or `…` before white space and a capital, digit or quotation mark, or at a
line break. Abbreviations of Indonesian news ("Jl.", "H.", "Kab.", "S.H.") and single initials do not end one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_BOUNDARY = re.compile(
    r"""(?P<stop>[.!?…]+["'”’»)\]]*)\s+(?=["'“‘«(\[]*[^\W_a-z])   # a stop, then something that opens a sentence
      | (?P<line>[\r\n\u2028\u2029]+)                              # or a line break
    """,
    re.VERBOSE,
)
_LAST_WORD = re.compile(r"[^\s(\"'“‘]{1,12}$")
_ABBREVIATIONS = frozenset(
    word + "."
    for word in re.findall(
        r"\S+",
        """
        a.n al bpk dll dr drg drh drs dra dsb dst gg gub h hj hlm ir jend jl jln kab kec kel kh k.h km kol let letjen
        mayjen m.h m.pd m.si no pdt prof prop prov r rp rt rw s.ag s.e s.h s.ik s.ip s.pd s.sos sdr sdri st tgl tgk
        ust yth
        """,
    )
)


@dataclass(frozen=True, slots=True)
class Span:
    """Half-open range of code points."""

    start: int
    end: int


def split_sentences(text: str, limit_chars: int | None = None) -> list[Span]:
    """Sentences of the first `limit_chars` code points, trimmed of white space, in order, never empty.

    `text[span.start:span.end]` is the sentence; the last one may be cut off by the limit.
    """
    window = text if limit_chars is None else text[:limit_chars]
    spans: list[Span] = []
    start = 0
    for match in _BOUNDARY.finditer(window):
        if match["stop"] and _is_abbreviation(window, start, match.end("stop")):
            continue
        _append_trimmed(spans, window, start, match.end("stop") if match["stop"] else match.start())
        start = match.end()
    _append_trimmed(spans, window, start, len(window))
    return spans


def _is_abbreviation(text: str, start: int, stop_end: int) -> bool:
    if text[stop_end - 1] != ".":
        return False
    found = _LAST_WORD.search(text[max(start, stop_end - 14) : stop_end])
    if found is None:
        return False
    word = found.group()
    is_initial = len(word) == 2 and word[0].isupper()
    return is_initial or word.lower() in _ABBREVIATIONS


def _append_trimmed(spans: list[Span], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    left = len(piece) - len(piece.lstrip())
    right = len(piece.rstrip())
    if right > left:
        spans.append(Span(start + left, start + right))
