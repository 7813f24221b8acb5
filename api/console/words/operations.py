"""Words for the machine."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.processes.types import Life, ProcessRole

PROCESS_ROLES: dict[str, str] = {
    ProcessRole.COLLECTOR: N_("Collector"),
    ProcessRole.STREAM: N_("Reader of streams"),
    ProcessRole.WORKER: N_("Worker"),
    ProcessRole.API: N_("Console and API"),
}
LIVES: dict[str, str] = {
    Life.ALIVE: N_("alive"),
    Life.STUCK: N_("does not go on"),
    Life.SILENT: N_("silent"),
}
CHECKS: dict[str, str] = {
    "database": N_("Database"),
    "migrations": N_("Tables of this version"),
    "collector": N_("Collector"),
    "worker": N_("Worker"),
    "model": N_("Model"),
}
QUEUES: dict[str, str] = {
    "pages": N_("Pages to fetch"),
    "to_tag": N_("Items to tag"),
    "to_group": N_("Items to group"),
    "to_match": N_("Items to match with fact-checks"),
    "to_topics": N_("Items to compare with topics"),
    "stories": N_("Stories to rank"),
    "deliveries": N_("Messages to send"),
    "deliveries_late": N_("Messages that are late"),
    "deliveries_failed": N_("Messages given up today"),
    "rejects": N_("Kept aside with a problem"),
}
