"""One table of what is kept for how long: the schema, the purge, the documentation and the program say the same."""

from __future__ import annotations

import ast
import inspect
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect as look

from waspada.jobs import purge as purge_module
from waspada.jobs.purge import Purged
from waspada.jobs.purge_report import CLASS_OF
from waspada.privacy import retention
from waspada.settings import Settings
from waspada.sources.policy import KEPT_EVENTS
from waspada.store import Store
from waspada.store.tables import Base

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "privacy.md"


def test_every_table_belongs_to_a_class(store: Store) -> None:
    known = set(retention.classes_of_tables())
    assert known == set(Base.metadata.tables)
    stored = {name for name in look(store.engine).get_table_names() if not name.startswith("item_words")}
    assert known == stored - {"alembic_version"}  # the words of items stand in an index, not in rows of their own


def test_the_documentation_has_the_table_of_the_program() -> None:
    page = DOCUMENT.read_text("utf-8")
    assert retention.with_table(page) == page
    for one in retention.CLASSES:
        assert f"| {one.data} |" in page


def test_the_purge_knows_no_period_of_its_own() -> None:
    """Every time span in the purge comes from the table: it makes none, and names none that is not imported."""
    tree = ast.parse(inspect.getsource(purge_module))
    calls = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    assert "timedelta" not in calls
    assigned = {t.id for n in ast.walk(tree) if isinstance(n, ast.Assign) for t in n.targets if isinstance(t, ast.Name)}
    assert not {name for name in assigned if "RETENTION" in name or "DAYS" in name}


def test_every_period_is_named_by_a_class_and_the_other_way_round() -> None:
    fields = set(retention.Periods.__dataclass_fields__)
    said = " ".join(f"{one.kept_for} {one.erasure}" for one in retention.CLASSES)
    named = {name for name in fields if f"{{{name}}}" in said}
    assert named == fields
    for one in retention.CLASSES:
        assert "{" not in retention.kept_for(one, retention.Periods())


def test_what_a_purge_counts_is_a_class() -> None:
    assert set(CLASS_OF) == set(Purged.__dataclass_fields__)
    assert set(CLASS_OF.values()) <= {one.key for one in retention.CLASSES}


def test_keys_are_unique_and_no_cell_breaks_the_table() -> None:
    keys = [one.key for one in retention.CLASSES]
    assert len(keys) == len(set(keys))
    for one in retention.CLASSES:
        assert all(text and "|" not in text and "\n" not in text for text in (one.data, one.ground, one.erasure))


def test_the_kept_polls_are_as_many_as_the_table_says() -> None:
    polls = next(one for one in retention.CLASSES if one.key == "polls")
    assert f"the last {KEPT_EVENTS} " in polls.kept_for


def test_settings_shorten_and_never_lengthen(tmp_path: Path) -> None:
    short = retention.periods_of(Settings(data_dir=tmp_path, post_days=14, article_days=60))
    assert (short.posts, short.youtube, short.articles) == (timedelta(14), timedelta(14), timedelta(60))
    assert short.notices == retention.NOTICE_RETENTION
    assert retention.periods_of(Settings(data_dir=tmp_path)) == retention.Periods()
    for too_long in ({"post_days": 91}, {"article_days": 731}, {"post_days": 0}):
        with pytest.raises(ValueError, match="validation error"):
            Settings(data_dir=tmp_path, **too_long)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("days", "words"), [(1, "1 day"), (30, "30 days"), (365, "1 year"), (730, "2 years"), (731, "731 days")]
)
def test_periods_in_words(days: int, words: str) -> None:
    assert retention.in_words(timedelta(days)) == words


def test_a_page_without_the_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        retention.with_table("# nothing")
