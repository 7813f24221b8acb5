"""The schemas themselves: valid, with an example that fits, and strict enough to refuse what breaks the contract."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.contracts.command import CONTRACTS, problems, read_jsonl, validator

NAMES = ("item", "claim", "classify", "embed", "match", "cluster", "backtest", "extract", "webhook", "labels", "digest")


def test_every_contract_has_a_schema_and_an_example() -> None:
    assert sorted(path.name.split(".")[0] for path in CONTRACTS.glob("*.schema.json")) == sorted(NAMES)
    assert sorted(path.name.split(".")[0] for path in CONTRACTS.glob("*.example.jsonl")) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_schema_is_valid_and_says_which_draft_it_is(name: str) -> None:
    schema = validator(name).schema
    assert isinstance(schema, dict)
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == f"{name}.schema.json"
    assert schema["description"]


@pytest.mark.parametrize("name", NAMES)
def test_example_fits_its_schema(name: str) -> None:
    lines = read_jsonl(CONTRACTS / f"{name}.example.jsonl")
    assert lines
    assert [problems(name, line) for line in lines] == [[]] * len(lines)


def _example(name: str, number: int = 0) -> Any:
    return copy.deepcopy(read_jsonl(CONTRACTS / f"{name}.example.jsonl")[number])


@pytest.mark.parametrize(
    "line",
    [{}, {"id": 1}, {"title": " ", "text": None}, {"title": 7}, {"text": "a", "kind": "video"}, [], "x", None],
)
def test_item_that_is_refused(line: Any) -> None:
    assert problems("item", line)


@pytest.mark.parametrize("line", [{"title": "a"}, {"id": None, "text": "a", "title": ""}, {"text": "a", "more": {}}])
def test_item_that_is_taken(line: Any) -> None:
    assert problems("item", line) == []


def test_answers_that_break_the_contract_are_refused() -> None:
    """The schema would see it if the levels, kinds, shapes or ranges of an answer went wrong."""
    tagged = _example("classify")
    assert tagged["labels"]["conflict"]["on"]
    changes: list[dict[str, Any]] = [
        {"conflict_level": 0},
        {"alert_level": 4},
        {"labels": {}},
        {"aux": {}},
        {"model": ""},
        {"more": 1},
        {"evidence": [{"label": "conflict"}]},
        {"places": [{**tagged["places"][0], "code": "6303"}]},
    ]
    for change in changes:
        assert problems("classify", {**tagged, **change}), change
    claim_without_kind = _example("classify", 4)
    assert claim_without_kind["labels"]["misinformation"].pop("kind")
    assert problems("classify", claim_without_kind)
    assert problems("embed", {"id": 1, "embedding": [0.1] * 383})
    assert problems("match", {"id": 1, "matches": [{"claim_id": "a", "score": 1.2, "state": "candidate"}]})
    assert problems("cluster", {"id": 1, "story": 3})
    assert problems("backtest", {**_example("backtest"), "items": []})
    assert problems("backtest", {**_example("backtest"), "label": "election"})
    assert problems("extract", {**_example("extract"), "published_at": 5})
