"""What the shipped tagger costs and what it is worth, beside what others would use.

    python -m benchmarks.classify [MODEL_FOLDER] [--speed-only | --quality-only]

Speed: texts a second at 128 tokens on all cores that this process may use. The texts are the demo's authored news
articles, cut so that the encoder reads 128 tokens. The engine alone is given ids. "Scores" is what the peers do: texts
in, a calibrated score a head out, linear heads included; the gate is judged on it. "Classify" adds evidence, which no
peer gives, and leaves out places. Peers, in the same run and in turns with ours: transformers' pipeline in float32
over the same weights, and over an encoder of BERT-base's size (benchmarks/classify_peers.py). Other work on the
machine slows all of them: a figure is the median of the rounds, a ratio the median of the ratios within a round.
Loading, memory and size are those of the folder in a fresh process.

Quality: F1 on gold dev beside scikit-learn's TF-IDF (benchmarks/classify_quality.py).
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from tokenizers import Tokenizer

import nlp
from benchmarks.classify_quality import quality
from benchmarks.shared import Report, add_model_argument, reporting, results, table_of, verdict
from nlp.encoder.batching import Encoded, encode_items
from nlp.encoder.engine import Engine, available_cores
from nlp.encoder.folder import EncoderFolder, read_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from nlp.encoder.tokenizer import build_tokenizer
from nlp.segments import segments_of
from waspada.cli.demo.world import World
from waspada.clock import utc_now
from waspada.errors import ModelError
from waspada.taxonomy import ItemText

TOKENS = 128
#: What a peer is called, and the least and the wished-for ratio of our texts a second to its.
SAME, BASE = "transformers f32, same weights", "transformers f32, BERT-base size"
RATIOS = {SAME: (3.0, 5.0), BASE: (10.0, 20.0)}
ENGINE, SCORES, TAGGER = "waspada, engine (ids in)", "waspada, scores (texts in)", "waspada, classify (texts in)"
LOAD_GOAL_SECONDS, MEMORY_LIMIT_MB, SIZE_LIMIT_MB = 2.0, 600, 45
_ROUNDS, _FRESH_RUNS, _MANY_TOKENS = 5, 3, 1024
_FRESH = """
import json, sys, time
from pathlib import Path
started = time.perf_counter()
import nlp
tagger = nlp.load(Path(sys.argv[1]))
loaded = time.perf_counter() - started
tagger.classify([nlp.ItemText("1", "Banjir di Barabai", "Air setinggi satu meter merendam puluhan rumah.")])
status = Path("/proc/self/status")
lines = status.read_text().splitlines() if status.exists() else []
resident = [int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("VmRSS:")]
print(json.dumps({"load_seconds": loaded, "resident_mb": resident[0] if resident else None}))
"""


@dataclass(frozen=True, slots=True)
class Contestant:
    """Something timed: one call goes through `texts` texts."""

    texts: int
    call: Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Reader:
    """What the encoder is given of an item."""

    tokenizer: Tokenizer
    lead_chars: int

    def ids(self, item: ItemText, max_tokens: int) -> Encoded:
        return encode_items(self.tokenizer, [item], [segments_of(item, self.lead_chars)], max_tokens)[0].ids


def main() -> int:
    """Print the tables; 1 when the model cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.ENCODER)
    parser.add_argument("--texts", type=int, default=128, help="texts a round; a quarter of them for BERT-base")
    parser.add_argument("--rounds", type=int, default=_ROUNDS)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--speed-only", action="store_true")
    only.add_argument("--quality-only", action="store_true")
    arguments = parser.parse_args()
    try:
        if not arguments.quality_only:
            _print_all(lambda report: _cost(arguments.model, arguments.texts, arguments.rounds, report))
        if not arguments.speed_only:
            _print_all(lambda report: quality(nlp.load(arguments.model), report))
    except ModelError as error:
        results.print(f"not run: {error}")
        return 1
    return 0


