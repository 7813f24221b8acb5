"""What axe-core (Deque, MPL 2.0) finds on a page that is open in a browser."""

from __future__ import annotations

import json
from typing import Any


def barriers(tab: Any, *rules: str) -> list[dict[str, Any]]:
    """The violations of all rules that axe-core applies by default, or of the named rules or tags.

    Only violations leave the browser: to bring out what passed takes as long as to look.
    """
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]

    options: dict[str, Any] = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    tab.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = tab.evaluate(f"axe.run({json.dumps(options)}).then(found => found.violations)")
    return found
