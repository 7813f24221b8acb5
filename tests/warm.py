"""What programs of the product and of the tests import before they do anything. The fork server of the tests has it
ready (tests/forked.py), so that each of them is a process of its own and starts in a tenth of the time.

Nothing that belongs to one process may be in here: no reactor, no engine of a model, no open database.
"""

from __future__ import annotations

import gc
import sys
from importlib import import_module

# What Scrapy imports by name when a crawl starts. Never the reactor itself: it belongs to one process.
import twisted.internet.asyncioreactor  # noqa: F401
from sqlalchemy.orm import configure_mappers

import crawler.explorer
import crawler.filler
import crawler.guard
import crawler.polite
import crawler.posts.polls
import crawler.spider  # noqa: F401
from crawler.extraction import extract
from tests.crawler.badweb import article
from waspada.cli.main import PARTS
from waspada.places.names import name_index
from waspada.privacy.tagger import shipped
from waspada.store import open_url

#: Programs of the tests, with all that they import.
PROGRAMS = (
    "tests.drift.report_process",
    "tests.jobs.call_process",
    "tests.jobs.match_process",
    "tests.jobs.notify_process",
    "tests.jobs.topic_process",
    "tests.jobs.trained",
    "tests.jobs.worker_process",
    "tests.models.switch_process",
    "tests.models.training_process",
    "tests.stories.edit_process",
    "tests.subscriptions.digest_process",
)
#: What the product leaves until it is needed, or to one process alone.
NEVER = ("torch", "openvino", "twisted.internet.reactor")

for _part in PARTS:
    import_module(f"waspada.cli.{_part}")
for _program in PROGRAMS:
    import_module(_program)

# Libraries compile patterns and read tables at their first page, models at their first session, names at first use.
extract(article("Pompa baru tiba").encode(), "https://kabar.example/berita/pompa-baru-tiba")
configure_mappers()
open_url("sqlite://").close()
name_index()
shipped()

assert not set(NEVER) & set(sys.modules)
gc.freeze()  # children look through their own garbage only
