"""Lines that an outlet puts on page after page: learned from the texts it published, not from a list of phrases.

Pure: texts with their days in, keys of lines out. A key is a hash: what is kept of an outlet's habits holds no words,
since a line may name who wrote the page. A line counts once a text, and texts that share most of their lines (one
article crawled twice, or its update) count as one. What a newsroom copies from one follow-up to the next recurs as
well, for a while: a line is learned only from texts that lie days apart, and forgotten when the last texts lack it.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import blake2b

from waspada.items.policy import MAX_TEXT, normalised

#: A line recurs when it stands in so many different texts, and in this share of all of them ...
LEAST_TEXTS = 4
LEAST_SHARE = 0.2
#: ... and the first and the last of them lie so far apart: longer than most events are written about day by day.
DAYS_APART = timedelta(days=14)
#: Background paragraphs are longer.
LONGEST_LINE = 300
#: Shorter lines are headings ("Kesimpulan") as often as they are noise, and cost little.
SHORTEST_LINE = 20
#: What a fact-check concludes is often worded alike, and is the very thing to be read.
_VERDICT = re.compile(r"\b(?:salah|benar|hoa(?:ks|x)|keliru|menyesatkan|fakta|palsu)\b")
#: How many texts of an outlet are looked at, and of one day: those of a busy outlet, too, span weeks.
KEPT_TEXTS = 40
TEXTS_A_DAY = 2
_SAME_ARTICLE = 0.5
#: What is looked at of a text. Articles have fewer lines.
MOST_LINES = 300


@dataclass(frozen=True, slots=True)
class _Lines:
    """A text: the day it was published, and of each line the hash of its words and their length.

    `verdicts` are those of its lines that are never learned.
    """

    day: date
    sizes: Mapping[int, int]
    verdicts: frozenset[int]

    def is_same(self, other: _Lines) -> bool:
        """Whether two texts are one article: they share more than half the characters of the shorter one."""
        shared = sum(size for line, size in self.sizes.items() if line in other.sizes)
        return shared > _SAME_ARTICLE * min(sum(self.sizes.values()), sum(other.sizes.values()))

    def learnable(self) -> Iterable[int]:
        return (
            line
            for line, size in self.sizes.items()
            if SHORTEST_LINE <= size <= LONGEST_LINE and line not in self.verdicts
        )


class Habits:
    """What recurs on the pages of one outlet, learned as they come in."""

    def __init__(self, known: Mapping[str, date] | None = None, texts: Iterable[tuple[date, str]] = ()) -> None:
        """`known` are keys of lines that were learned before, each with the day of the last text that had it; `texts`
        the outlet's last ones with the days of their publication, oldest first."""
        self.last_met: dict[str, date] = dict(known or {})
        self._texts: deque[_Lines] = deque(maxlen=KEPT_TEXTS)
        for day, text in texts:
            self.add(day, text)

    @property
    def lines(self) -> frozenset[str]:
        """The keys of the lines that recur."""
        return frozenset(self.last_met)

    def add(self, day: date, text: str) -> bool:
        """Takes in one more text of the outlet, with all its lines; whether something is to be saved."""
        lines = _read(day, text)
        before = dict(self.last_met)
        self._meet(lines)
        if self._take_in(lines):
            for line in self._recurring():
                self._see(line, max(each.day for each in self._texts if line in each.sizes))
            self._forget()
        return self.last_met != before

    def join(self, known: Mapping[str, date]) -> None:
        """Takes over what another process learned of this outlet meanwhile."""
        self.last_met = {**known, **self.last_met}
        self._forget()

    def _meet(self, lines: _Lines) -> None:
        for line in lines.sizes:
            if _key(line) in self.last_met:
                self._see(line, lines.day)

    def _see(self, line: int, day: date) -> None:
        key = _key(line)
        self.last_met[key] = max(day, self.last_met.get(key, day))

    def _take_in(self, lines: _Lines) -> bool:
        """Keeps the text, unless it is one of the articles once more or its day has enough."""
        of_day = sum(each.day == lines.day for each in self._texts)
        if not lines.sizes or of_day >= TEXTS_A_DAY or any(lines.is_same(each) for each in self._texts):
            return False
        self._texts.append(lines)
        return True

    def _recurring(self) -> list[int]:
        counts = Counter(line for text in self._texts for line in text.learnable())
        least = max(LEAST_TEXTS, LEAST_SHARE * len(self._texts))
        return [line for line, count in counts.items() if count >= least and self._lies_apart(line)]

    def _lies_apart(self, line: int) -> bool:
        days = [text.day for text in self._texts if line in text.sizes]
        return max(days) - min(days) >= DAYS_APART

    def _forget(self) -> None:
        """Lines that none of the last texts had, nor any other text of their days."""
        if len(self._texts) == KEPT_TEXTS:
            oldest = min(text.day for text in self._texts)
            self.last_met = {key: day for key, day in self.last_met.items() if day >= oldest}


def line_key(line: str) -> str:
    """A hash of the words in lower case: the form in which lines are compared and kept."""
    return _key(_hash(normalised(line)))


def line_keys(text: str) -> frozenset[str]:
    return frozenset(map(line_key, text.splitlines()))


def recurring_lines(texts: Iterable[tuple[date, str]]) -> frozenset[str]:
    """The keys of the lines that recur across the texts of one outlet."""
    return Habits(texts=texts).lines


def without_recurring(text: str, recurring: frozenset[str]) -> str:
    """The text without such lines; unchanged where nothing but such lines would be left."""
    if not recurring:
        return text
    kept = [line for line in text.splitlines() if line_key(line) not in recurring]
    return "\n".join(kept) if kept else text


def _read(day: date, text: str) -> _Lines:
    lines = [words for line in text[:MAX_TEXT].splitlines()[:MOST_LINES] if (words := normalised(line))]
    verdicts = frozenset(_hash(words) for words in lines if _VERDICT.search(words))
    return _Lines(day, {_hash(words): len(words) for words in lines}, verdicts)


def _hash(words: str) -> int:
    return int.from_bytes(blake2b(words.encode(), digest_size=8).digest(), "big")


def _key(line: int) -> str:
    return f"{line:016x}"
