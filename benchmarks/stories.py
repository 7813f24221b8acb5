"""How well items become stories: B-cubed on the demo's authored items, beside two simple ways, in one run.

    python -m benchmarks.stories

The demo's texts name the event that each item tells of. The thresholds of `waspada/stories/policy.py` were chosen on
these same items, so the figures flatter; a set that was not looked at is needed before they are believed.
B-cubed: Bagga and Baldwin 1998; every item counts the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

import nlp
from waspada.cli.demo.world import DemoItem, World
from waspada.clock import utc_now
from waspada.items.jsonl import JsonlItem
from waspada.jobs.replay import Outlet, Replay
from waspada.stories.fingerprint import jaccard, shingles
from waspada.stories.policy import COPY_JACCARD
from waspada.taxonomy import ItemKind


def main() -> None:
    world = World(utc_now())
    truth = {line: item.story or item.id for line, item in enumerate(world.items, start=1)}
    ways = {
        "waspada": grouped(world),
        "near-duplicates only": near_duplicates(world.items),
        "every item by itself": {line: str(line) for line in truth},
    }
    kinds = {"all": truth, "articles": of_kind(world, truth, False), "posts": of_kind(world, truth, True)}
    print(f"{'items':<10} {'n':>4}  {'way':<22} precision  recall     F1")
    for name, part in kinds.items():
        for way, stories in ways.items():
            precision, recall = b_cubed(part, stories)
            f1 = 2 * precision * recall / (precision + recall)
            print(f"{name:<10} {len(part):>4}  {way:<22} {precision:9.3f} {recall:7.3f} {f1:6.3f}")


def grouped(world: World) -> dict[int, str]:
    outlets = {o.name.lower(): Outlet(home=o.region, role=o.role) for o in world.outlets.values()}
    replay = Replay(nlp.load(), outlets)
    replay.load([_line(world, line, item) for line, item in enumerate(world.items, start=1)], world.now)
    replay.group(world.now)
    return {line: str(story) for line, story in replay.stories().items()}


def _line(world: World, line: int, item: DemoItem) -> JsonlItem:
    return JsonlItem(
        line=line,
        id=item.id,
        title=item.title,
        text=item.text,
        kind=ItemKind.POST if item.author else ItemKind.ARTICLE,
        published_at=item.published_at,
        outlet=world.outlets[item.outlet].name,
        voice=item.author or None,
    )


def near_duplicates(items: Iterable[DemoItem]) -> dict[int, str]:
    """Each item joins the first earlier one that it copies."""
    stories: dict[int, str] = {}
    seen: list[tuple[frozenset[str], str]] = []
    for line, item in enumerate(items, start=1):
        own = shingles(item.title, item.text)
        stories[line] = next((story for other, story in seen if jaccard(own, other) >= COPY_JACCARD), str(line))
        seen.append((own, stories[line]))
    return stories


def of_kind(world: World, truth: Mapping[int, str], posts: bool) -> dict[int, str]:
    return {line: story for line, story in truth.items() if bool(world.items[line - 1].author) is posts}


def b_cubed(truth: Mapping[int, str], found: Mapping[int, str]) -> tuple[float, float]:
    """Mean precision and recall of each item's group against its true one, within the items of `truth`."""
    right, made = defaultdict(set), defaultdict(set)
    for line, story in truth.items():
        right[story].add(line)
        made[found[line]].add(line)
    common = {line: len(right[story] & made[found[line]]) for line, story in truth.items()}
    precision = sum(common[line] / len(made[found[line]]) for line in truth) / len(truth)
    recall = sum(common[line] / len(right[truth[line]]) for line in truth) / len(truth)
    return precision, recall


if __name__ == "__main__":
    main()
