"""What the words of the program are called on a page. English here; `locale/` holds the Indonesian.

One module a noun; templates have all of them as `words.NAME`."""

from __future__ import annotations

from api.console.words.access import (
    ACCOUNT_DONE,
    ACCOUNT_PROBLEMS,
    AREAS,
    DIRECTORY,
    DONE,
    DOOR,
    FLAWS,
    LINK_OVER,
    SIGN_IN_WAYS,
    USER_DONE,
    ZONES,
)
from api.console.words.accounts import (
    FIRST_PURPOSE,
    PURPOSES,
    ROLES,
    SCOPES,
)
from api.console.words.alerts import (
    ACTIONS,
    ANSWERED,
    DUE_HOURS,
    FIELDS,
    LABELS,
    LEVELS,
    LIKELIHOODS,
    MARKS,
    PARTS,
    PERIOD_DAYS,
    PERIODS,
    REASONS,
    REOPEN,
    STATE_GROUPS,
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
from api.console.words.desk import (
    BULK,
    OUTCOMES,
)
from api.console.words.digests import (
    DIGEST_BLOCKS,
    DIGEST_FLAWS,
    DIGEST_FORMATS,
    DIGEST_KINDS,
    DIGEST_LANGUAGES,
    PLACEHOLDERS,
)
from api.console.words.escalations import (
    ESCALATION_LOOKS,
    ESCALATION_STATES,
    REPORT_KINDS,
    REPORT_PROBLEMS,
)
from api.console.words.handover import (
    FIGURES,
)
from api.console.words.items import (
    CHANGES,
    HOW,
    KINDS,
)
from api.console.words.labels import (
    LABEL_FIELDS,
    LABEL_QUEUES,
    LABEL_ROLES,
    LABEL_RULES,
    LABEL_VALUES,
)
from api.console.words.model_reports import (
    DRIFT_CHANGES,
    DRIFT_FIGURES,
    FITS,
    MEASURES,
    NO_FIGURE,
    OUTLETS_HEARD,
    PASSED_OVER,
)
from api.console.words.models import (
    MODEL_FIGURE_NAMES,
    MODEL_MOVES,
    MODEL_STEPS,
    OBJECTIONS,
    VERDICTS,
)
from api.console.words.notices import (
    CHANGES_TOLD,
    DROPPED,
    HELD,
    NOTICE_KINDS,
    NOTICE_STATES,
    SILENCE_HOURS,
)
from api.console.words.operations import (
    CHECKS,
    LIVES,
    PROCESS_ROLES,
    QUEUES,
)
from api.console.words.oversight import (
    AUDIT_PERIOD_DAYS,
    AUDIT_PERIODS,
    BREAKS,
    CLASSES,
    EFFECTS,
    MODEL_FIGURES,
    REQUEST_KINDS,
    REQUEST_STATES,
    SOURCE_KINDS,
)
from api.console.words.overview import (
    AREAS_WIDE,
    HEARING_LOOKS,
    HEARINGS,
)
from api.console.words.problems import (
    EXERCISE,
    OTHER_PROBLEM,
    PROBLEMS,
)
from api.console.words.recipients import (
    GRANT_STATES,
    RECIPIENT_KINDS,
    REFUSALS,
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
from api.console.words.trainings import (
    TRAINING_KINDS,
    TRAINING_LOOKS,
    TRAINING_SPEEDS,
    TRAINING_STAGES,
    TRAINING_STATES,
)
from api.console.words.views import (
    EVERY_REGION,
    LEVELS_FROM,
    MINE,
    STATE_CHOICES,
)
from api.console.words.webhooks import (
    WEBHOOK_DELIVERIES,
    WEBHOOK_EVENTS,
    WEBHOOK_OUTCOMES,
)

__all__ = [
    "ACCOUNT_DONE",
    "ACCOUNT_PROBLEMS",
    "ACTIONS",
    "ANSWERED",
    "AREAS",
    "AREAS_WIDE",
    "AUDIT_PERIODS",
    "AUDIT_PERIOD_DAYS",
    "BREAKS",
    "BULK",
    "CALL_ENDS",
    "CHANGES",
    "CHANGES_TOLD",
    "CHANNELS",
    "CHECKS",
    "CLASSES",
    "CONTACT_STATES",
    "COVERAGE",
    "DIGEST_BLOCKS",
    "DIGEST_FLAWS",
    "DIGEST_FORMATS",
    "DIGEST_KINDS",
    "DIGEST_LANGUAGES",
    "DIRECTORY",
    "DONE",
    "DOOR",
    "DRIFT_CHANGES",
    "DRIFT_FIGURES",
    "DROPPED",
    "DUE_HOURS",
    "EDITS",
    "EFFECTS",
    "ESCALATION_LOOKS",
    "ESCALATION_STATES",
    "EVENTS",
    "EVERY_REGION",
    "EXERCISE",
    "FIELDS",
    "FIGURES",
    "FIRST_PURPOSE",
    "FITS",
    "FLAWS",
    "GRANT_STATES",
    "HEALTH",
    "HEARINGS",
    "HEARING_LOOKS",
    "HELD",
    "HOW",
    "HOWS",
    "KINDS",
    "LABELS",
    "LABEL_FIELDS",
    "LABEL_QUEUES",
    "LABEL_ROLES",
    "LABEL_RULES",
    "LABEL_VALUES",
    "LEVELS",
    "LEVELS_FROM",
    "LIKELIHOODS",
    "LINK_OVER",
    "LIVES",
    "LOOKS",
    "MARKS",
    "MATCH_STATES",
    "MEASURES",
    "MINE",
    "MODEL_FIGURES",
    "MODEL_FIGURE_NAMES",
    "MODEL_MOVES",
    "MODEL_STEPS",
    "NOTICES",
    "NOTICE_KINDS",
    "NOTICE_STATES",
    "NO_FIGURE",
    "OBJECTIONS",
    "OTHER_PROBLEM",
    "OUTCOMES",
    "OUTLETS_HEARD",
    "PARTS",
    "PASSED_OVER",
    "PERIODS",
    "PERIOD_DAYS",
    "PLACEHOLDERS",
    "PROBLEMS",
    "PROCESS_ROLES",
    "PURPOSES",
    "QUEUES",
    "REACHES",
    "REASONS",
    "RECIPIENT_KINDS",
    "REFUSALS",
    "REOPEN",
    "REPORT_KINDS",
    "REPORT_PROBLEMS",
    "REQUEST_KINDS",
    "REQUEST_STATES",
    "ROLES",
    "SCOPES",
    "SIGN_IN_WAYS",
    "SILENCE_HOURS",
    "SOURCE_KINDS",
    "SOURCE_ROLES",
    "SOURCE_STATES",
    "STATES",
    "STATE_CHOICES",
    "STATE_GROUPS",
    "STEPS",
    "TOPIC_TAGS",
    "TRAINING_KINDS",
    "TRAINING_LOOKS",
    "TRAINING_SPEEDS",
    "TRAINING_STAGES",
    "TRAINING_STATES",
    "USER_DONE",
    "VERDICTS",
    "WEBHOOK_DELIVERIES",
    "WEBHOOK_EVENTS",
    "WEBHOOK_OUTCOMES",
    "ZONES",
]
