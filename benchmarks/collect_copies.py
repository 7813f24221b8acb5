"""Near-duplicate groups of rewritten wire copies: pairwise F1 of our grouping beside simpler ways.

The originals are the demo's articles, fictional and ours. Each is sent out one to four times with 8 % of its words
replaced and sentences added at its end, and comes in any order; articles that tell of the same event in other words
are in it as well and must stay apart, and so must notices in one wording about different places. Ours decides as the
service does: candidates that share bands, the most bands first, then `stories.policy.decide`; terms are left out, so
that copies alone are judged. The thresholds, and that of the peer, are chosen on other seeds and other notices.
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.abc import Traversable
from importlib.resources import files
from itertools import combinations

from rensa import RMinHash
from rich.table import Table

from benchmarks.collect_templates import CHOOSING, JUDGING, Template, notices
from benchmarks.shared import Report, changed, table_of, verdict
from waspada.cli.demo.world import World
from waspada.items.policy import normalised
from waspada.places import find_places, main_regions
from waspada.stories import policy
from waspada.stories.facts import facts_of
from waspada.stories.fingerprint import bands, shingles
from waspada.stories.repository import MAX_COPIES
from waspada.stories.types import Candidate, Fingerprint, How
from waspada.taxonomy import ItemKind

FLOOR, GOAL = 0.92, 0.97
CHANGED = 0.08
MOST_COPIES = 4
NOW = datetime(2026, 11, 1, tzinfo=UTC)
#: The threshold at which the peer does best in the second table.
PEER_JACCARD, PEER_HASHES = 0.3, 128
#: Seeds from here on choose, those from 0 on judge.
FIRST_CHOOSING = 1000


@dataclass(frozen=True, slots=True)
class Text:
    """One item; `origin` is the text that it copies, the truth of its group."""

    origin: int
    title: str
    body: str
    is_notice: bool = False


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text with what grouping looks at."""

    text: Text
    fingerprint: Fingerprint
    bands: tuple[int, ...]


Grouping = Callable[[Sequence[ReadText]], list[int]]


def texts(seed: int, tail_words: int, templates: Sequence[Template]) -> list[Text]:
    """The originals, their copies and notices of which each is an original, shuffled."""
    rng = random.Random(seed)
    copies = _copies_of_the_demo()
    long = [item for item in World(NOW).items if item.title and len(item.text.split()) >= 60]
    originals = [item for item in long if item.id not in copies]
    words = [word for item in originals for word in item.text.split()]
    sentences = [paragraph for item in originals for paragraph in item.paragraphs]
    made = []
    for number, item in enumerate(originals):
        made.append(Text(number, item.title, item.text))
        for _ in range(rng.randint(1, MOST_COPIES)):
            made.append(
                Text(number, _changed(item.title, words, rng), _copy(item.text, words, sentences, tail_words, rng))
            )
    for number, notice in enumerate(notices(templates, sentences, rng), start=len(originals)):
        made.append(Text(number, "", notice, is_notice=True))
    rng.shuffle(made)
    return made


def read(items: Sequence[Text]) -> list[ReadText]:
    return [_read(number, item) for number, item in enumerate(items)]


def _read(number: int, item: Text) -> ReadText:
    own = shingles(item.title, item.body)
    regions = tuple(main_regions(find_places(item.title, item.body)))
    facts = facts_of(item.title, item.body)
    fingerprint = Fingerprint(number, ItemKind.ARTICLE, NOW, own, {}, regions, frozenset(), bool(regions), facts=facts)
    return ReadText(item, fingerprint, tuple(bands(own)))


def _copies_of_the_demo() -> set[str]:
    """Ids of the demo's articles that are wire copies already; they would belong to another's group."""
    folder = files("waspada.cli.demo").joinpath("texts")
    lines = (json.loads(line) for name in ("events", "quiet") for line in _lines_of(folder, name))
    return {line["id"] for line in lines if line.get("wire_of")}


def _lines_of(folder: Traversable, name: str) -> list[str]:
    return folder.joinpath(f"{name}.jsonl").read_text(encoding="utf-8").splitlines()


def _copy(text: str, words: Sequence[str], sentences: Sequence[str], tail_words: int, rng: random.Random) -> str:
    tail: list[str] = []
    while len(tail) < tail_words:
        tail += rng.choice(sentences).split()
    return _changed(text, words, rng) + "\n" + " ".join(tail[:tail_words])


def _changed(text: str, words: Sequence[str], rng: random.Random) -> str:
    """Exactly 8 % of the words, anywhere, replaced by others of the collection."""
    own = text.split(" ")
    for place in rng.sample(range(len(own)), round(CHANGED * len(own))):
        own[place] = rng.choice(words)
    return " ".join(own)


def ours(items: Sequence[ReadText]) -> list[int]:
    found: list[int] = []
    sharing: dict[int, list[int]] = defaultdict(list)
    for number, item in enumerate(items):
        most = Counter(other for value in item.bands for other in sharing[value]).most_common(MAX_COPIES)
        join = policy.decide(item.fingerprint, [Candidate(found[n], items[n].fingerprint) for n, _ in most])
        found.append(join.story_id if join.how is How.COPY and join.story_id is not None else number)
        for value in set(item.bands):
            sharing[value].append(number)
    return found


