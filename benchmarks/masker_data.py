"""Name-tagged sentences for the tagger of persons: reading, splitting, and making more of them.

The two public sets are read where they lie (the folder that `WASPADA_DATA` names); nothing of them is kept here.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import masker_texts as texts
from benchmarks.shared import DATA
from waspada.errors import InputError
from waspada.privacy.tokens import tokenize

FILES = ("ner_idner_news_2k.jsonl", "ner_nergrit.jsonl")
NEWS_SENTENCES = 12_000  # drawn from the news that a first tagger read
SEED = 20_241_127  # the day of the Pilkada; it only has to stay the same
_KINDS = {"PER": "PER", "PERSON": "PER", "LOC": "LOC", "PLACE": "LOC", "ORG": "ORG", "ORGANISATION": "ORG"}
_GLUE_LEFT = frozenset(",.;:!?)]%”’")
_GLUE_RIGHT = frozenset("([“‘")


@dataclass(frozen=True, slots=True)
class Tagged:
    """A plain text with its entities as (start, end, kind) in code points; kind is PER, LOC or ORG."""

    text: str
    entities: tuple[tuple[int, int, str], ...]
    source: str


def data_folder() -> Path:
    """Where the third-party data lie; it need not exist."""
    return DATA


def missing_reason(folder: Path) -> str | None:
    """Why nothing can be run, or None when both files are there."""
    absent = [name for name in FILES if not (folder / "labelled" / name).is_file()]
    return f"{', '.join(absent)} not found under {folder / 'labelled'}; set WASPADA_DATA" if absent else None


def read_tagged(folder: Path) -> list[Tagged]:
    """All sentences of both sets, doubles (by normalised text) left out, in file order.

    Raises:
        InputError: a line is not of the layout that the sets have.
    """
    seen: set[str] = set()
    out: list[Tagged] = []
    for name in FILES:
        with (folder / "labelled" / name).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                try:
                    row = json.loads(line)
                    made = from_tokens(row["extra"]["tokens"], row["labels"]["bio"], name)
                except (ValueError, KeyError, TypeError) as error:
                    raise InputError(f"{name} line {number} is no name-tagged sentence: {error}.") from error
                group = group_of(made.text)
                if group not in seen:
                    seen.add(group)
                    out.append(made)
    return out


def group_of(text: str) -> str:
    """SHA-1 of the normalised text (lower case, runs of non-word characters to one space)."""
    return hashlib.sha1(re.sub(r"\W+", " ", text.lower()).strip().encode(), usedforsecurity=False).hexdigest()


def from_tokens(words: list[str], tags: list[str], source: str) -> Tagged:
    """Join white-space tokens the way people write, and carry the BIO tags over to offsets."""
    text = ""
    entities: list[tuple[int, int, str]] = []
    quoting = False
    for word, tag in zip(words, tags, strict=True):
        glued = not text or word[0] in _GLUE_LEFT or text[-1] in _GLUE_RIGHT or (word == '"' and quoting)
        glued = glued or (text[-1] == '"' and quoting)
        if word == '"':
            quoting = not quoting
        start = len(text) + (0 if glued else 1)
        text = f"{text}{word}" if glued else f"{text} {word}"
        if tag == "O":
            continue
        kind = _KINDS[tag[2:]]
        inner = [token for token in tokenize(word) if token.text[0].isalnum()]
        left, right = (inner[0].start, inner[-1].end) if inner else (0, len(word))
        if tag[0] == "I" and entities and entities[-1][2] == kind:
            entities[-1] = (entities[-1][0], start + right, kind)
        else:
            entities.append((start + left, start + right, kind))
    return Tagged(text, tuple(entities), source)


def split(rows: list[Tagged]) -> dict[str, list[Tagged]]:
    """train (70 %), dev (10 %) and test (20 %), by the hash of the normalised text and the fixed seed."""
    parts: dict[str, list[Tagged]] = {"train": [], "dev": [], "test": []}
    for row in rows:
        key = f"{SEED}:{group_of(row.text)}"
        bucket = int(hashlib.sha256(key.encode()).hexdigest()[:8], 16) % 100
        parts["test" if bucket < 20 else "dev" if bucket < 30 else "train"].append(row)
    return parts


def to_bio(row: Tagged) -> tuple[list[str], list[str]]:
    """The words of a text as the tagger cuts them, and one tag a word."""
    words: list[str] = []
    tags: list[str] = []
    previous: tuple[int, int, str] | None = None
    for token in tokenize(row.text):
        if token.text == "\n":
            continue
        inside = next((entity for entity in row.entities if entity[0] <= token.start < entity[1]), None)
        words.append(token.text)
        tags.append("O" if inside is None else f"{'I' if inside == previous else 'B'}-{inside[2]}")
        previous = inside
    return words, tags


def rewrite(row: Tagged, write: Callable[[str], str]) -> Tagged:
    """The same sentence written otherwise (`write` must keep the length); odd characters that change it stay."""
    text = "".join(new if len(new := write(char)) == 1 else char for char in row.text)
    return Tagged(text, row.entities, row.source)


def as_title(row: Tagged) -> Tagged:
    """The sentence as a headline: every word capital but the smallest."""
    small = {"di", "ke", "dari", "dan", "yang", "untuk", "pada", "dengan", "oleh"}
    text = row.text
    for token in tokenize(text):
        if token.text[0].isalpha() and token.text not in small:
            text = text[: token.start] + token.text[0].upper() + text[token.start + 1 :]
    return Tagged(text.rstrip("."), row.entities, row.source) if len(text) == len(row.text) else row


def made_up_name(rng: random.Random) -> str:
    """One to three common name parts, now and then with initials; nobody's name on purpose."""
    roll = rng.random()
    if roll < 0.3:
        return rng.choice(texts.GIVEN)
    if roll < 0.8:
        return f"{rng.choice(texts.GIVEN)} {rng.choice(texts.FAMILY)}"
    if roll < 0.9:
        return f"{rng.choice(texts.GIVEN)} {rng.choice(texts.GIVEN)} {rng.choice(texts.FAMILY)}"
    return (
        f"{rng.choice(['M.', 'H.', 'A.', 'Muh.', 'St.', 'Abd.'])} {rng.choice(texts.GIVEN)} {rng.choice(texts.FAMILY)}"
    )


