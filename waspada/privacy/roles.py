"""Which mention of a name is tied to a public office in its sentence, and which shows a victim, a minor or a suspect.

In doubt the answer is "no office": masking an office-holder costs a name, the other error costs somebody's peace.
"""

from __future__ import annotations

from collections.abc import Callable

from waspada.privacy import words as lists
from waspada.privacy.sentence import Name, Sentence

LONGEST_OFFICE = 14  # words between an office and the name that holds it
_SEEN_AFTER = 6  # words after a name in which its lot is told
_VERB_STARTS = ("me", "di", "ber", "ter")
_BEFORE_AN_OFFICE = frozenset(
    ("wakil", "calon", "bakal", "pj", "plt", "plh", "pjs", "penjabat", "pelaksana", "tugas", "pasangan", "ketua")
)
_TOGETHER = frozenset(("dan", "-", "–", "/", "&", "serta", "bersama"))
_FOLLOWERS = frozenset(("pendukung", "simpatisan", "relawan", "pengikut", "warga"))
_BALLOT_NUMBERS = frozenset(("satu", "dua", "tiga", "empat", "lima"))
_CLOSING = frozenset((",", ")", ".", ";", "–", "—", "!", "?"))

CaseOf = Callable[[str], int]


def with_office(sentence: Sentence, names: list[Name], case_of: CaseOf) -> set[int]:
    """Places in `names` of the mentions that an office is directly tied to."""
    taken = {place for name in names for place in range(name.start, name.end)}
    held: set[int] = set()
    pairs: set[int] = set()
    for number, name in enumerate(names):
        office = _office_before(sentence, name, taken, case_of)
        if office is not None and not _is_own(sentence, office, names, number):
            office = None
        if office is not None:
            held.add(number)
            if _names_a_pair(sentence, office, name.start):
                pairs.add(number)
        elif _office_after(sentence, name, taken, case_of) or _paired(sentence, names, number, pairs):
            held.add(number)
    return held


def is_exposed(sentence: Sentence, names: list[Name], number: int) -> bool:
    """Whether the words around a mention make the person a victim, a minor, a suspect or a private witness."""
    name = names[number]
    before = {sentence.lower(name.start - step) for step in (1, 2, 3)}
    if before & lists.EXPOSED_BEFORE or before & lists.RELATIONS:
        return True
    return _exposed_after(sentence, names, number)


def _exposed_after(sentence: Sentence, names: list[Name], number: int) -> bool:
    name = names[number]
    stop = names[number + 1].start if number + 1 < len(names) else len(sentence.tokens)
    for place in range(name.end, min(name.end + _SEEN_AFTER, stop)):
        word = sentence.lowers[place]
        if word in (".", ";"):
            return False
        if word in lists.EXPOSED_AFTER:
            return True
        if word in ("sebagai", "menjadi", "selaku") and sentence.lower(place + 1) in lists.EXPOSED_BEFORE:
            return True
    return age_end(sentence, name.end) > name.end


def age_end(sentence: Sentence, place: int) -> int:
    """Where an age that starts at `place` ends: "(34)", "(34 tahun)", ", 34 tahun", ", 34,"; `place` for none."""
    opening, number, after = (sentence.lower(place + step) for step in range(3))
    if opening not in ("(", ",") or not (number.isdecimal() and len(number) <= 3 and int(number) <= 120):
        return place
    unit = after in ("tahun", "thn", "th", "tahunan", "bulan")
    closing = sentence.lower(place + 3) if unit else after
    if opening == "(":
        return place + (4 if unit else 3) if closing == ")" else place
    return place + 3 if unit else place + 2 if after == "," else place


def _office_at(sentence: Sentence, place: int) -> bool:
    """Whether the word there heads a public office that somebody holds now, or runs for."""
    word, following = sentence.lower(place), sentence.lower(place + 1)
    if word not in lists.OFFICES or following in lists.NO_OFFICE_AFTER.get(word, ()):
        return False
    return word not in lists.OFFICE_ONLY_BEFORE or following in lists.OFFICE_ONLY_BEFORE[word]


def _office_before(sentence: Sentence, name: Name, taken: set[int], case_of: CaseOf) -> int | None:
    """Where the office stands that leads up to the name without a break, or None."""
    commas = 0
    for place in range(name.start - 1, max(-1, name.start - 1 - LONGEST_OFFICE), -1):
        word = sentence.lowers[place]
        if place in taken:
            return None
        if _office_at(sentence, place):
            return place
        if word == ",":
            commas += 1
            if commas > 1 or not _only_titles(sentence, place + 1, name.start):
                return None
        elif (place == name.start - 1 and word in ("dan", "serta", "dari")) or not _may_stand_between(
            sentence, place, case_of
        ):
            return None
    return None


def _is_own(sentence: Sentence, office: int, names: list[Name], number: int) -> bool:
    """Whether the office belongs to the name: no former one, none of somebody's relative. Followers of a numbered
    candidate ("pendukung paslon nomor urut 2 A - B") do not hide the candidate."""
    before = office - 1
    while before >= 0 and (
        sentence.lowers[before] in _BEFORE_AN_OFFICE
        or sentence.lowers[before] in lists.PAIR_WORDS
        or _office_at(sentence, before)
        or (sentence.lowers[before] in ("dan", "-", "/") and _office_at(sentence, before - 1))
    ):
        before -= 1
    word = sentence.lower(before)
    if word not in lists.RELATIONS and word not in lists.FORMER:
        return True
    return word in _FOLLOWERS and _is_numbered_candidate(sentence, office, names, number)


