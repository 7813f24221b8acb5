"""No topic may be a person (design, rules 1 and 9): a topic is a standing search, one for a name a file on somebody.

The hole is not the title but the examples: an item is found that is like `policy.NEAREST` of the topic's texts, so that
two sentences with one name find that person however the topic is called. So no text of a topic may name anybody,
office-holders too, and what NEAREST texts share is read once more by itself: odd words, offices that one person holds,
and what stands behind a word such as PT, klub or jalan. Organisations, companies, peoples and places are fine. What the
tagger of names misses passes (it is measured by `python -m benchmarks.masking`): a bar, no proof.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from waspada.places import resolve_region
from waspada.privacy import words as lists
from waspada.privacy.door import mask_contacts
from waspada.privacy.persons import name_spans
from waspada.privacy.tagger import shipped
from waspada.topics.policy import NEAREST


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: What so many texts of a topic share is a search of its own: likeness looks at the nearest NEAREST only.
LEAST_SHARED = NEAREST
_ACCOUNT = re.compile(r"@\w|\b(?:akun\w*|username|user name|nama pengguna)\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
#: Long dead, and in the names of streets, airports and banks (those whose name many have today only behind the word for
#: such a thing); and groups and rites that the tagger takes for persons. One of them before another capitalised word is
#: read as it stands: it may be somebody of today.
_NOBODY = re.compile(
    r"\b(?:(?:pangeran|p\.?) antasari|demang lehman|sultan adam|sultan suriansyah|sultan hasanuddin|"
    r"pangeran hidayatullah|pangeran diponegoro|jenderal sudirman|lambung mangkurat|syekh arsyad al-banjari|"
    r"(?:jalan|jl\.?|bandara|bank|masjid|pasar|lapangan|universitas) "
    r"(?:ahmad yani|a\.? yani|hasan basri|gatot subroto|syamsudin noor)|"
    r"nahdlatul (?:ulama|wathan)|aruh ganal|ahmadiyah|syiah|kaharingan)\b(?!\s+[A-Z][a-z])",
    re.IGNORECASE,
)
_GROUP = "jemaah"
_SHORTEST_SHARED = 3
_LONGEST_RUN = 3
#: How the tagger's word table calls words that it does not know, and those that news writes large.
_UNKNOWN_OR_LARGE = (0, 3)
_CAPITALS = 4
#: Sentences of which a name would be the subject or the object.
_CARRIERS = ("{}", "Polisi memeriksa {} (40) kemarin.", "{} hadir di acara itu.")
#: In front of the name of a body or a facility, ...
_KINDS = lists.ORGANISATIONS | lists.FACILITIES
#: ... and those of them behind which a lone word is that body's or place's, and not somebody's ("rumah Rudi").
_COVERS = _words(
    "pt cv ud bank koperasi yayasan perusahaan klub fc persatuan pasar jalan jl gang masjid mesjid musala "
    "musholla langgar gereja pura vihara rs rsud pesantren ponpes universitas institut politeknik desa kelurahan "
    "kecamatan kabupaten kota provinsi dusun kampung gunung sungai danau pulau pantai teluk tanjung selat bandara "
    "pelabuhan stadion terminal jembatan waduk bendungan hotel mal plaza perumahan komplek kompleks hutan bukit "
    "simpang"
)
#: Derived words, which are no names though the table may not know them ("pemungutan").
_DERIVED = re.compile(r"(?:pe[mnr]|peng|peny|ke)\w{3,}an|(?:me[mn]|meng|meny|di)\w{3,}kan")
_ADDRESSES = lists.HONORIFICS | {"paman", "bibi", "acil", "julak"}
#: Words in names of companies that are in no name of a person.
_BUSINESS = _words(
    "agro baratama batubara coal energi energy estate finance grup group inti internasional investama mandiri "
    "makmur media mining motor nusantara perkasa persada plantation prima sawit sejahtera sentosa tambang tbk "
    "utama"
)
#: Offices of which a region has one, so that no region need be named.
_ONE_HOLDER = frozenset(("presiden", "wapres", "kapolri", "gubernur", "wagub", "bupati", "wabup", "walikota", "walkot"))
#: Offices that many hold at once, and words of elections: a matter, not somebody.
_MANY_HOLDERS = _words(
    "anggota komisioner calon pasangan paslon staf hakim jaksa legislator senator politikus politisi juru caleg "
    "asisten cagub cawagub cabup cawabup cawali cawawali cawalkot capres cawapres cakada bacagub bacabup bacalon "
    "petahana mahkamah"
)
#: In front of an office they make it a matter: an election, a building, a rule.
_MATTERS = _words("pemilihan pelantikan pencalonan kantor peraturan keputusan edaran surat debat calon bakal")
_BEFORE_OFFICES = lists.OFFICES | lists.FORMER | {"wakil", "bapak", "ibu", "pak", "bu", "sang", "si"}
_LINKS = lists.OFFICE_LINKS | lists.BODIES


class Reason(StrEnum):
    """Why a text of a topic cannot be used."""

    ACCOUNT = "account"
    OFFICE = "office"
    PERSON = "person"


_SAY = {
    Reason.ACCOUNT: "{where} names an account or holds a number of somebody's: leave it out.",
    Reason.OFFICE: '{where} "{words}" is an office that one person holds: name the matter or the body instead, as in '
    '"pelantikan" or "pemerintah kabupaten".',
    Reason.PERSON: '{where} names a person ("{words}"): a topic is about an event, a place, an institution or a claim. '
    "Leave the name out; a company or body of one word needs the word for what it is before it, wherever it stands "
    "(PT, yayasan).",
}


@dataclass(frozen=True, slots=True)
class NameProblem:
    """What keeps a topic from being added: in the title, the description, an example (`number`, from 1), or, where
    `field` is "examples", in what several texts share. `words` are those to leave out, none for an account."""

    field: str
    reason: Reason
    words: str = ""
    number: int = 0

    @property
    def message(self) -> str:
        where = {"title": "The title", "description": "The description", "example": f"Example {self.number}"}
        shared = "What several of its texts share"
        return _SAY[self.reason].format(where=where.get(self.field, shared), words=self.words)


def name_problem(title: str, description: str = "", examples: Sequence[str] = ()) -> NameProblem | None:
    """What keeps a topic from being added and what to change; None where nothing does."""
    for field, number, text in _texts(title, description, examples):
        if names_account(text):
            return NameProblem(field, Reason.ACCOUNT, number=number)
        found = _offices(text, alone=field == "title") if field != "example" else []
        if found:
            return NameProblem(field, Reason.OFFICE, found[0], number)
        name = _names(text) or (_hidden_name(text, field == "title") if field != "example" else "")
        if name:
            return NameProblem(field, Reason.PERSON, name, number)
    return _shared_problem([f"{title}. {description}", *examples])


def named_person(text: str) -> str:
    """The words of a query that name a person, office-holders too, or nothing.

    Milder than the bar for topics, whose refusal of every odd word would keep a tenth of ordinary words from being
    looked for: a search is no standing one, and finds only what stands in masked texts.
    """
    text = _without_nobody(text)
    addressed = (run for run in _runs(_WORD.findall(text)) if run[0].lower() in _ADDRESSES)
    return _names(text.title()) or next((name for run in addressed if (name := _carried(run))), "")


def names_account(text: str) -> bool:
    """Whether a text holds an account, or a number or address of somebody's."""
    return _ACCOUNT.search(text) is not None or mask_contacts(text) != text


