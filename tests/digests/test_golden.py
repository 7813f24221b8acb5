"""Each situation's digest, byte for byte as it was looked at; `python -m tests.digests.situations --write`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.digests.situations import (
    EXAMPLE_FILE,
    EXAMPLES,
    GOLDEN,
    READER,
    SITUATIONS,
    Situation,
    as_line,
    content_of,
    files,
    settings_in,
)
from waspada.digests.chat import MOST_CHARACTERS, length
from waspada.digests.rendering import MOST_HTML_BYTES, rendered


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda one: one.name)
def test_a_situation_is_told_as_it_was_looked_at(situation: Situation, tmp_path: Path) -> None:
    content = content_of(situation, settings_in(tmp_path / "d"))
    written = rendered(content, READER)
    if situation.name in EXAMPLES:
        assert as_line(content) in EXAMPLE_FILE.read_text(encoding="utf-8")
    for suffix, text in files(written).items():
        assert text == (GOLDEN / f"{situation.name}.{suffix}").read_text(encoding="utf-8"), suffix
    assert len(written.html.encode()) <= MOST_HTML_BYTES
    assert length(written.chat) <= MOST_CHARACTERS


def test_no_file_is_left_over() -> None:
    known = {f"{one.name}.{suffix}" for one in SITUATIONS for suffix in ("html", "txt", "chat.txt")}
    assert {path.name for path in GOLDEN.iterdir()} == known
