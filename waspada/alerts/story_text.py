"""The story of an alert in one paragraph: the reports' own sentences, each quoted with its outlet and time. Pure.

Nothing is summarised. A quote is a sentence that the model marked as evidence, as it may leave; where no report has
one, its title. Who says otherwise is heard, too: a fact-check that refutes, a report that denies, or one that says that
it is calm, prevention or a drill is one of the quotes wherever there is one. Posts and field reports are
counted and never quoted (design, rule 4).

Chosen are the first report and the newest, then what most outlets say, one outlet after the other; the paragraph is in
the order of time. What several outlets say in the same words (a copy of an agency) stands once, with their number.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from waspada.alerts.exits import Span, mask, masked
from waspada.alerts.types import AlertSummary, ItemView
from waspada.claims.types import MatchState, MatchView
from waspada.claims.verdicts import Standing, standing
from waspada.claims.wording import claim_line
from waspada.clock import ZONES
from waspada.items.diff import sentences
from waspada.reports.policy import count_words
from waspada.reports.types import NO_REPORTS, StoryReports
from waspada.taxonomy import ItemKind, TextField

MOST_QUOTES = 4
#: Of one outlet, so that the loudest is not the only one.
MOST_OF_AN_OUTLET = 2
MOST_QUOTE_CHARACTERS = 240
#: Two sentences are the same from this share of common words (Jaccard) on.
_SAME = 0.8
#: Sentences of an article that may be a quote, and that are looked through for another voice.
_MOST_SENTENCES, _MOST_LOOKED_AT = 12, 60
#: The newest articles are looked through for another voice.
_MOST_ARTICLES = 20
EXERCISE = "LATIHAN: tidak ada yang terjadi."
OTHER_VOICE = "Suara lain:"
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "Mei", "Jun", "Jul", "Agu", "Sep", "Okt", "Nov", "Des")
#: What closes a quotation must not stand in one: a hostile sentence would put words into the mouth of the next outlet.
_QUOTATION_MARKS = re.compile('["“”„‟«»‹›＂「」『』]')
_WORD = re.compile(r"\w+")
#: "Belum kondusif", "gagal mencegah", "tidak membantah" say the opposite.
_NOT = frozenset({"tidak", "tak", "belum", "bukan", "gagal", "kurang", "sulit"})
_NOT_REACH = 12  # characters before a cue that can hold such a word, however long a hostile sentence is
#: A sentence that denies or corrects.
_DENIES = re.compile(
    r"\b(?:membantah|dibantah|bantahan|menepis|ditepis|menampik|meluruskan|diluruskan|ralat|meralat|hoa(?:x|ks)|keliru"
    r"|(?:tidak|tak|bukan(?:lah)?) (?:benar|terbukti|fakta)|(?:kabar|berita|informasi|isu) bohong)\b",
    re.IGNORECASE,
)
#: A sentence that says that it is calm again, that nothing is to happen, or that it is only practised.
_CALMS = re.compile(
    r"\b(?:kondusif|terkendali|(?:sudah|telah|kembali) (?:aman|tenang|normal|damai)|berdamai|islah|simulasi"
    r"|(?:ikrar|deklarasi) (?:\w+ )?damai|antisipasi|mengantisipasi|pencegahan|mencegah)\b",
    re.IGNORECASE,
)


class Voice(StrEnum):
    """What a quote is to the story."""

    EVIDENCE = "evidence"
    TITLE = "title"
    COUNTER = "counter"  # a report that denies, corrects or calms
    FACT_CHECK = "fact_check"


@dataclass(frozen=True, slots=True)
class StoryQuote:
    """One quote, as it may leave. `lead` says whose word it is: "Kabar Banua (27 Nov 2024, 14.05 WITA)".

    `others` counts further outlets with the same sentence. A fact-check has no report, and the day in its lead.
    """

    text: str
    lead: str
    outlet: str
    voice: Voice
    at: datetime | None = None
    item_id: int | None = None
    others: int = 0

    @property
    def is_other_voice(self) -> bool:
        return self.voice in (Voice.COUNTER, Voice.FACT_CHECK)

    def written(self) -> str:
        """Its part of the paragraph. That of a fact-check is the line of `waspada.claims.wording`."""
        said = self.text if self.voice is Voice.FACT_CHECK else f"{self.lead}: “{self.text}”"
        return f"{OTHER_VOICE} {said}" if self.is_other_voice else said


@dataclass(frozen=True, slots=True)
class StoryText:
    """What stands before and behind the quotes: that it is an exercise, how many posts and field reports are not
    quoted."""

    quotes: Sequence[StoryQuote] = ()
    exercise: str = ""
    posts: str = ""
    reports: str = ""

    @property
    def paragraph(self) -> str:
        said = [self.exercise, *(one.written() for one in self.quotes), self.posts, self.reports]
        return " ".join(filter(None, said))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence that may be quoted; `rank` is the place of its label among those of the alert."""

    text: str
    item: ItemView
    rank: int
    voice: Voice
    outlets: frozenset[str]

    @property
    def order(self) -> tuple[datetime, int]:
        return self.item.at, self.item.id


