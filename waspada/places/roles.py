"""What a place does in its sentence: the scene of the event, an office's region, an origin, a desk's dateline.

Reads the words right before and behind a mention. The words are the trade's knowledge, written by hand.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from enum import StrEnum

from waspada.places.lexicon import AUTHORITIES, OFFICE_WORDS
from waspada.places.types import PlaceMention


class Role(StrEnum):
    """Why a mention weighs more or less than a bare name. Checked in this order; the first that fits stands."""

    LINK = "link"  # in "Baca juga: ...", the title of another article
    DATELINE = "dateline"  # "SURYA.CO.ID, TUBAN -": where the desk sits, or where it happened
    GROUP = "group"  # "KKB Papua": the name of a group
    ORIGIN = "origin"  # "asal Sampang": where somebody comes from
    SEAT = "seat"  # "di Mabes Polri, Jakarta": where a body of the whole country sits
    FORMER = "former"  # "mantan Bupati X": an office that somebody held
    COMPARISON = "comparison"  # "seperti di X", "selain X": another case
    DIRECTION = "direction"  # "menuju X", "dari X": one end of a way
    OFFICE = "office"  # "Bupati X", "KPU Kabupaten X": its acts happen in its region
    EVENT = "event"  # "banjir X", "Pilkada X"
    HAPPENED = "happened"  # "berlangsung di gedung itu, X": a verb of happening leads to it
    SCENE = "scene"  # "di X", "wilayah X"
    BARE = "bare"


#: Bodies of the whole country sit here.
CAPITAL = "31"
_BEFORE, _BEHIND = 110, 40
#: How long the title behind "Baca juga" is taken to be, where no line ends it.
_LINK_CHARS = 110
_LINK = re.compile(
    r"(?:baca juga|simak juga|lihat juga|baca selengkapnya|tonton juga|pilihan redaksi)\W", re.IGNORECASE
)
#: An outlet's name and a place before a dash, or a place before "(ANTARA)", at the very start of a text.
_DATELINE_START = 130
_DATELINE_HEAD = re.compile(r"(?:laporan .{0,80}?)?(?:[\w.|/]+[\s|,–—-]+){0,4}\s*", re.IGNORECASE)
_DATELINE_TAIL = re.compile(
    r"(?:, [A-Z][\w. ]{2,25})?\s*(?:\(antara|,?\s*(?:–|—|--|-)(?=\s|[A-Z])|, [\w.]+\.(?:com|id|co)\b)", re.I
)
_KIND = r"(?:(?:provinsi|kabupaten|kab\.?|kota|kecamatan|kec\.?|desa|kelurahan|distrik|kampung|nagari)\s+)?"


def _ends(words: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{words})\s+{_KIND}$", re.IGNORECASE)


#: Names that speak of a project or a body more often than of the ground it stands on.
_PROJECTS = frozenset({"IKN", "Polda Metro Jaya"})
_GROUP = _ends("kkb|kst|opm|tpnpb|operasi|satgas|bank|universitas|kodam|laskar|front|aliansi mahasiswa")
_ORIGIN = _ends(
    r"asal|asli|kelahiran|berasal dari|warga asal|keturunan|perantau|merantau dari|didatangkan dari|kiriman dari|pelat"
    r"|dikirim dari|diimpor dari|ber-?ktp|domisili|berdomisili di|lahir di|besar di|beralamat di|rombongan dari|alumni"
    "|alumnus"
)
_FORMER = _ends(r"(?:mantan|eks|bekas)\s+(?:\w+\s+){0,2}\w+(?:\s+dprd)?")
_COMPARISON = _ends(
    r"seperti(?:\s+\w+)?(?:\s+di)?|selain(?:\s+di)?|termasuk(?:\s+di)?|juga(?:\s+\w+)?\s+di|misalnya(?:\s+di)?"
    r"|sebelumnya(?:\s+\w+)?\s+di"
)
_DIRECTION = _ends(r"ke|dari|menuju|tujuan|jurusan|arah|via|hingga|sampai|dibawa ke|antara")
_SCENE = _ends(
    r"di|di (?:daerah|wilayah|kawasan|sekitar|seluruh|dekat|pusat)|wilayah|daerah|kawasan|sekitar|se|pesisir|perairan"
    r"|pelosok|warga|masyarakat|penduduk|pemilih|tps|dapil|lokasi|bertempat di"
)
_VISIT = _ends(
    r"(?:kunjungi|mengunjungi|sambangi|menyambangi|datangi|mendatangi|tinjau|meninjau)|(?:sowan|berkunjung|kunjungan"
    r"|kunker|bertandang|datang|turun|safari|lawatan|tiba)(?:\s+kerja)?\s+(?:ke|di)"
)
_HAPPENED = re.compile(
    r"(?<!\w)(?:terjadi|berlangsung|digelar|bertempat|dilaksanakan|diadakan|diselenggarakan|ditemukan|ditangkap|diamankan"
    r"|melanda|mengguyur|merendam|menerjang|mengguncang|dipusatkan|berpusat|meletus|tewas|dibakar|dirusak|ditembak)"
    rf"(?:\s[^.!?\n]{{0,45}}?\s|\s)(?:di|pada|kawasan|wilayah)?\s*(?:[^.!?\n]{{0,40}},\s*)?{_KIND}$",
    re.IGNORECASE,
)
_SEAT = re.compile(
    r"(?<!\w)(?:mabes|bareskrim|gedung|istana|kompleks parlemen|kementerian|senayan"
    r"|kantor (?:kpu|bawaslu|dpp|wakil|staf|kemen\w+)|menteng|mahkamah konstitusi|mk|dpp|kpk|dpr)"
    r"(?!\w)[^.!?\n]{0,45},\s*$",
    re.IGNORECASE,
)
_EVENT = _ends(
    "banjir|gempa|longsor|tsunami|kebakaran|karhutla|erupsi|kerusuhan|rusuh|ricuh|bentrok|bentrokan|tawuran|demo|aksi"
    "|konflik|sengketa|pilkada|pilgub|pilbup|pilwalkot|pilwali|pilkades|pemilu|psu|tragedi|insiden|kasus|teror|bom"
    "|penembakan|penyerangan|pembunuhan|kecelakaan|musibah|bencana|wabah|kekeringan|angin kencang|puting beliung"
)
_OFFICE_WORDS = "|".join(sorted({*OFFICE_WORDS, *AUTHORITIES}, key=len, reverse=True))
_OFFICE = re.compile(rf"(?<!\w)(?:{_OFFICE_WORDS}|wali kota|dinas \w+|dinas|pemerintah|pj)\s+{_KIND}$", re.IGNORECASE)

_BY_WORDS = (
    (Role.GROUP, _GROUP),
    (Role.ORIGIN, _ORIGIN),
    (Role.FORMER, _FORMER),
    (Role.COMPARISON, _COMPARISON),
    (Role.HAPPENED, _HAPPENED),
    (Role.SCENE, _VISIT),
    (Role.SCENE, _SCENE),
    (Role.DIRECTION, _DIRECTION),
    (Role.EVENT, _EVENT),
    (Role.OFFICE, _OFFICE),
)


def roles_of(mentions: Sequence[PlaceMention], title: str, text: str) -> list[Role]:
    """The role of each mention, in the order of the mentions. A region right behind its place has its place's role."""
    links = [(found.start(), _end_of_link(text, found.end())) for found in _LINK.finditer(text)]
    link_starts = [start for start, _ in links]
    found: list[Role] = []
    for at, mention in enumerate(mentions):
        field = title if mention.field == "title" else text
        if at and is_apposition(mentions[at - 1], mention, field):
            found.append(found[-1])
        elif mention.field == "text" and _is_in_link(mention.start, links, link_starts):
            found.append(Role.LINK)
        elif mention.field == "text" and _is_dateline(text, mention):
            found.append(Role.DATELINE)
        else:
            found.append(_role(field, mention))
    return found


