"""Which hashtags and words a source of public posts may follow: places and topics, never the name of a person.

A word list is a standing search (design, rule 9). So each word must be a place of the gazetteer or a topic of the list
below, or a compound of them, of filling words and numbers ("infokalsel", "savekalsel", "pilkada2024"). What is left
over of a compound could be a name, so nothing may be. A place that is also somebody's name passes: this is a bar
against searches for persons, no proof of their absence.
"""

from __future__ import annotations

import re
from functools import lru_cache

from waspada.errors import InputError
from waspada.places.names import name_index, name_key

#: Topics of the codebook, institutions of elections, and words for news of a region.
_TOPIC_TEXT = """
    asap asn asusila banjar banjir banua bawaslu beliung bencana bentrok berita borneo bpbd caleg coblos coblosan
    count damkar demo demokrasi dkpp dprd gempa golput hitung hoaks hoax info intimidasi jalan kabar
    kalimantan kampanye karhutla kebakaran kecurangan kerusuhan konflik kpps kpu listrik logistik longsor money
    netralitas panwaslu pasar pemilihan pemilu pemkab pemkot pemprov pemungutan pengawas penghitungan pilbup pileg
    pilgub pilkada pilkades pilpres pilwali pilwalkot polda politik polres polsek ppk pps psu puting quick rasa
    rekap rekapitulasi sara sengketa serangan seranganfajar suara surat tawuran tps uang ulang unjuk viral warga
"""
_TOPICS = frozenset(_TOPIC_TEXT.split())
#: Words that stand beside a place or topic in a hashtag and name nobody.
_FILLER_TEXT = """
    aman anti atas bawah barat bebas bergerak bersama bersatu bersih berubah bisa city cegah com cinta damai darurat di
    hari ini hebat id ingat jaga jujur kab kami kec kita kota kpud lawan maju melawan menolak menuju news nusantara
    online ott pantau pasca pasti peduli pray for provinsi prov raya resmi sahabat salam save selamat selatan semua
    seputar siaga stop tengah tenggara terkini timur tolak tv untuk update utara wilayah
"""
_FILLERS = frozenset(_FILLER_TEXT.split())
#: The shortest place that counts within a compound: shorter ones stand in too many names by chance.
_LEAST_PLACE = 4
_LONGEST_COMPOUND = 60
#: A year is part of many hashtags; a longer number may be somebody's.
_LONG_NUMBER = re.compile(r"\d{5}")


def check_watchword(word: str) -> None:
    """Raises InputError for a hashtag or word that is neither a place nor a topic."""
    letters = "".join(re.split(r"[\W_\d]+", word.casefold()))
    if _LONG_NUMBER.search(word) or not (_is_place(word) or _is_compound(letters)):
        raise InputError(
            f"The word {word!r} is neither a place nor a topic that may be followed.",
            hint="Sources follow places and topics (kalsel, banjarmasin, pilkada, banjir), never a person.",
        )


def _is_compound(token: str) -> bool:
    """Whether the token is nothing but places, topics and filling words, one of the first two at least."""
    if len(token) > _LONGEST_COMPOUND:
        return False
    whole = {0: False}  # where a row of known words may end -> whether a place or topic is among them
    for start in range(len(token)):
        if start not in whole:
            continue
        for end in range(start + 2, len(token) + 1):
            part = token[start:end]
            subject = part in _TOPICS or (len(part) >= _LEAST_PLACE and _is_place(part))
            if subject or part in _FILLERS:
                whole[end] = whole.get(end, False) or subject or whole[start]
    return whole.get(len(token), False)


@lru_cache(maxsize=8192)
def _is_place(name: str) -> bool:
    key, index = name_key(name), name_index()
    return bool(key) and (key in index.regions or key in index.districts)
