"""A program that tells how it was started, for the tests of `tests.forked`.

    python -m tests.told WHAT

Prints what it was given, then ends as asked: `well`, `badly`, by a warning (`warns`), by what it forgot (`leaves`), or
by SIGKILL (`dies`).
"""

from __future__ import annotations

import os
import signal
import sys
import warnings
from pathlib import Path


def main(what: str) -> None:
    print(sys.stdin.read(), Path.cwd(), os.environ.get("WASPADA_HERE"), os.environ.get("WASPADA_THERE"))
    sys.stdout.flush()
    if what == "badly":
        sys.exit("buruk")
    if what == "warns":
        warnings.warn("awas", stacklevel=1)
    if what == "leaves":
        left = [Path(__file__).open(encoding="utf-8")]  # noqa: SIM115
        left.append(left)  # type: ignore[arg-type]
    if what == "dies":
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    main(sys.argv[1])
