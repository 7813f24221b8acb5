"""`waspada views`: what an operator sees of saved views, and how one is removed."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from typer.testing import CliRunner

from waspada.access import Role, Scope, add_user, issue_token
from waspada.access.service import identify
from waspada.cli.main import app
from waspada.clock import utc_now
from waspada.errors import NotFoundError
from waspada.settings import load_settings
from waspada.store import open_store
from waspada.store.tables import AuditRow, SavedViewRow
from waspada.views import service
from waspada.views.types import NewView, ViewFilter


def test_listed_and_removed_with_a_line_in_the_audit_log(tmp_path: Path, wide_tables: None) -> None:
    store = open_store(load_settings(data_dir=tmp_path))
    now = utc_now()
    with store.write() as session:
        add_user(session, "liaison-1", Role.LIAISON, None, actor="test", now=now)
        owner = identify(session, issue_token(session, "liaison-1", "t", Scope.WRITE, now=now).secret, now)
        new = NewView("[/]Banjir", ViewFilter(region="63.03", min_level=2), shared=True)
        service.save(session, new, owner=owner, now=now)
    run = CliRunner()
    listed = run.invoke(app, ["views", "list", "--data", str(tmp_path)])
    assert listed.exit_code == 0, listed.output
    assert all(words in listed.stdout for words in ("liaison-1", "[/]Banjir", "region 63.03, level 2+, state open"))
    assert run.invoke(app, ["views", "remove", "1", "--data", str(tmp_path)]).exit_code == 0
    gone = run.invoke(app, ["views", "remove", "1", "--data", str(tmp_path)])
    assert isinstance(gone.exception, NotFoundError)
    with store.read() as session:
        assert session.scalars(select(SavedViewRow)).all() == []
        assert session.scalars(select(AuditRow.action).order_by(AuditRow.id)).all() == ["view.read", "view.remove"]
    store.close()
