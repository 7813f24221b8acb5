"""A tiny encoder model: in memory, on disk, and as a tagger."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from nlp.encoder.folder import EncoderFolder, write_encoder_folder
from nlp.encoder.tagger import EncoderTagger
from tests.nlp.encoder.tiny import tiny_folder


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    """Networks this small lose far more to waiting for a second thread than they gain: seventy times on busy cores."""
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny() -> EncoderFolder:
    return tiny_folder()


@pytest.fixture(scope="session")
def written(tiny: EncoderFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model on disk; read it, change nothing."""
    path = tmp_path_factory.mktemp("encoder") / "tiny"
    write_encoder_folder(path, tiny, {"seed": 5}, "# card\n")
    return path


@pytest.fixture
def copy(written: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(written, tmp_path / "model"))


@pytest.fixture(scope="session")
def encoder_tagger(tiny: EncoderFolder) -> EncoderTagger:
    return EncoderTagger(tiny, threads=1)
