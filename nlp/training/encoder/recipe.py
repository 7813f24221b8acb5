"""A recipe: every choice of a training, in one TOML file that ships beside the model it made."""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

from nlp.training.encoder.finetune import FinetuneRecipe
from nlp.training.encoder.pretrain import PretrainRecipe
from waspada.errors import InputError

Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class BaseRecipe:
    """`source` is "auto", a folder in Hugging Face's layout, or the name of a model on a hub; `coverage` the share of
    tokens that the kept word pieces cover."""

    source: str = "auto"
    coverage: float = 0.999


@dataclass(frozen=True, slots=True)
class DataRecipe:
    """What is trained on besides gold train. `hate` names public sets under `labelled/` (see nlp/training/hate.py).

    With `main` false only the auxiliary head is trained: that is for measuring what other sets would be worth to it.
    `own_hate` says whether labels and comments of our own are learned with them.
    `banjar` is the share of the Indonesian hate texts that are said again in Banjarese (nlp/training/banjar.py).
    `held_out` is the share of the public hate sets that judges and is not trained on.
    """

    main: bool = True
    silver: bool = True
    authored: bool = True
    hate: tuple[str, ...] = ("alamsyah_toxicity_type",)
    own_hate: bool = True
    banjar: float = 0.0
    held_out: float = 0.0
    authored_weight: float = 0.7


@dataclass(frozen=True, slots=True)
class LinearRecipe:
    """The linear heads that stand beside the encoder; strengths are scikit-learn's C."""

    lead_chars: int = 1500
    view_weights: tuple[float, ...] = (1.0, 1.25, 0.75)
    min_df: int = 3
    strength: float = 10.0
    hate_strength: float = 3.0


@dataclass(frozen=True, slots=True)
class DecideRecipe:
    """How cuts are chosen on out-of-fold scores; see nlp/training/thresholds.py. `careful` is for the labels that bring
    an item before the desk (`nlp.training.decisions.ALARMS`)."""

    folds: int = 2
    foreign_precision: float = 0.8
    quiet_cap: float = 0.02
    calm_upper: float = 0.02
    careful: bool = True


@dataclass(frozen=True, slots=True)
class EncoderRecipe:
    """The whole; `ships` says whether the licences of its data allow the weights to be given away, `revision`
    counts the models of one name and seed: embeddings of two revisions cannot be compared. `from_banjar` says whether
    Banjarese is read in Indonesian words (waspada/banjar), here and by the finished model."""

    name: str
    seed: int = 7
    revision: int = 0
    ships: bool = True
    from_banjar: bool = False
    base: BaseRecipe = field(default_factory=BaseRecipe)
    data: DataRecipe = field(default_factory=DataRecipe)
    pretrain: PretrainRecipe = field(default_factory=PretrainRecipe)
    finetune: FinetuneRecipe = field(default_factory=FinetuneRecipe)
    linear: LinearRecipe = field(default_factory=LinearRecipe)
    decide: DecideRecipe = field(default_factory=DecideRecipe)

    @property
    def version(self) -> str:
        """What the model is called that it makes."""
        return f"{self.name}+{self.seed}" + (f".{self.revision}" if self.revision else "")

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_recipe(path: Path) -> EncoderRecipe:
    """Read a TOML recipe; what it does not name keeps its default. Raises InputError naming what is wrong."""
    try:
        recipe = _filled(EncoderRecipe, tomllib.loads(path.read_text(encoding="utf-8")))
        _check_ranges(recipe)
        return recipe
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).", hint="Name a file in models/recipes.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, TypeError, ValueError) as error:
        raise InputError(f"{path} is not a recipe: {error}.", hint="Compare it with models/recipes/.") from error


def _check_ranges(recipe: EncoderRecipe) -> None:
    """Raises ValueError for a value with which a training would go wrong hours later."""
    tuned, trained = recipe.finetune, recipe.pretrain
    ranges: dict[str, tuple[float, float, float]] = {
        "revision": (recipe.revision, 0, 10_000),
        "decide.folds": (recipe.decide.folds, 2, 20),
        "data.banjar": (recipe.data.banjar, 0, 1),
        "data.held_out": (recipe.data.held_out, 0, 0.9),
        "data.authored_weight": (recipe.data.authored_weight, 0, 10),
        "base.coverage": (recipe.base.coverage, 0.5, 1),
        "pretrain.epochs": (trained.epochs, 0, 100),
        "pretrain.batch": (trained.batch, 2, 10_000),
        "pretrain.title_tokens": (trained.title_tokens, 8, 512),
        "pretrain.body_tokens": (trained.body_tokens, 8, 512),
        "finetune.epochs": (tuned.epochs, 1, 100),
        "finetune.final_epochs": (tuned.final_epochs, 0, 100),
        "finetune.refine_epochs": (tuned.refine_epochs, 0, 100),
        "finetune.batch": (tuned.batch, 1, 10_000),
        "finetune.tokens": (tuned.tokens, 8, 512),
        "finetune.average": (tuned.average, 0, 0.99999),
    }
    for name, (value, low, high) in ranges.items():
        if not low <= value <= high:
            raise ValueError(f"{name} is {value}, not between {low} and {high}")


def _filled(kind: type[Part], raw: dict[str, Any]) -> Part:
    known = {entry.name: entry for entry in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(raw) - set(known)):
        raise ValueError(f"{kind.__name__} knows no {', '.join(unknown)}")
    values: dict[str, Any] = {}
    for name, value in raw.items():
        made = known[name].default_factory
        default = known[name].default if made is MISSING else made()
        if isinstance(value, dict):
            values[name] = _filled(type(default), value)
        else:
            values[name] = _checked(name, value, default)
    return kind(**values)


def _checked(name: str, value: Any, default: Any) -> Any:
    if isinstance(value, list) and isinstance(default, tuple):
        return tuple(value)
    wanted = str if name == "name" else type(default)
    if wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not wanted:
        raise ValueError(f"{name} is {value!r}, not a {wanted.__name__}")
    return value
