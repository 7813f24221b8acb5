"""The labelling screen of the terminal, without a terminal: keys in, a new state and what to send out. Pure.

`press` takes a key and returns the next state with the steps that the caller must take; a step that brings an item
comes back through `arrived` or `taken_back`, one that failed through `failed`. `drawn` says what stands on the screen.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rich.text import Text

from waspada.labels.codebook import KEYS, LEVELS, nothing, pressed
from waspada.labels.policy import MAX_NOTE
from waspada.labels.types import DeskItem
from waspada.taxonomy import FIELDS

ENTER, ESCAPE = "\r", "\x1b"
_ENTERS, _BACKSPACES = ("\r", "\n"), ("\x7f", "\b")
#: So many items can be gone back to.
_MOST_PAST = 50
_HELP = "0-9 set   Enter keep   s skip   u undo   b back   n note   ? rule   q quit"
#: Keys that mean the same with an item on the screen and without.
_ALWAYS = ("q", "u", "b", "?")
_KEYS_OF = {name: key for key, name in KEYS.items()}


class Mode(StrEnum):
    """What a key means just now."""

    LABEL = "label"
    NOTE = "note"  # it is written into the note
    ASK = "ask"  # the next digit asks for a rule
    RULE = "rule"  # a rule is shown; any key goes back


@dataclass(frozen=True, slots=True)
class Card:
    """An item with the values and the note it has on the screen; `kept` once they were sent."""

    item: DeskItem
    values: Mapping[str, int]
    note: str = ""
    kept: bool = False


@dataclass(frozen=True, slots=True)
class Screen:
    """What is on the screen: the card, those answered before it, newest last, and those to come after it, next first.

    `card` is None while nothing waits. `answered` counts the answers of this sitting.
    """

    card: Card | None = None
    past: tuple[Card, ...] = ()
    ahead: tuple[Card, ...] = ()
    mode: Mode = Mode.LABEL
    draft: str = ""
    rule: str = ""
    message: str = ""
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Keep:
    """Send this answer."""

    card: Card


@dataclass(frozen=True, slots=True)
class Skip:
    """Leave this item to others."""

    item_id: int


@dataclass(frozen=True, slots=True)
class Undo:
    """Take the last answer back; its item comes back through `taken_back`."""


@dataclass(frozen=True, slots=True)
class Next:
    """Ask for an item; it comes through `arrived`."""


@dataclass(frozen=True, slots=True)
class Quit:
    """Leave."""


Step = Keep | Skip | Undo | Next | Quit


@dataclass(frozen=True, slots=True)
class Words:
    """What the screen says: names and rules of the fields, and names of their values from 0, in the reader's
    language."""

    names: Mapping[str, str] = field(default_factory=lambda: {name: name for name in FIELDS})
    rules: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Sequence[str]] = field(default_factory=dict)


def press(screen: Screen, key: str) -> tuple[Screen, tuple[Step, ...]]:
    """The state after a key, and what is to be done. A key that means nothing changes nothing."""
    screen = replace(screen, message="")
    if screen.mode is Mode.NOTE:
        return _write(screen, key), ()
    if screen.mode is Mode.ASK:
        return _ask(screen, key), ()
    if screen.mode is Mode.RULE:
        return replace(screen, mode=Mode.LABEL, rule=""), ()
    if key in _ALWAYS or screen.card is None:
        return _without_card(screen, key)
    return _on_card(screen, screen.card, key)


def arrived(screen: Screen, item: DeskItem | None) -> Screen:
    """An item came, or None: nothing waits."""
    if item is None:
        return replace(screen, message="Nothing waits. Enter asks again.")
    return replace(screen, card=_fresh(item))


def taken_back(screen: Screen, item: DeskItem | None) -> Screen:
    """The last answer was taken back, and this is its item; None: there was none."""
    if item is None:
        return replace(screen, message="There is no answer to take back.")
    others = [card for card in _later(screen) if card.item.item_id != item.item_id]
    return replace(
        screen,
        card=_fresh(item),
        past=tuple(card for card in screen.past if card.item.item_id != item.item_id),
        ahead=tuple(others),
        answered=max(0, screen.answered - 1),
        message="Taken back.",
    )


def failed(screen: Screen, card: Card | None, why: str) -> Screen:
    """A step did not go through. The card that was to be kept stands on the screen again, as it was."""
    if card is None:
        return replace(screen, message=why)
    before = [one for one in screen.past if one.item.item_id != card.item.item_id]
    later = [one for one in _later(screen) if one.item.item_id != card.item.item_id]
    return replace(
        screen,
        card=card,
        past=tuple(before),
        ahead=tuple(later),
        answered=screen.answered - (not card.kept and len(before) < len(screen.past)),
        message=why,
    )


def drawn(screen: Screen, words: Words | None = None) -> list[Text]:
    """The lines of the screen, to be wrapped by whoever prints them."""
    words = words or Words()
    lines = list(_content(screen.card)) if screen.card else []
    if screen.mode is Mode.RULE:
        lines += [Text(words.names[screen.rule], style="bold"), Text(words.rules.get(screen.rule, ""))]
    elif screen.mode is Mode.ASK:
        lines.append(Text("Rule of which field? 0-9, any other key goes back"))
    elif screen.card:
        lines += _values(screen.card, words)
    if screen.mode is Mode.NOTE:
        lines.append(Text(f"Note: {_safe(screen.draft)}_   (Enter keeps it, Esc leaves it as it was)"))
    elif screen.card and screen.card.note:
        lines.append(Text(f"Note: {_safe(screen.card.note)}"))
    if screen.message:
        lines.append(Text(_safe(screen.message), style="yellow"))
    return [*lines, Text(f"{_HELP}   ({screen.answered} answered)", style="dim")]


def _without_card(screen: Screen, key: str) -> tuple[Screen, tuple[Step, ...]]:
    """Keys that need no card."""
    if key == "b":
        return _back(screen), ()
    if key == "?":
        return replace(screen, mode=Mode.ASK), ()
    steps: dict[str, Step] = {"q": Quit(), "u": Undo(), **dict.fromkeys(_ENTERS, Next())}
    return screen, (steps[key],) if key in steps else ()


def _on_card(screen: Screen, card: Card, key: str) -> tuple[Screen, tuple[Step, ...]]:
    if key in KEYS:
        return replace(screen, card=replace(card, values=pressed(card.values, key))), ()
    if key == "n":
        return replace(screen, mode=Mode.NOTE, draft=card.note), ()
    if key == "s":
        return _leave(screen, card)
    if key in _ENTERS:
        return _keep(screen, card)
    return screen, ()


def _keep(screen: Screen, card: Card) -> tuple[Screen, tuple[Step, ...]]:
    kept = replace(card, kept=True)
    moved = _forward(
        replace(screen, past=(*screen.past, kept)[-_MOST_PAST:], answered=screen.answered + (not card.kept))
    )
    return moved, (Keep(card), *_wanted(moved))


def _leave(screen: Screen, card: Card) -> tuple[Screen, tuple[Step, ...]]:
    """An item that was answered already keeps its answer: only a new one is left to others."""
    if card.kept:
        moved = _forward(replace(screen, past=(*screen.past, card)))
        return moved, _wanted(moved)
    moved = _forward(screen)
    return moved, (Skip(card.item.item_id), *_wanted(moved))


def _forward(screen: Screen) -> Screen:
    return replace(screen, card=screen.ahead[0] if screen.ahead else None, ahead=screen.ahead[1:])


def _wanted(screen: Screen) -> tuple[Step, ...]:
    return () if screen.card else (Next(),)


def _back(screen: Screen) -> Screen:
    if not screen.past:
        return replace(screen, message="There is nothing before this one.")
    return replace(screen, card=screen.past[-1], past=screen.past[:-1], ahead=_later(screen))


def _later(screen: Screen) -> tuple[Card, ...]:
    """What comes after a card that is put before the present one."""
    return (screen.card, *screen.ahead) if screen.card else screen.ahead


def _write(screen: Screen, key: str) -> Screen:
    if key in _ENTERS and screen.card:
        card = replace(screen.card, note=screen.draft.strip())
        return replace(screen, card=card, mode=Mode.LABEL, draft="")
    if key == ESCAPE:
        return replace(screen, mode=Mode.LABEL, draft="")
    if key in _BACKSPACES:
        return replace(screen, draft=screen.draft[:-1])
    if not key.isprintable():
        return screen
    return replace(screen, draft=(screen.draft + key)[:MAX_NOTE])


def _ask(screen: Screen, key: str) -> Screen:
    if key not in KEYS:
        return replace(screen, mode=Mode.LABEL)
    return replace(screen, mode=Mode.RULE, rule=KEYS[key])


def _fresh(item: DeskItem) -> Card:
    return Card(item, nothing() | dict(item.start or {}), item.note)


def _content(card: Card) -> Iterator[Text]:
    item = card.item
    about = "   ".join(_safe(one) for one in (item.why, item.about) if one)
    if about:
        yield Text(about, style="dim")
    if item.title:
        yield Text(_safe(item.title), style="bold")
    if item.text:
        yield Text(_safe(item.text, keep="\n"))
    yield Text("")


def _values(card: Card, words: Words) -> Iterator[Text]:
    width = max(len(name) for name in words.names.values())
    for name in KEYS.values():
        value = card.values[name]
        called = words.values.get(name, ())[value : value + 1]
        shown = str(value) if value or name in LEVELS else "-"
        line = "  ".join([f"{_KEYS_OF[name]}  {words.names[name]:<{width}}", " ".join([shown, *called])])
        yield Text(line, style="bold" if value else "")


def _safe(text: str, keep: str = "") -> str:
    """The text without what would move the cursor or turn the writing round: it comes from the open web."""
    return "".join(one if one in keep or unicodedata.category(one) not in _ODD else " " for one in text)


#: Control characters, marks of direction and the like, lone surrogates, ends of line and paragraph.
_ODD = ("Cc", "Cf", "Cs", "Zl", "Zp")