def story_text(
    alert: AlertSummary,
    items: Sequence[ItemView],
    claims: Iterable[MatchView],
    zone: ZoneInfo,
    reports: StoryReports = NO_REPORTS,
) -> StoryText:
    """The story of an alert from the reports that are there: erased ones are not, and nothing of them is."""
    articles = sorted((one for one in items if one.kind is ItemKind.ARTICLE), key=lambda one: (one.at, one.id))
    check = _refuting(claims)
    said = _distinct(_evidence(articles, alert)) or _distinct(_titles(articles))
    counter = None if check else _other_voice(articles, said)
    room = MOST_QUOTES - (check is not None) - (counter is not None)
    chosen = _chosen([one for one in said if counter is None or one.text != counter.text], room)
    ordered = sorted([*chosen, *([counter] if counter else [])], key=lambda one: one.order)
    quotes = _led(ordered, zone)
    return StoryText(
        [*quotes, *([_fact_check(check)] if check else [])],
        EXERCISE if alert.exercise else "",
        f"{alert.voice_count} suara publik: dihitung, tidak dikutip di sini." if alert.voice_count else "",
        f"{words}: dihitung, tidak dikutip di sini." if (words := count_words(reports)) else "",
    )


def _evidence(articles: Sequence[ItemView], alert: AlertSummary) -> list[_Candidate]:
    """The sentences that carry a label of the alert, its main label first."""
    ranks = {label: number for number, label in enumerate(dict.fromkeys([alert.label, *_by_strength(alert.labels)]))}
    found = []
    for article in articles:
        lines = [one for one in article.evidence if one.label in ranks and one.field == TextField.TEXT]
        lines = [one for one in lines if 0 <= one.start < one.end <= len(article.text)]
        lines = sorted(lines, key=lambda one: (ranks[one.label], one.start))[:_MOST_SENTENCES]
        quotes = masked(article.text, [Span(one.start, one.end) for one in lines]).quotes() if lines else []
        for line, quote in zip(lines, quotes, strict=True):
            found.append(_candidate(quote, article, ranks[line.label], Voice.EVIDENCE))
    return [one for one in found if one.text]


def _by_strength(labels: Mapping[str, float]) -> list[str]:
    return sorted(labels, key=lambda name: (-labels[name], name))


def _titles(articles: Sequence[ItemView]) -> list[_Candidate]:
    found = [_candidate(mask(article.title), article, 0, Voice.TITLE) for article in articles]
    return [one for one in found if one.text]


def _candidate(text: str, article: ItemView, rank: int, voice: Voice) -> _Candidate:
    return _Candidate(_short(_plain(text)), article, rank, voice, frozenset({article.outlet}))


