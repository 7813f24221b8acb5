"""A functional suite: small authored cases, each asking one thing of a tagger (in the spirit of HateCheck, Röttger et
al. 2021). A case passes when every label that it names is as expected and the alert level keeps to its bounds.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from waspada.errors import InputError
from waspada.taxonomy import MAX_LEVEL, ItemKind, ItemText, Label, MisinformationKind, Tagger, Tags

CASES = Path(__file__).with_name("texts") / "cases.jsonl"
#: What a model must reach to be released.
OVERALL_FLOOR, FUNCTION_FLOOR = 0.80, 0.60


@dataclass(frozen=True, slots=True)
class FunctionalCase:
    """One text and what must be said of it; labels that are not in `expect` may be either."""

    id: str
    function: str
    item: ItemText
    expect: Mapping[Label, bool]
    alert_min: int
    alert_max: int
    kind: MisinformationKind | None

    def failures(self, tags: Tags) -> list[str]:
        """What the tags got wrong, in words; empty when the case passes."""
        found = [
            f"{label.value} {'on' if tags.labels[label].on else 'off'} ({tags.labels[label].p:.2f})"
            for label, wanted in self.expect.items()
            if tags.labels[label].on is not wanted
        ]
        if self.kind is not None and tags.labels[Label.MISINFORMATION].kind not in (None, self.kind):
            found.append(f"kind {tags.labels[Label.MISINFORMATION].kind}")
        if not self.alert_min <= tags.alert_level <= self.alert_max:
            found.append(f"alert {tags.alert_level}")
        return found


@dataclass(frozen=True, slots=True)
class FunctionalResult:
    """Passed and total cases of every function, and what failed in which case."""

    model: str
    functions: Mapping[str, tuple[int, int]]
    failed: Sequence[tuple[FunctionalCase, list[str]]]

    @property
    def share(self) -> float:
        """Share of all cases that pass."""
        return sum(passed for passed, _ in self.functions.values()) / sum(n for _, n in self.functions.values())

    @property
    def weakest(self) -> tuple[str, float]:
        """The function with the lowest share, and that share."""
        return min(((name, passed / n) for name, (passed, n) in self.functions.items()), key=lambda pair: pair[1])

    def passes(self) -> bool:
        """Whether a model with this result may be released."""
        return self.share >= OVERALL_FLOOR and self.weakest[1] >= FUNCTION_FLOOR

    def as_dict(self) -> dict[str, Any]:
        return {
            "share": round(self.share, 4),
            "weakest": {"function": self.weakest[0], "share": round(self.weakest[1], 4)},
            "functions": {name: {"passed": passed, "n": n} for name, (passed, n) in sorted(self.functions.items())},
        }


def read_cases(path: Path) -> list[FunctionalCase]:
    """Cases of a JSONL file. Raises InputError with the line where one cannot be read."""
    cases: list[FunctionalCase] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            cases.append(_case(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise InputError(
                f"{path.name}, line {number}: not a functional case ({error!r}).",
                hint="See tests/functional/README.md for the fields.",
            ) from error
    return cases


def run_cases(tagger: Tagger, cases: Sequence[FunctionalCase]) -> FunctionalResult:
    """Tag all cases and compare. Raises InputError when there is none: a gate that measured nothing must not open."""
    if not cases:
        raise InputError("The functional suite is empty.", hint="Restore nlp/evaluation/texts/cases.jsonl.")
    functions: dict[str, tuple[int, int]] = {}
    failed: list[tuple[FunctionalCase, list[str]]] = []
    for case, tags in zip(cases, tagger.classify([case.item for case in cases]), strict=True):
        wrong = case.failures(tags)
        if wrong:
            failed.append((case, wrong))
        passed, n = functions.get(case.function, (0, 0))
        functions[case.function] = (passed + (not wrong), n + 1)
    return FunctionalResult(tagger.model, functions, failed)


def _case(raw: dict[str, Any]) -> FunctionalCase:
    kind = raw.get("misinformation_kind")
    return FunctionalCase(
        id=str(raw["id"]),
        function=str(raw["function"]),
        item=ItemText(str(raw["id"]), raw["title"], raw["text"], ItemKind(raw["kind"])),
        expect={Label(name): bool(wanted) for name, wanted in raw["expect"].items()},
        alert_min=int(raw.get("alert_min", 0)),
        alert_max=int(raw.get("alert_max", MAX_LEVEL)),
        kind=None if kind is None else MisinformationKind(kind),
    )
