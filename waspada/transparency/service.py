"""Making the report of a month and writing it as one HTML file."""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib.resources.abc import Traversable
from zoneinfo import ZoneInfo

from jinja2 import Environment, PackageLoader, select_autoescape
from sqlalchemy.orm import Session

from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS
from waspada.audit import checkpoints
from waspada.audit.types import AuditAction
from waspada.clock import local_day, month_bounds
from waspada.errors import InputError, ModelError
from waspada.escalations.repository import counts_by_kind
from waspada.jobs.purge_report import removals
from waspada.places import full_name
from waspada.settings import Settings
from waspada.stops.repository import overlapping
from waspada.transparency import repository, words
from waspada.transparency.types import ModelFigures, Report, StopLine, shown

#: Figures of the card that say how far the model can be trusted; each has value, low and high.
_FIGURES = ("main_macro_f1", "secondary_macro_f1", "alert_kappa", "quiet_raised")

_templates = Environment(
    loader=PackageLoader("waspada.transparency"),
    autoescape=select_autoescape(("html",)),
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.globals.update(
    label_words=LABEL_WORDS, level_words=LEVEL_WORDS, words=words, shown=shown, percent=lambda share: f"{share:.0%}"
)


def make_report(
    session: Session,
    settings: Settings,
    month: date,
    now: datetime,
    *,
    model: ModelFigures | None = None,
) -> Report:
    """The report of the desk's region for the month that begins on this day.

    Raises InputError for a month that has not begun.
    """
    zone = settings.zone_info
    if month > local_day(now, zone):
        raise InputError(f"The month {month:%Y-%m} has not begun yet.", hint="Take one that is over.")
    start, end = month_bounds(month, zone)
    span, region = (start, end), settings.region
    removed = removals(session, settings, start, end)
    acknowledged, middle = repository.acknowledgement(session, region, span)
    checked = checkpoints.newest(session)
    return Report(
        month=f"{month:%Y-%m}",
        region=region,
        start=start,
        end=end,
        made_at=now,
        sources=repository.sources(session, region),
        items=repository.items(session, span),
        alerts=repository.alerts(session, region, span),
        levels=repository.levels(session, region, span),
        precision=repository.precision(session, region, span),
        acknowledged=acknowledged,
        median_acknowledgement=middle,
        escalations={kind.value: count for kind, count in counts_by_kind(session, start, end).items()},
        digests=repository.digests(session, span),
        field_reports=repository.field_reports(session, region, span),
        requests=repository.requests(session, span),
        in_time=repository.in_time(session, span),
        erased={one.key: one.asked for one in removed.classes if one.asked},
        aged={one.key: one.aged for one in removed.classes if one.aged},
        deleted_at_place=repository.deleted_at_place(session, span),
        stops=[StopLine(stop.about, stop.at, stop.lifted_at) for stop in overlapping(session, start, end)],
        sign_ins_refused=repository.audited(session, AuditAction.SIGN_IN_REFUSED, span),
        searches=repository.audited(session, AuditAction.TEXT_SEARCHED, span),
        exports=repository.audited(session, AuditAction.EXPORTED, span),
        audit_rows=repository.audit_rows(session, span),
        audit_whole_at=checked.at if checked is not None else None,
        model=model,
    )


def render(report: Report, zone: ZoneInfo, contact: str = "") -> str:
    """The report as one HTML file in Indonesian that needs nothing beside it."""
    page = _templates.get_template("report.html").render(
        report=report,
        region=full_name(report.region),
        contact=contact,
        when=lambda at: _when(at, zone),
        escalations=[[words.name(words.RECIPIENTS, kind), shown(n)] for kind, n in report.escalations.items()],
        digests=[[words.name(words.CHANNELS, channel), shown(n)] for channel, n in report.digests.items()],
        field_reports=[[words.name(words.REPORTS, state), shown(n)] for state, n in report.field_reports.items()],
        erased=[[words.name(words.CLASSES, key), shown(n)] for key, n in report.erased.items()],
        aged=[[words.name(words.CLASSES, key), n] for key, n in report.aged.items()],
        figures=[
            [words.name(words.FIGURES, name), *(f"{value:.3f}" for value in values)]
            for name, values in (report.model.figures.items() if report.model else ())
        ],
    )
    return page.rstrip() + "\n"


def model_figures(folder: Traversable) -> ModelFigures:
    """What the card of a model folder says. Raises ModelError when it cannot be read."""
    try:
        version = str(json.loads(folder.joinpath("config.json").read_text("utf-8"))["version"])
        metrics = json.loads(folder.joinpath("metrics.json").read_text("utf-8"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The card of the model {folder} cannot be read ({type(error).__name__}).") from None
    judged = metrics.get("dev") or metrics.get("out_of_fold") or {}
    found = {name: judged.get(name) for name in _FIGURES}
    return ModelFigures(
        version, {n: (v["value"], v["low"], v["high"]) for n, v in found.items() if isinstance(v, dict)}
    )


def _when(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M %Z}"