def _distinct(candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Each sentence once, as the first outlet in its own words has it, with all outlets that have it."""
    found: list[tuple[set[str], _Candidate]] = []
    for one in sorted(candidates, key=lambda one: (one.item.how == "copy", one.rank, *one.order)):
        words = set(_WORD.findall(one.text.lower()))
        twin = next((place for place, (known, _) in enumerate(found) if _alike(words, known)), None)
        if twin is None:
            found.append((words, one))
        else:
            known, first = found[twin]
            found[twin] = known, replace(first, outlets=first.outlets | one.outlets)
    return [one for _, one in found]


def _alike(one: set[str], other: set[str]) -> bool:
    together = len(one | other)
    return one == other if not together else len(one & other) / together >= _SAME


def _other_voice(articles: Sequence[ItemView], said: Sequence[_Candidate]) -> _Candidate | None:
    """The newest sentence that denies, else the newest that calms; one of the evidence before others of its kind."""
    looked_at = [
        (article, sentences(mask(article.text))[:_MOST_LOOKED_AT]) for article in articles[: -_MOST_ARTICLES - 1 : -1]
    ]
    for cue in (_DENIES, _CALMS):
        evident = [one for one in said if _says(cue, one.text)]
        if evident:
            return replace(max(evident, key=lambda one: one.order), voice=Voice.COUNTER)
        for article, told in looked_at:
            found = next((one for one in told if _says(cue, one)), None)
            if found is not None:
                return _candidate(found, article, 0, Voice.COUNTER)
    return None


def _says(cue: re.Pattern[str], sentence: str) -> bool:
    """Whether a sentence has a cue that the word before does not turn into its opposite."""
    before = (sentence[max(0, found.start() - _NOT_REACH) : found.start()].split() for found in cue.finditer(sentence))
    return any(not words or words[-1].lower() not in _NOT for words in before)


def _chosen(candidates: Sequence[_Candidate], most: int) -> list[_Candidate]:
    """The first and the newest with the main label, then what most outlets say; each outlet once before any twice."""
    if not candidates:
        return []
    best = min(one.rank for one in candidates)
    main = [one for one in candidates if one.rank == best]
    ends = [min(main, key=lambda one: one.order), max(main, key=lambda one: one.order)]
    rest = sorted(candidates, key=lambda one: (one.rank, -len(one.outlets), one.order))
    queue, found, of_outlet = [*ends, *rest], list[_Candidate](), dict[str, int]()
    for allowed in range(1, MOST_OF_AN_OUTLET + 1):
        for one in queue:
            taken = of_outlet.get(one.item.outlet, 0)
            if len(found) < most and taken < allowed and all(one is not other for other in found):
                found.append(one)
                of_outlet[one.item.outlet] = taken + 1
    return found


def _led(ordered: Sequence[_Candidate], zone: ZoneInfo) -> list[StoryQuote]:
    """With whose word each is; the day stands where it is another than that of the quote before."""
    found: list[StoryQuote] = []
    before: datetime | None = None
    for one in ordered:
        outlet, others = _plain(one.item.outlet) or "?", len(one.outlets - {one.item.outlet})
        when = _moment(one.item, zone, before)
        also = f"; juga {others} media lain" if others else ""
        found.append(
            StoryQuote(one.text, f"{outlet} ({when}{also})", outlet, one.voice, one.item.at, one.item.id, others)
        )
        before = one.item.at
    return found


def _moment(item: ItemView, zone: ZoneInfo, before: datetime | None) -> str:
    """ "27 Nov 2024, 14.05 WITA", on the day of the quote before "15.10"; a report without a date has its finding."""
    local = item.at.astimezone(zone)
    name = next((name for name, known in ZONES.items() if known.key == zone.key), None) or local.tzname() or zone.key
    clock, found = f"{local:%H.%M}", "" if item.published_at else "ditemukan "
    if before is not None and before.astimezone(zone).date() == local.date():
        return f"{found}{clock}"
    return f"{found}{local.day} {_MONTHS[local.month - 1]} {local.year}, {clock} {name}"


def _refuting(claims: Iterable[MatchView]) -> MatchView | None:
    """The surest fact-check whose verdict plainly refutes; what a person rejected is none."""
    known = [
        one
        for one in claims
        if one.state in (MatchState.CONFIRMED, MatchState.SUGGESTED) and standing(one.check.verdict) is Standing.REFUTES
    ]
    return max(known, key=lambda one: one.rank, default=None)


def _fact_check(match: MatchView) -> StoryQuote:
    outlet = " ".join(mask(match.check.outlet).split())
    return StoryQuote(mask(claim_line(match)), outlet, outlet, Voice.FACT_CHECK)


def _plain(text: str) -> str:
    """On one line, without quotation marks around it; those within are single ones."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(_QUOTATION_MARKS.sub("'", printable).split()).strip("'‘’ ")


def _short(text: str) -> str:
    if len(text) <= MOST_QUOTE_CHARACTERS:
        return text
    cut = text[:MOST_QUOTE_CHARACTERS]
    return f"{cut.rpartition(' ')[0] or cut} …"
