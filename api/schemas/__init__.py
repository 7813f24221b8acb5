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
from api.schemas.checkpoints import (
    CheckedOut,
    CheckpointOut,
    RetentionOut,
    TransparencyOut,
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
from api.schemas.corrections import (
    CorrectionDetailOut,
    CorrectionOut,
    NewCorrection,
    NewCorrectionDecision,
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
from api.schemas.stops import (
    LiftStop,
    NewStop,
    StopOut,
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

__all__ = [
    "AlertDetailOut",
    "AlertOut",
    "AnswerOut",
    "AuditOut",
    "ChangeOut",
    "CheckedOut",
    "CheckpointOut",
    "ComparedOut",
    "ComparisonOut",
    "CorrectionDetailOut",
    "CorrectionOut",
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
    "ItemDetailOut",
    "ItemOut",
    "ItemVersionsOut",
    "LiftStop",
    "MatchDetailOut",
    "MatchEventOut",
    "MatchListOut",
    "MatchOut",
    "MeOut",
    "MergeStories",
    "Move",
    "NewAnswer",
    "NewCorrection",
    "NewCorrectionDecision",
    "NewDecision",
    "NewParent",
    "NewSilence",
    "NewStop",
    "NewToken",
    "NewTopicIn",
    "NewUser",
    "NewVerdict",
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
    "Ready",
    "RegionCoverageOut",
    "RegionSourceOut",
    "RejectOut",
    "RetentionOut",
    "ShiftOut",
    "SilenceOut",
    "SourceDetailOut",
    "SourceEventOut",
    "SourceHealthOut",
    "SourceOut",
    "SplitStory",
    "StopOut",
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
    "TransparencyOut",
    "UndoEdit",
    "UserOut",
    "VerificationOut",
    "VersionDiffOut",
    "VersionOut",
]
