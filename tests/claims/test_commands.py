"""`waspada claims`: what goes in, what is shown, what is decided, and that all of it stands in the audit log."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

import nlp
from tests.claims.test_matches import PEN
from tests.conftest import WIDE
from tests.rows import NOW, add_item
from waspada.audit.service import audit_log
from waspada.claims import queue, service
from waspada.cli import claims_commands
from waspada.cli.common import results
from waspada.cli.main import app
from waspada.errors import ConflictError, InputError, NotFoundError, WaspadaError
from waspada.jobs.match import Matcher, match_waiting
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import AuditRow

PERSON = "Rudi Hartono"
LINES = [
    {"id": "pulpen", "claim": f"{PEN} Kata warga bernama {PERSON} (34).", "verdict": "SALAH",
     "url": "https://cek.example/1", "title": "[SALAH] Pulpen TPS"},
    {"id": "kotak", "title": "[BENAR] Kotak suara [bold]Barabai[/bold] terisi", "date": "kapan-kapan"},
    {"id": "", "claim": "tanpa id"},
]  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with the fact-checks above, and an item that repeats the first."""
    monkeypatch.setattr(results, "width", WIDE)
    folder = tmp_path / "data"
    (tmp_path / "claims.jsonl").write_text("".join(json.dumps(line) + "\n" for line in LINES), encoding="utf-8")
    code, said = _run(folder, "import", str(tmp_path / "claims.jsonl"))
    assert code == 1
    assert "2 new, 0 changed, 0 as they were, 1 bad." in said
    assert "line 3: the fact-check has no id" in said
    assert "line 2: warning: date 'kapan-kapan'" in said
    store = open_store(load_settings(data_dir=folder))
    with store.write() as session:
        queue.ask(session, [add_item(session, title="", text=PEN, stage="grouped", found_at=NOW)])
    assert match_waiting(store, Matcher(), NOW) == 1
    store.close()
    return folder


def _run(data: Path, *words: str) -> tuple[int, str]:
    """Exit code and output. Raises what the command raised."""
    result = CliRunner().invoke(app, ["claims", *words, "--data", str(data)], env={"COLUMNS": "400"})
    if isinstance(result.exception, WaspadaError):
        raise result.exception
    return result.exit_code, result.output


def _named(data: Path, claim_id: str) -> str:
    return service.audit_name(claim_id, audit_log(load_settings(data_dir=data)).keyed_hash)


def _audit(data: Path) -> list[tuple[str, str, Any]]:
    store = open_store(load_settings(data_dir=data))
    with store.read() as session:
        rows = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        found = [(row.action, row.object, row.detail) for row in rows]
    store.close()
    return found


def test_import_twice_and_its_line_in_the_log(data: Path, tmp_path: Path) -> None:
    code, said = _run(data, "import", str(tmp_path / "claims.jsonl"))
    assert (code, "0 new, 0 changed, 2 as they were, 1 bad." in said) == (1, True)
    assert [line for line in _audit(data) if line[0] == "claim.import"] == [
        ("claim.import", "fact-checks", {"new": 2, "changed": 0, "same": 0, "bad": 1}),
        ("claim.import", "fact-checks", {"new": 0, "changed": 0, "same": 2, "bad": 1}),
    ]


def test_large_file_is_written_a_batch_at_a_time(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_commands, "BATCH_CLAIMS", 10)
    file = tmp_path / "many.jsonl"
    lines = [{"id": n, "claim": f"Klaim nomor {n} tentang surat suara"} for n in range(25)]
    file.write_bytes(b"\xef\xbb\xbf" + b"\n".join(json.dumps(line).encode() for line in [*lines, "\xff"]))
    code, said = _run(data, "import", str(file))
    assert (code, "25 new, 0 changed, 0 as they were, 1 bad." in said) == (1, True)
    assert [line[2]["new"] for line in _audit(data) if line[0] == "claim.import"] == [2, 10, 10, 5]


