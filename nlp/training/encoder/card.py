"""The card of an encoder model, written from its figures alone, so that it cannot say anything else than they do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nlp.training.card import cell, kinds_apart
from waspada.taxonomy import Label

_TEMPLATE = Path(__file__).with_name("card_template.md")
_NOT_RUN = "not run"


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
        hate_own=n["hate, own"],
        seed=metrics["seed"],
        tokens=recipe["finetune"]["tokens"],
        epochs=recipe["finetune"]["epochs"],
        final_epochs=recipe["finetune"]["final_epochs"],
        folds=recipe["decide"]["folds"],
        quiet_cap=recipe["decide"]["quiet_cap"],
        calm_upper=recipe["decide"]["calm_upper"],
        foreign_precision=recipe["decide"]["foreign_precision"],
        lead_chars=recipe["linear"]["lead_chars"],
        figures=_figures(metrics),
        halves=_halves(metrics),
        judged=_judged(metrics.get("judged", {})),
        kinds=kinds_apart(metrics),
    )


def _figures(metrics: dict[str, Any]) -> str:
    parts = {
        "out of fold, gold train": metrics["out_of_fold"],
        "gold dev": metrics["dev"],
        "public dev (authored)": metrics.get("judged", {}).get("public_dev", _NOT_RUN),
    }
    rows: dict[str, tuple[str, ...]] = {
        "main macro-F1": ("main_macro_f1",),
        "secondary macro-F1": ("secondary_macro_f1",),
        "alert level, quadratic kappa": ("alert_kappa",),
        "conflict level, quadratic kappa": ("conflict_kappa",),
        "quiet items raised to level 2+": ("quiet_raised",),
    }
    rows |= {f"F1 {label.value}": ("labels", label.value, "f1") for label in Label}
    rows |= {f"calibration error {label.value}": ("labels", label.value, "ece") for label in Label}
    lines = [f"| figure | {' | '.join(parts)} |", "|---" * (len(parts) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(cell(part, path) for part in parts.values())} |" for name, path in rows.items()]
    for name, found in sorted(metrics["hate"].items()):
        shown = found if isinstance(found, str) else cell(found, ("f1",))
        lines.append(f"| F1 hate, {name.removesuffix('.jsonl')}, never trained on | - | {shown} | - |")
    return "\n".join(lines)


def _halves(metrics: dict[str, Any]) -> str:
    found = metrics["halves_out_of_fold"]
    return "; ".join(
        f"{name} {part['main_macro_f1']:.3f} and {part['secondary_macro_f1']:.3f}" for name, part in found.items()
    )


def _judged(judged: dict[str, Any]) -> str:
    """The lines of `benchmarks.judge`, or that it was not run."""
    lines = [
        f"| {line['figure']} | {line['value']} | {line['floor']} | {line['goal']} |" for line in judged.get("lines", [])
    ]
    return "\n".join(["| figure | seen | floor | goal |", "|---|---|---|---|", *lines]) if lines else _NOT_RUN
