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

from waspada.items.policy import clean_text
from waspada.spelling import plain_spelling

#: So much of a message is read, in code points; a claim stands near its start.
MESSAGE_CHARS = 2_000
#: So much of a fact-check's headline or claim is read, in code points.
CLAIM_CHARS = 600

_LINK = re.compile(r"(?:https?://|www\.)\S+|\b[\w-]+\.(?:com|id|net|org|me|ly|tv)\b\S*|<\w{2,12}>|(?<!\w)@\w+", re.IGNORECASE)
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
    rf"^\s*(?:[\[(][^\])]{{2,40}}[\])]\s*[:\-–]?\s*|(?:{_VERDICTS})\s*[:!|–—-]+\s*|(?:hoaks?|hoax|cek ?fakta)\s*[,]\s*)+",
    re.IGNORECASE,
)
_ENDING = re.compile(
    r"\s*(?:[,?!:|–—-]\s*(?:ini|begini|simak|cek)?\s*(?:cek ?)?fakta(?:nya)?|[?:–—-]\s*(?:keliru|salah|hoaks?|hoax|tidak benar|palsu))\W*$"
    r"|\s*[\[(](?:salah|keliru|hoaks?|hoax)[\])]\s*$",
    re.IGNORECASE,
)
_DRESSING = re.compile(
    "|".join(
        (
            r"\bass?alam[ou]'?\s?alaikum(?:\s+(?:wr|wb|warahmatullahi|wabarakatuh)\b\.?)*",
            r"\bwa'?alaikum(?:us)?\s?salam\b",
            r"\bbismillah(?:irrahmanirrahim|i?r?rahmanirrahim)?\b",
            r"\b(?:selamat|met)\s+(?:pagi|siang|sore|malam)\b",
            r"\b(?:yth|kepada yth)\b\.?",
            r"\b(?:mohon|tolong|silah?kan|ayo|bantu|harap|segera)?\s*(?:di)?(?:se?bar(?:kan|luaskan)?|viral(?:kan)?|share)"
            r"\s+(?:ke\s+\w+\s+(?:grup|group)?|se ?luas[- ]?luasnya|sebanyak[- ]?banyaknya|info ini|pesan ini|berita ini)",
            r"\b(?:mohon|tolong|silah?kan|ayo|bantu|harap|segera)\s+(?:di)?(?:se?bar(?:kan|luaskan)?|viral(?:kan)?|share)\b",
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
#: What is written short in messages; own list.
_SHORT = dict(
    pair.split(":")
    for pair in (
        "yg:yang dgn:dengan dg:dengan sdh:sudah udh:sudah udah:sudah krn:karena karna:karena utk:untuk dlm:dalam jgn:jangan "
        "tdk:tidak gak:tidak ga:tidak nggak:tidak enggak:tidak ngga:tidak org:orang bpk:bapak pak:bapak pd:pada dr:dari "
        "klo:kalau kalo:kalau klu:kalau jd:jadi tgl:tanggal thn:tahun sm:sama blm:belum dpt:dapat lgsg:langsung "
        "spy:supaya hrs:harus msh:masih sy:saya gw:saya gue:saya skrg:sekarang skrang:sekarang ttg:tentang tsb:tersebut "
        "sbg:sebagai spt:seperti kpd:kepada wa:whatsapp fb:facebook ig:instagram hp:ponsel hape:ponsel bs:bisa "
        "cina:china tiongkok:china rmh:rumah jln:jalan kec:kecamatan kab:kabupaten prov:provinsi pemkab:kabupaten "
        "dapet:dapat liat:lihat ama:sama aja:saja doang:saja bener:benar beneran:benar tau:tahu ngasih:memberi kasih:memberi "
        "hoax:hoaks jt:juta rb:ribu ribuan:ribu jutaan:juta puluhan:puluh ratusan:ratus"
    ).split()
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
    """ "[SALAH] Gempa besok" and "Cek Fakta: Gempa besok? Hoaks" -> "Gempa besok"; never empty for a text with words."""
    bare = _ENDING.sub("", _VERDICT.sub("", headline, count=1)).strip()
    return bare if _WORD.search(bare) else headline.strip()


def _spelled_out(text: str) -> str:
    plain = unicodedata.normalize("NFKC", clean_text(text))
    plain = _HASHTAG.sub(lambda found: " " + _INNER_CAPITAL.sub(" ", found[1]) + " ", _LINK.sub(" ", plain))
    return _STRETCHED.sub(r"\1", plain_spelling(plain))


def _folded(plain: str) -> str:
    """Lower case; "anak2" is two words, shorthand and Banjarese words are Indonesian ones."""
    banjar = _banjar()

    def folded(found: re.Match[str]) -> str:
        word = found.group()
        return _SHORT.get(word) or banjar.get(word) or word

    return " ".join(_WORD.sub(folded, _TWICE.sub(r"\1 \1", plain.lower())).split())


@lru_cache(maxsize=1)
def _banjar() -> dict[str, str]:
    """Banjarese word -> Indonesian word, from `data/banjar.csv` (`python -m benchmarks.build_claim_words`)."""
    text = files("waspada.claims").joinpath("data", "banjar.csv").read_text(encoding="utf-8")
    return {row["banjar"]: row["indonesian"] for row in csv.DictReader(text.splitlines())}