def test_nothing_and_no_file(data: Path, tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").touch()
    assert _run(data, "import", str(tmp_path / "none.jsonl"))[0] == 0
    with pytest.raises(InputError, match="cannot be read"):
        _run(data, "import", str(tmp_path / "absent.jsonl"))


def test_lists_are_masked_and_plain(data: Path) -> None:
    _, checks = _run(data, "list")
    assert "imp-cek.example/pulpen" in checks
    assert "[bold]Barabai[/bold]" in checks
    _, found = _run(data, "list", "--matches")
    assert "confirmed" in found
    _, none = _run(data, "list", "--state", "rejected")
    assert "imp-cek.example/pulpen" not in none
    _, one = _run(data, "show", "1")
    assert "- -> confirmed" in one
    assert 'Putusan menurut cek.example: "SALAH".' in one
    _, of_check = _run(data, "show", "imp-cek.example/pulpen")
    assert "https://cek.example/1" in of_check
    assert not any(PERSON in text for text in (checks, found, one, of_check))
    assert [line[1] for line in _audit(data) if line[0] == "claim.read"] == [
        "fact-checks", "matches", "matches", "match/1", _named(data, "imp-cek.example/pulpen"),
    ]  # fmt: skip


def test_a_match_is_rejected_with_a_reason_and_confirmed_again(data: Path) -> None:
    with pytest.raises(InputError, match="reason is needed"):
        _run(data, "reject", "1")
    assert "Match 1 rejected." in _run(data, "reject", "1", "--reason", "Pulpen sekolah")[1]
    assert "Pulpen sekolah" in _run(data, "show", "1")[1]
    _run(data, "confirm", "1")
    with pytest.raises(ConflictError, match="confirmed already"):
        _run(data, "confirm", "1")
    for odd in ("99", "0"):
        with pytest.raises(NotFoundError):
            _run(data, "confirm", odd)
    decided = [line for line in _audit(data) if line[0] == "claim.decide"]
    assert [line[2]["to"] for line in decided] == ["rejected", "confirmed"]


def test_own_verdict_is_added_replaced_and_removed(data: Path) -> None:
    words = ("add", "TPS tutup pukul 10.00 di kota ini", "--verdict", "SALAH", "--reason", "KPU kota")
    assert "added" in _run(data, *words)[1]
    _, listed = _run(data, "list")
    own = next(word for word in listed.split() if word.startswith("own-"))
    other = (*words[:3], "BENAR", *words[4:])
    with pytest.raises(ConflictError, match="SALAH"):
        _run(data, *other)
    revision = re.search(r"revision (\d+)", _run(data, "show", own)[1])
    assert revision
    assert "replaced" in _run(data, *other, "--replace", revision[1])[1]
    assert all(f"cli: {verdict} (KPU kota)" in _run(data, "show", own)[1] for verdict in ("SALAH", "BENAR"))
    assert "Removed, with 0 matches." in _run(data, "remove", own)[1]
    assert "Removed, with 1 matches." in _run(data, "remove", "imp-cek.example/pulpen")[1]
    with pytest.raises(NotFoundError):
        _run(data, "show", own)
    removed = [line[1] for line in _audit(data) if line[0] == "claim.remove"]
    assert removed == [f"fact-check/{own}", _named(data, "imp-cek.example/pulpen")]
    assert "pulpen" not in removed[1]


def test_few_decisions_leave_the_shipped_thresholds(data: Path) -> None:
    _, said = _run(data, "refit")
    assert "Nothing changed: 0 decisions" in said
    assert "shipped" in _run(data, "thresholds")[1]
    before = len(_audit(data))
    assert "The shipped thresholds are in use." in _run(data, "refit", "--reset")[1]
    assert len(_audit(data)) == before  # nothing was reset


def test_import_with_a_source_has_ids_of_its_own(data: Path, tmp_path: Path) -> None:
    _run(data, "import", str(tmp_path / "claims.jsonl"), "--source", "lain")
    _, listed = _run(data, "list")
    assert all(id_ in listed for id_ in ("imp-lain/pulpen", "imp-cek.example/pulpen", "imp-lain/kotak", "imp-kotak"))


def test_thresholds_are_those_of_the_model_in_use_which_is_not_loaded_for_its_name(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    way = f"claims-3 {nlp.load().model}"

    def load(*_: Any) -> NoReturn:
        raise AssertionError("a model was loaded")

    monkeypatch.setattr(nlp, "load", load)
    assert way in _run(data, "thresholds")[1]
    assert "Nothing changed" in _run(data, "refit")[1]
