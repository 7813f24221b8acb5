"""Making the report of a month: what is drawn, compared and counted, in one reading transaction.

Memory and time are bounded: of each side at most `MOST_RATED` items, drawn by lot, give the rates, and a few hundred
the shifts. The same store and month give the same report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from waspada.clock import local_day, month_after, month_before, month_bounds
from waspada.drift import policy, repository, shifts
from waspada.drift.calibration import calibration
from waspada.drift.repository import Span, Stream
from waspada.drift.shifts import Embeddings, Texts, Vocabulary, shift
from waspada.drift.types import (
    ALERT_FIGURES,
    FIGURES,
    Answers,
    Calibration,
    Decision,
    Heard,
    Measure,
    ModelReport,
    Outlets,
    Rate,
    TextShift,
)
from waspada.errors import InputError
from waspada.labels.agreement import agreement, answer_of
from waspada.labels.policy import resolved
from waspada.labels.types import Role
from waspada.models import repository as models
from waspada.models.policy import in_use_at
from waspada.models.types import ModelEvent, Step
from waspada.store.tables import TagRow
from waspada.taxonomy import Label

Bools = NDArray[np.bool_]
#: A month is held against so many before it.
MONTHS_BEFORE = 3
MOST_RATED = 20_000
#: Texts of a month that draws for shifts are made from; of the month itself so many of known and of new sources.
MOST_SHIFTED = 700
SEED = 20241127
#: Steps that change which model is in use.
_SWITCHES = (Step.PROMOTE, Step.ROLLBACK)


def checked_month(month: date, now: datetime, zone: ZoneInfo) -> date:
    """A month that is over. Raises InputError."""
    if month_after(month) > local_day(now, zone):
        raise InputError(f"The month {month:%Y-%m} is not over yet.", hint="Take one that is over, such as the last.")
    return month


def make_report(session: Session, month: date, *, default: str, zone: ZoneInfo, now: datetime) -> ModelReport:
    """The report of the month that begins on this day. `default` is the model that the settings name.

    Raises InputError for a month that is not over.
    """
    spans = _spans(checked_month(month, now, zone), zone)
    reference, span = (spans[0][0], spans[-2][1]), spans[-1]
    events = models.events(session)
    use = in_use_at(events, default, span[1])
    items = _Items.of(repository.stream(session, spans), len(spans) - 1)
    rng = np.random.default_rng(SEED)
    found, shift_gaps = _shifts(session, items, use.current, rng)
    answered, unread = _calibration(session, use.current, span)
    answered_before, _ = _calibration(session, use.current, reference)
    return ModelReport(
        month=f"{month:%Y-%m}",
        start=span[0],
        end=span[1],
        made_at=now,
        reference=[f"{local_day(start, zone):%Y-%m}" for start, _ in spans[:-1]],
        model=use.current,
        since=use.since,
        heard=items.heard(
            repository.count_read(session, use.current, span), repository.count_read(session, use.current, reference)
        ),
        answers=_answers(session, span, zone),
        rates=_rates(session, items, use.current, rng),
        calibration=answered,
        calibration_before=answered_before,
        shifts=found,
        decisions=[_decision(one) for one in events if one.what in _SWITCHES and span[0] <= one.at < span[1]],
        passed_over={**shift_gaps, "answers": unread},
    )


@dataclass(frozen=True, slots=True)
class _Items:
    """What was heard: `month` and `reference` of sources heard in both, `new` in the month alone, `gone` before."""

    known: Stream
    new: Stream
    reference: Stream
    gone: Stream

    @classmethod
    def of(cls, whole: Stream, last: int) -> _Items:
        """`last` is the place of the month itself."""
        is_now = whole.span == last
        was, now = np.unique(whole.source[~is_now]), np.unique(whole.source[is_now])
        in_both = np.isin(whole.source, np.intersect1d(was, now))
        return cls(
            known=whole.take(is_now & in_both),
            new=whole.take(is_now & ~in_both),
            reference=whole.take(~is_now & in_both),
            gone=whole.take(~is_now & ~in_both),
        )

    def of_month(self, outlets: Outlets) -> Stream:
        return self.known if outlets is Outlets.KNOWN else self.new

    def heard(self, read: int, reference_read: int) -> Heard:
        return Heard(
            known=len(self.known.ids),
            new=len(self.new.ids),
            reference=len(self.reference.ids),
            gone=len(self.gone.ids),
            known_sources=len(np.unique(self.known.source)),
            new_sources=len(np.unique(self.new.source)),
            gone_sources=len(np.unique(self.gone.source)),
            read=read,
            reference_read=reference_read,
        )


def _spans(month: date, zone: ZoneInfo) -> list[Span]:
    """The months of the reference and the month itself, oldest first."""
    found = [month]
    for _ in range(MONTHS_BEFORE):
        found.insert(0, month_before(found[0]))
    return [month_bounds(one, zone) for one in found]


def _rates(session: Session, items: _Items, model: str, rng: np.random.Generator) -> dict[Outlets, Sequence[Rate]]:
    before = _read(session, _drawn(items.reference, MOST_RATED, rng), model)
    return {
        outlets: policy.rates(
            _read(session, _drawn(items.of_month(outlets), MOST_RATED, rng), model),
            before if outlets is Outlets.KNOWN else None,
        )
        for outlets in Outlets
    }


def _read(session: Session, items: Stream, model: str) -> policy.Read:
    """Those of the items that the model has read."""
    story = dict(zip(items.ids.tolist(), items.story.tolist(), strict=True))
    rows = [
        (story[id_], *(bool(found[label.value]["on"]) for label in Label), *_alerts(level))
        for id_, found, level in repository.tags_of(session, model, items.ids.tolist())
    ]
    whole = np.array(rows, dtype=np.int64).reshape(-1, 1 + len(FIGURES))
    return policy.Read(whole[:, 1:].astype(np.bool_), whole[:, 0])


def _alerts(level: int) -> tuple[bool, ...]:
    return tuple(level >= least for least in range(1, len(ALERT_FIGURES) + 1))


def _shifts(
    session: Session, items: _Items, model: str, rng: np.random.Generator
) -> tuple[list[TextShift], dict[str, int]]:
    """Shifts by measure and outlets, and what was passed over."""
    spans = [_one_a_story(items.reference.take(items.reference.span == place), rng) for place in range(MONTHS_BEFORE)]
    cells = [*spans, *(_one_a_story(items.of_month(outlets), rng) for outlets in Outlets)]
    ids = [id_ for cell in cells for id_ in cell]
    texts = dict(repository.texts_of(session, ids))
    vectors, damaged = repository.embeddings_of(session, model, ids)
    words = Vocabulary(texts.values())
    found = [
        *_by_outlets(Measure.UNKNOWN_WORDS, _places(texts, cells), words.unknown),
        *_by_outlets(Measure.VOCABULARY, _places(texts, cells), words.divergence),
        *_by_outlets(Measure.EMBEDDING, _places(vectors, cells), _embeddings(vectors).discrepancy),
    ]
    return found, {"texts": len(ids) - len(texts), "embeddings": damaged}


def _embeddings(vectors: Mapping[int, NDArray[np.float32]]) -> Embeddings:
    return Embeddings(np.stack(list(vectors.values())) if vectors else np.zeros((0, 1), np.float32))


def _by_outlets(measure: Measure, cells: Sequence[shifts.Ints], distance: shifts.Distance) -> list[TextShift]:
    reference, months = cells[:MONTHS_BEFORE], cells[MONTHS_BEFORE:]
    return [
        shift(measure, outlets, Texts(month, reference), distance)
        for outlets, month in zip(Outlets, months, strict=True)
    ]


def _places(known: Mapping[int, object], cells: Sequence[Sequence[int]]) -> list[shifts.Ints]:
    """Where what is known of the items of each cell stands, in its own order."""
    place = {id_: number for number, id_ in enumerate(known)}
    return [np.array([place[id_] for id_ in cell if id_ in place], dtype=np.int64) for cell in cells]


def _one_a_story(items: Stream, rng: np.random.Generator) -> list[int]:
    """Some of the items, by lot, one of each story: ten reports of one flood are one piece of news."""
    order = rng.permutation(len(items.ids))
    _, first = np.unique(items.story[order], return_index=True)
    found: list[int] = items.ids[order[np.sort(first)[:MOST_SHIFTED]]].tolist()
    return found


def _drawn(items: Stream, most: int, rng: np.random.Generator) -> Stream:
    return items if len(items.ids) <= most else items.take(rng.choice(len(items.ids), most, replace=False))


def _calibration(session: Session, model: str, span: Span) -> tuple[list[Calibration], int]:
    """By figure, and how many answered items this model has not read."""
    answers = repository.answers(session, repository.drawn_by_lot(session, span), span[1])
    versions = {item: max(one.version for one in given) for item, given in answers.items()}
    tags = repository.probabilities(session, model, versions)
    truth = {item: resolved(given) for item, given in answers.items() if item in tags}
    found = []
    for figure in FIGURES:
        pairs = [(_probability(tags[item], figure), _holds(values, figure)) for item, values in truth.items()]
        known = [(p, holds) for p, holds in pairs if p is not None]
        p = np.clip(np.array([p for p, _ in known], dtype=np.float64), 0, 1)
        found.append(calibration(figure, p, np.array([holds for _, holds in known], dtype=np.bool_)))
    return found, len(answers) - len(truth)


def _probability(tags: TagRow, figure: str) -> float | None:
    if figure in ALERT_FIGURES:
        return tags.alert_p[ALERT_FIGURES.index(figure)] if tags.alert_p is not None else None
    return float(tags.labels[figure]["p"])


def _holds(values: Mapping[str, int], figure: str) -> bool:
    if figure in ALERT_FIGURES:
        return values["alert"] > ALERT_FIGURES.index(figure)
    return values[figure] > 0


def _answers(session: Session, span: Span, zone: ZoneInfo) -> Answers:
    items, by_queue = repository.answered(session, span)
    given = [one for found in repository.answers(session, items, span[1]).values() for one in found]
    own = [answer_of(one) for one in given if one.role is not Role.ADJUDICATOR]
    return Answers(sum(by_queue.values()), len(items), by_queue, list(agreement(own, zone=zone).fields))


def _decision(one: ModelEvent) -> Decision:
    return Decision(one.at, one.what, one.model, one.previous, list(one.overridden))
