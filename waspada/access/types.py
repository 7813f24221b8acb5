"""The shapes of access: who somebody is, what a token may do, and what happened to both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from waspada.errors import AccessError

#: How the rows of sessions and of one-time links are named; no token that somebody makes may be named so. A session
#: that a token opened has that token's id after it, so that both end together.
SESSION_PREFIX = "session:"
LINK_PREFIX = "link:"


class Role(StrEnum):
    """What a person is here for. A role gives rights; the scope of the token at hand can only narrow them."""

    LIAISON = "liaison"
    ANALYST = "analyst"
    SUBSCRIBER_MANAGER = "subscriber-manager"
    AUDITOR = "auditor"
    OPERATOR = "operator"
    ADMIN = "admin"
    REPORTER = "reporter"  # of a desa or kecamatan, or a citizens' forum there: sends field reports, and sees its own


class Scope(StrEnum):
    """How far a token reaches: `read` looks, `write` also changes alerts, `admin` also manages accounts."""

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"


class Action(StrEnum):
    """Everything that somebody may be allowed to do. A new action is forbidden to all until `policy` names it."""

    READ_SELF = "self.read"
    READ_PLACES = "places.read"
    READ_ALERTS = "alerts.read"
    MOVE_ALERTS = "alerts.move"
    QUIET = "notices.quiet"
    READ_ITEMS = "items.read"
    EDIT_STORIES = "stories.edit"
    READ_SOURCES = "sources.read"
    READ_REJECTS = "rejects.read"
    READ_AUDIT = "audit.read"
    READ_CLAIMS = "claims.read"
    DECIDE_CLAIMS = "claims.decide"
    MANAGE_CLAIMS = "claims.manage"
    READ_TOPICS = "topics.read"
    ANSWER_TOPICS = "topics.answer"
    MANAGE_TOPICS = "topics.manage"
    READ_LABELS = "labels.read"
    GIVE_LABELS = "labels.give"
    READ_MODELS = "models.read"
    TRAIN_MODELS = "models.train"
    PROMOTE_MODELS = "models.promote"
    OVERRIDE_GATES = "models.override"
    SEARCH_TEXT = "search.text"
    SAVE_VIEWS = "views.own"
    READ_FEEDS = "feeds.read"
    EXPORT = "exports.make"
    READ_DIGESTS = "digests.read"
    MAKE_DIGESTS = "digests.make"
    WRITE_DIGEST_TEXTS = "digests.texts"
    READ_CAP = "cap.read"
    MANAGE_WEBHOOKS = "webhooks.manage"
    READ_ROTA = "rota.read"
    MANAGE_ROTA = "rota.manage"
    PROPOSE_ESCALATION = "escalations.propose"
    APPROVE_ESCALATION = "escalations.approve"
    READ_RECIPIENTS = "recipients.read"
    MANAGE_RECIPIENTS = "recipients.manage"
    GRANT_RECIPIENTS = "recipients.grant"
    REVOKE_GRANT = "recipients.revoke"
    READ_SUBSCRIPTIONS = "subscriptions.read"
    MANAGE_SUBSCRIPTIONS = "subscriptions.manage"
    READ_DELIVERIES = "deliveries.read"
    READ_PROCESSES = "processes.read"
    READ_TRANSPARENCY = "transparency.read"
    ASK_CORRECTION = "corrections.ask"
    DECIDE_CORRECTION = "corrections.decide"
    STOP_COLLECTION = "collection.stop"
    SEND_REPORTS = "reports.send"
    READ_REPORTS = "reports.read"
    CLARIFY_REPORTS = "reports.clarify"
    OPEN_REPORTERS = "reporters.open"
    MANAGE_OWN_LOGIN = "login.own"
    MANAGE_OWN_TOKENS = "tokens.own"
    MANAGE_USERS = "users.manage"


class NotSignedInError(AccessError):
    """No token, or one that is wrong, expired, revoked or of a disabled user."""

    hint = "Send a personal token (`Authorization: Bearer wsp_...`) or sign in; `waspada tokens issue NAME` makes one."


class ForbiddenError(AccessError):
    """The token is good, but may not do this."""

    hint = "Ask an admin for a role or a token that may."


class TooManyTriesError(AccessError):
    """Somebody failed too often; `wait_seconds` is how long the next try has to wait."""

    def __init__(self, wait_seconds: int) -> None:
        super().__init__("Too many failed attempts.", hint=f"Wait {wait_seconds} seconds, then try again.")
        self.wait_seconds = wait_seconds


class PurposeMissingError(AccessError):
    """What leaves, or is searched for, needs a purpose that somebody named for this very session."""

    hint = "Programs send it in the header X-Purpose; in the console it is asked once a session, at /purpose."


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is asking, with which token. `region` is the Kemendagri code they are bound to, None for every region.

    `areas` narrow the token to some kinds of actions (waspada.access.policy.AREAS), None to none; `zone` and `language`
    are how this account reads, None where it did not say. `used_at` is when the token was last used before, to the
    minute.
    """

    user_id: int
    name: str
    role: Role
    scope: Scope
    region: str | None
    token_id: int
    areas: frozenset[str] | None = None
    zone: str | None = None
    language: str | None = None
    used_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class User:
    id: int
    name: str
    role: Role
    region: str | None
    active: bool
    created_at: datetime
    zone: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it may be shown: the secret itself is nowhere.

    A session of the console is one, too: `how` it was opened and in which kind of `browser`.
    """

    id: int
    user: str
    name: str
    scope: Scope
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    single_use: bool
    areas: frozenset[str] | None = None
    how: str | None = None
    browser: str | None = None

    @property
    def is_session(self) -> bool:
        return self.name.startswith(SESSION_PREFIX)

    @property
    def is_link(self) -> bool:
        return self.name.startswith(LINK_PREFIX)

    def usable(self, now: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A new token. `secret` is given out here, once, and cannot be had again."""

    secret: str
    token: Token


@dataclass(frozen=True, slots=True)
class UserAdded:
    """`actor` made an account."""

    actor: str
    user: User
    at: datetime


@dataclass(frozen=True, slots=True)
class UserDisabled:
    """`actor` closed an account; all its tokens and sessions ended with it."""

    actor: str
    user: User
    at: datetime


@dataclass(frozen=True, slots=True)
class UserChanged:
    """`actor` gave an account another role or region, or opened it again; `ended` says that its sessions ended."""

    actor: str
    user: User
    changes: Mapping[str, str | bool | None]
    at: datetime
    ended: bool = False


@dataclass(frozen=True, slots=True)
class TokenRevoked:
    """`actor` ended a token; sessions opened with it ended too."""

    actor: str
    token: Token
    at: datetime
