"""The labelling screen: keys in, states and steps out; and a whole sitting at a desk that keeps what it is given."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from waspada.cli.label_screen import sit
from waspada.errors import ConflictError
from waspada.labels.codebook import KEYS, nothing
from waspada.labels.screen import (
    ENTER,
    ESCAPE,
    Keep,
    Mode,
    Next,
    Quit,
    Screen,
    Skip,
    Step,
    Undo,
    Words,
    arrived,
    drawn,
    press,
    taken_back,
)
from waspada.labels.types import DeskItem, Given, LabelSpan
from waspada.taxonomy import FIELDS, TextField


def item(number: int, **more: object) -> DeskItem:
    return DeskItem(number, 1, f"Judul {number}", f"Isi {number}", **more)  # type: ignore[arg-type]


def typed(screen: Screen, keys: Iterable[str]) -> tuple[Screen, list[Step]]:
    steps: list[Step] = []
    for key in keys:
        screen, more = press(screen, key)
        steps += more
    return screen, steps


def text_of(screen: Screen, words: Words | None = None) -> str:
    return "\n".join(line.plain for line in drawn(screen, words))


class Desk:
    """A desk of the tests: items in a row, the answers it was given, and what it refuses."""

    def __init__(self, items: Sequence[DeskItem]) -> None:
        self.waiting = list(items)
        self.given: list[Given] = []
        self.skipped: list[int] = []
        self.refuse: set[int] = set()

    def next(self) -> DeskItem | None:
        return self.waiting.pop(0) if self.waiting else None

    def answer(self, given: Given) -> None:
        if given.item_id in self.refuse:
            self.refuse.discard(given.item_id)
            raise ConflictError("The item was changed.", hint="Look again.")
        self.given.append(given)

    def skip(self, item_id: int) -> None:
        self.skipped.append(item_id)

    def undo(self) -> DeskItem | None:
        if not self.given:
            return None
        last = self.given.pop()
        return item(last.item_id, start=last.values, note=last.note)


def at_the_desk(desk: Desk, keys: Iterable[str]) -> tuple[int, str]:
    out = io.StringIO()
    answered = sit(desk, keys, Console(file=out, width=80), clock=map(float, count()).__next__)
    return answered, out.getvalue()


def test_each_digit_raises_its_field_and_starts_again_after_the_highest() -> None:
    for key, field in KEYS.items():
        screen = arrived(Screen(), item(1))
        seen = []
        for _ in range(FIELDS[field] + 1):
            screen, steps = press(screen, key)
            assert steps == ()
            assert screen.card is not None
            seen.append(screen.card.values[field])
        assert seen == [*range(1, FIELDS[field] + 1), 0]


def test_every_field_has_one_key() -> None:
    assert sorted(KEYS.values()) == sorted(FIELDS)
    assert sorted(KEYS) == [str(n) for n in range(10)]


def test_what_is_proposed_is_filled_in_and_sent_as_it_stands() -> None:
    screen = arrived(Screen(), item(1, start={"fraud": 1, "alert": 2}))
    screen, steps = typed(screen, ["5", "4", "4", ENTER])
    assert isinstance(steps[0], Keep)
    assert steps[0].card.values == nothing() | {"alert": 2, "misinformation": 2}
    assert steps[1:] == [Next()]
    assert (screen.card, screen.answered) == (None, 1)


def test_skip_leaves_the_item_and_asks_for_the_next() -> None:
    screen, steps = typed(arrived(Screen(), item(1)), "s")
    assert (steps, screen.past, screen.answered) == ([Skip(1), Next()], (), 0)


def test_back_goes_through_what_was_answered_and_forward_again() -> None:
    screen = arrived(Screen(), item(1))
    for number in (2, 3):
        screen = arrived(typed(screen, ENTER)[0], item(number))
    screen, _ = typed(screen, "bb")
    assert screen.card is not None
    assert (screen.card.item.item_id, [one.item.item_id for one in screen.ahead]) == (1, [2, 3])
    assert "nothing before" in text_of(typed(screen, "b")[0])
    screen, steps = typed(screen, ["1", ENTER])
    assert [type(one) for one in steps] == [Keep]
    assert (screen.card.item.item_id if screen.card else None, screen.answered) == (2, 2)
    screen, steps = typed(screen, "s")
    assert (steps, screen.card.item.item_id if screen.card else None) == ([], 3)
    assert [one.item.item_id for one in screen.past] == [1, 2]


def test_undo_brings_the_item_back_before_the_present_one() -> None:
    screen = arrived(typed(arrived(Screen(), item(1)), ENTER)[0], item(2))
    screen, steps = typed(screen, "u")
    assert steps == [Undo()]
    screen = taken_back(screen, item(1, start={"fraud": 1}))
    assert screen.card is not None
    assert (screen.card.values["fraud"], screen.answered, screen.past) == (1, 0, ())
    assert [one.item.item_id for one in screen.ahead] == [2]
    assert "no answer to take back" in text_of(taken_back(Screen(), None))


def test_a_note_is_written_corrected_kept_or_left() -> None:
    screen, _ = typed(arrived(Screen(), item(1, note="lama")), ["n", *"x7?q", "\x7f", "\x1b[A", ENTER])
    assert screen.card is not None
    assert (screen.mode, screen.card.note) == (Mode.LABEL, "lamax7?")
    screen, _ = typed(screen, ["n", *"salah", ESCAPE])
    assert screen.card is not None
    assert screen.card.note == "lamax7?"
    screen, _ = typed(screen, ["n", "y" * 900, ENTER])
    assert screen.card is not None
    assert len(screen.card.note) == 500


def test_the_rule_of_a_field_is_one_key_away() -> None:
    words = Words(rules={"fraud": "Uang untuk suara."})
    screen, steps = typed(arrived(Screen(), item(1)), "?5")
    assert "Uang untuk suara." in text_of(screen, words)
    screen, more = typed(screen, "5")
    assert screen.card is not None
    assert (steps + more, screen.mode, screen.card.values) == ([], Mode.LABEL, nothing())
    assert typed(screen, "?x")[0].mode is Mode.LABEL


def test_quit_sends_nothing() -> None:
    assert typed(arrived(Screen(), item(1)), "5q")[1] == [Quit()]


def test_without_an_item_only_enter_asks_again() -> None:
    screen = arrived(Screen(), None)
    assert "Nothing waits" in text_of(screen)
    assert typed(screen, "5sn")[1] == []
    assert typed(screen, [ENTER])[1] == [Next()]


def test_the_screen_shows_values_by_name_and_what_a_text_must_not_do() -> None:
    evil = DeskItem(1, 1, "A\x1b[2J\x07B", "baris\nbalik \u202e kanan [red]x[/red]", about="\x9b1m", why="acak")
    words = Words(names={**Words().names, "conflict": "Konflik"}, values={"conflict": ("", "", "insiden")})
    screen, _ = typed(arrived(Screen(), evil), "11")
    shown = text_of(screen, words)
    assert "2 insiden" in shown
    assert "Konflik" in shown
    assert "[red]x[/red]" in shown
    assert not any(one in shown for one in "\x1b\x07\x9b\u202e")


@given(st.lists(st.sampled_from([*KEYS, ENTER, ESCAPE, *"subn?qxyz", "\x7f", "\x1b[A", ""]), max_size=60))
def test_no_keys_lead_out_of_the_codebook_or_lose_an_item(keys: list[str]) -> None:
    desk = Desk([item(number) for number in range(1, 6)])
    screen = arrived(Screen(), desk.next())
    for key in keys:
        screen, steps = press(screen, key)
        for step in steps:
            if step == Next():
                screen = arrived(screen, desk.next())
        cards = [*screen.past, *([screen.card] if screen.card else []), *screen.ahead]
        assert len({card.item.item_id for card in cards}) == len(cards)
        for card in cards:
            assert all(0 <= card.values[field] <= highest for field, highest in FIELDS.items())
        assert screen.answered == sum(card.kept for card in cards)
        assert drawn(screen)


def test_a_sitting_keeps_answers_in_order_with_new_keys() -> None:
    span = LabelSpan("fraud", TextField.TEXT, 0, 3)
    desk = Desk([item(1), item(2, start={"fraud": 1}, spans=(span,)), item(3)])
    answered, shown = at_the_desk(desk, ["5", "9", ENTER, ENTER, "s", "q", "5"])
    assert answered == 2
    assert [(one.item_id, one.values["fraud"], one.values["alert"]) for one in desk.given] == [(1, 1, 1), (2, 1, 0)]
    assert [list(one.spans) for one in desk.given] == [[], [span]]
    assert desk.skipped == [3]
    assert len({one.key for one in desk.given}) == 2
    assert all(one.seconds is not None and one.seconds > 0 for one in desk.given)
    assert "Judul 2" in shown


def test_a_sitting_takes_back_and_changes() -> None:
    desk = Desk([item(1), item(2)])
    assert at_the_desk(desk, ["5", ENTER, "u", "5", "6", ENTER, ENTER])[0] == 2
    assert [(one.item_id, one.values["fraud"], one.values["logistics"]) for one in desk.given] == [(1, 0, 1), (2, 0, 0)]


def test_what_the_desk_refuses_stays_on_the_screen() -> None:
    desk = Desk([item(1), item(2)])
    desk.refuse = {1}
    answered, shown = at_the_desk(desk, ["5", ENTER])
    assert (answered, desk.given, desk.waiting) == (0, [], [item(2)])
    assert "The item was changed. Look again." in shown
    desk = Desk([item(1), item(2)])
    desk.refuse = {1}
    assert at_the_desk(desk, ["5", ENTER, ENTER, ENTER])[0] == 2
    assert [(one.item_id, one.values["fraud"]) for one in desk.given] == [(1, 1), (2, 0)]


@pytest.mark.parametrize("keys", [[], ["q"], [ENTER, "u", "b", "s", "n", "?"]])
def test_a_desk_without_items_is_no_trouble(keys: list[str]) -> None:
    answered, shown = at_the_desk(Desk([]), keys)
    assert answered == 0
    assert "Nothing waits" in shown
