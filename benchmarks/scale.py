"""Whether an item costs more where more is stored: grouping, ranking and the matching of claims at two sizes.

    python -m benchmarks.scale [--items 2000 20000] [--claims 2000 20000] [--probes 300] [--statements 8]

By default about a minute. The measure of the design is `--items 10000 1000000 --claims 10000 100000`: some ten minutes
and 10 GB of disk (--folder says where). Stores are filled with made-up rows
(`benchmarks/scale_rows.py`); then `--probes` fresh items, among them a few notices in a known wording and a few
without a date, are grouped and ranked by the real stages, and matched with fact-checks. Processor time counts, for
other work on the machine does not; the ratio is what to compare. `--statements N` prints the N statements whose time
grew most, with the plan at the larger size. The floor is a ratio of at most 1.5.
"""

from __future__ import annotations

import argparse
import random
import re
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, event, insert, update

from benchmarks.claims import made_up_vectors
from benchmarks.scale_rows import NOW, SOURCES, Filler, fill, notice, sentence, words
from benchmarks.shared import Report, reporting, results, table_of
from waspada.claims import queue
from waspada.items.policy import url_key
from waspada.items.service import store_item
from waspada.items.types import FoundItem, Stage
from waspada.jobs.group import group_tagged
from waspada.jobs.match import Matcher, look_back, match_waiting
from waspada.jobs.rank import RankingData, rank_stale
from waspada.jobs.tag import tag_waiting
from waspada.places.types import PlaceMention
from waspada.settings import load_settings
from waspada.store import Store, open_url
from waspada.store.tables import FactCheckRow, ItemRow
from waspada.taxonomy import ItemKind, ItemText, Tags, TextField

FLOOR = 1.5
_NOTICE_EVERY, _UNDATED_EVERY, _BATCH = 10, 25, 2_000
_SHOWN_CHARS = 400
_LISTS = re.compile(r"\(\?(?:, \?)+\)")


@dataclass(slots=True)
class Cost:
    """Processor milliseconds an item, by stage, and seconds by SQL statement while the stages ran."""

    of: dict[str, float] = field(default_factory=dict)
    statements: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    plans: dict[str, str] = field(default_factory=dict)


class MadeUpTagger:
    """A `waspada.taxonomy.Tagger` that draws tags, and a kabupaten or kota, by chance."""

    model = "made-up"

    def __init__(self, filler: Filler) -> None:
        self._filler = filler

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [
            replace(self._filler.chance.choice(self._filler.pool), id=item.id, places=(self._place(),))
            for item in items
        ]

    def _place(self) -> PlaceMention:
        found = self._filler.place()
        return PlaceMention(found.code, found.name, found.level, found.name, TextField.TEXT, 0, len(found.name))


class EmbeddingTagger(MadeUpTagger):
    """The same with embeddings, by a name whose embeddings the matching of claims takes."""

    model = "waspada-id-made-up"

    def embed(self, items: Sequence[ItemText]) -> NDArray[np.float32]:
        return made_up_vectors([item.text for item in items])


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--items", type=int, nargs=2, default=(2_000, 20_000), metavar=("SMALL", "LARGE"))
    parser.add_argument("--claims", type=int, nargs=2, default=(2_000, 20_000), metavar=("SMALL", "LARGE"))
    parser.add_argument("--probes", type=int, default=300)
    parser.add_argument("--statements", type=int, default=0, metavar="N", help="print the N statements that grew most")
    parser.add_argument("--only", choices=("items", "claims"), help="one of the two halves")
    parser.add_argument("--folder", type=Path, help="where the stores are filled; a temporary one if none")
    arguments = parser.parse_args()
    with reporting() as report:
        if arguments.only != "claims":
            stored = [_stored(size, arguments.probes, arguments.folder, report) for size in arguments.items]
            _print("items", arguments.items, stored)
            _print_statements(stored[0], stored[1], arguments.statements)
        if arguments.only != "items":
            claims = [of_claims(size, arguments.probes, report, arguments.folder) for size in arguments.claims]
            _print("fact-checks", arguments.claims, claims)


def _stored(size: int, probes: int, folder: Path | None, report: Report) -> Cost:
    """What grouping and ranking cost with so many items stored."""
    report(f"{size:,} items", 0, 0)
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        store = open_url(f"sqlite:///{Path(inside) / 'scale.db'}")
        try:
            fill(store, size, Filler())
            return measured(store, Filler(seed=2), probes)
        finally:
            store.close()


def measured(store: Store, filler: Filler, probes: int) -> Cost:
    data, cost, now = RankingData.load(load_settings()), Cost(), NOW + timedelta(hours=1)
    with store.write() as session:
        for number in range(probes):
            store_item(session, _probe(number, filler.chance), now)
    while tag_waiting(store, MadeUpTagger(filler), now):
        pass
    with _timed(store, cost):
        cost.of["group"] = _milliseconds(lambda: group_tagged(store, now), probes)
        cost.of["rank"] = _milliseconds(lambda: rank_stale(store, data, now), probes)
    return cost


def _probe(number: int, chance: random.Random) -> FoundItem:
    is_notice, outlet = number % _NOTICE_EVERY == 0, f"media-{number % SOURCES}"
    address = f"https://{outlet}.example/probe-{number}"
    return FoundItem(
        source_id=outlet,
        kind=ItemKind.ARTICLE,
        outlet=outlet,
        url=address,
        url_key=url_key(address),
        title=sentence(9, chance),
        text=notice(number) if is_notice else " ".join(sentence(14, chance) for _ in range(12)),
        published_at=None if number % _UNDATED_EVERY == 1 else NOW + timedelta(seconds=number),
    )


