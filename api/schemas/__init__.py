"""The documents of the API. What they say of an alert's meaning stands in `docs/codebook.md`; all times are UTC.

One module a noun; all of them can be had from here. Nothing here is about persons in content: no field, filter or order
(design, rule 1; a test reads the schema of all).
"""

from __future__ import annotations

from api.schemas.accounts import (
    IssuedTokenOut,
    MeOut,
    NewToken,
    NewUser,
    TokenOut,
    UserOut,
)
from api.schemas.alerts import (
    AlertDetailOut,
    AlertOut,
    ComparedOut,
    ComparisonOut,
    EventOut,
    Move,
    PartDifferenceOut,
)
from api.schemas.claims import (
    FactCheckOut,
    ImportedClaims,
    ImportedOut,
    MatchDetailOut,
    MatchEventOut,
    MatchListOut,
    MatchOut,
    NewDecision,
    NewVerdict,
)
from api.schemas.common import (
    Document,
    Page,
    Probability,
    T,
)
from api.schemas.health import (
    Health,
    Ready,
)
from api.schemas.items import (
    ChangeOut,
    EvidenceOut,
    FullVersionOut,
    ItemDetailOut,
    ItemOut,
    ItemVersionsOut,
    PieceOut,
    VersionDiffOut,
    VersionOut,
)
from api.schemas.notices import (
    NewParent,
    NewSilence,
    NoticeOut,
    ParentOut,
    ShiftOut,
    SilenceOut,
)
from api.schemas.operations import (
    CheckOut,
    MachineOut,
    ProcessOut,
    QueuesOut,
    StorageOut,
)
from api.schemas.oversight import (
    AuditOut,
    RejectOut,
    VerificationOut,
)
from api.schemas.places import (
    PlaceDetailOut,
    PlaceOut,
    Point,
)
from api.schemas.problems import (
    ProblemOut,
)
from api.schemas.sources import (
    RegionCoverageOut,
    RegionSourceOut,
    SourceDetailOut,
    SourceEventOut,
    SourceHealthOut,
    SourceOut,
)
from api.schemas.stories import (
    HeadlineOut,
    MergeStories,
    SplitStory,
    StoryEditedOut,
    StoryEditOut,
    StoryOut,
    UndoEdit,
)
from api.schemas.topics import (
    AnswerOut,
    NewAnswer,
    NewTopicIn,
    TopicDetailOut,
    TopicHeadOut,
    TopicItemOut,
    TopicNameOut,
    TopicOut,
)
from api.schemas.webhooks import (
    AttemptOut,
    IssuedWebhookOut,
    NewWebhookIn,
    PutOut,
    WebhookDeliveryOut,
    WebhookOut,
)

__all__ = [
    "AlertDetailOut",
    "AlertOut",
    "AnswerOut",
    "AttemptOut",
    "AuditOut",
    "ChangeOut",
    "CheckOut",
    "ComparedOut",
    "ComparisonOut",
    "Document",
    "EventOut",
    "EvidenceOut",
    "FactCheckOut",
    "FullVersionOut",
    "HeadlineOut",
    "Health",
    "ImportedClaims",
    "ImportedOut",
    "IssuedTokenOut",
    "IssuedWebhookOut",
    "ItemDetailOut",
    "ItemOut",
    "ItemVersionsOut",
    "MachineOut",
    "MatchDetailOut",
    "MatchEventOut",
    "MatchListOut",
    "MatchOut",
    "MeOut",
    "MergeStories",
    "Move",
    "NewAnswer",
    "NewDecision",
    "NewParent",
    "NewSilence",
    "NewToken",
    "NewTopicIn",
    "NewUser",
    "NewVerdict",
    "NewWebhookIn",
    "NoticeOut",
    "Page",
    "ParentOut",
    "PartDifferenceOut",
    "PieceOut",
    "PlaceDetailOut",
    "PlaceOut",
    "Point",
    "Probability",
    "ProblemOut",
    "ProcessOut",
    "PutOut",
    "QueuesOut",
    "Ready",
    "RegionCoverageOut",
    "RegionSourceOut",
    "RejectOut",
    "ShiftOut",
    "SilenceOut",
    "SourceDetailOut",
    "SourceEventOut",
    "SourceHealthOut",
    "SourceOut",
    "SplitStory",
    "StorageOut",
    "StoryEditOut",
    "StoryEditedOut",
    "StoryOut",
    "T",
    "TokenOut",
    "TopicDetailOut",
    "TopicHeadOut",
    "TopicItemOut",
    "TopicNameOut",
    "TopicOut",
    "UndoEdit",
    "UserOut",
    "VerificationOut",
    "VersionDiffOut",
    "VersionOut",
    "WebhookDeliveryOut",
    "WebhookOut",
]
