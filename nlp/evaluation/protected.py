"""The protected-speech gate: how much lawful speech a model would put before a desk.

`speech.jsonl` holds criticism, satire, peaceful protest, the work of observers, and journalism. None of it belongs in
a digest, so every item that a model lifts to alert level 2 or higher is a false alarm about somebody who used a right.
A model may be released when the upper end of the Wilson interval of that share is at most 2 %.

Wilson's score interval: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
Journal of the American Statistical Association 22 (1927), 209-212. It is used because it stays sensible at zero hits.

`python -m nlp.evaluation.protected [MODEL_FOLDER]` prints the figures and exits with 1 when the gate is closed.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from statistics import NormalDist

import nlp
from waspada.errors import InputError
from waspada.taxonomy import ItemKind, ItemText, Tagger, Tags

SPEECH = Path(__file__).with_name("texts") / "speech.jsonl"
#: The lowest alert level that counts against a model: the daily digest (codebook, rule 16).
COUNTED_LEVEL = 2
#: The highest allowed upper end of the interval, as a share.
LIMIT = 0.02
CONFIDENCE = 0.95


class Part(StrEnum):
    CRITICISM = "criticism"
    SATIRE = "satire"
    PROTEST = "protest"
    OBSERVERS = "observers"
    JOURNALISM = "journalism"


@dataclass(frozen=True, slots=True)
class ProtectedItem:
    part: Part
    item: ItemText


@dataclass(frozen=True, slots=True)
class Share:
    """`hits` of `items`; `upper` is the upper end of the two-sided 95 % Wilson interval (0..1)."""

    hits: int
    items: int

    @property
    def value(self) -> float:
        return self.hits / self.items

    @property
    def upper(self) -> float:
        return wilson_upper(self.hits, self.items)


@dataclass(frozen=True, slots=True)
class GateResult:
    """What a model does to the set. Only `overall` is held against the limit: 64 items a part cannot carry 2 %."""

    model: str
    overall: Share
    parts: Mapping[Part, Share]
    lifted: Sequence[tuple[ProtectedItem, Tags]]

    def passes(self, limit: float = LIMIT) -> bool:
        """Whether the model may be released."""
        return self.overall.upper <= limit

    def report(self) -> str:
        """The figures, a line a part, and every lifted item with the labels that lifted it."""
        rows = [*((part.value, share) for part, share in self.parts.items()), ("overall", self.overall)]
        lines = [f"{self.model}: protected speech at alert level {COUNTED_LEVEL} or higher"]
        lines += [
            f"  {name:<11}{share.hits:>4} of {share.items:<4}{share.value:>7.2%}  upper end {share.upper:>6.2%}"
            for name, share in rows
        ]
        verdict = "open" if self.passes() else "closed"
        lines.append(f"  gate {verdict}: the upper end may be at most {LIMIT:.0%}")
        lines += [_lifted_line(one, tags) for one, tags in self.lifted]
        return "\n".join(lines)


def wilson_upper(hits: int, items: int, confidence: float = CONFIDENCE) -> float:
    """The upper end of the two-sided Wilson interval of `hits` in `items`. Raises InputError on impossible counts."""
    if items <= 0 or not 0 <= hits <= items:
        raise InputError(f"{hits} hits of {items} items is no share.", hint="Give 0 <= hits <= items, items > 0.")
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = hits / items
    centre = share + z * z / (2 * items)
    half = z * math.sqrt(share * (1 - share) / items + z * z / (4 * items * items))
    return min(1.0, (centre + half) / (1 + z * z / items))


def read_items(path: Path = SPEECH) -> list[ProtectedItem]:
    """The items of a set, in its order. Raises InputError with the line where a line cannot be read."""
    items: list[ProtectedItem] = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            items.append(_item(json.loads(line)))
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"{path.name}, line {number}: {error!r}.", hint="See tests/protected/README.md for the fields."
            ) from error
    return items


def measure(tagger: Tagger, items: Sequence[ProtectedItem]) -> GateResult:
    """Tags the items and counts those at alert level 2 or higher, overall and by part (parts without items left out).

    Raises InputError on an empty set, or when the tags do not answer the items one by one: a gate that measured
    nothing, or something else, must not open.
    """
    if not items:
        raise InputError("The protected-speech set is empty.", hint="Restore nlp/evaluation/texts/speech.jsonl.")
    tagged = tagger.classify([one.item for one in items])
    if [tags.id for tags in tagged] != [one.item.id for one in items]:
        raise InputError(
            f"{tagger.model} gave tags that do not answer the items.", hint="Mend the order or the ids of classify()."
        )
    lifted = [(one, tags) for one, tags in zip(items, tagged, strict=True) if tags.alert_level >= COUNTED_LEVEL]
    return GateResult(
        model=tagger.model,
        overall=Share(len(lifted), len(items)),
        parts={part: _share_of(part, items, lifted) for part in Part if any(one.part == part for one in items)},
        lifted=lifted,
    )


def main(arguments: Sequence[str]) -> int:
    """Prints the figures of a model folder (the shipped model where none is named); 0 when the gate is open."""
    result = measure(nlp.load(Path(arguments[0]) if arguments else None), read_items())
    sys.stdout.write(result.report() + "\n")
    return 0 if result.passes() else 1


def _item(line: Mapping[str, str]) -> ProtectedItem:
    text = ItemText(id=line["id"], title=line["title"], text=line["text"], kind=ItemKind(line["kind"]))
    return ProtectedItem(part=Part(line["part"]), item=text)


def _share_of(part: Part, items: Sequence[ProtectedItem], lifted: Sequence[tuple[ProtectedItem, Tags]]) -> Share:
    return Share(sum(one.part == part for one, _ in lifted), sum(one.part == part for one in items))


def _lifted_line(one: ProtectedItem, tags: Tags) -> str:
    labels = ", ".join(f"{label} {tags.labels[label].p:.2f}" for label in tags.on()) or "no label on"
    head = (one.item.title or one.item.text)[:60]
    return f"  {one.item.id} {one.part:<11}level {tags.alert_level} ({labels}): {head}"


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
