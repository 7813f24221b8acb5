"""Words for what keeps the desk honest: the audit log, stops of the collection, requests from outside, the report."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.audit.checkpoints import Break
from waspada.corrections.types import Effect, RequestKind, RequestState

#: What is wrong with the audit log.
BREAKS: dict[str, str] = {
    Break.ROW: N_("A row does not follow from the one before: it was changed, or one before it was taken out."),
    Break.CUT: N_("Rows that were there at the last check are missing at the end: the log was cut."),
    Break.MISSING: N_("Rows before the last check are missing."),
    Break.CHANGED: N_("The row at which the last check ended says something else now."),
    Break.CHECKPOINT: N_("A record of an earlier check was tampered with."),
}
REQUEST_KINDS: dict[str, str] = {
    RequestKind.CORRECT: N_("Correction"),
    RequestKind.ERASE: N_("Erasure"),
    RequestKind.OBJECT: N_("Objection"),
}
REQUEST_STATES: dict[str, str] = {
    RequestState.OPEN: N_("To be decided"),
    RequestState.GRANTED: N_("Granted"),
    RequestState.REFUSED: N_("Refused"),
}
EFFECTS: dict[str, str] = {
    Effect.ERASE: N_("Erase the reports, and never collect them again"),
    Effect.STRIKE: N_("Strike a passage from the report"),
    Effect.READ_AGAIN: N_("Erase them, and read them anew as the outlet has them now"),
}
#: Classes of data, in short.
CLASSES: dict[str, str] = {
    "posts": N_("public posts"),
    "articles": N_("articles"),
    "pseudonym_keys": N_("keys of pseudonyms"),
    "pages": N_("announced pages"),
    "outlet_checks": N_("fact-checks of outlets"),
    "own_checks": N_("words of claims"),
    "matches": N_("matches with fact-checks"),
    "topic_items": N_("reports of topics"),
    "rejects": N_("notes of what failed"),
    "exercises": N_("exercises"),
    "notices": N_("notices and silences"),
    "deliveries": N_("messages on their way out"),
    "digests": N_("digests"),
    "headlines": N_("headlines of stories"),
    "edits": N_("parts in merges and splits"),
    "embeddings": N_("numbers made of texts"),
    "raw_pages": N_("raw pages"),
    "corrections": N_("words of requests"),
}
#: Kinds of recipients outside the team.
SOURCE_KINDS: dict[str, str] = {
    "rss": N_("News feeds"),
    "news-sitemap": N_("News sitemaps"),
    "html": N_("News listing pages"),
    "mastodon-rss": N_("Public posts of Mastodon (RSS)"),
    "mastodon": N_("Public posts of Mastodon"),
    "bluesky": N_("Public posts of Bluesky"),
    "youtube": N_("Public comments of YouTube"),
}
MODEL_FIGURES: dict[str, str] = {
    "main_macro_f1": N_("Macro F1 of the four main labels"),
    "secondary_macro_f1": N_("Macro F1 of the other labels"),
    "alert_kappa": N_("Kappa of the alert level"),
    "quiet_raised": N_("Share of quiet reports raised to level 2"),
}
#: What of the audit log the page offers to choose from; any other action can be typed in the address.
AUDIT_PERIODS: dict[str, str] = {
    "any": N_("any time"),
    "1d": N_("24 hours"),
    "7d": N_("7 days"),
    "30d": N_("30 days"),
}
AUDIT_PERIOD_DAYS: dict[str, int] = {"1d": 1, "7d": 7, "30d": 30}