def _texts(title: str, description: str, examples: Sequence[str]) -> Iterator[tuple[str, int, str]]:
    yield "title", 0, title
    yield "description", 0, description
    for number, example in enumerate(examples, 1):
        yield "example", number, example


def _names(text: str) -> str:
    """The first person's name in a text, or nothing. Office-holders count."""
    text = _without_nobody(text)
    return next((text[start:end] for start, end in name_spans(text)), "")


def _without_nobody(text: str) -> str:
    return _NOBODY.sub(_GROUP, text)


def _hidden_name(text: str, is_title: bool) -> str:
    """A name in a title or a description that a sentence about it would show: nicknames, and what follows PT."""
    text = _without_nobody(text)
    if is_title and (name := _names(text.title())):
        return name
    words = _WORD.findall(text)
    candidates = (run for run in _runs(words) if is_title or run[0][0].isupper() or run[0].lower() in _ADDRESSES)
    covered = [name for run in _behind_kinds(words) if (name := _full_name(run))]
    return next((name for run in candidates if (name := _carried(run))), covered[0] if covered else "")


def _carried(words: Sequence[str]) -> str:
    run = " ".join(words).title()
    return next((name for carrier in _CARRIERS if (name := _names(carrier.format(run)))), "")


def _runs(words: Sequence[str]) -> Iterator[list[str]]:
    """Words next to each other that may be a name, with how somebody is addressed before them; none behind PT."""
    run: list[str] = []
    covered = False
    for word in (*words, ""):
        lower = word.lower()
        if (lower in _ADDRESSES and not run) or (word and _is_odd(lower)):
            run.append(word)
            continue
        if run and not covered and len(run) <= _LONGEST_RUN and any(one.lower() not in _ADDRESSES for one in run):
            yield run
        run, covered = [], lower in _COVERS or (covered and lower in _BUSINESS | lists.PLACES) or lower == "sakit"


def _is_odd(word: str) -> bool:
    """Whether a word, in small letters, may be a name: unknown or mostly large, and no place or body."""
    return (
        shipped().case_of(word) in _UNKNOWN_OR_LARGE
        and word not in _KINDS | _COVERS | _BUSINESS | lists.PLACES | lists.NOT_NAMES | {_GROUP}
        and _DERIVED.fullmatch(word) is None
        and resolve_region(word) is None
    )


