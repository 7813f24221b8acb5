"""Design, rule 7: labels describe; no text of the product names guilt or an article of law."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS

ROOT = Path(__file__).parents[2]
GUILT = re.compile(
    r"\b(bersalah|pelaku|tersangka|terdakwa|pelanggar|kriminal|guilty|culprit|offender|pasal \d+)\b", re.I
)
TEXTS = [
    *sorted((ROOT / "api/console/templates").rglob("*.html")),
    *sorted((ROOT / "api/console/locale").rglob("*.po")),
    *sorted((ROOT / "waspada/digests/templates").iterdir()),
    *sorted((ROOT / "waspada/transparency/templates").iterdir()),
    ROOT / "waspada/transparency/words.py",
    ROOT / "waspada/alerts/wording.py",
    ROOT / "waspada/claims/wording.py",
    *sorted((ROOT / "api/console/words").glob("*.py")),
]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_text_names_guilt(path: Path) -> None:
    assert not GUILT.findall(path.read_text(encoding="utf-8"))


def test_the_words_for_labels_and_levels_describe() -> None:
    assert not any(GUILT.search(word) for word in (*LABEL_WORDS.values(), *LEVEL_WORDS))


def test_the_rule_would_notice() -> None:
    assert GUILT.search("Pelaku bentrok")
    assert GUILT.search("dijerat Pasal 170 KUHP")
