"""`waspada label` and `waspada labels`: what a terminal says, what goes out comes back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from tests.api.test_label_advice import FLAT, RISING, train
from tests.labels.test_service import add_task, given
from tests.rows import NOW
from waspada.access import Role, add_user
from waspada.access.types import ForbiddenError
from waspada.cli.label_commands import Format, StoreDesk
from waspada.cli.label_screen import sit
from waspada.cli.main import app
from waspada.errors import NotFoundError
from waspada.labels import repository, service
from waspada.labels.types import Given, LabelSpan
from waspada.settings import Settings, load_settings
from waspada.store import Store, open_store
from waspada.taxonomy import FIELDS, TextField

TEXT = "Massa merusak kantor desa. Menurut Siti Rahmawati, warga, polisi datang terlambat."


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings(data_dir=tmp_path / "desk")


@pytest.fixture
def desk(settings: Settings) -> Iterator[Store]:
    store = open_store(settings)
    with store.write() as session:
        add_user(session, "ani", Role.ANALYST, None, actor="test", now=NOW)
        add_user(session, "lia", Role.LIAISON, None, actor="test", now=NOW)
        for number in range(4):
            add_task(session, number, text=TEXT)
    yield store
    store.close()


def run(settings: Settings, *arguments: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*arguments, "--data", str(settings.data_dir)])
    return done.exit_code, done.stdout, done.stderr


def answered(store: Store) -> list[dict[str, int]]:
    with store.read() as session:
        return [dict(one.values) for one in repository.standing(session)]


def test_keys_of_a_terminal_reach_the_store(desk: Store, settings: Settings) -> None:
    console = Console(file=StringIO(), width=80)
    said = sit(StoreDesk(desk, settings, "ani"), "11\r" + "s" + "5\r" + "u" + "5\r" + "q", console)
    assert said >= 2
    kept = answered(desk)
    assert [one["conflict"] for one in kept] == [2, 0]
    assert kept[1]["fraud"] == 0


def test_who_may_not_label_is_told_so(desk: Store, settings: Settings) -> None:
    with pytest.raises(ForbiddenError, match="lia may not label"):
        StoreDesk(desk, settings, "lia")
    with pytest.raises(NotFoundError):
        StoreDesk(desk, settings, "nobody")


def test_agreement_that_has_no_figure_says_why(desk: Store, settings: Settings, wide_tables: None) -> None:
    code, said, _ = run(settings, "labels", "agreement")
    assert code == 0
    assert "nobody else answered" in said
    assert "one_account" not in said


@pytest.mark.parametrize("form", list(Format))
def test_what_goes_out_comes_back(desk: Store, settings: Settings, tmp_path: Path, form: Format) -> None:
    with desk.write() as session:
        service.answer(session, given(1, conflict=2, alert=2, note="jelas"), actor="ani", now=NOW)
        service.answer(session, given(2, misinformation=1), actor="ani", now=NOW)
    before = answered(desk)
    file = tmp_path / "out"
    assert run(settings, "labels", "export", str(file), "--format", form)[0] == 0
    said = file.read_text(encoding="utf-8")
    assert "Siti" not in said
    assert "Rahmawati" not in said
    code, _, problems = run(settings, "labels", "import", str(file), "--format", form)
    assert (code, problems.strip().splitlines()[:-1]) == (0, [])
    assert answered(desk) == before
    run(settings, "labels", "import", str(file), "--format", form)
    with desk.read() as session:
        assert len(repository.history(session, 1)) == 2  # the own one, and what was imported; not a third


def test_marks_are_moved_with_what_is_masked(desk: Store, settings: Settings, tmp_path: Path) -> None:
    start, end = TEXT.index("Menurut"), len(TEXT)
    with desk.write() as session:
        mark = LabelSpan("conflict", TextField.TEXT, start, end)
        service.answer(session, Given("a-key", 1, 1, {"conflict": 1}, [mark]), actor="ani", now=NOW)
    file = tmp_path / "out.jsonl"
    run(settings, "labels", "export", str(file))
    [line] = [json.loads(one) for one in file.read_text().splitlines()]
    [span] = line["spans"]
    assert line["text"][span["start"] : span["end"]].startswith("Menurut [nama]")
    assert line["text"][span["start"] : span["end"]].endswith("terlambat.")


def test_bad_records_are_named_and_the_rest_is_kept(desk: Store, settings: Settings, tmp_path: Path) -> None:
    nothing = dict.fromkeys(FIELDS, 0)
    good = {"id": "1", "text": "x", "labels": {**nothing, "conflict": 1}}
    lines = [
        json.dumps(good),
        "{",
        json.dumps({**good, "id": "999"}),
        json.dumps({**good, "id": "abc"}),
        json.dumps({**good, "id": "2", "labels": {**nothing, "conflict": 7}}),
        json.dumps({**good, "id": "3", "labels": {**nothing, "foreign": 1, "conflict": 1}}),
    ]
    file = tmp_path / "in.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    code, _, problems = run(settings, "labels", "import", str(file), "--account", "ani")
    assert code == 1
    assert "there is no item 999" in problems
    assert "'abc'" in problems
    assert "1 answers kept, 5 refused" in problems
    assert [one["conflict"] for one in answered(desk)] == [1]


def test_agreement_is_a_table(desk: Store, settings: Settings) -> None:
    with desk.write() as session:
        for item in (1, 2, 3):
            service.answer(session, given(item, conflict=item % 2), actor="ani", now=NOW)
            service.answer(session, given(item, conflict=item % 2), actor="budi", now=NOW)
    code, shown, _ = run(settings, "labels", "agreement")
    assert code == 0
    assert "conflict" in shown
    assert "1.00" in shown
    assert run(settings, "labels", "agreement")[0] == 0


def test_advice_before_and_after_a_training(desk: Store, settings: Settings) -> None:
    code, shown, _ = run(settings, "labels", "advice")
    assert code == 0
    assert "a first training will tell" in shown.replace("\n", " ")
    train(desk, fraud=RISING, conflict=FLAT)
    code, shown, _ = run(settings, "labels", "advice")
    assert code == 0
    assert "Another 50 answers:" in shown
    assert shown.index("fraud") < shown.index("election") < shown.index("conflict")
    assert "6 more examples" in shown
    assert "little to gain" in shown
