"""What is known of an outlet that a JSONL line names: taken from the source list that the settings name."""

from __future__ import annotations

from waspada.jobs.replay import Outlet
from waspada.settings import Settings
from waspada.sources.service import RELIABILITY, read_default_sources, role_of


def outlets_by_name(settings: Settings) -> dict[str, Outlet]:
    """Home region, role and reliability by lower-cased name of outlet and source; the first mention counts."""
    known: dict[str, Outlet] = {}
    for source in read_default_sources(settings.sources_file):
        role = role_of(source)
        outlet = Outlet(home=source.region, role=role, reliability=RELIABILITY[role][source.tier])
        for name in (source.outlet, source.name):
            if name:
                known.setdefault(name.strip().lower(), outlet)
    return known
