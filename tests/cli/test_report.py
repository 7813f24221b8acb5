"""`waspada models report`: made where it is not there, printed where it is, refused for what is no month."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import nlp
from tests.cli.test_labels import run
from tests.drift.months import MONTHS, add_answer, add_news
from waspada.cli.main import app
from waspada.settings import Settings, load_settings
from waspada.store import Store, open_store
from waspada.store.tables import AuditRow, ModelReportRow

MODEL = nlp.model_name()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "desk")


@pytest.fixture
def store(settings: Settings) -> Iterator[Store]:
    with closing(open_store(settings)) as store:
        with store.write() as session:
            for month in MONTHS:
                add_news(session, month, 60, model=MODEL)
        yield store


@pytest.mark.usefixtures("wide_tables")
def test_a_report_is_made_once_and_again_only_where_asked(store: Store, settings: Settings) -> None:
    code, said, beside = run(settings, "models", "report", "--month", "2024-10")
    assert (code, MODEL in said, "items of known sources" in said) == (0, True, True)
    assert beside.startswith("2024-10, made ")
    with store.write() as session:
        made_at = session.scalars(select(ModelReportRow.at)).one()
        (item,) = add_news(session, MONTHS[3], 1, model=MODEL, seed=5)
        add_answer(session, item, "ani", MONTHS[3] + timedelta(days=3))
    ask = ("models", "report", "--month", "2024-10", "--json")
    found = [json.loads(run(settings, *ask, *more)[1]) for more in ((), ("--again",))]
    assert [one["heard"]["known"] for one in found] == [60, 61]
    assert [one["answers"]["answers"] for one in found] == [0, 1]
    with store.read() as session:
        row = session.scalars(select(ModelReportRow)).one()
        assert (row.month, row.model) == ("2024-10", MODEL)
        assert row.at > made_at
        lines = session.scalars(select(AuditRow.object).where(AuditRow.action == "model.read")).all()
        assert lines == ["report/2024-10"] * 3


@pytest.mark.usefixtures("wide_tables")
def test_a_month_without_items_says_so(store: Store, settings: Settings) -> None:
    code, said, _ = run(settings, "models", "report", "--month", "2019-01")
    assert code == 0
    assert "nothing was heard in this month" in said


@pytest.mark.parametrize(
    ("month", "hint"), [("2099-01", "Take one that is over"), ("Oktober", "Write it as 2026-10"), ("", "Write it as")]
)
def test_what_is_no_month_is_refused_with_a_hint(store: Store, settings: Settings, month: str, hint: str) -> None:
    done = CliRunner().invoke(app, ["models", "report", f"--month={month}", "--data", str(settings.data_dir)])
    assert done.exit_code != 0
    assert hint in str(done.exception)
    with store.read() as session:
        assert session.scalars(select(ModelReportRow)).all() == []
