"""Commands on text, without a database: classify, embed, cluster, match, extract."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

import nlp
from crawler.extraction import extract as extract_page
from crawler.recording import record_page
from waspada.claims.embedding import embedder_of
from waspada.claims.jsonl import parse_claims
from waspada.claims.matching import ClaimIndex, Embedder
from waspada.claims.types import FactCheck
from waspada.cli.common import (
    FileArgument,
    JsonlReader,
    complain,
    open_lines,
    progress_bar,
    settings_of,
    write_line,
)
from waspada.cli.outlets import outlets_by_name
from waspada.clock import DEFAULT_ZONE, local_day, utc_now, zone_of
from waspada.errors import InputError
from waspada.items.jsonl import JsonlItem
from waspada.jobs.replay import Outlet, Replay
from waspada.taxonomy import ItemText

_BATCH_ITEMS = 64
#: Beyond so many fact-checks embedding them takes longer than a command may (some 100 a second).
_MOST_EMBEDDED = 20_000


def register(app: typer.Typer) -> None:
    for command in (classify, embed, cluster, match, extract):
        app.command()(command)


def classify(file: FileArgument) -> None:
    """Labels, levels, evidence and places of every item of FILE, one JSON line each."""
    settings = settings_of(None)
    tagger = nlp.load(settings.model_dir)
    outlets = outlets_by_name(settings)
    _each_batch(file, lambda batch: [t.as_contract() for t in tagger.classify(_texts(batch, outlets))])


def embed(file: FileArgument) -> None:
    """The embedding of every item of FILE: 384 numbers of norm 1."""
    tagger = nlp.load(settings_of(None).model_dir)
    _each_batch(
        file,
        lambda batch: [{"embedding": vector.tolist()} for vector in tagger.embed(_texts(batch, {}))],
    )


def cluster(file: FileArgument) -> None:
    """The story of every item of FILE; items without a date join by content alone."""
    reader = JsonlReader(file)
    items = list(reader)
    settings = settings_of(None)
    replay = Replay(nlp.load(settings.model_dir), outlets_by_name(settings))
    now = utc_now()
    with progress_bar() as bar:
        task = bar.add_task("Mengelompokkan", total=2 * len(items))
        replay.load(items, now, lambda n: bar.advance(task, n))
        replay.group(now, lambda n: bar.advance(task, n))
        bar.add_task("Memeriksa ulang", total=None)
        replay.repair(now)
    stories = replay.stories()
    for item in items:
        write_line({"id": item.id, "story": str(stories[item.line])})
    reader.finish()


def match(
    file: FileArgument,
    claims: Annotated[str, typer.Option("--claims", help="JSONL file of fact-checks.")],
) -> None:
    """The best ten fact-checks for every item of FILE."""
    reader = JsonlReader(file)
    checks = _read_claims(claims, reader)
    index = ClaimIndex(checks, _embedder(len(checks)))
    for item in reader:
        day = local_day(item.published_at, DEFAULT_ZONE) if item.published_at is not None else None
        found = index.match(item.title, item.text, day)
        write_line({"id": item.id, "matches": [one.as_contract() for one in found]})
    reader.finish()


def extract(
    file: Annotated[Path, typer.Argument(metavar="FILE.html", help="A saved page.")],
    url: Annotated[str, typer.Option("--url", help="The address it was fetched from.")],
    zone: Annotated[str | None, typer.Option("--zone", help="Zone of times without one.")] = None,
    record: Annotated[
        Path | None, typer.Option("--record", metavar="DIR", help="Keep page and result there, as a test to correct.")
    ] = None,
) -> None:
    """Title, body, publication time and outlet of a saved page."""
    try:
        page = file.read_bytes()
    except OSError as error:
        raise InputError(f"The page {file} cannot be read: {error.strerror}.") from None
    found = extract_page(page, url, zone=zone_of(zone))
    if record is not None:
        expected = record_page(record, file.stem, page, found, zone_of(zone))
        complain(f"{expected}: read it against the page and correct it; it is now what a test expects")
    if found.is_article and found.parts.addresses:
        complain(
            f"{file}: the article goes on at {', '.join(found.parts.addresses)}; a crawl joins it, this is one page"
        )
    write_line(found.as_contract())


def _each_batch(file: str, work: Callable[[list[JsonlItem]], list[dict[str, object]]]) -> None:
    reader = JsonlReader(file)
    for batch in _batches(iter(reader)):
        for item, line in zip(batch, work(batch), strict=True):
            write_line({**line, "id": item.id} if "id" in line else {"id": item.id, **line})
    reader.finish()


def _batches(items: Iterator[JsonlItem]) -> Iterator[list[JsonlItem]]:
    while batch := list(islice(items, _BATCH_ITEMS)):
        yield batch


def _texts(batch: list[JsonlItem], outlets: Mapping[str, Outlet]) -> list[ItemText]:
    return [item.as_text(outlets.get((item.outlet or "").strip().lower(), Outlet()).home) for item in batch]


def _embedder(checks: int) -> Embedder | None:
    """The model's embeddings, with a bar; none where there are too many fact-checks, or the model is no fitted one."""
    if checks > _MOST_EMBEDDED:
        complain(f"warning: more than {_MOST_EMBEDDED} fact-checks are compared by their words only")
        return None
    if not checks:
        return None
    return embedder_of(nlp.load(settings_of(None).model_dir), _with_bar)


def _with_bar(batches: Sequence[Sequence[ItemText]]) -> Iterator[Sequence[ItemText]]:
    with progress_bar() as bar:
        yield from bar.track(batches, description="Membaca klaim")


def _read_claims(file: str, reader: JsonlReader) -> list[FactCheck]:
    """The fact-checks of a file; with the same id the last one counts, as an edit would."""
    claims: dict[str, FactCheck] = {}
    with open_lines(file) as lines:
        for number, claim in parse_claims(lines, lambda line, said: complain(f"{file}, line {line}: warning: {said}")):
            if isinstance(claim, str):
                reader.bad_lines += 1
                complain(f"{file}, line {number}: {claim}")
                continue
            key = json.dumps(claim.id, sort_keys=True)
            if key in claims:
                complain(f"{file}, line {number}: warning: the id {key} stood before; this line counts")
            claims[key] = claim
    if not claims:
        complain(f"warning: the file {file} holds no fact-check; nothing can match")
    return list(claims.values())
