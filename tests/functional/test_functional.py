"""The suite measures what it says it measures, and its texts are those that were written before the model."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

import nlp
from nlp.evaluation.functional import (
    CASES,
    FUNCTION_FLOOR,
    OVERALL_FLOOR,
    FunctionalCase,
    FunctionalResult,
    read_cases,
    run_cases,
)
from nlp.labelled import file_sha256, read_labelled, text_key
from waspada.errors import InputError
from waspada.taxonomy import Aux, ItemKind, ItemText, Label, LabelTag, MisinformationKind, Tags

HERE = Path(__file__).parent
MODELS = HERE.parents[1] / "models"
DEV = HERE / "dev.jsonl"
#: The texts as they were before any model was scored on them.
WRITTEN = {
    CASES: "2f4d3562a554e3138422d706be7ab4054dbbf999c799aaead01dd2e55171066d",
    DEV: "732e7d2f60c5540cbd2346ed419ce38833261d0354a697fb207ca21ea1e4138c",
}


class WordTagger:
    """Turns a label on when its name stands in the text; the level is the text's last digit."""

    model = "word-tagger"

    def classify(self, items: Sequence[ItemText]) -> list[Tags]:
        return [_tags(item) for item in items]


def _tags(item: ItemText) -> Tags:
    labels = {label: LabelTag(0.9, True) if label.value in item.text else LabelTag(0.1, False) for label in Label}
    if labels[Label.MISINFORMATION].on:
        labels[Label.MISINFORMATION] = LabelTag(0.9, True, MisinformationKind.CLAIM)
    aux = {aux: LabelTag(0.0, False) for aux in Aux}
    return Tags(item.id, "word-tagger", labels, aux, 0, int(item.text[-1]))


def _case(text: str, function: str = "f", **wanted: object) -> FunctionalCase:
    raw = {"expect": {}, "alert_min": 0, "alert_max": 3, "kind": None} | wanted
    return FunctionalCase(id=text, function=function, item=ItemText(text, text=text, kind=ItemKind.POST), **raw)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("case", "wrong"),
    [
        (_case("conflict 0", expect={Label.CONFLICT: True}), []),
        (_case("conflict 0", expect={Label.CONFLICT: False}), ["conflict on (0.90)"]),
        (_case("quiet 2", expect={Label.FRAUD: False}, alert_max=1), ["alert 2"]),
        (_case("quiet 1", alert_min=2), ["alert 1"]),
        (_case("misinformation 0", kind=MisinformationKind.CLAIM), []),
        (_case("misinformation 0", kind=MisinformationKind.REPORT), ["kind claim"]),
    ],
)
def test_a_case_fails_on_exactly_what_is_wrong(case: FunctionalCase, wrong: list[str]) -> None:
    assert case.failures(_tags(case.item)) == wrong


def test_functions_are_counted_apart_and_the_weakest_is_named() -> None:
    cases = [_case("conflict 0", "a", expect={Label.CONFLICT: True})] * 3
    cases += [_case("calm 0", "b", expect={Label.CONFLICT: wanted}) for wanted in (True, False)]
    result = run_cases(WordTagger(), cases)
    assert (result.functions, result.share, result.weakest) == ({"a": (3, 3), "b": (1, 2)}, 0.8, ("b", 0.5))
    assert not result.passes()


def test_an_empty_suite_opens_no_gate() -> None:
    with pytest.raises(InputError, match="empty"):
        run_cases(WordTagger(), [])


@pytest.mark.parametrize(
    "line",
    ["{", "3", '{"id": "x"}', '{"id":"x","function":"f","title":"","text":"","kind":"post","expect":{"rumour":true}}'],
)
def test_a_broken_case_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"cases\.jsonl, line 1"):
        read_cases(path)


@pytest.mark.parametrize("path", WRITTEN)
def test_no_text_has_changed_since_before_the_first_score(path: Path) -> None:
    assert file_sha256(path) == WRITTEN[path]


def test_there_are_twelve_cases_a_function_and_no_text_stands_twice() -> None:
    cases = read_cases(CASES)
    assert set(Counter(case.function for case in cases).values()) == {12}
    assert len({case.function for case in cases}) == 41
    assert len({(case.item.title, case.item.text) for case in cases}) == len({case.id for case in cases}) == len(cases)
    assert all(case.expect for case in cases)


def test_the_dev_set_keeps_to_the_codebook() -> None:
    rows = read_labelled(DEV)
    assert len({row.group for row in rows}) == len(rows) == 400
    for row in rows:
        if row.labels["foreign"]:
            assert not any(row.labels[field] for field in ("conflict", "fraud", "logistics", "disaster", "alert"))


def test_no_text_of_the_two_sets_is_trained_on() -> None:
    authored = HERE.parents[1] / "nlp" / "training" / "authored"
    trained = {key for path in sorted(authored.rglob("*.jsonl")) for key in _keys(path)}
    assert trained
    assert not trained & {key for path in (CASES, DEV) for key in _keys(path)}


def _keys(path: Path) -> list[str]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [text_key(row.get("title", ""), row["text"]) for row in rows]


@pytest.fixture(scope="module")
def shipped() -> FunctionalResult:
    return run_cases(nlp.load(MODELS / nlp.ENCODER), read_cases(CASES))


def test_the_encoder_passes_four_of_five_cases(shipped: FunctionalResult) -> None:
    assert shipped.share >= OVERALL_FLOOR, _failures(shipped)


def test_no_function_is_below_its_floor(shipped: FunctionalResult) -> None:
    assert shipped.weakest[1] >= FUNCTION_FLOOR, _failures(shipped)


def _failures(result: FunctionalResult) -> str:
    failed = "\n".join(f"{case.id}: {', '.join(wrong)}" for case, wrong in result.failed)
    return f"{result.share:.1%}, weakest {result.weakest}\n{failed}"