def _print_all(measure: Callable[[Report], Sequence[RenderableType]]) -> None:
    """Measure under a bar, and print when it is gone: what is printed beside it would go where the bar goes."""
    with reporting() as report:
        found = measure(report)
    for part in found:
        results.print(part)


def _cost(path: Path, n: int, rounds: int, report: Report) -> list[RenderableType]:
    return [*_speed(read_encoder_folder(path), n, rounds, report), _footprint(path, report)]


def _speed(folder: EncoderFolder, n: int, rounds: int, report: Report) -> list[RenderableType]:
    rates, remarks = measure_speed(folder, n, rounds, report)
    return [*machine(), _rate_table(rates, remarks), _ratio_table(rates)]


def measure_speed(
    folder: EncoderFolder, n: int, rounds: int, report: Report
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Texts a second of engine, tagger and peers (rounds,) by name, and what is to be said of each."""
    report("cutting texts", 0, 0)
    folder = replace(folder, max_tokens=TOKENS)
    reader = Reader(build_tokenizer(folder.pieces), folder.features.lead_chars)
    items = _texts(reader, n)
    tagger = EncoderTagger(folder, find_places=lambda _item: ())
    engine, rows = Engine(folder.encoder), [reader.ids(item, TOKENS) for item in items]
    contestants = {
        ENGINE: Contestant(n, lambda: engine.run(rows)),
        SCORES: Contestant(n, lambda: tagger.log_odds(items)),
        TAGGER: Contestant(n, lambda: tagger.classify(items)),
    }
    peers, remark = _peers(folder, items, engine, rows)
    rates = _rates(contestants | peers, rounds, report)
    labelled = sum(bool(tags.on()) for tags in tagger.classify(items))
    remarks = {
        ENGINE: f"computes in {engine.arithmetic}",
        TAGGER: f"evidence for the {labelled / n:.0%} of the texts that get a label",
        SAME: remark,
    }
    return rates, remarks


def _texts(reader: Reader, n: int) -> list[ItemText]:
    """Articles of the demo, each cut after the word with which the encoder has read `TOKENS` tokens.

    A short article goes on with the text of the next one.
    """
    articles = [item for item in World(utc_now()).items if item.title]
    made = []
    for number in range(n):
        first, second = (articles[(number + step) % len(articles)] for step in (0, 1))
        words = " ".join((*first.paragraphs, *second.paragraphs)).split()
        item = ItemText(str(number), first.title, "")
        starts = [replace(item, text=" ".join(words[:count])) for count in range(len(words))]
        made.append(starts[bisect_left(starts, TOKENS, key=lambda start: len(reader.ids(start, _MANY_TOKENS)))])
    return made


def _peers(
    folder: EncoderFolder, items: Sequence[ItemText], engine: Engine, rows: Sequence[Encoded]
) -> tuple[dict[str, Contestant], str]:
    """The pipelines, and how far the logits of the one with our weights are from ours; none without torch."""
    try:
        from benchmarks import classify_peers as peers
    except ImportError as error:
        return {}, f"not run: {error.name} is not installed (extra: train)"
    same, base = peers.same_weights(folder), peers.bert_base(folder)
    few = list(rows[: peers.BATCH])
    off = float(np.abs(peers.logits_of(same, few) - engine.run(few).logits).max())
    calls = [peers.served(network, folder, TOKENS, available_cores()) for network in (same, base)]
    quarter = items[: max(1, len(items) // 4)]
    contestants = {
        SAME: Contestant(len(items), lambda: calls[0](items)),
        BASE: Contestant(len(quarter), lambda: calls[1](quarter)),
    }
    return contestants, f"logits differ from ours by {off:.3f} at most"


def _rates(contestants: dict[str, Contestant], rounds: int, report: Report) -> dict[str, np.ndarray]:
    """Texts a second of each contestant (rounds,), in turns; a first round that warms up is not counted."""
    rates: dict[str, list[float]] = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for place, (name, contestant) in enumerate(contestants.items()):
            report(f"timing {name}", turn * len(contestants) + place, (rounds + 1) * len(contestants))
            started = time.perf_counter()
            contestant.call()
            rates[name].append(contestant.texts / (time.perf_counter() - started))
    return {name: np.array(found[1:]) for name, found in rates.items()}


def _rate_table(rates: dict[str, np.ndarray], remarks: dict[str, str]) -> Table:
    title = f"texts a second at {TOKENS} tokens on {available_cores()} cores"
    table = table_of(title, "what", "median", "lowest-highest", "remark")
    for name in (ENGINE, SCORES, TAGGER, SAME, BASE):
        found = rates.get(name)
        figures = (
            ("not run", "") if found is None else (f"{np.median(found):,.1f}", f"{min(found):,.1f}-{max(found):,.1f}")
        )
        table.add_row(name, *figures, remarks.get(name, ""))
    return table


def _ratio_table(rates: dict[str, np.ndarray]) -> Table:
    table = table_of("times as fast", "against", "floor", "goal", "engine", "scores", "classify")
    for peer, (floor, goal) in RATIOS.items():
        row = []
        for ours in (ENGINE, SCORES, TAGGER):
            ratio = ratio_of(rates, ours, peer)
            row.append("not run" if ratio is None else f"{ratio:.1f}, {verdict(ratio, floor, goal)}")
        table.add_row(peer, f"{floor:.0f}", f"{goal:.0f}", *row)
    return table


def ratio_of(rates: dict[str, np.ndarray], ours: str, peer: str) -> float | None:
    """How many times as fast as a peer, the median over rounds; None where the peer was not run."""
    return float(np.median(rates[ours] / rates[peer])) if peer in rates else None


def machine() -> list[str]:
    """The processor and which of the instructions that matter here it has, from /proc/cpuinfo."""
    path = Path("/proc/cpuinfo")
    if not path.exists():
        return [f"processor: {platform.processor() or platform.machine()}"]
    about = dict(line.split(":", 1) for line in path.read_text(encoding="utf-8").splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in about.items()}
    flags = fields.get("flags", fields.get("Features", "")).split()
    wanted = {"AMX": "amx_tile", "AMX-BF16": "amx_bf16", "AVX-512": "avx512f", "AVX512-BF16": "avx512_bf16"}
    has = {name: flag in flags for name, flag in wanted.items()}
    has["VNNI"] = "avx512_vnni" in flags or "avx_vnni" in flags
    listed = ", ".join(f"{name} {'yes' if there else 'no'}" for name, there in has.items())
    return [f"processor: {fields.get('model name', platform.machine())}; {listed}"]


def _footprint(path: Path, report: Report) -> Table:
    """Loading, memory and size of a model folder, each in a fresh process of its own."""
    runs = []
    for done in range(_FRESH_RUNS):
        report("loading in a fresh process", done, _FRESH_RUNS)
        command = [sys.executable, "-c", _FRESH, str(path)]
        runs.append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    seconds = float(np.median([run["load_seconds"] for run in runs]))
    resident = [run["resident_mb"] for run in runs if run["resident_mb"] is not None]
    size = sum(file.stat().st_size for file in path.iterdir()) / 1e6
    table = table_of(f"{path.name} in a fresh process, median of {_FRESH_RUNS}", "what", "found", "limit", "")
    table.add_row("import and load, s", f"{seconds:.2f}", f"{LOAD_GOAL_SECONDS:.0f}", _kept(seconds, LOAD_GOAL_SECONDS))
    if resident:
        memory = float(np.median(resident))
        table.add_row(
            "resident after one classify, MB", f"{memory:.0f}", str(MEMORY_LIMIT_MB), _kept(memory, MEMORY_LIMIT_MB)
        )
    else:
        table.add_row("resident after one classify, MB", "not run: no /proc", str(MEMORY_LIMIT_MB), "")
    table.add_row("folder, MB", f"{size:.1f}", str(SIZE_LIMIT_MB), _kept(size, SIZE_LIMIT_MB))
    return table


def _kept(value: float, limit: float) -> str:
    return "kept" if value <= limit else "[bold]over[/bold]"


if __name__ == "__main__":
    sys.exit(main())
