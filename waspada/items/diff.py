"""What an outlet changed in an article: two versions in, a list of changes by sentence and then by word out. Pure.

Sentences that stand once in both versions anchor the comparison (patience diff), and only what lies between two
anchors is compared in full. That and a budget of compared pairs bound the time: beyond it a stretch counts as replaced
as a whole, so that a hostile text of 200,000 characters costs no more than a second or two.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from itertools import pairwise

from waspada.items.policy import MAX_TEXT
from waspada.taxonomy import TextField

#: More changes than this are not read by anybody; the rest is counted.
MAX_CHANGES = 500
#: Pairs of units that stand in both versions and may be looked at, in one stretch and in all.
_STRETCH_PAIRS, _ALL_PAIRS = 20_000, 500_000
#: Sentences are "changed", not one removed and another added, from this share of common words (token F1) on.
_ALIKE = 0.5
#: What comparing the words of two sentences costs of the budget.
_SENTENCE_PAIR = 5
#: One character of white space only is looked at behind a stop, so that no run of stops is read twice.
_BOUNDARY = re.compile(r"\n+|(?:(?<=[.!?…])|(?<=[.!?…][\"'”’»)\]]))\s(?=\s*[\"'“‘«(\[]?[^\W_a-z])")
_TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
_WORD = re.compile(r"\w+")
#: "Jl. Veteran", "H. Anang": a short word with a stop ends no sentence.
_SHORT_WORD = re.compile(r"(?:^|[\s(])(?:[A-Z]|Jl|Jln|Kab|Kec|Kel|Drs|Dra|Dr|Ir|Hj|No|Rp|Gg|St)\.$")

#: A run of text, and whether it differs from the other version.
Piece = tuple[str, bool]
_Stretch = tuple[int, int, int, int]  # old[a:b] stands where new[c:d] stands


class ChangeKind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class Wording:
    """Title and text of one version; one paragraph a line."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One sentence (or the title). `old` is empty for what was added, `new` for what was removed."""

    kind: ChangeKind
    field: TextField
    old: tuple[Piece, ...] = ()
    new: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """At most `MAX_CHANGES` changes in the order of the text, the title first; `left_out` counts those beyond.

    `summary` is one line in Indonesian and counts all of them.
    """

    summary: str
    changes: tuple[Change, ...]
    left_out: int = 0


def difference(old: Wording, new: Wording) -> Difference:
    """What changed from `old` to `new`. Of each text the first `MAX_TEXT` code points are compared."""
    budget = _Budget(_ALL_PAIRS)
    changes: list[Change] = []
    if old.title.strip() != new.title.strip():
        before, after = _words(old.title.strip(), new.title.strip(), budget)
        changes.append(Change(ChangeKind.CHANGED, TextField.TITLE, before, after))
    changes += _sentence_changes(sentences(old.text[:MAX_TEXT]), sentences(new.text[:MAX_TEXT]), budget)
    is_cut = max(len(old.text), len(new.text)) > MAX_TEXT
    return Difference(_summary(changes, is_cut), tuple(changes[:MAX_CHANGES]), max(0, len(changes) - MAX_CHANGES))


class _Budget:
    """How much may still be compared."""

    def __init__(self, left: int) -> None:
        self._left = left

    def take(self, amount: int, at_most: int = _STRETCH_PAIRS) -> bool:
        if amount > min(at_most, self._left):
            return False
        self._left -= amount
        return True


def _summary(changes: Sequence[Change], is_cut: bool) -> str:
    """ "judul diubah; 2 kalimat ditambah, 1 dihapus"."""
    counts = Counter(change.kind for change in changes if change.field is TextField.TEXT)
    words = {
        ChangeKind.ADDED: "ditambah",
        ChangeKind.REMOVED: "dihapus",
        ChangeKind.CHANGED: "diubah",
        ChangeKind.MOVED: "dipindah",
    }
    counted = [f"{counts[kind]} {word}" for kind, word in words.items() if counts[kind]]
    if counted:
        counted[0] = counted[0].replace(" ", " kalimat ", 1)
    parts = ["judul diubah"] if any(change.field is TextField.TITLE for change in changes) else []
    parts += [", ".join(counted)] if counted else []
    parts = parts or ["tidak ada kata yang berubah"]
    if is_cut:
        parts.append(f"hanya {MAX_TEXT // 1000}.000 karakter pertama dibandingkan")
    return "; ".join(parts)


