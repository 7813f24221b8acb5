"""The codebook as the labelling desk needs it: its version, and which key sets what. Its rules stand in
docs/codebook.md."""

from __future__ import annotations

from collections.abc import Mapping

#: Stamped on every label.
VERSION = "1.1"
#: Digit -> field. Pressed again a field goes one value up, and after its highest back to 0.
KEYS: Mapping[str, str] = {
    "1": "conflict",
    "2": "polarization",
    "3": "neutrality",
    "4": "misinformation",
    "5": "fraud",
    "6": "logistics",
    "7": "disaster",
    "8": "election",
    "9": "alert",
    "0": "foreign",
}
