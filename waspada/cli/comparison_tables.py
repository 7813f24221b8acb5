"""A comparison as tables of the terminal: figures beside either model, gates, and alerts that would move."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.markup import escape
from rich.table import Column, Table

from waspada.alerts.exits import mask
from waspada.models.policy import LEAST_GROUPS
from waspada.models.types import Against, Comparison, Effect, Gates, ModelView, Verdict

_MOVED_SHOWN = 30


def comparison_tables(view: ModelView, current: str, headlines: Mapping[int, str]) -> Iterator[Table]:
    """The tables of what was found of a model; `headlines` by story, unmasked."""
    if view.comparison is None:
        return
    for against in view.comparison.against:
        what = "in use" if against.other == current else "baseline"
        yield _figures(view.name, against, f"{_rows_of(view.comparison)}; {what}")
    if view.gates is not None:
        yield _gates(view.gates)
    if view.comparison.effect is not None:
        yield _effect(view.comparison.effect, headlines)


def _rows_of(found: Comparison) -> str:
    """What it was compared on."""
    rows = f"{found.rows} rows of {found.source}"
    if not 0 < found.groups < LEAST_GROUPS:
        return rows
    return f"{rows}, of too few stories to say which is better ({found.groups} of the {LEAST_GROUPS} needed)"


def _figures(name: str, against: Against, rows: str) -> Table:
    table = Table(
        Column("figure", no_wrap=True),
        "slice",
        "n",
        "new",
        "other",
        Column("difference, 95 %", no_wrap=True),
        "",
        title=f"{name} beside {against.other}: {against.verdict} ({rows})",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
    )
    for one in against.differences:
        between = f"{one.low:+.3f} .. {one.high:+.3f}"
        numbers = (str(one.n), f"{one.candidate:.3f}", f"{one.other:.3f}", between) if one.n else ("0", "-", "-", "-")
        table.add_row(
            one.figure, one.slice or "all", *numbers, one.verdict.value if one.verdict is not Verdict.SAME else ""
        )
    return table


def _gates(gates: Gates) -> Table:
    table = Table("gate", "seen", "needed", "", title="Release gates")
    open_, closed = "open", "closed"
    table.add_row(
        "functional suite",
        f"{gates.functional_share:.1%}; {gates.weakest} {gates.weakest_share:.0%}",
        "80 %, no function under 60 %",
        open_ if gates.functional_open else closed,
    )
    table.add_row(
        "protected speech",
        f"{gates.protected_hits} of {gates.protected_n}, upper end {gates.protected_upper:.2%}",
        "at most 2 %",
        open_ if gates.protected_open else closed,
    )
    return table


def _effect(effect: Effect, headlines: Mapping[int, str]) -> Table:
    counts = ", ".join(f"{what.value} {n}" for what, n in effect.counts.items()) or "nothing moves"
    title = f"Alerts of {effect.days} days beside {effect.other}: {counts}"
    table = Table("alert", "what", "level", "rank", "label", "headline", title=title)
    for one in effect.moved[:_MOVED_SHOWN]:
        level = f"{one.level_before} > {one.level_after}"
        rank = f"{one.rank_before or '-'} > {one.rank_after or '-'}"
        headline = escape(mask(headlines.get(one.story, "")))
        table.add_row(str(one.alert or "-"), one.what.value, level, rank, one.label, headline)
    return table
