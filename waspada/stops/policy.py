"""Which sources a stop holds, and who may lift it. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from waspada.access.types import Role
from waspada.places import is_within
from waspada.stops.types import Stop

#: Who acts when the command line does: whoever may write the data folder, but nobody that signed in.
COMMAND_LINE = "cli"


def holds(stop: Stop, source_id: str, region: str | None) -> bool:
    """Whether a stop in force holds a source with this home region. A source of the whole country is in no region."""
    if not stop.in_force:
        return False
    if stop.is_whole:
        return True
    if stop.source_id is not None:
        return stop.source_id == source_id
    return region is not None and stop.region is not None and is_within(region, stop.region)


def held_by(stops: Iterable[Stop], source_id: str, region: str | None) -> Stop | None:
    """The first stop that holds a source, None when it may be asked."""
    return next((stop for stop in stops if holds(stop, source_id, region)), None)


def why_not_lifted(stop: Stop, actor: str) -> str | None:
    """Why `actor` may not lift this stop; None when they may.

    An auditor's stop needs a second pair of eyes: another account, signed in. The command line knows nobody.
    """
    if stop.role != Role.AUDITOR:
        return None
    if actor == COMMAND_LINE:
        return "The stop of an auditor is lifted by an account that signed in, not on the command line."
    if actor == stop.actor:
        return "The stop of an auditor is lifted by another account than the one that set it."
    return None
