"""From the monthly report of the model in use to the documents of the API."""

from __future__ import annotations

from api import schemas
from waspada.drift import repository
from waspada.drift.types import Change, Fit, ModelReport, Outlets


def model_report(one: ModelReport) -> schemas.ModelReportOut:
    return schemas.ModelReportOut(**repository.as_json(one))


def model_report_line(one: ModelReport) -> schemas.ModelReportLineOut:
    rates = [rate.figure for rate in one.rates[Outlets.KNOWN] if rate.change is Change.CHANGED]
    known = [shift for shift in one.shifts if shift.outlets is Outlets.KNOWN]
    return schemas.ModelReportLineOut(
        month=one.month,
        model=one.model,
        made_at=one.made_at,
        items=one.heard.known + one.heard.new,
        answers=one.answers.answers,
        changed=[*rates, *(shift.measure.value for shift in known if shift.change is Change.CHANGED)],
        misfits=[line.figure for line in one.calibration if line.fit not in (Fit.FITS, Fit.TOO_FEW)],
    )
