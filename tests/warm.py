"""What a collector imports and reads before its first request. The fork server of the tests has it ready, so that each
crawl of a test is a process of its own, with its own reactor and connections, and starts in a tenth of the time."""

from __future__ import annotations

import sys

# What Scrapy imports by name when a crawl starts. Never the reactor itself: it belongs to one process.
import twisted.internet.asyncioreactor  # noqa: F401

import crawler.explorer
import crawler.filler
import crawler.guard
import crawler.polite
import crawler.posts.polls
import crawler.spider  # noqa: F401
from crawler.extraction import extract
from tests.crawler.badweb import article
from waspada.store import open_url

# Libraries compile patterns and read tables at their first page, and models at their first session.
extract(article("Pompa baru tiba").encode(), "https://kabar.example/berita/pompa-baru-tiba")
open_url("sqlite://").close()

assert "twisted.internet.reactor" not in sys.modules
