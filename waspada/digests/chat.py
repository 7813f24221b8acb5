"""A content as a message to Telegram or WhatsApp: plain, and no longer than one message. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from waspada.digests.types import Content, Entry, Section

#: Telegram takes 4,096 and counts in UTF-16; what is over is another message, without a beginning.
MOST_CHARACTERS = 3_800
_LEAST_LINES = 3


def written(content: Content, base_url: str, ways: Sequence[tuple[str, str]] = ()) -> str:
    """The message. Entries go from the end, then lines, until it fits; it says how many of both are left out. Where
    even that is too long its text is cut, never that and the reader's own links."""
    entries = len(content.entries)
    lines = max((len(section.lines) for section in content.sections), default=0)
    for shown, most in [
        *((count, lines) for count in range(entries, min(entries, _LEAST_LINES), -1)),
        *((min(entries, _LEAST_LINES), count) for count in range(lines, 0, -1)),
        *((count, 0) for count in range(min(entries, _LEAST_LINES), -1, -1)),
    ]:
        text = _message(content, base_url, ways, shown, most)
        if length(text) <= MOST_CHARACTERS:
            return text
    left_out = _left_out(content, 0, 0)
    end = "\n\n".join(["…", *([left_out] if left_out else []), *_links(ways)]) + "\n"
    return _cut(_message(content, base_url, (), 0, 0), MOST_CHARACTERS - length(end)) + end


def length(text: str) -> int:
    """How long a message is to those who count in UTF-16."""
    return len(text.encode("utf-16-le", errors="replace")) // 2


def _cut(text: str, most: int) -> str:
    return text.encode("utf-16-le", errors="replace")[: 2 * max(0, most)].decode("utf-16-le", errors="ignore")


def _links(ways: Sequence[tuple[str, str]]) -> list[str]:
    return [f"{words}: {url}" for words, url in ways]


def _left_out(content: Content, shown: int, most: int) -> str:
    """How many entries and lines are not told; "" where all are."""
    lines = sum(max(0, len(section.lines) - most) for section in content.sections)
    count = len(content.entries) - shown + lines
    return content.words["left_out"].format(count=count) if count else ""


def _message(content: Content, base_url: str, ways: Sequence[tuple[str, str]], shown: int, most: int) -> str:
    left_out = _left_out(content, shown, most)
    parts = ["\n".join(part for part in (content.title.upper(), content.scope, content.choice) if part)]
    parts += content.notices
    parts += [part for part in (content.opening, content.empty) if part]
    first = 1
    for section in content.sections:
        told = _section(section, base_url, first, shown, most, content.words["claim"])
        first += min(shown, len(section.entries))
        shown -= min(shown, len(section.entries))
        parts += [told] if told else []
    if left_out:
        parts.append(left_out)
    if content.erased:
        parts.append(content.words["erased"].format(count=content.erased))
    parts += [part for part in (content.closing, content.signature) if part]
    parts += _links(ways)
    return "\n\n".join(parts) + "\n"


def _section(section: Section, base_url: str, first: int, shown: int, most: int, claim: str) -> str:
    entries = [_entry(number, one, base_url, claim) for number, one in enumerate(section.entries[:shown], first)]
    lines = "\n".join(f"- {line.text}" for line in section.lines[:most])
    told = [*entries, *([lines] if lines else [])]
    return "\n\n".join([section.title.upper(), *told]) if told else ""


def _entry(number: int, entry: Entry, base_url: str, claim: str) -> str:
    rows = [
        f"{number}. {entry.headline}",
        entry.facts,
        " | ".join(part for part in (entry.where, entry.outlets) if part),
        f"“{entry.quote}”" if entry.quote else "",
        f"{claim}: {entry.claim}" if entry.claim else "",
        f"{base_url}{entry.path}",
    ]
    return "\n".join(row for row in rows if row)
