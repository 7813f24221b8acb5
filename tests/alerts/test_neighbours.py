"""Why an alert ranks here: the alerts beside it in the list that its reader sees, found without reading the rest."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.console.filters import FilterForm
from tests.api.sample import CLASH, NOW, add_alert, fill, parts
from tests.plans import Asked
from waspada.alerts import repository
from waspada.alerts.neighbours import Neighbours, default_list, neighbours
from waspada.clock import ZONES
from waspada.store import Store


@pytest.fixture
def desk(store: Store) -> dict[str, int]:
    with store.write() as session:
        return fill(session)


def beside(store: Store, alert: int, within: str | None = None) -> Neighbours:
    with store.read() as session:
        return neighbours(session, repository.summary(session, alert), NOW, within=within)


def ids(found: Neighbours) -> tuple[int | None, int | None]:
    return found.above.upper.id if found.above else None, found.below.lower.id if found.below else None


def test_they_are_those_of_the_default_list(store: Store, desk: dict[str, int]) -> None:
    with store.read() as session:
        listed = [one.id for one in repository.search(session, default_list(NOW, None))]
    assert listed == [desk[name] for name in ("clash", "neutrality", "hoax", "logistics")]
    for number, alert in enumerate(listed):
        above = listed[number - 1] if number else None
        below = listed[number + 1] if number + 1 < len(listed) else None
        assert ids(beside(store, alert)) == (above, below)
    top = beside(store, desk["clash"])
    assert top.below is not None
    assert top.below.sentence.startswith(f"Peringatan {desk['clash']} (")
    assert top.below.parts[0].part == "level"


def test_the_default_list_is_the_one_that_the_console_opens_with() -> None:
    ours, console = default_list(NOW, "63"), FilterForm().as_filter("63", NOW, "liaison", ZONES["WITA"])
    assert replace(console, labels=()) == ours


def test_an_equal_score_is_beside_too(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        twin = add_alert(session, CLASH)
    assert ids(beside(store, twin)) == (None, desk["clash"])
    assert ids(beside(store, desk["clash"])) == (twin, desk["neutrality"])


def test_what_lies_elsewhere_is_beside_nothing(store: Store, desk: dict[str, int]) -> None:
    assert ids(beside(store, desk["neutrality"], within="63.71")) == (None, None)
    assert ids(beside(store, desk["hoax"], within="63")) == (desk["neutrality"], desk["logistics"])


def test_what_is_not_listed_has_no_neighbours(store: Store, desk: dict[str, int]) -> None:
    with store.write() as session:
        old = add_alert(session, replace(CLASH, hours_ago=8 * 24))
    for alert in (desk["dismissed"], old):
        assert beside(store, alert) == Neighbours(False)
    assert ids(beside(store, desk["clash"])) == (None, desk["neutrality"])


@pytest.mark.parametrize("many", [False, True], ids=["a calm week", "a week too full to look through"])
@pytest.mark.parametrize("within", [None, "63"])
def test_no_table_is_read_whole(
    store: Store, desk: dict[str, int], monkeypatch: pytest.MonkeyPatch, many: bool, within: str | None
) -> None:
    with store.write() as session:
        for number in range(40):
            sample = replace(CLASH, parts=parts(number / 4, 0, 0, 0, 0), reports=[])
            add_alert(session, replace(sample, hours_ago=number * 24))
    monkeypatch.setattr(repository, "_MOST_BY_TIME", 3 if many else 5_000)
    asked = Asked(store)
    found = beside(store, desk["hoax"], within)
    assert found.above is not None
    assert found.below is not None
    steps = asked.plan("ORDER BY") if store.is_sqlite else []
    assert not [step for step in steps if step.startswith(("SCAN alerts", "SCAN alert_regions"))]
