"""An evaluation as tables for a terminal."""

from __future__ import annotations

from rich.console import Group
from rich.table import Table

from nlp.evaluation.evaluate import Evaluation
from nlp.evaluation.metrics import Estimate
from waspada.taxonomy import MAIN_LABELS


def as_tables(result: Evaluation) -> Group:
    """Three tables: per label, as a whole, per slice."""
    return Group(_labels(result), _whole(result), _slices(result))


def _labels(result: Evaluation) -> Table:
    table = Table(title=f"{result.model} on {result.n} items")
    for name in ("label", "positives", "F1 (95 %)", "precision", "recall", "ECE"):
        table.add_column(name, justify="left" if name == "label" else "right")
    for label, figures in result.labels.items():
        table.add_row(
            label.value if label in MAIN_LABELS else f"[dim]{label.value}[/dim]",
            str(figures.n_positive),
            _interval(figures.f1),
            f"{figures.precision:.3f}",
            f"{figures.recall:.3f}",
            f"{figures.ece:.3f}",
        )
    return table


def _whole(result: Evaluation) -> Table:
    table = Table("figure", "value (95 %)")
    table.add_row("main macro-F1", _interval(result.main_f1))
    table.add_row("secondary macro-F1", _interval(result.secondary_f1))
    table.add_row("alert level, quadratic kappa", _interval(result.alert_kappa))
    table.add_row("conflict level, quadratic kappa", _interval(result.conflict_kappa))
    table.add_row("quiet items raised to level 2 or more", _interval(result.quiet_raised))
    for level, given in enumerate(result.alert_table):
        table.add_row(f"items of alert level {level}, given 0 1 2 3", "  ".join(map(str, given)))
    kind = result.misinformation_kind_accuracy
    table.add_row("kind of misinformation right", "-" if kind is None else f"{kind:.3f}")
    return table


def _slices(result: Evaluation) -> Table:
    table = Table("slice", "items", "main F1", "secondary F1", "alert kappa")
    for name, figures in result.slices.items():
        table.add_row(
            name,
            str(figures.n),
            "-" if figures.main_f1 is None else f"{figures.main_f1:.3f}",
            "-" if figures.secondary_f1 is None else f"{figures.secondary_f1:.3f}",
            f"{figures.alert_kappa:.3f}",
        )
    return table


def _interval(figure: Estimate) -> str:
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"