def is_apposition(before: PlaceMention, mention: PlaceMention, field: str) -> bool:
    """Whether the region stands right behind a place that lies in it ("Gambut, Kabupaten Banjar", "Poso (Sulteng)")."""
    if before.field != mention.field or len(before.code) <= len(mention.code):
        return False
    is_above = before.code.startswith(mention.code) or before.code[0] == mention.code[0] == "9"
    return is_above and field[before.end : mention.start].strip() in {"", ",", "(", "-", ", di", "di", "/"}


def _role(field: str, mention: PlaceMention) -> Role:
    before = field[max(0, mention.start - _BEFORE) : mention.start]
    if mention.code[:2] == CAPITAL and _SEAT.search(before):
        return Role.SEAT
    role = next((role for role, pattern in _BY_WORDS if pattern.search(before)), Role.BARE)
    return Role.GROUP if role is Role.BARE and mention.mention in _PROJECTS else role


def _is_dateline(text: str, mention: PlaceMention) -> bool:
    if mention.start > _DATELINE_START:
        return False
    head = _DATELINE_HEAD.fullmatch(text, 0, mention.start)
    return head is not None and _DATELINE_TAIL.match(text, mention.end, mention.end + _BEHIND) is not None


def _is_in_link(at: int, links: Sequence[tuple[int, int]], starts: Sequence[int]) -> bool:
    nearest = bisect_right(starts, at) - 1
    return nearest >= 0 and at < links[nearest][1]


def _end_of_link(text: str, start: int) -> int:
    line = text.find("\n", start, start + _LINK_CHARS)
    return line if line >= 0 else start + _LINK_CHARS
