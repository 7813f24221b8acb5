"""Tests of public posts work on the same desk as those of the collector."""

from tests.crawler.conftest import _warm_children, desk, desk_options

__all__ = ["_warm_children", "desk", "desk_options"]
