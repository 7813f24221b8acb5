"""The release gate and the public figures of a model, beside the baseline.

    python -m benchmarks.functional [MODEL_FOLDER] [--failures]

The gate: 80 % of the cases of `nlp/evaluation/texts/cases.jsonl` pass and no function is below 60 %; the goal is 92 %.
Then both models on `tests/functional/dev.jsonl`, which gates nothing. Exits with 1 when the gate is closed.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

import nlp
from benchmarks.shared import (
    Report,
    add_model_argument,
    in_digits,
    in_percent,
    reporting,
    results,
    table_of,
    verdict,
)
from nlp.evaluation.evaluate import Evaluation, evaluate
from nlp.evaluation.functional import (
    CASES,
    FUNCTION_FLOOR,
    OVERALL_FLOOR,
    FunctionalResult,
    read_cases,
    run_cases,
)
from nlp.evaluation.metrics import Estimate, wilson
from nlp.labelled import read_labelled
from waspada.errors import ModelError

SUITE = Path(__file__).resolve().parents[1] / "tests" / "functional"
GOAL = 0.92


def main() -> int:
    """Print the tables; 1 when the gate is closed or nothing could be measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    add_model_argument(parser, nlp.ENCODER)
    parser.add_argument("--failures", action="store_true", help="list the cases that the model fails")
    arguments = parser.parse_args()
    try:
        taggers = [nlp.load(arguments.model), nlp.load(nlp.shipped(nlp.BASELINE))]
    except ModelError as error:
        results.print(f"not run: {error}")
        return 1
    with reporting() as report:
        suites = [_run(tagger, report) for tagger in taggers]
        public = [_judge(tagger, report) for tagger in taggers]
    results.print(_functions(suites))
    results.print(_gate(suites))
    results.print(_public(public))
    if arguments.failures:
        _print_failures(suites[0])
    return 0 if suites[0].passes() else 1


def _run(tagger: nlp.Reader, report: Report) -> FunctionalResult:
    report(f"{tagger.model}: cases", 0, 0)
    return run_cases(tagger, read_cases(CASES))


def _judge(tagger: nlp.Reader, report: Report) -> Evaluation:
    def show(_stage: str, done: int, total: int) -> None:
        report(f"{tagger.model}: dev", done, total)

    return evaluate(tagger, read_labelled(SUITE / "dev.jsonl"), progress=show)


def _functions(suites: Sequence[FunctionalResult]) -> Table:
    """Every function with the share that passes, the model's weakest first."""
    model = suites[0]
    table = table_of("functional suite", "function", "of", *(suite.model for suite in suites))
    for name, (_, n) in sorted(model.functions.items(), key=lambda entry: entry[1][0] / entry[1][1]):
        table.add_row(name, str(n), *(_share(*suite.functions[name]) for suite in suites))
    return table


def _share(passed: int, n: int) -> str:
    return f"{passed / n:.0%}" if passed / n >= FUNCTION_FLOOR else f"[bold]{passed / n:.0%}[/bold]"


def _gate(suites: Sequence[FunctionalResult]) -> Table:
    n = sum(count for _, count in suites[0].functions.values())
    table = table_of(f"release gate, {n} cases", "figure", *(suite.model for suite in suites))
    table.add_row("all cases (95 %, Wilson)", *(in_percent(_overall(suite)) for suite in suites))
    table.add_row(
        f"  floor {OVERALL_FLOOR:.0%}, goal {GOAL:.0%}",
        *(verdict(suite.share, OVERALL_FLOOR, GOAL) for suite in suites),
    )
    table.add_row("weakest function", *(f"{suite.weakest[0]} {suite.weakest[1]:.0%}" for suite in suites))
    low = [sum(passed / of < FUNCTION_FLOOR for passed, of in suite.functions.values()) for suite in suites]
    table.add_row(f"  functions below the floor of {FUNCTION_FLOOR:.0%}", *map(str, low))
    table.add_row("gate", *("open" if suite.passes() else "[bold]closed[/bold]" for suite in suites))
    return table


def _overall(suite: FunctionalResult) -> Estimate:
    counts = suite.functions.values()
    return wilson(sum(passed for passed, _ in counts), sum(n for _, n in counts))


def _public(found: Sequence[Evaluation]) -> Table:
    table = table_of(
        f"public dev set, {found[0].n} authored items (95 %)", "figure", *(result.model for result in found)
    )
    table.add_row("main macro-F1", *(in_digits(result.main_f1) for result in found))
    table.add_row("secondary macro-F1", *(in_digits(result.secondary_f1) for result in found))
    table.add_row("alert level, quadratic kappa", *(in_digits(result.alert_kappa) for result in found))
    table.add_row("quiet items raised to level 2 or more", *(in_percent(result.quiet_raised) for result in found))
    return table


def _print_failures(suite: FunctionalResult) -> None:
    results.print(f"{len(suite.failed)} cases fail:")
    for case, wrong in suite.failed:
        results.print(f"  {case.id}: {'; '.join(wrong)}", markup=False)
        results.print(f"      {f'{case.item.title} {case.item.text}'.strip()}", markup=False)


if __name__ == "__main__":
    sys.exit(main())
