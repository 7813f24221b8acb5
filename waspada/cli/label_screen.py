"""Sitting at the labelling screen: keys from the terminal, steps to the desk, lines back on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from uuid import uuid4

import typer
from rich.console import Console

from waspada.errors import WaspadaError
from waspada.labels import screen as screens
from waspada.labels.screen import Card, Keep, Next, Quit, Screen, Skip, Step, Undo, Words
from waspada.labels.types import Given, LabelDesk


def sit(
    desk: LabelDesk,
    keys: Iterable[str],
    console: Console,
    words: Words | None = None,
    clock: Callable[[], float] = monotonic,
) -> int:
    """Shows items and sends what is said of them, until `q` or the end of `keys`. Returns how many were answered.

    What the desk refuses (WaspadaError) stands on the screen, with the answer as it was. `clock` gives seconds.
    """
    sitting = _Sitting(desk, clock)
    sitting.take((Next(),))
    _show(console, sitting.screen, words)
    for key in keys:
        if not sitting.press(key):
            break
        _show(console, sitting.screen, words)
    return sitting.screen.answered


def keys_of_terminal() -> Iterator[str]:
    """Keys as they are pressed, until the input ends. Arrow keys and the like come as one string, fast typing apart."""
    while True:
        try:
            typed = typer.getchar()
        except (EOFError, KeyboardInterrupt):
            return
        yield from [typed] if typed.startswith(screens.ESCAPE) else typed


class _Sitting:
    def __init__(self, desk: LabelDesk, clock: Callable[[], float]) -> None:
        self.screen = Screen()
        self._desk, self._clock = desk, clock
        self._since = clock()

    def press(self, key: str) -> bool:
        """Takes a key; False when it was the last."""
        before = self.screen.card
        self.screen, steps = screens.press(self.screen, key)
        if Quit() in steps:
            return False
        self.take(steps)
        if self.screen.card is None or before is None or self.screen.card.item.item_id != before.item.item_id:
            self._since = self._clock()
        return True

    def take(self, steps: Iterable[Step]) -> None:
        """Goes on to the next step only where the one before went through."""
        for step in steps:
            try:
                self._take(step)
            except WaspadaError as error:
                self.screen = screens.failed(self.screen, step.card if isinstance(step, Keep) else None, str(error))
                return

    def _take(self, step: Step) -> None:
        if isinstance(step, Keep):
            self._desk.answer(self._given(step.card))
        elif isinstance(step, Skip):
            self._desk.skip(step.item_id)
        elif isinstance(step, Undo):
            self.screen = screens.taken_back(self.screen, self._desk.undo())
        elif isinstance(step, Next):
            self.screen = screens.arrived(self.screen, self._desk.next())

    def _given(self, card: Card) -> Given:
        return Given(
            key=uuid4().hex,
            item_id=card.item.item_id,
            version=card.item.version,
            values=card.values,
            spans=[span for span in card.item.spans if card.values[span.label]],
            note=card.note,
            seconds=self._clock() - self._since,
        )


def _show(console: Console, screen: Screen, words: Words | None) -> None:
    console.clear()
    for line in screens.drawn(screen, words):
        console.print(line)