def _is_numbered_candidate(sentence: Sentence, office: int, names: list[Name], number: int) -> bool:
    """Whether a ballot number stands right before the name: then it is the candidate's, unless one name follows a
    word for a pair, or the words after it tell of a victim or suspect: that may be a follower's."""
    name = names[number]
    place = name.start - 1
    while place > office and (sentence.lowers[place] in lists.HONORIFICS or sentence.lowers[place] in (".", ":", "(")):
        place -= 1
    if not (sentence.lowers[place].isdecimal() or sentence.lowers[place] in _BALLOT_NUMBERS):
        return False
    if number + 1 < len(names) and _joined(sentence, name, names[number + 1]):
        return True
    if any("-" in sentence.lowers[part] or "–" in sentence.lowers[part] for part in range(name.start, name.end)):
        return True
    return not _names_a_pair(sentence, office, name.start) and not _exposed_after(sentence, names, number)


def _only_titles(sentence: Sentence, start: int, end: int) -> bool:
    return all(
        sentence.lowers[place] in lists.HONORIFICS
        or sentence.lowers[place] in lists.RANKS
        or sentence.lowers[place] == "."
        for place in range(start, end)
    )


def _may_stand_between(sentence: Sentence, place: int, case_of: CaseOf) -> bool:
    """Whether a word can be part of an office's title: "Kepala *Dinas Sosial Kabupaten Banjar* ..."."""
    text, word = sentence.tokens[place].text, sentence.lowers[place]
    if word in lists.OFFICE_LINKS or word in lists.HONORIFICS or word in lists.RANKS or word in lists.PLACES:
        return True
    if text[0].isdigit() or word in (".", "-", "/", "(", ")"):
        return True
    if not text[0].isalpha() or word in lists.EXPOSED_BEFORE or word in lists.RELATIONS:
        return False
    case = case_of(word)
    if sentence.mode == "plain":
        return text[0].isupper()
    verb = len(word) > 4 and word.startswith(_VERB_STARTS)
    return case >= 3 or word in lists.BODIES or (sentence.mode == "title" and case in (0, 2) and not verb)


def _names_a_pair(sentence: Sentence, office: int, end: int) -> bool:
    phrase = sentence.lowers[max(0, office - 3) : end]
    if any(word in lists.PAIR_WORDS for word in phrase):
        return True
    return any(word in ("dan", "-", "/") for word in phrase) and "wakil" in phrase


def _paired(sentence: Sentence, names: list[Name], number: int, pairs: set[int]) -> bool:
    """Whether the mention is the second of "paslon A dan B"."""
    return number - 1 in pairs and _joined(sentence, names[number - 1], names[number])


def _joined(sentence: Sentence, first: Name, second: Name) -> bool:
    """Whether only "dan", a dash or "dan wakilnya" stands between two names."""
    between = sentence.lowers[first.end : second.start]
    joined = [word for word in between if word not in lists.HONORIFICS and word != "."]
    if joined[-1:] == ["wakilnya"]:
        joined = joined[:-1] or ["dan"]
    return len(joined) == 1 and joined[0] in _TOGETHER


def _office_after(sentence: Sentence, name: Name, taken: set[int], case_of: CaseOf) -> bool:
    """Whether the name is followed by its office: "A, Ketua KPU Banjar, ...", "A dilantik sebagai bupati"."""
    place = age_end(sentence, name.end)
    entering = False
    while place < len(sentence.tokens) and place < name.end + LONGEST_OFFICE:
        word = sentence.lowers[place]
        if _office_at(sentence, place):
            return entering or _closes(sentence, place + 1, taken, case_of)
        if word in lists.ENTERS_OFFICE:
            entering = True
        elif word not in ("wakil", ",", "(", "-", "–") and not _is_degree(sentence, place):
            return False
        place += 1
    return False


def _is_degree(sentence: Sentence, place: int) -> bool:
    """A piece of an academic degree ("S.Sos", "M.Si"): dots and short capital words next to dots."""
    if sentence.lowers[place] == ".":
        return True
    short = len(sentence.tokens[place].text) <= 4 and sentence.tokens[place].text[0].isupper()
    near = "." in (sentence.lower(place - 1), sentence.lower(place + 1))
    return short and (near or sentence.lowers[place] in ("sh", "mh", "mm", "se", "st", "sp", "mt", "msi", "spd", "sik"))


def _closes(sentence: Sentence, place: int, taken: set[int], case_of: CaseOf) -> bool:
    """Whether an apposition ends with a sign and is no new subject: in "Menurut A, Bupati belum datang" it is one."""
    for after in range(place, min(place + LONGEST_OFFICE, len(sentence.tokens))):
        if sentence.lowers[after] in _CLOSING:
            return True
        if after in taken or not (_may_stand_between(sentence, after, case_of) or _office_at(sentence, after)):
            return False
    return place + LONGEST_OFFICE >= len(sentence.tokens)
