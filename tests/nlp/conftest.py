"""A tagger for the tests: the shipped one, loaded once; and small labelled rows of our own."""

from __future__ import annotations

import pytest

import nlp
from nlp.tagger import BaselineTagger


@pytest.fixture(scope="session")
def tagger() -> BaselineTagger:
    return nlp.load()
