"""The form in which a circulating text and a fact-check are compared: words without disguise, dialect and dressing.

Two texts that say the same should fold to the same words: "V4ks1n", "vaksin" and "𝘷𝘢𝘬𝘴𝘪𝘯"; "kada", "gak" and "tidak";
"#SuratSuara" and "surat suara". What a chain message carries around its claim (greetings, "sebarkan", marks of
forwarding) and the verdict in front of a fact-check's headline say nothing about the claim and go.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from waspada.banjar.reading import words
from waspada.items.policy import clean_text
from waspada.spelling import plain_spelling

#: So much of a message is read, in code points; a claim stands near its start.
MESSAGE_CHARS = 2_000
#: So much of a fact-check's headline or claim is read, in code points.
CLAIM_CHARS = 600

_LINK = re.compile(
    r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|id|net|org|me|ly|tv)\b\S*|<\w{2,12}>|(?<!\w)@\w+", re.IGNORECASE
)
_HASHTAG = re.compile(r"#(\w+)")
_INNER_CAPITAL = re.compile(r"(?<=[a-z])(?=[A-Z0-9])")
_STRETCHED = re.compile(r"([^\W\d_])\1{2,}")
_TWICE = re.compile(r"\b([^\W\d_]{3,})2\b")
_WORD = re.compile(r"\w+")
_VERDICTS = (
    r"salah|keliru|hoaks?|hoax|palsu|benar|klarifikasi|disinformasi|misinformasi|fitnah|berita|edukasi|false|true"
    r"|sebagian benar|kurang tepat|tidak terbukti|menyesatkan|penipuan|cek ?fakta|fact ?check"
)
_VERDICT = re.compile(
    rf"^\s*(?:[\[(][^\])]{{2,40}}[\])]\s*[:\-–]?\s*|(?:{_VERDICTS})\s*[:!|–—-]+\s*"
    r"|(?:hoaks?|hoax|cek ?fakta)\s*[,]\s*)+",
    re.IGNORECASE,
)
#: A verdict that stands before the claim, by itself or in brackets.
_SAID = re.compile(
    rf"^\s*(?:[\[(]\s*((?:[^\])]{{0,30}}\s)?(?:{_VERDICTS})\b[^\])]{{0,30}})[\])]\s*[:\-–]?|({_VERDICTS})\s*[:!])\s*",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\s*(?:[,?!:|–—-]\s*(?:ini|begini|simak|cek)?\s*(?:cek ?)?fakta(?:nya)?"
    r"|[?:–—-]\s*(?:keliru|salah|hoaks?|hoax|tidak benar|palsu))\W*$"
    r"|\s*[\[(](?:salah|keliru|hoaks?|hoax)[\])]\s*$",
    re.IGNORECASE,
)
_PLEASE = r"\b(?:mohon|tolong|silah?kan|ayo|bantu|harap|segera)"
_SPREAD = r"\s+(?:di)?(?:se?bar(?:kan|luaskan)?|viral(?:kan)?|share)"
_DRESSING = re.compile(
    "|".join(
        (
            r"\bass?alam[ou]'?\s?alaikum(?:\s+(?:wr|wb|warahmatullahi|wabarakatuh)\b\.?)*",
            r"\bwa'?alaikum(?:us)?\s?salam\b",
            r"\bbismillah(?:irrahmanirrahim|i?r?rahmanirrahim)?\b",
            r"\b(?:selamat|met)\s+(?:pagi|siang|sore|malam)\b",
            r"\b(?:yth|kepada yth)\b\.?",
            rf"(?:{_PLEASE}?{_SPREAD}|\b(?:sebarkan|viralkan|share))"
            r"\s+(?:ke\s+\w+\s+(?:grup|group)?|se ?luas[- ]?luasnya|sebanyak[- ]?banyaknya|(?:info|pesan|berita) ini)",
            rf"{_PLEASE}{_SPREAD}\b",
            r"\b(?:sebarkan|viralkan|share|bagikan)\s*(?:[!.]|$)",
            r"\b(?:diteruskan|forwarded)(?:\s+(?:berkali[- ]?kali|many times|dari\s+grup\s+\w+))?\b",
            r"\b(?:copas|copy ?paste|info)\s+(?:dari\s+)?(?:grup|group)\s+(?:sebelah|wa|tetangga)\b",
            r"\b(?:dari|info)\s+grup\s+sebelah\b",
            r"\bsemoga\s+bermanfaat\b",
            r"\b(?:mohon|maaf)\s+(?:izin|ijin)\s+(?:share|meneruskan|info)\b",
            r"\bsekadar\s+(?:info|informasi|meneruskan|mengingatkan)\b",
            r"\b(?:aamiin|amin)(?:\s+ya\s+rabbal\s+alamin)?\b",
        )
    ),
    re.IGNORECASE,
)


def message_text(text: str) -> str:
    """What circulated, folded, in lower case, its dressing taken off; at most `MESSAGE_CHARS` code points are read."""
    plain = _spelled_out(text[:MESSAGE_CHARS])
    bare = _DRESSING.sub(" ", plain)
    return _folded(bare if _WORD.search(bare) else plain)


def claim_text(text: str) -> str:
    """A fact-check's headline or claim, folded, its verdict taken off; at most `CLAIM_CHARS` code points are read."""
    return _folded(_spelled_out(without_verdict(text[:CLAIM_CHARS])))


def words_of(folded: str) -> list[str]:
    """The words of a folded text, in order."""
    return _WORD.findall(folded)


def without_verdict(headline: str) -> str:
    """ "[SALAH] Gempa besok" and "Cek Fakta: Gempa besok? Hoaks": "Gempa besok"; empty only without words."""
    bare = _ENDING.sub("", _VERDICT.sub("", headline, count=1)).strip()
    return bare if _WORD.search(bare) else headline.strip()


def split_verdict(headline: str) -> tuple[str, str]:
    """Verdict and claim of a fact-check's headline: "[SALAH] Surat suara..." -> ("SALAH", "Surat suara...").

    What stands in brackets is one only where it says so: "[VIDEO]" is none.
    """
    found = _SAID.match(headline)
    if found is None:
        return "", headline.strip()
    return (found[1] or found[2]).strip().upper(), headline[found.end() :].strip()


def _spelled_out(text: str) -> str:
    plain = unicodedata.normalize("NFKC", clean_text(text))
    plain = _HASHTAG.sub(lambda found: " " + _INNER_CAPITAL.sub(" ", found[1]) + " ", _LINK.sub(" ", plain))
    return _STRETCHED.sub(r"\1", plain_spelling(plain))


def _folded(plain: str) -> str:
    """Lower case; "anak2" is two words, shorthand and Banjarese words are Indonesian ones."""
    known = _known()

    def folded(found: re.Match[str]) -> str:
        return known.get(found.group(), found.group())

    return " ".join(_WORD.sub(folded, _TWICE.sub(r"\1 \1", plain.lower())).split())


@lru_cache(maxsize=1)
def _known() -> dict[str, str]:
    """Word -> the word it stands for: Banjarese (waspada/banjar) and what is written short in messages (own list)."""
    text = files("waspada.claims").joinpath("data", "short.csv").read_text(encoding="utf-8")
    return {**words(), **dict(list(csv.reader(text.splitlines()))[1:])}
