"""One message in the form of each channel. Pure: what it is given was masked before, and is sent as it is."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from waspada.notify.messages import Channel

MAX_SUBJECT_CHARS = 140
#: Telegram takes 4096 characters, a push service 4096 bytes of ciphertext with its own 103 around it.
MAX_TELEGRAM_CHARS = 3800
MAX_PUSH_BYTES = 3000
_MAX_PUSH_BODY_CHARS = 600
_CUT = "…"
#: An address within words of others: nobody is led away from here by a headline.
_ADDRESS = re.compile(r"(?:[a-z][a-z0-9+.-]*://|www\.|mailto:|tg:)\S+|\b(?:[a-z0-9-]+\.)+[a-z]{2,}/\S*", re.IGNORECASE)
_ADDRESS_WORD = "(tautan)"


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Note:
    """A message before it has a form: one line of subject, paragraphs of lines, links, and what stands at the end.

    `tag` is the same for messages of which a newer one replaces an older one on a screen; `stream` names what they
    belong to (a desk), for filters of mail programs. The first link is the one that a push message opens.
    """

    subject: str
    paragraphs: Sequence[Sequence[str]]
    links: Sequence[Link] = ()
    foot: Sequence[str] = ()
    tag: str = ""
    stream: str = "waspada"


def rendered(note: Note, channel: Channel) -> Mapping[str, Any]:
    """The body of a delivery. `words` is what a page says that shows the message again: the same without its links."""
    if channel is Channel.MAIL:
        return {
            "subject": one_line(note.subject, MAX_SUBJECT_CHARS),
            "text": _text(note),
            "html": _html(note),
            "words": _words(note),
            "stream": note.stream,
        }
    if channel is Channel.TELEGRAM:
        buttons = [[link.label, link.url] for link in note.links if link.url.startswith("https://")]
        words = _cut(_words(note), _telegram_room(note))
        return {"text": _telegram(note, words), "buttons": buttons, "words": words}
    return _push(note)


def quoted(text: str, limit: int) -> str:
    """Words of others on one line, without addresses that a mail program would make links of, and not too long."""
    return one_line(_ADDRESS.sub(_ADDRESS_WORD, text), limit)


def one_line(text: str, limit: int) -> str:
    plain = " ".join("".join(" " if unicodedata.category(c)[0] in "CZ" else c for c in text).split())
    return plain if len(plain) <= limit else plain[: limit - 1].rstrip() + _CUT


def _text(note: Note) -> str:
    blocks = ["\n".join(paragraph) for paragraph in note.paragraphs]
    blocks += [f"{link.label}:\n{link.url}" for link in note.links]
    if note.foot:
        blocks.append("-- \n" + "\n".join(note.foot))
    return "\n\n".join(blocks) + "\n"


def _html(note: Note) -> str:
    blocks = ["<br>".join(html.escape(line) for line in paragraph) for paragraph in note.paragraphs]
    blocks += [f'<a href="{html.escape(link.url)}">{html.escape(link.label)}</a>' for link in note.links]
    blocks += ["<small>" + "<br>".join(html.escape(line) for line in note.foot) + "</small>"] if note.foot else []
    body = "".join(f"<p>{block}</p>" for block in blocks)
    return f'<!doctype html><html lang="id"><head><meta charset="utf-8"></head><body>{body}</body></html>'


def _words(note: Note) -> str:
    return "\n\n".join("\n".join(paragraph) for paragraph in note.paragraphs)


def _telegram(note: Note, words: str) -> str:
    """The subject is a mail's; here it is the first line. Links are kept whole where the words must be cut."""
    links, foot = _telegram_end(note)
    return "\n\n".join(block for block in (note.subject, words, links, foot) if block)


def _telegram_room(note: Note) -> int:
    return MAX_TELEGRAM_CHARS - len(note.subject) - sum(len(block) + 2 for block in _telegram_end(note)) - 2


def _telegram_end(note: Note) -> tuple[str, str]:
    return "\n".join(f"{link.label}: {link.url}" for link in note.links), "\n".join(note.foot)


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: max(0, room - 1)].rstrip() + _CUT


def _push(note: Note) -> Mapping[str, Any]:
    body = "\n".join(line for paragraph in note.paragraphs for line in paragraph)
    if len(body) > _MAX_PUSH_BODY_CHARS:
        body = body[: _MAX_PUSH_BODY_CHARS - 1].rstrip() + _CUT
    while len(body.encode()) > MAX_PUSH_BYTES // 2:
        body = body[: len(body) * 3 // 4].rstrip() + _CUT
    return {
        "title": one_line(note.subject, MAX_SUBJECT_CHARS),
        "body": body,
        "url": note.links[0].url if note.links else "",
        "tag": note.tag,
    }
