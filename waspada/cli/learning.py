"""From the answers that stand to a model folder: read them, learn, write the folder. Used by a training's process.

The same answers under the same number give the same folder; what is answered after a training was asked for does not
count for it. A folder that is there already is the model. A stopped training of the slow kind goes on in its work
folder, which holds numbers and no texts.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nlp
from nlp.evaluation.evaluate import Progress
from nlp.labelled import LabelledItem
from nlp.model_files import METRICS
from waspada.errors import ModelError, NotFoundError
from waspada.labels.codebook import VERSION
from waspada.labels.policy import Fold
from waspada.models import repository, service, training_repository
from waspada.models.training_policy import check_enough
from waspada.models.types import AnsweredItem, TrainingKind
from waspada.settings import Settings
from waspada.store import Store
from waspada.taxonomy import FIELDS, embedding_of

_SEED = 7
#: Suspected errors that are kept with a model, the most suspect first.
_MOST_SUSPECTS = 200


@dataclass(frozen=True, slots=True)
class Learned:
    """A model folder that was made of labels."""

    name: str
    folder: str
    kind: str
    base: str | None
    made_of: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Base:
    """The model that is learned on: a shipped one, or one of the store."""

    name: str
    path: Path
    shipped: bool


def learn(store: Store, settings: Settings, kind: TrainingKind, number: int, progress: Progress) -> Learned:
    """Learns from the answers that stand, never from the test fold, on the encoder of the model in use.

    Raises InputError (too few answers), MissingExtraError, ModelError (the base cannot be read).
    """
    base = _base(store, settings)
    with store.read() as session:
        until = training_repository.last_label(session, number)
        answered = repository.answered_items(session, Fold.TRAIN, until)
    check_enough(len(answered))  # fewer than were counted: what shares a story with the test fold is left out
    target = _Target(store, settings, base, kind, number, answered, progress)
    if not target.path.exists():
        target.path.parent.mkdir(parents=True, exist_ok=True)
        target.forget_others()
        _heads(target) if kind is TrainingKind.HEADS else _full(target)
    shutil.rmtree(target.work, ignore_errors=True)
    made_of = json.loads((target.path / METRICS).read_bytes())["made_of"]
    return Learned(target.name, target.name, kind.value, base.name, made_of)


class _Target:
    """What is to be learned, and where it goes: the folder bears the name of the model."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        base: _Base,
        kind: TrainingKind,
        number: int,
        answered: Sequence[AnsweredItem],
        progress: Progress,
    ) -> None:
        self.store, self.base, self.kind, self.number = store, base, kind, number
        self.answered, self.progress = answered, progress
        self.digest = _digest(answered)
        mark = "~" if kind is TrainingKind.HEADS else "-"
        self.name = f"{base.name}{mark}{number}.{self.digest[:6]}"
        self.path = service.store_of(settings) / self.name
        self.work = self.path.with_name(self.name + ".work")

    def forget_others(self) -> None:
        """Removes what this training learned from answers that stand no more: it cannot go on from there."""
        for folder in self.path.parent.glob(f"*[~-]{self.number}.*.work"):
            if folder != self.work:
                shutil.rmtree(folder, ignore_errors=True)

    @property
    def rows(self) -> list[LabelledItem]:
        return [
            LabelledItem(one.text, {field: int(one.labels.get(field, 0)) for field in FIELDS}, one.group, "labels")
            for one in self.answered
        ]

    def made_of(self, recipe: Mapping[str, Any], learned: Sequence[str], suspects: Sequence[Any]) -> dict[str, Any]:
        """What stands with the model: ids and counts, no texts."""
        positives = {field: sum(1 for one in self.answered if one.labels.get(field)) for field in FIELDS}
        return {
            "recipe": dict(recipe),
            "seed": _SEED,
            "answers": len(self.answered),
            "positives": positives,
            "answers_sha256": self.digest,
            "codebook": VERSION,
            "learned": list(learned),
            "suspects": [
                {
                    "item_id": int(self.answered[one.row].text.id),
                    "field": one.field,
                    "given": one.given,
                    "likely": one.likely,
                    "score": round(one.score, 4),
                }
                for one in suspects[:_MOST_SUSPECTS]
            ],
        }


