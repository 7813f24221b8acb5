"""The gate counts what it says it counts, and the shipped model passes it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

import nlp
from nlp.evaluation.protected import LIMIT, Part, ProtectedItem, measure, read_items, wilson_upper
from waspada.errors import InputError
from waspada.taxonomy import Aux, ItemText, Label, LabelTag, Tags

MODELS = Path(nlp.__file__).parents[1] / "models"


class WordTagger:
    """A tagger whose level is the digit that the text ends with; it answers in the order asked."""

    model = "word-tagger"

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [_tags(item.id, int(item.text[-1])) for item in items]


class ReversedTagger(WordTagger):
    """Answers for the right items in the wrong order."""

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return super().classify(items)[::-1]


class ShortTagger(WordTagger):
    """Leaves the last item without an answer."""

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return super().classify(items)[:-1]


def _tags(item_id: str, level: int) -> Tags:
    labels = {label: LabelTag(p=0.9 if level else 0.1, on=label is Label.CONFLICT and level > 0) for label in Label}
    return Tags(
        id=item_id,
        model="word-tagger",
        labels=labels,
        aux={aux: LabelTag(p=0.0, on=False) for aux in Aux},
        conflict_level=min(level, 3),
        alert_level=level,
    )


def _items(part: Part, levels: Sequence[int]) -> list[ProtectedItem]:
    return [ProtectedItem(part, ItemText(id=f"{part}-{n}", text=f"level {level}")) for n, level in enumerate(levels)]


def test_levels_two_and_three_count_and_lower_ones_do_not() -> None:
    result = measure(WordTagger(), _items(Part.SATIRE, [0, 1, 2, 3]))
    assert (result.overall.hits, result.overall.items) == (2, 4)
    assert [tags.alert_level for _, tags in result.lifted] == [2, 3]


def test_each_part_is_counted_by_itself() -> None:
    result = measure(WordTagger(), _items(Part.PROTEST, [2, 0, 0]) + _items(Part.CRITICISM, [3, 3]))
    counted = {part: (share.hits, share.items) for part, share in result.parts.items()}
    assert counted == {Part.CRITICISM: (2, 2), Part.PROTEST: (1, 3)}
    assert (result.overall.hits, result.overall.items) == (3, 5)


# Wilson's formula worked by hand with z = 1.959964: at 0 of n it is z^2 / (n + z^2), at n of n it is 1.
@pytest.mark.parametrize(
    ("hits", "items", "upper"),
    [(0, 10, 0.277533), (1, 10, 0.404150), (5, 10, 0.763407), (10, 10, 1.0), (0, 320, 0.011862)],
)
def test_the_upper_end_is_wilsons(hits: int, items: int, upper: float) -> None:
    assert wilson_upper(hits, items) == pytest.approx(upper, abs=1e-5)


@pytest.mark.parametrize(("hits", "items"), [(0, 0), (-1, 5), (6, 5)])
def test_impossible_counts_are_refused(hits: int, items: int) -> None:
    with pytest.raises(InputError, match="no share"):
        wilson_upper(hits, items)


@pytest.mark.parametrize(("lifted", "passes"), [(0, True), (1, True), (2, False), (320, False)])
def test_of_320_items_one_may_be_lifted_and_two_may_not(lifted: int, passes: bool) -> None:
    levels = [2] * lifted + [1] * (320 - lifted)
    assert measure(WordTagger(), _items(Part.JOURNALISM, levels)).passes() is passes


def test_the_report_names_the_lifted_items_and_the_verdict() -> None:
    report = measure(WordTagger(), _items(Part.OBSERVERS, [0, 3])).report()
    assert "observers-1" in report
    assert "conflict 0.90" in report
    assert "observers-0" not in report
    assert "gate closed" in report


def test_an_empty_set_opens_no_gate() -> None:
    with pytest.raises(InputError, match="empty"):
        measure(WordTagger(), [])


@pytest.mark.parametrize("tagger", [ReversedTagger(), ShortTagger()])
def test_tags_that_do_not_answer_the_items_open_no_gate(tagger: WordTagger) -> None:
    with pytest.raises(InputError, match="do not answer"):
        measure(tagger, _items(Part.SATIRE, [0, 2]))


@pytest.mark.parametrize(
    "line", ["{", '{"id": "x"}', '{"id": "x", "part": "rumour", "kind": "post", "title": "", "text": "a"}', "3"]
)
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "set.jsonl"
    good = '{"id": "x", "part": "satire", "kind": "post", "title": "", "text": "a"}'
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"set\.jsonl, line 2"):
        read_items(path)


@pytest.mark.parametrize("name", [nlp.BASELINE, nlp.ENCODER])
def test_the_shipped_models_leave_lawful_speech_alone(name: str) -> None:
    result = measure(nlp.load(MODELS / name), read_items())
    upper, report = result.overall.upper, result.report()
    assert upper <= LIMIT, report
