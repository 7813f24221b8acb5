"""From what the store says to the documents of the API. Every text of content passes `waspada.alerts.exits` here.

One module a noun; all of them can be had from here."""

from __future__ import annotations

from api.shape.accounts import (
    issued_token,
    session,
    token,
    user,
)
from api.shape.agreement import (
    agreement,
    suspects,
)
from api.shape.alerts import (
    alert,
    alert_detail,
    alert_json,
    comparison,
    event,
    is_verified,
    notes,
)
from api.shape.calls import (
    answered,
    call,
    contact,
    copied,
    duty,
    rota,
)
from api.shape.claims import (
    claim_line,
    fact_check,
    match,
    match_detail,
)
from api.shape.corrections import (
    correction,
    correction_detail,
)
from api.shape.digests import (
    digest,
    digest_line,
)
from api.shape.digests import (
    order as digest_order,
)
from api.shape.escalations import (
    candidate,
    escalation,
    escalation_options,
)
from api.shape.handover import (
    handover,
    handover_summary,
)
from api.shape.items import (
    evidence,
    full_version,
    item,
    item_detail,
    item_versions,
    masked_difference,
    masked_fields,
    public_url,
    version,
    version_diff,
)
from api.shape.labels import (
    advice as label_advice,
)
from api.shape.labels import (
    disagreement,
    label,
    sentences,
)
from api.shape.labels import (
    standing as label_standing,
)
from api.shape.labels import (
    task as label_task,
)
from api.shape.model_reports import (
    model_report,
    model_report_line,
)
from api.shape.models import (
    model,
    model_detail,
    model_event,
)
from api.shape.notices import (
    notice,
    shift,
    silence,
)
from api.shape.operations import (
    machine,
)
from api.shape.oversight import (
    audit_entry,
)
from api.shape.overview import (
    alert_map,
    timeline,
)
from api.shape.places import (
    place,
)
from api.shape.recipients import (
    grant,
    recipient,
)
from api.shape.reports import (
    draft,
    field_report,
    owed,
    own_report,
    question_of,
    recap,
    report_sender,
)
from api.shape.search import (
    search_found,
    snippet,
)
from api.shape.sources import (
    coverage,
    source_health,
)
from api.shape.stops import (
    stop,
)
from api.shape.stories import (
    headline,
    story_edit,
    story_edited,
)
from api.shape.subscriptions import (
    delivery,
    digest_preview,
    rhythm_of,
    send,
    subscription,
    topic_of,
)
from api.shape.topics import (
    answer,
    topic,
    topic_detail,
    topic_item,
)
from api.shape.trainings import (
    training,
    training_detail,
)
from api.shape.views import (
    saved_view,
)
from api.shape.webhooks import (
    issued_webhook,
    webhook,
    webhook_delivery,
)

__all__ = [
    "agreement",
    "alert",
    "alert_detail",
    "alert_json",
    "alert_map",
    "answer",
    "answered",
    "audit_entry",
    "call",
    "candidate",
    "claim_line",
    "comparison",
    "contact",
    "copied",
    "correction",
    "correction_detail",
    "coverage",
    "delivery",
    "digest",
    "digest_line",
    "digest_order",
    "digest_preview",
    "disagreement",
    "draft",
    "duty",
    "escalation",
    "escalation_options",
    "event",
    "evidence",
    "fact_check",
    "field_report",
    "full_version",
    "grant",
    "handover",
    "handover_summary",
    "headline",
    "is_verified",
    "issued_token",
    "issued_webhook",
    "item",
    "item_detail",
    "item_versions",
    "label",
    "label_advice",
    "label_standing",
    "label_task",
    "machine",
    "masked_difference",
    "masked_fields",
    "match",
    "match_detail",
    "model",
    "model_detail",
    "model_event",
    "model_report",
    "model_report_line",
    "notes",
    "notice",
    "owed",
    "own_report",
    "place",
    "public_url",
    "question_of",
    "recap",
    "recipient",
    "report_sender",
    "rhythm_of",
    "rota",
    "saved_view",
    "search_found",
    "send",
    "sentences",
    "session",
    "shift",
    "silence",
    "snippet",
    "source_health",
    "stop",
    "story_edit",
    "story_edited",
    "subscription",
    "suspects",
    "timeline",
    "token",
    "topic",
    "topic_detail",
    "topic_item",
    "topic_of",
    "training",
    "training_detail",
    "user",
    "version",
    "version_diff",
    "webhook",
    "webhook_delivery",
]