def sentences(text: str) -> list[str]:
    """Sentences without surrounding white space; a line break ends one too."""
    found: list[str] = []
    joined = False
    for piece in _pieces_of(text):
        if joined:
            found[-1] = f"{found[-1]} {piece.strip()}"
        elif piece.strip():
            found.append(piece.strip())
        joined = bool(found) and not piece.endswith("\n") and bool(_SHORT_WORD.search(found[-1][-8:]))
    return found


def _pieces_of(text: str) -> Iterator[str]:
    start = 0
    for boundary in _BOUNDARY.finditer(text):
        end = boundary.end() if boundary[0].startswith("\n") else boundary.start()
        yield text[start:end]
        start = boundary.end()
    yield text[start:]


def _sentence_changes(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[Change]:
    stretches = _stretches(old, new, budget)
    gone = Counter(sentence for a, b, _, _ in stretches for sentence in old[a:b])
    come = Counter(sentence for _, _, c, d in stretches for sentence in new[c:d])
    moved = _Moved(gone & come)
    found: list[Change] = []
    for a, b, c, d in stretches:
        removed = [sentence for sentence in old[a:b] if not moved.left(sentence)]
        added = [(sentence, moved.arrived(sentence)) for sentence in new[c:d]]
        found += _stretch_changes(removed, added, budget)
    return found


class _Moved:
    """Sentences that left one stretch and stand in another: each counts once, where it stands now."""

    def __init__(self, both: Counter[str]) -> None:
        self._leaving, self._arriving = both, both.copy()

    def left(self, sentence: str) -> bool:
        return self._one(self._leaving, sentence)

    def arrived(self, sentence: str) -> bool:
        return self._one(self._arriving, sentence)

    @staticmethod
    def _one(counts: Counter[str], sentence: str) -> bool:
        if counts[sentence] <= 0:
            return False
        counts[sentence] -= 1
        return True


def _stretch_changes(removed: Sequence[str], added: Sequence[tuple[str, bool]], budget: _Budget) -> Iterator[Change]:
    """Changes of one stretch: sentences alike are paired in their order, what has no partner came or went."""
    fresh = [sentence for sentence, is_moved in added if not is_moved]
    partners = iter(_partners(removed, fresh, budget))
    left = 0
    for sentence, is_moved in added:
        if is_moved:
            yield Change(ChangeKind.MOVED, TextField.TEXT, ((sentence, False),), ((sentence, False),))
            continue
        partner = next(partners)
        if partner is None:
            yield Change(ChangeKind.ADDED, TextField.TEXT, new=((sentence, True),))
            continue
        yield from _removed(removed[left:partner])
        before, after = _words(removed[partner], sentence, budget)
        yield Change(ChangeKind.CHANGED, TextField.TEXT, before, after)
        left = partner + 1
    yield from _removed(removed[left:])


def _removed(sentences: Sequence[str]) -> Iterator[Change]:
    for sentence in sentences:
        yield Change(ChangeKind.REMOVED, TextField.TEXT, old=((sentence, True),))


def _partners(removed: Sequence[str], fresh: Sequence[str], budget: _Budget) -> list[int | None]:
    """For each new sentence the old one it was made of, never one before the partner of an earlier sentence."""
    if not budget.take(_SENTENCE_PAIR * len(removed) * len(fresh), at_most=_ALL_PAIRS // 2):
        return [None] * len(fresh)
    words = [Counter(_WORD.findall(sentence.lower())) for sentence in removed]
    found: list[int | None] = []
    start = 0
    for sentence in fresh:
        mine = Counter(_WORD.findall(sentence.lower()))
        likeness = [_likeness(words[place], mine) for place in range(start, len(removed))]
        best = max(likeness, default=0.0)
        found.append(start + likeness.index(best) if best >= _ALIKE else None)
        start = start if best < _ALIKE else start + likeness.index(best) + 1
    return found


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    """Token F1 of two sentences, 0..1."""
    total = one.total() + other.total()
    return 2 * (one & other).total() / total if total else 0.0


def _words(old: str, new: str, budget: _Budget) -> tuple[tuple[Piece, ...], tuple[Piece, ...]]:
    """Both sentences cut into runs, each with whether its words differ."""
    before, after = _TOKEN.findall(old), _TOKEN.findall(new)
    stretches = _stretches(before, after, budget)
    return (
        _pieces(before, [(a, b) for a, b, _, _ in stretches]),
        _pieces(after, [(c, d) for _, _, c, d in stretches]),
    )


def _pieces(tokens: Sequence[str], changed: Sequence[tuple[int, int]]) -> tuple[Piece, ...]:
    runs: list[Piece] = []
    last = 0
    for start, end in changed:
        runs += [("".join(tokens[last:start]), False), ("".join(tokens[start:end]), True)]
        last = end
    runs.append(("".join(tokens[last:]), False))
    return tuple((text, differs) for text, differs in runs if text)


def _stretches(old: Sequence[str], new: Sequence[str], budget: _Budget) -> list[_Stretch]:
    """Where the two sequences differ, in order."""
    gaps = _gaps(_anchors(old, new), (0, len(old), 0, len(new)))
    return [found for gap in gaps for found in _between(old, new, _trimmed(old, new, gap), budget)]


def _anchors(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """Units that stand once in each sequence, the longest run of them that is in the same order in both."""
    ours, theirs = Counter(old), Counter(new)
    places = {unit: place for place, unit in enumerate(new) if theirs[unit] == 1}
    both = [(place, places[unit]) for place, unit in enumerate(old) if ours[unit] == 1 and unit in places]
    ends: list[int] = []  # the smallest last place of a run of each length
    last: list[int] = []
    before: list[int | None] = []
    for number, (_, place) in enumerate(both):
        length = bisect_left(ends, place)
        before.append(last[length - 1] if length else None)
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    run: list[tuple[int, int]] = []
    at = last[-1] if last else None
    while at is not None:
        run.append(both[at])
        at = before[at]
    return run[::-1]


def _trimmed(old: Sequence[str], new: Sequence[str], stretch: _Stretch) -> _Stretch:
    """The stretch without what is the same at its two ends."""
    a, b, c, d = stretch
    while a < b and c < d and old[a] == new[c]:
        a, c = a + 1, c + 1
    while a < b and c < d and old[b - 1] == new[d - 1]:
        b, d = b - 1, d - 1
    return a, b, c, d


def _between(old: Sequence[str], new: Sequence[str], stretch: _Stretch, budget: _Budget) -> list[_Stretch]:
    """The differing parts of a stretch between two anchors; the whole of it where looking closer costs too much."""
    a, b, c, d = stretch
    common = set(old[a:b]).intersection(new[c:d])
    ours = [place for place in range(a, b) if old[place] in common]
    theirs = [place for place in range(c, d) if new[place] in common]
    if not budget.take(len(ours) * len(theirs)):
        return _gaps([], stretch)
    matcher = SequenceMatcher(None, [old[place] for place in ours], [new[place] for place in theirs], autojunk=False)
    blocks = matcher.get_matching_blocks()
    return _gaps([(ours[i + n], theirs[k + n]) for i, k, size in blocks for n in range(size)], stretch)


def _gaps(pairs: Sequence[tuple[int, int]], stretch: _Stretch) -> list[_Stretch]:
    """What lies between units that were matched, within a stretch."""
    a, b, c, d = stretch
    ends = pairwise([(a - 1, c - 1), *pairs, (b, d)])
    found = [(i + 1, j, k + 1, m) for (i, k), (j, m) in ends]
    return [gap for gap in found if gap[0] < gap[1] or gap[2] < gap[3]]
