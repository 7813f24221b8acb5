"""The libraries behind the kinds of public posts: an extra, so that a desk without them installs nothing for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from importlib.util import find_spec

from waspada.sources.types import SourceKind
from waspada.store.tables import SourceRow

#: Kind -> module that must be there, and the name under which it is installed.
_NEEDED = {
    SourceKind.MASTODON: ("mastodon", "Mastodon.py"),
    SourceKind.BLUESKY: ("atproto", "atproto"),
    SourceKind.YOUTUBE: ("googleapiclient", "google-api-python-client"),
}


def missing_extra(kind: SourceKind) -> str | None:
    """What is missing for a kind and how to install it, or None where all is there. Imports nothing."""
    module, package = _NEEDED.get(kind, ("", ""))
    if not module or find_spec(module) is not None:
        return None
    return f"sources of the kind {kind} need {package}; install it with: pip install 'waspada[posts]'"


def unread(sources: Iterable[SourceRow]) -> list[str]:
    """One sentence a kind whose library is missing: which enabled sources are not read, and how to install it."""
    ids = defaultdict(list)
    for each in sources:
        if each.enabled:
            ids[SourceKind(each.kind)].append(each.id)
    lacking = [(found, missing) for kind, found in ids.items() if (missing := missing_extra(kind))]
    return [f"not read: {', '.join(sorted(found))}; {missing}" for found, missing in lacking]