def made_up_sentences(rng: random.Random, rounds: int) -> list[Tagged]:
    """Every sentence of `masker_texts`, filled anew in each round."""
    return [fill(sentence, rng) for _ in range(rounds) for sentence in texts.SENTENCES]


def fill(sentence: str, rng: random.Random) -> Tagged:
    """Fill the slots of one written sentence and note where the entities are."""
    makers: dict[str, tuple[Callable[[], str], str]] = {
        "p": (lambda: made_up_name(rng), "PER"),
        "g": (lambda: rng.choice(texts.GIVEN), "PER"),
        "i": (lambda: "".join(rng.choice("ABDFHJKLMNRSTUWYZ") for _ in range(rng.randint(1, 3))), "PER"),
        "l": (lambda: rng.choice(texts.PLACES), "LOC"),
        "o": (lambda: rng.choice(texts.ORGANISATIONS), "ORG"),
        "f": (lambda: rng.choice(texts.OFFICES), ""),
        "n": (lambda: str(rng.randint(7, 79)), ""),
    }
    text = ""
    entities: list[tuple[int, int, str]] = []
    for piece in re.split(r"(\{\w\})", sentence):
        if not piece.startswith("{"):
            text += piece
            continue
        make, kind = makers[piece[1]]
        value = make()
        if kind:
            entities.append((len(text), len(text) + len(value), kind))
        text += value
    return Tagged(
        text[0].upper() + text[1:] if sentence[0] == "{" and sentence[1] in "f" else text, tuple(entities), "own"
    )


def renamed(row: Tagged, make: Callable[[], str]) -> Tagged:
    """The same sentence with every person called otherwise."""
    text = ""
    last = 0
    entities: list[tuple[int, int, str]] = []
    for start, end, kind in row.entities:
        text += row.text[last:start]
        value = make() if kind == "PER" else row.text[start:end]
        entities.append((len(text), len(text) + len(value), kind))
        text += value
        last = end
    return Tagged(text + row.text[last:], tuple(entities), row.source)


def enlarged(rows: Iterable[Tagged], seed: int = SEED) -> list[Tagged]:
    """Training sentences and their variants: headline, capitals, small letters, other names, names already masked."""
    rng = random.Random(seed)
    plain = [*rows, *made_up_sentences(rng, 5)]
    out = list(plain)
    for first in plain:
        named = any(kind == "PER" for _, _, kind in first.entities)
        row = first
        if named:
            row = rng.choice((first, renamed(first, lambda: made_up_name(rng))))
            out.append(renamed(first, lambda: made_up_name(rng)))
        roll = rng.random()
        if roll < 0.25:
            out.append(as_title(row))
        elif roll < 0.45:
            out.append(rewrite(row, str.lower))
        elif roll < 0.55:
            out.append(rewrite(row, str.upper))
        elif named and roll < 0.7:
            out.append(renamed(row, lambda: "[nama]"))
    return out


def from_news(sure: list[tuple[list[str], list[int]]], tags: Sequence[str], seed: int = SEED) -> list[Tagged]:
    """Sentences that a first tagger was sure of, drawn and written otherwise: it knows them plain, the next one shall
    know them as headlines, in small letters and in capitals too."""
    rng = random.Random(seed)
    named = [pair for pair in sure if 1 in pair[1]]
    others = [pair for pair in sure if 1 not in pair[1]]
    drawn = rng.sample(named, min(len(named), NEWS_SENTENCES * 2 // 3))
    drawn += rng.sample(others, min(len(others), NEWS_SENTENCES // 3))
    out: list[Tagged] = []
    for words, numbers in drawn:
        row = from_tokens(words, [tags[number] for number in numbers], "news")
        roll = rng.random()
        if roll < 0.25:
            out.append(row)
        else:
            out.append(as_title(row) if roll < 0.5 else rewrite(row, str.lower if roll < 0.8 else str.upper))
    return out
