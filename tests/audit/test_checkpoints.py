"""Checkpoints: the chain is checked from the last one on; what was changed, deleted or cut shows, on both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from tests.audit.test_audit import LOG, NOW, tampered, write
from waspada.audit import checkpoints
from waspada.audit.checkpoints import Break, against_heads, go_on, newest, whole
from waspada.audit.service import audit_log
from waspada.jobs.checkpoint import keep_checkpoint
from waspada.settings import Settings
from waspada.store import Store


def checked(store: Store, limit: int = checkpoints.STEP_ROWS) -> checkpoints.Checked:
    return go_on(store, LOG, actor="auditor-1", now=NOW, limit=limit)


def test_a_check_goes_on_where_the_last_one_ended(store: Store) -> None:
    write(store, 5)
    first = checked(store, limit=3)
    assert (first.ok, first.rows, first.left) == (True, 3, 2)
    second = checked(store)
    assert (second.ok, second.rows, second.left) == (True, 5, 0)
    write(store, 2)
    assert checked(store).rows == 7
    with store.read() as session:
        last = newest(session)
        assert last is not None
        assert (last.rows, last.actor, last.head) == (7, "auditor-1", LOG.verify(session).head)
        assert whole(session, LOG).rows == 7


def test_an_empty_log_is_whole_and_gets_no_checkpoint(store: Store) -> None:
    assert checked(store).ok
    with store.read() as session:
        assert newest(session) is None


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ("DELETE FROM audit WHERE object = 'alert/1'", Break.MISSING),
        ("DELETE FROM audit WHERE object = 'alert/4'", Break.CUT),
        ("DELETE FROM audit WHERE object IN ('alert/3', 'alert/4')", Break.CUT),
        ("UPDATE audit SET actor = 'x' WHERE object = 'alert/4'", Break.CHANGED),
        ("UPDATE audit SET hash = 'x' WHERE object = 'alert/4'", Break.CHANGED),
    ],
)
def test_what_was_done_before_the_checkpoint_shows(store: Store, change: str, broken: Break) -> None:
    write(store, 5)
    assert checked(store).ok
    tampered(store, change)
    assert checked(store).broken is broken
    with store.read() as session:
        assert not whole(session, LOG).ok


def test_a_row_changed_before_the_checkpoint_is_found_by_the_whole_walk(store: Store) -> None:
    write(store, 5)
    assert checked(store).ok
    tampered(store, "UPDATE audit SET actor = 'x' WHERE object = 'alert/1'")
    with store.read() as session:
        assert whole(session, LOG).broken is Break.ROW


def test_a_row_added_or_changed_after_the_checkpoint_shows(store: Store) -> None:
    write(store, 3)
    assert checked(store).ok
    write(store, 2)
    tampered(store, "UPDATE audit SET purpose = 'x' WHERE id = (SELECT max(id) FROM audit)")
    found = checked(store)
    assert (found.broken, found.rows) == (Break.ROW, 4)


def test_a_checkpoint_cannot_be_written_without_the_key(store: Store) -> None:
    write(store, 3)
    assert checked(store).ok
    with pytest.raises(DBAPIError, match="never change"), store.write() as session:
        session.execute(text("UPDATE audit_checkpoints SET rows = 2"))
    tampered(store, "DELETE FROM audit WHERE object = 'alert/2'")
    with store.write() as session:
        session.execute(
            text(
                "INSERT INTO audit_checkpoints (id, at, actor, row_id, rows, head, seal)"
                " SELECT 99, at, 'x', max(id), count(*), max(hash), 'y' FROM audit GROUP BY at LIMIT 1"
            )
        )
    assert checked(store).broken is Break.CHECKPOINT


def test_a_broken_log_is_told_and_gets_no_head(store: Store, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    settings = Settings(data_dir=tmp_path / "data", audit_head_file=heads, audit_head_mail="pengawas@kantor.example")
    write(store, 4)
    keep_checkpoint(store, settings, NOW)  # the key of these settings is another one: the log is not theirs
    assert not heads.exists()
    with store.read() as session:
        assert session.scalar(text("SELECT problem FROM rejects WHERE stage = 'audit'")) is not None


def test_the_daily_head_is_written_once_a_day_and_compared(store: Store, tmp_path: Path) -> None:
    heads = tmp_path / "heads.jsonl"
    settings = Settings(data_dir=tmp_path / "data", audit_head_file=heads, audit_head_mail="pengawas@kantor.example")
    own = audit_log(settings)
    write(store, 4, own)
    for hours in (0, 1, 23, 25):
        keep_checkpoint(store, settings, NOW + timedelta(hours=hours))
    lines = heads.read_text().splitlines()
    assert [json.loads(line)["rows"] for line in lines] == [4, 5]
    with store.read() as session:
        assert against_heads(session, lines).ok
        mails = session.scalars(text("SELECT target FROM deliveries ORDER BY id")).all()
        assert mails == ["pengawas@kantor.example"] * 2
    # Somebody with the key and the database makes log and checkpoints anew, one row shorter: only the heads show it.
    tampered(store, "DELETE FROM audit WHERE id > (SELECT min(id) + 2 FROM audit)")
    with store.write() as session:
        session.execute(text("DELETE FROM audit_checkpoints"))
    with store.read() as session:
        assert whole(session, own).ok
        assert against_heads(session, lines).broken is Break.CUT
        with pytest.raises(ValueError, match="line 1"):
            against_heads(session, ["no head"])


def test_a_head_that_cannot_be_written_is_told(store: Store, tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data", audit_head_file=tmp_path / "nowhere" / "heads.jsonl")
    write(store, 1, audit_log(settings))
    found = keep_checkpoint(store, settings, NOW)
    assert found is not None
    assert found.ok
    with store.read() as session:
        assert "could not be written" in (session.scalar(text("SELECT problem FROM rejects")) or "")
