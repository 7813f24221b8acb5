"""Design, rule 7: labels describe; no text of the product names guilt or an article of law."""

from __future__ import annotations

from pathlib import Path

import pytest

from waspada.alerts.guilt import NAMES_GUILT
from waspada.alerts.wording import LABEL_WORDS, LEVEL_WORDS

ROOT = Path(__file__).parents[2]
TEXTS = [
    *sorted((ROOT / "api/console/templates").rglob("*.html")),
    *sorted((ROOT / "api/console/locale").rglob("*.po")),
    *sorted((ROOT / "waspada/digests/templates").iterdir()),
    ROOT / "waspada/digests/words.py",
    ROOT / "waspada/digests/texts.py",
    *sorted((ROOT / "waspada/transparency/templates").iterdir()),
    ROOT / "waspada/transparency/words.py",
    ROOT / "waspada/alerts/wording.py",
    ROOT / "waspada/claims/wording.py",
    *sorted((ROOT / "api/console/words").glob("*.py")),
]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_no_text_names_guilt(path: Path) -> None:
    assert not NAMES_GUILT.findall(path.read_text(encoding="utf-8"))


def test_the_words_for_labels_and_levels_describe() -> None:
    assert not any(NAMES_GUILT.search(word) for word in (*LABEL_WORDS.values(), *LEVEL_WORDS))


def test_the_rule_would_notice() -> None:
    assert NAMES_GUILT.search("Pelaku bentrok")
    assert NAMES_GUILT.search("dijerat Pasal 170 KUHP")
