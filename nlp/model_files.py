"""A model on disk, whatever its kind: a folder with `config.json`, the files that it names with their hashes, its
figures and its card. What decides (thresholds, alert rule) stands in the configuration of every kind in the same words.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import numpy as np

from nlp.heads import HEADS, AlertRule, Head
from waspada.errors import ModelError

FORMAT = 1
CONFIG, METRICS, CARD = "config.json", "metrics.json", "MODEL_CARD.md"
HINT = "Name a folder written by `waspada train`, or install Waspada again to restore the shipped model."


def write_files(
    path: Path, config: dict[str, Any], contents: Mapping[str, bytes], metrics: dict[str, Any], card: str
) -> None:
    """Write a new model folder, whole or not at all; raises ModelError when `path` is already there."""
    refuse_old(path)
    whole = {**contents, METRICS: as_json(metrics), CARD: card.encode()}
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in whole.items()}
    write_whole(path, whole | {CONFIG: as_json(config | {"format": FORMAT, "sha256": hashes})})


def refuse_old(path: Path) -> None:
    """Raises ModelError when there is something at `path`."""
    if path.exists():
        raise ModelError(f"{path} is already there, and a model is never overwritten.", hint="Name a new folder.")


def write_whole(path: Path, contents: Mapping[str, bytes]) -> None:
    """Write a new folder of files beside its place and then move it there."""
    fresh = path.with_name(path.name + ".fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    for name, content in contents.items():
        (fresh / name).write_bytes(content)
    fresh.rename(path)


def replace_file(path: Path, content: bytes) -> None:
    """Put other content into a file; who reads it meets the old or the new, never a part."""
    fresh = path.with_name(path.name + ".fresh")
    fresh.write_bytes(content)
    fresh.replace(path)


def rewrite_figures(path: Path, metrics: dict[str, Any], card: str) -> None:
    """Put later figures into a folder: metrics and card alone change, what the model says does not."""
    config = json.loads((path / CONFIG).read_bytes())
    for name, content in ((METRICS, as_json(metrics)), (CARD, card.encode())):
        replace_file(path / name, content)
        config["sha256"][name] = hashlib.sha256(content).hexdigest()
    replace_file(path / CONFIG, as_json(config))


def read_config(path: Traversable, kinds: tuple[str, ...]) -> dict[str, Any]:
    """The configuration of a model of one of these kinds. Raises ModelError when it is missing, damaged or another."""
    if not path.is_dir():
        raise ModelError(f"There is no model folder at {path}.", hint=HINT)
    try:
        config = json.loads(path.joinpath(CONFIG).read_bytes())
    except OSError as error:
        raise ModelError(f"{path} holds no readable {CONFIG}, so it is not a model folder.", hint=HINT) from error
    except ValueError as error:
        raise ModelError(f"{path}: {CONFIG} is not JSON ({error}).", hint=HINT) from error
    if not isinstance(config, dict):
        raise ModelError(f"{path}: {CONFIG} is not a JSON object.", hint=HINT)
    found = (config.get("format"), config.get("kind"))
    if found[0] != FORMAT or found[1] not in kinds:
        raise ModelError(
            f"{path} is of format {found[0]!r}, kind {found[1]!r}; this version reads format {FORMAT}, "
            f"kind {' or '.join(map(repr, kinds))}.",
            hint="Use the Waspada version that wrote it, or train again.",
        )
    return config


def read_checked(path: Traversable, config: Mapping[str, Any], name: str) -> bytes:
    """A file of the folder, after its hash was compared. Raises ModelError when it is missing or another one."""
    try:
        content = path.joinpath(name).read_bytes()
    except OSError as error:
        raise ModelError(f"{path} lacks {name}.", hint=HINT) from error
    if hashlib.sha256(content).hexdigest() != config["sha256"][name]:
        raise ModelError(f"{path}: {name} is not the file that {CONFIG} was written for.", hint=HINT)
    return content


def decisions_as_dict(thresholds: Mapping[Head, float], rule: AlertRule) -> dict[str, Any]:
    """What a model decides with, for its configuration."""
    return {
        "heads": [head.value for head in HEADS],
        "thresholds": {head.value: thresholds[head] for head in HEADS},
        "alert_rule": {
            "weights": rule.weights.tolist(),
            "bias": rule.bias.tolist(),
            "needs_event": rule.needs_event,
        },
    }


def decisions_from_dict(config: Mapping[str, Any]) -> tuple[dict[Head, float], AlertRule]:
    """Thresholds and rule of a configuration. Raises ValueError, KeyError or TypeError on a damaged one."""
    if config["heads"] != [head.value for head in HEADS]:
        raise ValueError(f"heads are {config['heads']}")
    raw = config["alert_rule"]
    rule = AlertRule(np.array(raw["weights"]), np.array(raw["bias"]), bool(raw["needs_event"]))
    fits = rule.weights.shape == (3, len(HEADS)) and rule.bias.shape == (3,)
    if not fits or not (np.isfinite(rule.weights).all() and np.isfinite(rule.bias).all()):
        raise ValueError("the alert rule does not fit the heads")
    thresholds = {head: float(config["thresholds"][head.value]) for head in HEADS}
    if not all(0.0 <= threshold <= 1.0 for threshold in thresholds.values()):
        raise ValueError("a threshold is no probability")
    return thresholds, rule


def as_json(value: dict[str, Any]) -> bytes:
    """Indented JSON in UTF-8 with a fixed order of keys, so that the same model gives the same bytes."""
    return (json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True) + "\n").encode()
