"""Run in an environment without the extras: every runtime module imports, and no training library is there.

    python tests/runtime_imports.py

Exits with 1 and says which module wanted what.
"""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys

ROOMS = ("waspada", "crawler", "nlp", "api", "models")
FORBIDDEN = ("torch", "transformers", "sentence_transformers", "sklearn", "scipy", "cleanlab")
#: Training and evaluation are not part of the runtime.
NOT_RUNTIME = ("nlp.training", "waspada.store.migrations")
#: Subclasses what the extra `posts` brings; imported only where that is there (crawler/posts/reader.py).
OF_AN_EXTRA = ("crawler.posts.jetstream",)


def main() -> int:
    present = [name for name in FORBIDDEN if importlib.util.find_spec(name) is not None]
    if present:
        print(f"not run: this environment has {', '.join(present)}", file=sys.stderr)
        return 1
    failures = []
    count = 0
    for room in ROOMS:
        package = importlib.import_module(room)
        for module in pkgutil.walk_packages(package.__path__, f"{room}."):
            if module.name.startswith((*NOT_RUNTIME, *OF_AN_EXTRA)):
                continue
            count += 1
            try:
                importlib.import_module(module.name)
            except ImportError as error:
                failures.append(f"{module.name}: {error}")
    print("\n".join(failures) or f"{count} modules imported without {', '.join(FORBIDDEN)}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
