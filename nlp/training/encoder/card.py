"""The card of an encoder model, written from its figures; what its template adds is the history of the recipe."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nlp.training.card import FIGURES, figure_lines, hate_lines, kinds_apart
from waspada.taxonomy import Label

_TEMPLATE = Path(__file__).with_name("card_template.md")
_NOT_RUN = "not run"
_WEAK = 0.75


def encoder_card(version: str, metrics: dict[str, Any]) -> str:
    """Markdown text of MODEL_CARD.md for the figures of metrics.json; parts that were not run say so."""
    n, recipe = metrics["n_train"], metrics["recipe"]
    return _TEMPLATE.read_text(encoding="utf-8").format(
        version=version,
        pieces=f"{metrics['trim'].get('pieces', 0):,.0f}",
        gold=n["gold"],
        silver=n["silver"],
        authored=n["authored"],
        hate_public=n["hate, public"],
        hate_read_again=n["hate, public, read again"],
        hate_own=n["hate, own"],
        hate_banjar=_said_again(n.get("hate, said in Banjarese", 0)),
        seed=metrics["seed"],
        tokens=recipe["finetune"]["tokens"],
        epochs=recipe["finetune"]["epochs"],
        final_epochs=recipe["finetune"]["final_epochs"],
        refine_epochs=recipe["finetune"]["refine_epochs"],
        refine_silver=recipe["finetune"]["refine_silver"],
        folds=recipe["decide"]["folds"],
        quiet_cap=recipe["decide"]["quiet_cap"],
        calm_upper=recipe["decide"]["calm_upper"],
        foreign_precision=recipe["decide"]["foreign_precision"],
        lead_chars=recipe["linear"]["lead_chars"],
        from_banjar=_FROM_BANJAR if recipe.get("from_banjar") else "",
        kept=_KEPT if "networks" in metrics else "",
        hate_words=_hate_words(metrics.get("hate_words")),
        figures=_figures(metrics),
        halves=_halves(metrics),
        standing=_standing(metrics.get("judged", {})),
        judged=_judged(metrics.get("judged", {})),
        weak_functions=_weak_functions(metrics.get("judged", {})),
        kinds=kinds_apart(metrics),
    )


_FROM_BANJAR = " A Banjarese text is\nread in Indonesian words (`waspada/banjar`)."
_KEPT = (
    "\nThe networks are those of an earlier training; the linear heads, the joining, the cuts and the alert rule were "
    "learned anew.\n"
)


def _said_again(texts: int) -> str:
    """The line of the table for texts said again in Banjarese; none where a recipe had none."""
    source = "a share of both, said again in Banjarese word by word (`authored/banjar_words.csv`)"
    return f"| {source} | {texts} | as above; lexicon: Apache-2.0 | the auxiliary head `hate` |\n" if texts else ""


def _hate_words(found: dict[str, Any] | None) -> str:
    """What was learned after the network; nothing where that was nothing (nlp/training/encoder/hate_words.py)."""
    if found is None:
        return ""
    f1 = found["f1_out_of_fold"]
    return (
        f"\nThe words of the linear head `hate` were learned anew on {found['base']}, whose network stays: from "
        f"{found['written']:,} texts\nthat it has not seen and {found['said_again']:,} texts said again in Banjarese. "
        f"Out of fold, F1 of its positive class on the\nformer rose from {f1['before']:.3f} to {f1['after']:.3f}. No "
        "other head changed.\n"
    )


def _figures(metrics: dict[str, Any]) -> str:
    parts = {
        "out of fold, gold train": metrics["out_of_fold"],
        "gold dev": metrics["dev"],
        "public dev (authored)": metrics.get("judged", {}).get("public_dev", _NOT_RUN),
    }
    errors = {f"calibration error {label.value}": ("labels", label.value, "ece") for label in Label}
    return "\n".join(figure_lines(parts, FIGURES | errors) + hate_lines(metrics["hate"], "| - |", "| - |"))


def _halves(metrics: dict[str, Any]) -> str:
    found = metrics["halves_out_of_fold"]
    return "; ".join(
        f"{name} {part['main_macro_f1']:.3f} and {part['secondary_macro_f1']:.3f}" for name, part in found.items()
    )


def _standing(judged: dict[str, Any]) -> str:
    """Whether the model may be released, as far as that was judged."""
    if not judged:
        return "Its release gates were not judged yet: `python -m benchmarks.judge FOLDER --write`."
    if judged["gates_open"]:
        return "Both release gates, the functional suite and protected speech, are open."
    return "**A release gate is closed** (functional suite or protected speech, below): it should not be a default."


def _weak_functions(judged: dict[str, Any]) -> str:
    """The functions of the suite in which one case in four or more fails."""
    if not judged:
        return "The functional suite: not run."
    shares = {name: found["passed"] / found["n"] for name, found in judged["functional"]["functions"].items()}
    weak = sorted((share, name) for name, share in shares.items() if share <= _WEAK)
    named = ", ".join(f"{name} {share:.0%}" for share, name in weak)
    return f"Functions of the suite at 75 % or less: {named or 'none'}."


def _judged(judged: dict[str, Any]) -> str:
    """The lines of `benchmarks.judge`, or that it was not run."""
    lines = [
        f"| {line['figure']} | {line['value']} | {line['floor']} | {line['goal']} |" for line in judged.get("lines", [])
    ]
    return "\n".join(["| figure | seen | floor | goal |", "|---|---|---|---|", *lines]) if lines else _NOT_RUN
