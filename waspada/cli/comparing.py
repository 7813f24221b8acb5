"""A candidate compared: on the test fold, with the gates, and by what it would do to real alerts. Kept with the model.

Used by `waspada models compare` and after a training.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

import nlp
from nlp.evaluation.compare import JudgedRow, compare, verdict_of
from nlp.evaluation.evaluate import Progress
from nlp.evaluation.gates import GateFigures, gates_of
from nlp.labelled import LabelledItem, read_labelled
from waspada.errors import InputError, ModelError
from waspada.jobs.effect import effect_of, read_recent_beside
from waspada.jobs.rank import RankingData
from waspada.labels.policy import Fold
from waspada.models import policy, repository, service
from waspada.models.types import Against, AnsweredItem, Comparison, Difference, Gates, ModelView, Verdict
from waspada.settings import Settings
from waspada.store import Store
from waspada.taxonomy import FIELDS, Tagger, Tags

_BATCH = 32
FOLD = "test fold"


def default_model(settings: Settings) -> str:
    """The name of the model that the settings name."""
    return nlp.model_name(settings.model_dir)


def default_or_words(settings: Settings) -> str:
    """The same; where its folder cannot be read, words that are no model's name: after the first promotion the setting
    decides nothing, and whoever rolls back then must not be hindered by it."""
    try:
        return default_model(settings)
    except ModelError:
        return "the folder of WASPADA_MODEL_DIR"


def compare_model(
    store: Store,
    settings: Settings,
    name: str,
    now: datetime,
    *,
    file: Path | None = None,
    with_effect: bool = True,
    progress: Progress = lambda _stage, _done, _total: None,
) -> ModelView:
    """Compares a model with the one in use and with the baseline, and keeps what was found.

    Rows are those of the test fold, and of `file` where one is named. Raises NotFoundError, ModelError (a folder that
    cannot be read), InputError (the file, or nothing to compare on).
    """
    default = default_model(settings)
    with store.read() as session:
        use = service.in_use(session, default)
        path = service.folder_of(repository.get(session, name), settings)
        rows = [_judged(one) for one in repository.answered_items(session, Fold.TEST)]
    rows += _of_file(file) if file else []
    if not rows:
        raise InputError(
            "There are no labelled items to compare on.",
            hint="Answer items of the test fold, or name a file: --on FILE.",
        )
    candidate = nlp.load(path)
    gates = gates_of(candidate, lambda done, total: progress("gates", done, total))
    own = _tags(candidate, rows, "the candidate reads", progress)
    against = []
    for other, tagger in _others(store, settings, use.current, name, default).items():
        stage = "the model in use reads" if other == use.current else "the baseline reads"
        found = compare(rows, own, _tags(tagger, rows, stage, progress), least_groups=policy.LEAST_GROUPS)
        against.append(Against(other, Verdict(verdict_of(found)), [_difference(asdict(one)) for one in found]))
    effect = None
    if with_effect and name != use.current:
        read_recent_beside(store, candidate, now, lambda done, total: progress("items of 14 days", done, total))
        data = RankingData.load(settings)
        effect = effect_of(store, data, name, use.current, now, lambda done, total: progress("alerts", done, total))
    source = FOLD if file is None else f"{FOLD} and {file.name}"
    groups = len({one.row.group for one in rows})
    comparison = Comparison(name, len(rows), source, against, effect, groups)
    store.retrying(lambda session: repository.save_comparison(session, name, comparison, _gates(gates), now))
    with store.read() as session:
        return service.model(session, name, default)


def _others(store: Store, settings: Settings, current: str, name: str, default: str) -> dict[str, Tagger]:
    """The model in use and the baseline, without the candidate itself."""
    found: dict[str, Tagger] = {}
    if current != name:
        if current == default:
            found[current] = nlp.load(settings.model_dir)
        else:
            with store.read() as session:
                path = service.folder_of(repository.get(session, current), settings)
            found[current] = nlp.load(path)
    baseline = nlp.shipped(nlp.BASELINE)
    base_name = nlp.model_name(baseline)
    if base_name not in (name, *found):
        found[base_name] = nlp.load(baseline)
    return found


def _tags(tagger: Tagger, rows: Sequence[JudgedRow], stage: str, progress: Progress) -> list[Tags]:
    tags: list[Tags] = []
    for start in range(0, len(rows), _BATCH):
        tags += tagger.classify([one.row.item for one in rows[start : start + _BATCH]])
        progress(stage, len(tags), len(rows))
    return tags


def _judged(one: AnsweredItem) -> JudgedRow:
    labels = {field: min(int(one.labels.get(field, 0)), highest) for field, highest in FIELDS.items()}
    return JudgedRow(LabelledItem(one.text, labels, one.group, "labels"), one.slices)


def _of_file(file: Path) -> list[JudgedRow]:
    return [JudgedRow(row, {"kind": row.item.kind.value}) for row in read_labelled(file)]


def _difference(found: dict[str, object]) -> Difference:
    return Difference(**{**found, "verdict": Verdict(str(found["verdict"]))})  # type: ignore[arg-type]


def _gates(found: GateFigures) -> Gates:
    weakest, share = found.functional.weakest
    return Gates(
        functional_share=found.functional.share,
        weakest=weakest,
        weakest_share=share,
        functional_open=found.functional.passes(),
        protected_hits=found.protected.overall.hits,
        protected_n=found.protected.overall.items,
        protected_upper=found.protected.overall.upper,
        protected_open=found.protected.passes(),
    )
