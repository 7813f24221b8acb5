"""Records of labels for tests: any that a file may hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from hypothesis import strategies as st

from waspada.labels.codebook import nothing
from waspada.labels.types import BadRecord, LabelRecord, LabelSpan
from waspada.taxonomy import FIELDS, FOUND_KINDS, TextField

AT = datetime(2024, 11, 27, 3, 5, tzinfo=UTC)
PEOPLE = "👨‍👩‍👧 Warga 🚒 berlari.\r\nApi 🔥 padam."
BLAZE = LabelRecord(
    id="k-9", values=nothing() | {"disaster": 1, "alert": 2}, title="Kebakaran di Kuin", text=PEOPLE,
    spans=(
        LabelSpan("alert", TextField.TITLE, 0, 9),
        LabelSpan("disaster", TextField.TEXT, PEOPLE.index("Api"), len(PEOPLE)),
    ),
    note="ragu 🤔", actor="ani", codebook="1.1", at=AT,
)  # fmt: skip

_texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
_names = _texts.map(lambda text: text[:30])
_moments = st.none() | st.datetimes(datetime(2000, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))
values_of = st.fixed_dictionaries({name: st.integers(0, highest) for name, highest in FIELDS.items()})


@st.composite
def _spans(draw: st.DrawFn, record: LabelRecord) -> tuple[LabelSpan, ...]:
    marked = [name for name, value in record.values.items() if value]
    found = []
    for field in TextField:
        length = len(record.content(field))
        for _ in range(draw(st.integers(0, 3)) if marked and length else 0):
            start = draw(st.integers(0, length - 1))
            found.append(LabelSpan(draw(st.sampled_from(marked)), field, start, draw(st.integers(start + 1, length))))
    return tuple(found)


@st.composite
def answers_of_an_item(draw: st.DrawFn, item_id: str) -> list[LabelRecord]:
    item = LabelRecord(
        id=item_id,
        values={},
        title=draw(_texts),
        text=draw(_texts.filter(lambda text: bool(text.strip()))),
        kind=draw(st.sampled_from(FOUND_KINDS)),
        url=draw(_names),
        outlet=draw(_names),
        published_at=draw(_moments),
        proposed=draw(st.none() | values_of),
    )
    found = []
    for actor in draw(st.lists(_names, min_size=1, max_size=3, unique=True)):
        one = replace(item, values=draw(values_of), actor=actor, note=draw(_texts), at=draw(_moments), codebook="1.1")
        found.append(replace(one, spans=draw(_spans(one))))
    return found


@st.composite
def files(draw: st.DrawFn) -> list[LabelRecord]:
    """Answers of a few items, those of one item together."""
    ids = draw(st.lists(_names.filter(lambda text: bool(text.strip())), max_size=4, unique=True))
    return [record for one in ids for record in draw(answers_of_an_item(one))]


def as_bytes(pieces: Iterable[str], size: int = 64) -> list[bytes]:
    """The bytes of a file in chunks that end anywhere."""
    raw = "".join(pieces).encode("utf-8")
    return [raw[begin : begin + size] for begin in range(0, len(raw), size)]


def good(read: Iterable[LabelRecord | BadRecord]) -> list[LabelRecord]:
    found = list(read)
    assert [one for one in found if isinstance(one, BadRecord)] == []
    return [one for one in found if isinstance(one, LabelRecord)]


def bad(read: Iterable[LabelRecord | BadRecord]) -> list[BadRecord]:
    return [one for one in read if isinstance(one, BadRecord)]


def without_proposals(records: Sequence[LabelRecord]) -> list[LabelRecord]:
    return [replace(one, proposed=None) for one in records]
