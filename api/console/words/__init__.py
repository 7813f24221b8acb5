"""What the words of the program are called on a page. English here; `locale/` holds the Indonesian.

One module a noun; templates have all of them as `words.NAME`."""

from __future__ import annotations

from api.console.words.accounts import (
    PURPOSES,
    ROLES,
    SCOPES,
)
from api.console.words.alerts import (
    ACTIONS,
    LABELS,
    LEVELS,
    PARTS,
    PERIOD_DAYS,
    PERIODS,
    REASONS,
    REOPEN,
    STATES,
    STEPS,
)
from api.console.words.calls import (
    CALL_ENDS,
    CHANNELS,
    CONTACT_STATES,
    HOWS,
)
from api.console.words.claims import (
    MATCH_STATES,
)
from api.console.words.items import (
    CHANGES,
    HOW,
    KINDS,
)
from api.console.words.notices import (
    CHANGES_TOLD,
    DROPPED,
    HELD,
    NOTICE_KINDS,
    NOTICE_STATES,
    SILENCE_HOURS,
)
from api.console.words.problems import (
    EXERCISE,
    OTHER_PROBLEM,
    PROBLEMS,
)
from api.console.words.sources import (
    COVERAGE,
    EVENTS,
    HEALTH,
    LOOKS,
    NOTICES,
    REACHES,
    SOURCE_ROLES,
    SOURCE_STATES,
)
from api.console.words.stories import (
    EDITS,
)
from api.console.words.topics import (
    TOPIC_TAGS,
)

__all__ = [
    "ACTIONS",
    "CALL_ENDS",
    "CHANGES",
    "CHANGES_TOLD",
    "CHANNELS",
    "CONTACT_STATES",
    "COVERAGE",
    "DROPPED",
    "EDITS",
    "EVENTS",
    "EXERCISE",
    "HEALTH",
    "HELD",
    "HOW",
    "HOWS",
    "KINDS",
    "LABELS",
    "LEVELS",
    "LOOKS",
    "MATCH_STATES",
    "NOTICES",
    "NOTICE_KINDS",
    "NOTICE_STATES",
    "OTHER_PROBLEM",
    "PARTS",
    "PERIODS",
    "PERIOD_DAYS",
    "PROBLEMS",
    "PURPOSES",
    "REACHES",
    "REASONS",
    "REOPEN",
    "ROLES",
    "SCOPES",
    "SILENCE_HOURS",
    "SOURCE_ROLES",
    "SOURCE_STATES",
    "STATES",
    "STEPS",
    "TOPIC_TAGS",
]