def _milliseconds(work: Callable[[], int], items: int) -> float:
    """Processor time of a stage until it has nothing more to do, over the number of items."""
    started = time.process_time()
    while work():
        pass
    return 1000 * (time.process_time() - started) / items


@contextmanager
def _timed(store: Store, cost: Cost) -> Iterator[None]:
    """Notes what each statement takes until its first row is there, and how it is planned."""
    begun: list[float] = []
    first: dict[str, tuple[str, Any]] = {}

    def before(_c: Connection, _cursor: Any, _sql: str, _values: Any, _context: Any, _many: bool) -> None:
        begun.append(time.process_time())

    def after(_c: Connection, _cursor: Any, sql: str, values: Any, _context: Any, many: bool) -> None:
        name = _LISTS.sub("(?, ...)", " ".join(sql.split()))  # lists of any length are one statement
        cost.statements[name] += time.process_time() - begun.pop()
        if not many and name.upper().startswith("SELECT"):
            first.setdefault(name, (sql, values))

    event.listen(store.engine, "before_cursor_execute", before)
    event.listen(store.engine, "after_cursor_execute", after)
    yield
    event.remove(store.engine, "before_cursor_execute", before)
    event.remove(store.engine, "after_cursor_execute", after)
    with store.engine.connect() as connection:
        for name, (sql, values) in first.items():
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", values).all()
            cost.plans[name] = "; ".join(str(row[3]) for row in rows)


def of_claims(size: int, probes: int, report: Report, folder: Path | None = None) -> Cost:
    """What the matching of an item costs the worker with so many fact-checks stored, embeddings among them: by itself,
    and when one new fact-check is looked for among recent items; and what the first index costs, a fact-check."""
    report(f"{size:,} fact-checks", 0, 0)
    chance, cost, now = random.Random(3), Cost(), NOW + timedelta(hours=1)
    titles = [sentence(9, chance) for _ in range(size)]  # most are known by their headline alone
    matcher = Matcher(tagger=EmbeddingTagger(Filler(seed=2)))
    with tempfile.TemporaryDirectory(dir=folder) as inside:
        store = open_url(f"sqlite:///{Path(inside) / 'claims.db'}")
        try:
            fill(store, 0, Filler())
            for at in range(0, size, _BATCH):
                _store_checks(store, matcher.way, titles[at : at + _BATCH], at)
            with store.write() as session:
                items = [_probe(n, chance) for n in range(probes)]
                for number, item in enumerate(items):
                    told = " ".join([chance.choice(titles), *words(25, chance)])
                    store_item(session, replace(item, text=told if number % _NOTICE_EVERY else item.text), now)
                session.execute(update(ItemRow).values(stage=Stage.GROUPED))
                queue.ask_recent(session, NOW - timedelta(days=1))
            started = time.process_time()
            matcher.refresh(store)
            cost.of["first index"] = 1000 * (time.process_time() - started) / size
            cost.of["match"] = _milliseconds(lambda: match_waiting(store, matcher, now), probes)
            _store_checks(store, matcher.way, [sentence(9, chance)], size, looked_back=False)
            cost.of["look back"] = _milliseconds(lambda: look_back(store, matcher, now), probes)
        finally:
            store.close()
    return cost


def _store_checks(store: Store, way: str, titles: Sequence[str], first: int, looked_back: bool = True) -> None:
    rows = [
        {"id": f"imp-{n}", "claim": "", "title": title, "seq": n + 1, "looked_back": looked_back}
        | {"verdict": "", "outlet": "", "origin": "imported", "reason": "", "vectors_of": way, "vectors": vector}
        for n, (title, vector) in enumerate(zip(titles, made_up_vectors(titles), strict=True), start=first)
    ]
    with store.write() as session:
        session.execute(insert(FactCheckRow), rows)


def _print(what: str, sizes: Sequence[int], costs: Sequence[Cost]) -> None:
    heads = [f"at {size:,} {what}" for size in sizes]
    table = table_of("processor time, ms each", "stage", *heads, "ratio", f"floor {FLOOR}")
    for stage, small in costs[0].of.items():
        large = costs[1].of[stage]
        ratio = large / max(small, 1e-6)
        said = "met" if ratio <= FLOOR else "[bold]below the floor[/bold]"
        table.add_row(stage, f"{small:.2f}", f"{large:.2f}", f"{ratio:.2f}", said)
    results.print(table)


def _print_statements(small: Cost, large: Cost, count: int) -> None:
    grown = {sql: seconds - small.statements.get(sql, 0.0) for sql, seconds in large.statements.items()}
    for sql, seconds in sorted(grown.items(), key=lambda pair: -pair[1])[:count]:
        before = 1000 * small.statements.get(sql, 0.0)
        results.print(f"\n{1000 * seconds:+.0f} ms to {1000 * large.statements[sql]:.0f} from {before:.0f} in all")
        print(sql[:_SHOWN_CHARS])
        print(f"  plan: {large.plans.get(sql, '-')[:_SHOWN_CHARS]}")


if __name__ == "__main__":
    main()
