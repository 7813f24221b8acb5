"""Every table of the product, one module a noun. No table is about persons in content (design, rule 1).

Rows are plain; what they mean is decided in the noun folders (`waspada/items`, `waspada/alerts`, ...). Each module is
imported here, so that whoever knows one table knows all.
"""

from __future__ import annotations

from waspada.store.tables.access import TokenRow, UserRow
from waspada.store.tables.alerts import AlertEventRow, AlertPlaceRow, AlertRegionRow, AlertRow, RankingWeightsRow
from waspada.store.tables.archive import ArchivedPageRow
from waspada.store.tables.audit import AuditRow
from waspada.store.tables.base import Base, BigKey, Json
from waspada.store.tables.calls import CallNoticeRow, CallRow, ContactRow, DutyShiftRow
from waspada.store.tables.cap import CapMessageRow
from waspada.store.tables.claims import (
    ClaimMatchEventRow,
    ClaimMatchRow,
    ClaimThresholdRow,
    FactCheckEventRow,
    FactCheckRow,
    UnmatchedItemRow,
)
from waspada.store.tables.credentials import CredentialRow, ExternalLoginRow, SignInFailureRow
from waspada.store.tables.deliveries import DeliveryRow
from waspada.store.tables.desk import AlertSeenRow
from waspada.store.tables.digests import (
    DigestCorrectionRow,
    DigestEntryRow,
    DigestLayoutRow,
    DigestRow,
    DigestTemplateRow,
)
from waspada.store.tables.escalations import (
    EscalationRecipientRow,
    EscalationRow,
    RecipientGrantRow,
    RecipientRow,
)
from waspada.store.tables.handovers import HandoverRow
from waspada.store.tables.items import ItemRow, ItemVersionRow, PlaceRow, TagRow
from waspada.store.tables.labels import LabelRow, LabelSeatRow, LabelTaskRow
from waspada.store.tables.models import ModelEventRow, ModelReportRow, ModelRow, TrainingRow
from waspada.store.tables.notify import AlertParentRow, NoticeRow, SilenceRow
from waspada.store.tables.oversight import AuditCheckpointRow, CollectionStopRow, CorrectionRow, ErasureRow
from waspada.store.tables.privacy import PseudonymKeyRow
from waspada.store.tables.processes import ErasedItemRow, ProcessRow
from waspada.store.tables.rejects import RejectRow
from waspada.store.tables.reports import (
    FieldReportCitationRow,
    FieldReportDraftRow,
    FieldReportEventRow,
    FieldReportRow,
    FieldReportSenderRow,
    PeriodicReportRow,
)
from waspada.store.tables.sources import (
    BackfillRow,
    CoverageDayRow,
    PageRow,
    SourceEventRow,
    SourceHealthRow,
    SourceMentionRow,
    SourceRow,
)
from waspada.store.tables.stories import (
    BandRow,
    FingerprintRow,
    StoryEditItemRow,
    StoryEditRow,
    StoryHeadlineRow,
    StoryItemRow,
    StoryPlaceRow,
    StoryRow,
)
from waspada.store.tables.subscriptions import SubscriptionRow, SubscriptionSendRow
from waspada.store.tables.topics import TopicHeadRow, TopicLabelRow, TopicQueueRow, TopicRow, TopicTagRow
from waspada.store.tables.views import SavedViewRow, ViewLookRow
from waspada.store.tables.webhooks import WebhookAttemptRow, WebhookRow

__all__ = [
    "AlertEventRow",
    "AlertParentRow",
    "AlertPlaceRow",
    "AlertRegionRow",
    "AlertRow",
    "AlertSeenRow",
    "ArchivedPageRow",
    "AuditCheckpointRow",
    "AuditRow",
    "BackfillRow",
    "BandRow",
    "Base",
    "BigKey",
    "CallNoticeRow",
    "CallRow",
    "CapMessageRow",
    "ClaimMatchEventRow",
    "ClaimMatchRow",
    "ClaimThresholdRow",
    "CollectionStopRow",
    "ContactRow",
    "CorrectionRow",
    "CoverageDayRow",
    "CredentialRow",
    "DeliveryRow",
    "DigestCorrectionRow",
    "DigestEntryRow",
    "DigestLayoutRow",
    "DigestRow",
    "DigestTemplateRow",
    "DutyShiftRow",
    "ErasedItemRow",
    "ErasureRow",
    "EscalationRecipientRow",
    "EscalationRow",
    "ExternalLoginRow",
    "FactCheckEventRow",
    "FactCheckRow",
    "FieldReportCitationRow",
    "FieldReportDraftRow",
    "FieldReportEventRow",
    "FieldReportRow",
    "FieldReportSenderRow",
    "FingerprintRow",
    "HandoverRow",
    "ItemRow",
    "ItemVersionRow",
    "Json",
    "LabelRow",
    "LabelSeatRow",
    "LabelTaskRow",
    "ModelEventRow",
    "ModelReportRow",
    "ModelRow",
    "NoticeRow",
    "PageRow",
    "PeriodicReportRow",
    "PlaceRow",
    "ProcessRow",
    "PseudonymKeyRow",
    "RankingWeightsRow",
    "RecipientGrantRow",
    "RecipientRow",
    "RejectRow",
    "SavedViewRow",
    "SignInFailureRow",
    "SilenceRow",
    "SourceEventRow",
    "SourceHealthRow",
    "SourceMentionRow",
    "SourceRow",
    "StoryEditItemRow",
    "StoryEditRow",
    "StoryHeadlineRow",
    "StoryItemRow",
    "StoryPlaceRow",
    "StoryRow",
    "SubscriptionRow",
    "SubscriptionSendRow",
    "TagRow",
    "TokenRow",
    "TopicHeadRow",
    "TopicLabelRow",
    "TopicQueueRow",
    "TopicRow",
    "TopicTagRow",
    "TrainingRow",
    "UnmatchedItemRow",
    "UserRow",
    "ViewLookRow",
    "WebhookAttemptRow",
    "WebhookRow",
]
