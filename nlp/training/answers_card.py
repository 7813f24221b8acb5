"""The card of a model that learned from the answers of an installation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_TEXT = """# {name}

Learned from {answers} answered items of one installation (codebook {codebook}), on {base}. What it is for and where it
fails is what the card of {base} says; how it compares with the model in use stands with its comparison
(`waspada models compare {name}`), on stories that it never learned from.

Heads that learned: {learned}. The others, the alert rule and the head `hate` are those of {base}.

| head | positives | log loss before | log loss after |
|---|---|---|---|
{lines}

Log loss is the mean over the answers, out of fold. Most answers were chosen by queues, so that these are no natural
rates: judge rates on the random queue.
"""


def answers_card(name: str, base: str, made_of: Mapping[str, Any], figures: Mapping[str, Mapping[str, float]]) -> str:
    """Markdown text of MODEL_CARD.md."""
    lines = [
        f"| {head} | {one['positives']:.0f} | {one['loss_before']:.4f} | {one['loss_after']:.4f} |"
        for head, one in figures.items()
    ]
    return _TEXT.format(
        name=name,
        base=base,
        answers=made_of["answers"],
        codebook=made_of["codebook"],
        learned=", ".join(made_of["learned"]) or "none",
        lines="\n".join(lines),
    )