def _heads(target: _Target) -> None:
    from nlp.adapted.folder import ref_of, write_adapted_folder
    from nlp.training.answers import answers_of, gains, protected_rows, suspect_answers
    from nlp.training.answers_card import answers_card
    from nlp.training.curve import curve_numbers, curve_points
    from nlp.training.heads import HeadsRecipe, Stored, learn_heads, read_answers

    recipe, base = HeadsRecipe(), nlp.load(target.base.path)
    answers = answers_of(target.rows, protected_rows(), recipe.answers, _SEED)
    versions = {int(one.text.id): one.version for one in target.answered}
    with target.store.read() as session:
        known = repository.stored_log_odds(session, versions, target.base.name)
    stored = {
        row: Stored(*known[int(one.text.id)]) for row, one in enumerate(target.answered) if int(one.text.id) in known
    }
    read = read_answers(base, answers, stored, target.progress)
    ref = ref_of(target.base.path, target.base.name, shipped=target.base.shipped)
    found = learn_heads(base, ref, target.name, answers, read, recipe, _SEED, target.progress)
    suspects = suspect_answers(answers, found.scores, found.folder.alert_rule)
    points = curve_points(found.fits, found.raw, recipe.answers, _SEED, target.progress)
    curve = curve_numbers(answers, points, recipe.answers)
    made_of = {**target.made_of(recipe.as_dict(), found.learned, suspects), "curve": curve}
    figures = gains(answers, read.log_odds, found.scores)
    card = answers_card(target.name, target.base.name, made_of, figures)
    write_adapted_folder(target.path, found.folder, {"made_of": made_of, "out_of_fold": figures}, card)


def _full(target: _Target) -> None:
    from nlp.encoder.folder import KIND, read_encoder_folder, write_encoder_folder
    from nlp.model_files import read_config
    from nlp.training.answers import answers_of, authored_rows, gains, suspect_answers
    from nlp.training.answers_card import answers_card
    from nlp.training.encoder.continued import ContinueRecipe, continue_encoder

    if read_config(target.base.path, nlp.KINDS)["kind"] != KIND:
        raise ModelError(
            f"{target.base.name} has no encoder that could be fine-tuned.", hint="Train heads on it: --from-labels."
        )
    recipe = ContinueRecipe()
    answers = answers_of(target.rows, authored_rows(), recipe.answers, _SEED)
    known = read_encoder_folder(target.base.path)
    found = continue_encoder(known, target.name, answers, target.work, recipe, _SEED, target.progress)
    suspects = suspect_answers(answers, found.scores, found.folder.alert_rule)
    made_of = target.made_of(recipe.as_dict(), found.learned, suspects)
    figures = gains(answers, found.before, found.scores)
    card = answers_card(target.name, target.base.name, made_of, figures)
    write_encoder_folder(target.path, found.folder, {"made_of": made_of, "out_of_fold": figures}, card)


def _base(store: Store, settings: Settings) -> _Base:
    """The encoder of the model in use. A folder outside the store that the settings name is copied into it: what was
    learned on it must find it for ever."""
    default = nlp.model_name(settings.model_dir)
    with store.read() as session:
        name = embedding_of(service.in_use(session, default).current)
        try:
            row = repository.get(session, name)
        except NotFoundError:
            row = None
        if row is not None:
            return _Base(name, service.folder_of(row, settings), row.shipped)
    path = service.store_of(settings) / f"{name}.base"
    if not path.exists():
        if settings.model_dir is None or name != default:
            raise ModelError(f"The model {name} is not known here.", hint="`waspada models list` shows what is.")
        fresh = path.with_name(path.name + ".fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(settings.model_dir, fresh)
        fresh.rename(path)
    return _Base(name, path, shipped=False)


def _digest(answered: Sequence[AnsweredItem]) -> str:
    """Hex SHA-256 of which items were learned from, in which version, and what was answered."""
    lines = [f"{one.text.id} {one.version} {sorted(one.labels.items())} {one.group}" for one in answered]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
