"""Members of a story for the tests of ranking."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.rows import NOW
from waspada.alerts.eligibility import Member
from waspada.sources.types import SourceRole
from waspada.stories.facts import Figure, Unit
from waspada.stories.types import How
from waspada.taxonomy import ItemKind, Label

THREE, SEVEN, HOUSES = Figure(3, Unit.PEOPLE), Figure(7, Unit.PEOPLE), Figure(12, Unit.HOUSES)


def report(number: int = 1, labels: Mapping[Label, float] | None = None, **changes: Any) -> Member:
    """A news report of conflict at level 2, an hour old, by an outlet of its own."""
    given: dict[str, Any] = {
        "item_id": number,
        "kind": ItemKind.ARTICLE,
        "role": SourceRole.NEWS,
        "outlet": f"media {number}",
        "voice": None,
        "at": NOW - timedelta(hours=1),
        "how": How.EVENT,
        "labels": {Label.CONFLICT: 0.9} if labels is None else dict(labels),
        "conflict_level": 1 if labels is None or Label.CONFLICT in labels else 0,
        "alert_level": 2,
        "reliability": 0.6,
        "regions": ("63.03",),
        "title": f"Laporan {number}",
        **changes,
    }
    return Member(**given)


def post(number: int, labels: Mapping[Label, float] | None = None, **changes: Any) -> Member:
    """A public post by a voice of its own, saying the same."""
    given: dict[str, Any] = {
        "kind": ItemKind.POST,
        "role": SourceRole.POST,
        "outlet": "sosial.example",
        "voice": f"v{number}",
        "reliability": 0.2,
        "title": "",
        **changes,
    }
    return report(number, labels, **given)


@st.composite
def any_member(draw: st.DrawFn) -> Member:
    """A member as the store may hold one: conflict level 0 exactly where conflict is off."""
    number = draw(st.integers(1, 10_000))
    labels = draw(st.dictionaries(st.sampled_from(list(Label)), st.floats(0, 1), max_size=4))
    role = draw(st.sampled_from(list(SourceRole)))
    return report(
        number,
        labels,
        role=role,
        kind=ItemKind.POST if role is SourceRole.POST else ItemKind.ARTICLE,
        outlet=draw(st.sampled_from("abcdefgh")),
        voice=draw(st.none() | st.sampled_from("uvwxyz")) if role is SourceRole.POST else None,
        at=NOW - timedelta(minutes=draw(st.integers(-60, 20_000))),
        how=draw(st.sampled_from(list(How))),
        conflict_level=draw(st.integers(1, 3)) if Label.CONFLICT in labels else 0,
        alert_level=draw(st.integers(0, 3)),
        reliability=draw(st.floats(0, 1)),
        network=draw(st.sampled_from(["", "", "Grup Banua", "Grup Rawa"])),
        is_wire=draw(st.booleans()),
        figures=frozenset(draw(st.lists(st.sampled_from([THREE, SEVEN, HOUSES]), max_size=2))),
        alert_p=draw(st.none() | st.lists(st.floats(0, 1), min_size=3, max_size=3).map(_falling)),
        regions=draw(st.sampled_from([(), ("63.03",), ("63.71", "63.03"), ("63",)])),
    )


def _falling(p: list[float]) -> tuple[float, float, float]:
    one, two, three = sorted(p, reverse=True)
    return one, two, three


ANY_MEMBERS = st.lists(any_member(), min_size=1, max_size=12)
