"""`waspada run`, allowed to fetch from the loopback servers of a test. The command itself has no such exception.

    python -m tests.e2e.service DATA PIDS PORT MAX_DELAY_SECONDS HOST:PORT...

Built of the same parts in the same order. PIDS is a file that always holds the names and pids of the living children as
JSON. MAX_DELAY_SECONDS bounds the pause before a restart, so that a campaign of many kills ends within the hour.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from pathlib import Path
from threading import Thread

from waspada.cli import supervisor as supervisor_module
from waspada.cli.processes import address, children, listen
from waspada.cli.serve_commands import announce, say
from waspada.cli.supervisor import ChildSpec, Supervisor
from waspada.jobs.lock import data_dir_lock
from waspada.settings import Settings, load_settings, prepare_data_dir
from waspada.store import open_store

_FAST = {"domain_delay_seconds": 0.0, "tick_seconds": 0.2}


def main(data: Path, pids: Path, port: int, max_delay_seconds: float, allowed: frozenset[str]) -> None:
    supervisor_module.MAX_DELAY_SECONDS = max_delay_seconds
    settings = load_settings(data_dir=data, port=port)
    prepare_data_dir(settings)
    with data_dir_lock(settings.data_dir):
        listener = listen(settings)
        store = open_store(settings)
        announce(store, settings, address(listener))
        store.close()
        specs = [_fast(spec, settings) for spec in children(settings, listener, allowed)]
        supervisor = Supervisor(specs, say)
        Thread(target=_report, args=(supervisor, pids), daemon=True).start()
        supervisor.run()
        listener.close()
    say("stopped")


def _fast(spec: ChildSpec, settings: Settings) -> ChildSpec:
    return replace(spec, options={**spec.options, **_FAST}) if spec.name == "collector" else spec


def _report(supervisor: Supervisor, file: Path) -> None:
    draft = file.with_suffix(".draft")
    while True:
        draft.write_text(json.dumps(supervisor.pids()))
        draft.rename(file)
        time.sleep(0.05)


if __name__ == "__main__":
    folder, pids_file, port_number, delay, *hosts = sys.argv[1:]
    main(Path(folder), Path(pids_file), int(port_number), float(delay), frozenset(hosts))
