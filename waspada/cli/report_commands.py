"""`waspada models report`: the monthly report of the model in use, made where it is not there yet."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from waspada.audit.types import AuditAction
from waspada.cli.common import DataOption, at_desk, messages, results, settings_of
from waspada.cli.comparing import default_model
from waspada.clock import last_month, month_of, utc_now
from waspada.drift import repository, service
from waspada.drift.types import Calibration, Estimate, ModelReport, Outlets, Rate, TextShift
from waspada.store import open_store

_NOTHING = "-"


def models_report(
    month: Annotated[str | None, typer.Option("--month", help="2026-10.", show_default="the last full month")] = None,
    again: Annotated[bool, typer.Option("--again", help="Make it anew: answers may have come since.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON document.")] = False,
    data: DataOption = None,
) -> None:
    """The report of a month: rates, calibration, drift, agreement, decisions. Made and kept where it is not there."""
    report = _report(month, again, data)
    if as_json:
        results.file.write(json.dumps(repository.as_json(report), ensure_ascii=False, indent=2) + "\n")
        return
    for table in tables(report):
        results.print(table)


def _report(month: str | None, again: bool, data: Path | None) -> ModelReport:
    """The report that is kept, or a new one. Raises InputError for what is no month, or one that is not over."""
    settings, now = settings_of(data), utc_now()
    zone = settings.zone_info
    first = last_month(now, zone) if month is None else service.checked_month(month_of(month), now, zone)
    with closing(open_store(settings)) as store, store.read() as session:
        is_new = again or not repository.has(session, f"{first:%Y-%m}")
        if is_new:
            report = service.make_report(session, first, default=default_model(settings), zone=zone, now=now)
        else:
            report = repository.get(session, f"{first:%Y-%m}")
    with at_desk(data) as desk:
        if is_new:
            repository.save(desk.session, report)
        desk.note(AuditAction.MODELS_READ, f"report/{report.month}")
    messages.print(f"{report.month}, made {report.made_at.astimezone(zone):%Y-%m-%d %H:%M}.")
    return report


def tables(report: ModelReport) -> list[Table]:
    """A report for the terminal."""
    heard, answers = report.heard, report.answers
    top = Table("month", report.month, show_header=True)
    for name, value in (
        ("model", report.model),
        ("in use since", f"{report.since:%Y-%m-%d}" if report.since else "the beginning"),
        ("held against", ", ".join(report.reference)),
        ("items of known sources", f"{heard.known} ({heard.known_sources} sources)"),
        ("items of new sources", f"{heard.new} ({heard.new_sources} sources)"),
        ("sources no longer heard", str(heard.gone_sources)),
        ("read by the model", f"{heard.read} (before: {heard.reference_read})"),
        ("answers", f"{answers.answers} for {answers.items} items"),
        ("passed over", ", ".join(f"{count} {what}" for what, count in report.passed_over.items() if count) or "0"),
        *((f"{one.at:%Y-%m-%d} {one.what}", one.model) for one in report.decisions),
    ):
        top.add_row(name, value)
    if report.is_empty:
        top.add_row("", "nothing was heard in this month")
        return [top]
    rest = (_rates(report), _new(report), _shifts(report.shifts), _calibration(report.calibration), _agreement(report))
    return [top, *rest]


def _rates(report: ModelReport) -> Table:
    table = Table("rate, known sources", "month", "95 %", "before", "95 %", "change")
    for one in report.rates[Outlets.KNOWN]:
        table.add_row(one.figure, *_estimate(one.share), *_estimate(one.reference), one.change)
    return table


def _new(report: ModelReport) -> Table:
    table = Table("rate, new sources", "month", "95 %")
    found: list[Rate] = [one for one in report.rates[Outlets.NEW] if one.share is not None]
    for one in found:
        table.add_row(one.figure, *_estimate(one.share))
    if not found:
        table.add_row(_NOTHING, _NOTHING, _NOTHING)
    return table


def _shifts(shifts: Sequence[TextShift]) -> Table:
    table = Table("shift", "sources", "texts", "value", "by chance", "months before", "change")
    for one in shifts:
        figures = map(_number, (one.value, one.chance, one.before))
        table.add_row(one.measure, one.outlets, str(one.n), *figures, one.change)
    return table


def _calibration(found: Sequence[Calibration]) -> Table:
    table = Table("drawn by lot", "answers", "the model says", "in truth", "95 %", "ECE", "by chance", "Brier", "fit")
    for one in found:
        error = one.error.value if one.error else None
        table.add_row(
            one.figure,
            str(one.n),
            _number(one.expected),
            *_estimate(one.observed),
            *map(_number, (error, one.by_chance, one.brier)),
            one.fit,
        )
    return table


def _agreement(report: ModelReport) -> Table:
    table = Table("agreement", "items", "alpha", "95 %", "positive agreement")
    for one in report.answers.fields:
        between = one.alpha_interval
        interval = f"{between.low:.2f} … {between.high:.2f}" if between else one.no_interval or _NOTHING
        alpha = f"{one.alpha:.2f}" if one.alpha is not None else one.no_alpha or _NOTHING
        positive = f"{one.positive:.2f}" if one.positive is not None else one.no_positive or _NOTHING
        table.add_row(one.field, str(one.items), alpha, interval, positive)
    return table


def _estimate(one: Estimate | None) -> tuple[str, str]:
    return (f"{one.value:.3f}", f"{one.low:.3f} … {one.high:.3f}") if one else (_NOTHING, _NOTHING)


def _number(value: float | None) -> str:
    return _NOTHING if value is None else f"{value:.4f}"
