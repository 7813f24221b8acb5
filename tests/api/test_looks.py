"""The colours of the console can be read: WCAG 2.2 AA asks for a contrast of 4.5 to 1 for text, in both themes."""

from __future__ import annotations

import re

import pytest

from api.console.bundles import style

CSS = style().body.decode()
#: Text and what it stands on.
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("paper", "panel")),
    ("accent-ink", "accent"), ("mark-ink", "mark"), ("panel", "l3"), ("ink", "rail"), ("l2", "paper"),
    ("good", "paper"), ("good", "panel"), ("wait", "panel"), ("ink", "bad-soft"), ("ink", "good-soft"),
    *((name, f"{name}-soft") for name in ("l0", "l1", "l2", "good", "bad", "wait")),
]  # fmt: skip


def theme(number: int) -> dict[str, str]:
    """The colours of the light (0) or the dark (1) theme."""
    block = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)[number]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return float(0.2126 * red + 0.7152 * green + 0.0722 * blue)


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("number", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(number: int, ink: str, ground: str) -> None:
    colours = theme(number)
    assert contrast(colours[ink], colours[ground]) >= 4.5


def test_nothing_comes_from_elsewhere() -> None:
    assert "url(" not in CSS
    assert "@import" not in CSS
