"""The shapes of the audit log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

#: What `detail` may hold: ids, codes, counts and keyed hashes; never text that came out of an item.
Scalar = str | int | float | bool | None
Detail = Mapping[str, Scalar | list[str] | list[int]]


class AuditAction(StrEnum):
    """What is written down. Reads count: a log of changes alone would not show who looked."""

    SIGN_IN = "access.sign_in"
    SIGN_IN_REFUSED = "access.sign_in_refused"
    SIGN_OUT = "access.sign_out"
    USER_ADDED = "access.user_added"
    USER_DISABLED = "access.user_disabled"
    TOKEN_ISSUED = "access.token_issued"  # noqa: S105 (the name of an action)
    TOKEN_REVOKED = "access.token_revoked"  # noqa: S105
    ALERTS_SEARCHED = "alert.search"
    ALERT_READ = "alert.read"
    MAP_READ = "alert.map"
    TIMELINE_READ = "alert.timeline"
    ALERT_MOVED = "alert.move"
    ALERT_PARENT_SET = "alert.parent"
    NOTICES_READ = "notice.read"
    SILENCES_READ = "silence.read"
    SILENCE_ADDED = "silence.add"
    SILENCE_ENDED = "silence.end"
    ITEM_READ = "item.read"
    STORY_READ = "story.read"
    CLAIMS_READ = "claim.read"
    CLAIMS_IMPORTED = "claim.import"
    VERDICT_ADDED = "claim.verdict"
    CLAIM_REMOVED = "claim.remove"
    MATCH_DECIDED = "claim.decide"
    THRESHOLDS_SET = "claim.thresholds"
    TOPICS_READ = "topic.read"
    TOPIC_ADDED = "topic.add"
    TOPIC_OFF = "topic.off"
    TOPIC_ON = "topic.on"
    TOPIC_REMOVED = "topic.remove"
    TOPIC_ANSWERED = "topic.answer"
    LABELS_READ = "label.read"
    LABELS_TAKEN = "label.take"
    LABELS_IMPORTED = "label.import"
    LABEL_GIVEN = "label.give"
    LABEL_SKIPPED = "label.skip"
    LABEL_UNDONE = "label.undo"
    STORY_MERGED = "story.merge"
    STORY_SPLIT = "story.split"
    STORY_EDIT_UNDONE = "story.undo"
    REJECTS_READ = "reject.read"
    AUDIT_READ = "audit.read"
    DIGEST_MADE = "digest.make"
    DIGEST_READ = "digest.read"
    DIGESTS_SEARCHED = "digest.search"
    DIGEST_TEXTS_CHANGED = "digest.texts"
    ARCHIVE_READ = "archive.read"
    EXPORTED = "export.make"
    ALERTS_LISTENED = "alert.listen"
    ALERT_ASSIGNED = "alert.assign"
    ALERT_NOTED = "alert.note"
    ALERTS_HANDED_OVER = "alert.hand_over"
    TEXT_SEARCHED = "search.text"
    VIEW_SAVED = "view.save"
    VIEW_REMOVED = "view.remove"
    VIEWS_READ = "view.read"
    FEED_READ = "feed.read"
    ROTA_READ = "rota.read"
    ROTA_CHANGED = "rota.change"
    CONTACT_CHANGED = "contact.change"
    CALL_SENT = "call.send"
    CALL_ACKNOWLEDGED = "call.acknowledge"
    CALL_TESTED = "call.test"
    RECIPIENTS_READ = "recipient.read"
    RECIPIENT_CHANGED = "recipient.change"
    RECIPIENT_GRANTED = "recipient.grant"
    ESCALATION_PROPOSED = "escalation.propose"
    ESCALATION_DECIDED = "escalation.decide"
    ESCALATIONS_READ = "escalation.read"
    CAP_READ = "cap.read"
    CAP_ISSUED = "cap.issue"
    WEBHOOK_CHANGED = "webhook.change"
    WEBHOOKS_READ = "webhook.read"
    DIGESTS_PUT = "digest.put"
    SUBSCRIPTIONS_READ = "subscription.read"
    SUBSCRIPTION_CHANGED = "subscription.change"
    DELIVERIES_READ = "delivery.read"
    DELIVERY_RETURNED = "delivery.return"
    LOGIN_CHANGED = "access.login_changed"
    SESSION_ENDED = "access.session_ended"
    USER_CHANGED = "access.user_changed"
    PURPOSE_NAMED = "access.purpose"
    AUDIT_VERIFIED = "audit.verify"
    CORRECTION_ASKED = "correction.ask"
    CORRECTION_DECIDED = "correction.decide"
    CORRECTIONS_READ = "correction.read"
    COLLECTION_STOPPED = "collection.stop"
    COLLECTION_RESUMED = "collection.resume"
    TRANSPARENCY_READ = "transparency.read"
    PROCESSES_READ = "process.read"
    BACKUP_MADE = "backup.make"
    BACKUP_RESTORED = "backup.restore"
    RANKING_FITTED = "ranking.fit"
    RANKING_USED = "ranking.use"
    MODELS_READ = "model.read"
    MODEL_COMPARED = "model.compare"
    MODEL_SHADOWED = "model.shadow"
    MODEL_UNSHADOWED = "model.unshadow"
    MODEL_PROMOTED = "model.promote"
    MODEL_ROLLED_BACK = "model.rollback"
    TRAINING_ASKED = "model.train"
    TRAINING_CANCELLED = "model.train_cancel"
    TRAINING_RESUMED = "model.train_resume"
    TRAINING_ENDED = "model.train_end"
    PURGED = "data.purge"
    REPORT_SENT = "report.send"
    REPORT_ANSWERED = "report.answer"
    OWN_REPORTS_READ = "report.own"
    REPORTS_READ = "report.read"
    REPORT_ASKED = "report.ask"
    REPORT_DECIDED = "report.decide"
    REPORT_FORWARDED = "report.forward"
    REPORT_CLOSED = "report.close"
    REPORTER_OPENED = "report.open_sender"
    PERIODIC_SENT = "report.periodic"


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One row of the log. `object` names what was touched as `kind/id` ("alert/12")."""

    id: int
    at: datetime
    actor: str
    action: str
    object: str
    purpose: str
    detail: Detail
    previous: str
    hash: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome of a check of the whole chain.

    `broken_id` is the first row that does not follow from the one before, None when all do. `head` is the hash of the
    last good row: written down elsewhere (a paper log will do), it also shows a log cut short at its end.
    """

    rows: int
    broken_id: int | None
    head: str

    @property
    def ok(self) -> bool:
        return self.broken_id is None
