"""The baseline tagger for the tests, loaded once."""

from __future__ import annotations

from pathlib import Path

import pytest

import nlp
from nlp.model_folder import read_folder
from nlp.tagger import BaselineTagger

MODELS = Path(__file__).resolve().parents[2] / "models"


@pytest.fixture(scope="session")
def tagger() -> BaselineTagger:
    return BaselineTagger(read_folder(MODELS / nlp.BASELINE))