def _behind_kinds(words: Sequence[str]) -> Iterator[list[str]]:
    """What stands behind each word for a body or a facility: up to three words, with that word first."""
    for place, word in enumerate(words):
        if word.lower() in _KINDS and (run := _name_like(words[place + 1 : place + 1 + _LONGEST_RUN])):
            yield [word, *run]


def _name_like(words: Sequence[str]) -> list[str]:
    found: list[str] = []
    for word in words:
        if not (_is_odd(word.lower()) or word.lower() in _ADDRESSES | _BUSINESS | lists.PLACES):
            break
        found.append(word)
    return found


def _full_name(run: Sequence[str]) -> str:
    """The name of somebody behind the word for a body: two words of a name, or one and how he is addressed. One word
    that nobody knows may be a company's, but not that of those who stand behind somebody."""
    kind, rest = run[0].lower(), list(run[1:])
    if {word.lower() for word in rest} & (_BUSINESS | lists.PLACES | {"indonesia", "tni", "polri"}):
        return ""
    lone = len(rest) < 2 and kind not in lists.RELATIONS
    return "" if lone else _carried(rest)


# -------------------------------------------------------------------------------------------- what several texts share


def _shared_problem(texts: Sequence[str]) -> NameProblem | None:
    offices = _in_several([_offices(text, alone=False) for text in texts])
    if offices:
        return NameProblem("examples", Reason.OFFICE, offices[0])
    read = [_WORD.findall(_without_nobody(text)) for text in texts]
    lowers = [[word.lower() for word in words] for words in read]
    shared = set(_in_several([[word for word in words if len(word) >= _SHORTEST_SHARED] for words in lowers]))
    covered = {word for word in shared if all(_is_covered(word, words) for words in lowers)}
    runs = _in_several([_shared_runs(words, shared) for words in lowers])
    behind = [" ".join(run) for words in lowers for run in _behind_kinds(words)]
    names = (
        *(_full_name(run.split()) for run in _in_several([[one] for one in behind])),
        *(_carried([word]) for word in sorted(shared - covered) if _is_odd(word)),
        *(_carried(run.split()) for run in runs),
    )
    name = next(filter(None, names), "")
    return NameProblem("examples", Reason.PERSON, name) if name else None


def _in_several(found: Sequence[Iterable[str]]) -> list[str]:
    """What stands in LEAST_SHARED texts at least, in the order of the texts."""
    counts = Counter[str]()
    for one in found:
        counts.update(list(dict.fromkeys(one)))
    return [words for words, count in counts.items() if count >= LEAST_SHARED]


def _shared_runs(words: Sequence[str], shared: set[str]) -> Iterator[str]:
    for run in _runs(words):
        if len(run) > 1 and set(run) <= shared | _ADDRESSES:
            yield " ".join(run)


def _is_covered(word: str, words: Sequence[str]) -> bool:
    """Whether a word stands only behind the word for what it is ("PT Adaro"), or not at all."""
    return all(place and words[place - 1] in _COVERS for place, one in enumerate(words) if one == word)


# ---------------------------------------------------------------------------------------------------------- offices


def _offices(text: str, *, alone: bool) -> list[str]:
    """Offices of one holder in a text, with their bodies and regions, in small letters; `alone`: the text is a
    title, of which the office of a whole region or of a body is enough."""
    words = _WORD.findall(text)
    found, place = list[str](), 0
    while place < len(words):
        end = _office_end(words, place, alone and place == 0)
        if end > place and not (place and words[place - 1].lower() in _MATTERS):
            found.append(" ".join(words[place:end]).lower())
        place = max(end, place + 1)
    return found


def _office_end(words: Sequence[str], begin: int, alone: bool) -> int:
    """Where the office that begins here ends with its body and region; `begin` where one person is not meant."""
    lowers = [word.lower() for word in words]
    place = begin + (alone and lowers[begin] in lists.RELATIONS and len(words) > begin + 1)
    start = place
    while place < len(words) and lowers[place] in _BEFORE_OFFICES:
        place += 1
    held = set(lowers[start:place]) & lists.OFFICES
    after = lowers[place] if place < len(words) else ""
    if not held or held & _MANY_HOLDERS or any(after in lists.NO_OFFICE_AFTER.get(word, ()) for word in held):
        return begin
    body = place
    while body < len(words) and (lowers[body] in _LINKS or _is_body(words[body])):
        body += 1
    for stop in range(min(len(words), body + _LONGEST_RUN), body, -1):
        if resolve_region(" ".join(words[body:stop])) is not None:
            return stop
    if body > place and resolve_region(words[body - 1]) is not None:
        return body
    whole = alone and body == len(words)
    has_body = any(lowers[one] in lists.BODIES or _is_body(words[one]) for one in range(place, body))
    return body if whole and (has_body or held & _ONE_HOLDER) else begin


def _is_body(word: str) -> bool:
    """An abbreviation, such as KPU or PUPR."""
    return len(word) > 1 and (word.isupper() or shipped().case_of(word.lower()) == _CAPITALS)
