"""What is read of an item: the title, then the sentences of the first characters of its text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nlp.sentences import Span, split_sentences
from waspada.banjar.reading import in_indonesian
from waspada.spelling import plain_spelling
from waspada.taxonomy import ItemText, TextField

_MAX_TITLE_CHARS = 400


@dataclass(frozen=True, slots=True)
class Segment:
    """The title or one sentence of the text, as offsets into the field as it was given."""

    field: TextField
    span: Span

    def of(self, item: ItemText) -> str:
        """The words of the segment."""
        source = item.title if self.field is TextField.TITLE else item.text
        return source[self.span.start : self.span.end]


def segments_of(item: ItemText, lead_chars: int) -> list[Segment]:
    """Segments in reading order, none of them empty; `lead_chars` code points of the text are read."""
    title = [Segment(TextField.TITLE, span) for span in _whole(item.title[:_MAX_TITLE_CHARS])]
    return title + [Segment(TextField.TEXT, span) for span in split_sentences(item.text, lead_chars)]


def words_read(
    item: ItemText, segments: Sequence[Segment], *, spelled_out: bool = True, from_banjar: bool = False
) -> list[str]:
    """What a model reads of each segment: disguised words spelled out, a Banjarese item in Indonesian words."""
    texts = [segment.of(item) for segment in segments]
    if spelled_out:
        texts = [plain_spelling(text) for text in texts]
    return in_indonesian(texts) if from_banjar else texts


def _whole(text: str) -> list[Span]:
    stripped = text.strip()
    start = len(text) - len(text.lstrip())
    return [Span(start, start + len(stripped))] if stripped else []