def exact_hash(items: Sequence[ReadText]) -> list[int]:
    first: dict[str, int] = {}
    keys = [hashlib.sha256(normalised(item.text.body).encode()).hexdigest() for item in items]
    return [first.setdefault(key, number) for number, key in enumerate(keys)]


def minhash(threshold: float) -> Grouping:
    """Each joins the most alike earlier one by the estimated Jaccard of the same shingles, from a threshold on."""

    def group(items: Sequence[ReadText]) -> list[int]:
        sketches: list[RMinHash] = []
        found: list[int] = []
        for number, item in enumerate(items):
            sketch = RMinHash(num_perm=PEER_HASHES, seed=1)
            sketch.update(sorted(item.fingerprint.shingles))
            likeness, nearest = max(((sketch.jaccard(other), -n) for n, other in enumerate(sketches)), default=(0.0, 0))
            found.append(found[-nearest] if likeness >= threshold else number)
            sketches.append(sketch)
        return found

    return group


@dataclass(slots=True)
class Score:
    """What one way made of several collections: pairs of items in one group, rightly and in all."""

    f1s: list[float] = field(default_factory=list)
    precisions: list[float] = field(default_factory=list)
    recalls: list[float] = field(default_factory=list)
    notices_joined: int = 0

    def add(self, items: Sequence[ReadText], groups: Sequence[int]) -> None:
        right, made = _pairs([item.text.origin for item in items]), _pairs(groups)
        common = len(right & made)
        precision, recall = common / max(1, len(made)), common / max(1, len(right))
        self.precisions.append(precision if made else 1.0)
        self.recalls.append(recall)
        self.f1s.append(2 * precision * recall / (precision + recall) if common else 0.0)
        self.notices_joined += sum(items[a].text.is_notice and items[b].text.is_notice for a, b in made)

    def row(self) -> tuple[str, str, str, str]:
        means = (statistics.mean(each) for each in (self.precisions, self.recalls, self.f1s))
        return (*(f"{mean:.3f}" for mean in means), str(self.notices_joined))  # type: ignore[return-value]


def tables(seeds: int, tail_words: int, report: Report) -> Iterator[Table]:
    yield _judged(seeds, tail_words, report)
    yield _chosen(min(2, seeds), tail_words, report)


def _judged(seeds: int, tail_words: int, report: Report) -> Table:
    ways: dict[str, Grouping] = {
        "waspada": ours,
        "exact hash": exact_hash,
        f"MinHash at {PEER_JACCARD}, the same shingles": minhash(PEER_JACCARD),
    }
    scores = {name: Score() for name in ways}
    count = 0
    for seed in range(seeds):
        items = read(texts(seed, tail_words, JUDGING))
        count += len(items)
        for name, way in ways.items():
            report(f"copies: {name}", seed, seeds)
            scores[name].add(items, way(items))
    title = f"Copies with {CHANGED:.0%} of the words changed and {tail_words} added; {count} texts, {seeds} seeds"
    table = table_of(title, "way", *_HEADS, "floor 0.92, goal 0.97")
    for name, found in scores.items():
        said = verdict(statistics.mean(found.f1s), FLOOR, GOAL) if name == "waspada" else ""
        table.add_row(name, *found.row(), said)
    return table


def _chosen(seeds: int, tail_words: int, report: Report) -> Table:
    """Other settings, on collections that judge nothing."""
    collections = [read(texts(FIRST_CHOOSING + seed, tail_words, CHOOSING)) for seed in range(seeds)]
    table = table_of(f"Choosing: {seeds} other seeds, other notices", "setting", *_HEADS)
    for number, (name, way, settings) in enumerate(_SETTINGS):
        report("copies: settings", number, len(_SETTINGS))
        score = Score()
        with changed(policy, **settings):
            for items in collections:
                score.add(items, way(items))
        table.add_row(name, *score.row())
    return table


_HEADS = ("precision", "recall", "pairwise F1", "pairs of notices joined")
_SETTINGS: tuple[tuple[str, Grouping, Mapping[str, object]], ...] = (
    *(
        (f"from {least} on, whatever they tell", ours, {"SURE_JACCARD": least, "COPY_JACCARD": least})
        for least in (0.3, 0.4, 0.5)
    ),
    *(
        (f"from {sure} on, from {least} with place and {share:.0%} of the figures", ours,
         {"SURE_JACCARD": sure, "COPY_JACCARD": least, "COMMON_NUMBERS": share})
        for sure, least, share in (
            (0.4, 0.3, 0.5), (0.5, 0.3, 0.5), (0.6, 0.3, 0.5), (0.7, 0.3, 0.5), (0.6, 0.3, 0.0), (0.6, 0.3, 0.67),
            (0.6, 0.25, 0.5), (0.6, 0.35, 0.5),
        )
    ),
    *((f"MinHash at {threshold}", minhash(threshold), {}) for threshold in (0.3, 0.4, 0.5, 0.6)),
)  # fmt: skip


def _pairs(groups: Sequence[int]) -> set[tuple[int, int]]:
    members: dict[int, list[int]] = defaultdict(list)
    for number, group in enumerate(groups):
        members[group].append(number)
    return {pair for group in members.values() for pair in combinations(group, 2)}
