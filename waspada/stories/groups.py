"""Groups of labels whose events are counted together, as bits of `StoryPlaceRow.label_groups`."""

from __future__ import annotations

from collections.abc import Iterable

from waspada.taxonomy import Label

#: What draws on the same people and causes is one group: a busy week of floods makes no clash more or less expected.
LABEL_GROUPS: tuple[frozenset[Label], ...] = (
    frozenset({Label.CONFLICT, Label.POLARIZATION}),
    frozenset({Label.NEUTRALITY, Label.FRAUD, Label.LOGISTICS}),
    frozenset({Label.MISINFORMATION}),
    frozenset({Label.DISASTER}),
)


def group_bits(labels: Iterable[Label]) -> int:
    """The bits of the groups that these labels belong to; 0 for none (`election` is no event)."""
    found = frozenset(labels)
    return sum(1 << number for number, group in enumerate(LABEL_GROUPS) if found & group)
