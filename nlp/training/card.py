"""The model card: written from the figures, so that it cannot say anything else than they do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from waspada.taxonomy import Label

_TEMPLATE = Path(__file__).with_name("card_template.md")
#: Figure -> where it stands in an evaluation of metrics.json.
FIGURES: dict[str, tuple[str, ...]] = {
    "main macro-F1": ("main_macro_f1",),
    "secondary macro-F1": ("secondary_macro_f1",),
    "alert level, quadratic kappa": ("alert_kappa",),
    "conflict level, quadratic kappa": ("conflict_kappa",),
    "quiet items raised to level 2+": ("quiet_raised",),
    **{f"F1 {label.value}": ("labels", label.value, "f1") for label in Label},
}


def model_card(version: str, metrics: dict[str, Any]) -> str:
    """Markdown text of MODEL_CARD.md for the figures of metrics.json."""
    recipe, n = metrics["recipe"], metrics["n_train"]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        version=version,
        min_df=recipe["min_df"],
        n_gold=n["gold"],
        n_authored=n["authored"],
        n_hate=n["hate"],
        seed=metrics["seed"],
        folds=recipe["folds"],
        quiet_cap=recipe["quiet_cap"],
        calm_upper=recipe["calm_upper"],
        authored_weight=recipe["authored_weight"],
        protected_weight=recipe["protected_weight"],
        foreign_precision=recipe["foreign_precision"],
        lead_chars=recipe["features"]["lead_chars"],
        figures=_figures(metrics),
        kinds=kinds_apart(metrics),
    )


def _figures(metrics: dict[str, Any]) -> str:
    parts = {"out of fold, gold train": metrics["out_of_fold"], "gold dev": metrics["dev"]}
    lines = figure_lines(parts, FIGURES)
    if spoken := metrics["protected_out_of_fold"].get("all"):
        raised = f"{spoken['value']:.3f} ({spoken['low']:.3f}-{spoken['high']:.3f})"
        lines.append(f"| authored protected speech raised to level 2+ | {raised} | - |")
    return "\n".join(lines + hate_lines(metrics["hate"], "| - |", "|"))


def figure_lines(parts: Mapping[str, Any], rows: Mapping[str, tuple[str, ...]]) -> list[str]:
    """A Markdown table: a column for each evaluation, a line for each figure (its path in metrics.json)."""
    head = [f"| figure | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    return head + [
        f"| {name} | {' | '.join(cell(part, path) for part in parts.values())} |" for name, path in rows.items()
    ]


def hate_lines(hate: Mapping[str, Any], before: str, after: str) -> list[str]:
    """F1 of the head `hate` on each public set, between cells that stay empty."""
    lines = []
    for name, found in sorted(hate.items()):
        shown = found if isinstance(found, str) else cell(found, ("f1",))
        lines.append(f"| F1 hate, {name.removesuffix('.jsonl')}, never trained on {before} {shown} {after}")
    return lines


def kinds_apart(metrics: dict[str, Any]) -> str:
    """Main macro-F1 of posts and of articles, for every part that was run and has both."""
    found = []
    for name, part in (("out of fold", metrics["out_of_fold"]), ("on dev", metrics["dev"])):
        slices = {} if isinstance(part, str) else part["slices"]
        post, article = (slices.get(f"kind {kind}", {}).get("main_macro_f1") for kind in ("post", "article"))
        if post is not None and article is not None:
            found.append(f"main macro-F1 {post:.2f} against {article:.2f} {name}")
    return ", ".join(found) or "not measured here"


def cell(part: Any, path: tuple[str, ...]) -> str:
    """A figure of an evaluation with its interval, where it has one; "not run" where the part was not."""
    if isinstance(part, str):
        return "not run"
    for key in path:
        part = part[key]
    if isinstance(part, float):
        return f"{part:.3f}"
    return f"{part['value']:.3f} ({part['low']:.3f}-{part['high']:.3f})"
