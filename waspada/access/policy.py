"""Who may do what, in one table. Pure, and closed by default: what is not named here is forbidden.

Admins can do everything but are not invisible: their reads stand in the audit log like everybody's. Auditors read the
log and the sources, never content. Operators see machines, not news.
"""

from __future__ import annotations

from collections.abc import Mapping

from waspada.access.types import Action, Identity, Role, Scope

_EVERYBODY = frozenset({Action.READ_SELF, Action.READ_PLACES, Action.READ_SOURCES, Action.MANAGE_OWN_TOKENS})
_DESK = frozenset(
    {
        Action.READ_ALERTS,
        Action.READ_ITEMS,
        Action.MOVE_ALERTS,
        Action.EDIT_STORIES,
        Action.QUIET,
        Action.READ_CLAIMS,
        Action.DECIDE_CLAIMS,
        Action.READ_TOPICS,
        Action.ANSWER_TOPICS,
    }
)

RIGHTS: Mapping[Role, frozenset[Action]] = {
    Role.LIAISON: _EVERYBODY | _DESK,
    Role.ANALYST: _EVERYBODY | _DESK | {Action.READ_REJECTS, Action.MANAGE_CLAIMS, Action.MANAGE_TOPICS},
    Role.SUBSCRIBER_MANAGER: _EVERYBODY,
    Role.AUDITOR: _EVERYBODY | {Action.READ_AUDIT},
    Role.OPERATOR: _EVERYBODY | {Action.READ_REJECTS},
    Role.ADMIN: _EVERYBODY
    | _DESK
    | {
        Action.MANAGE_CLAIMS,
        Action.MANAGE_TOPICS,
        Action.READ_REJECTS,
        Action.READ_AUDIT,
        Action.MANAGE_USERS,
    },
}

#: The smallest scope of a token with which an action is possible at all.
NEEDED_SCOPE: Mapping[Action, Scope] = {
    Action.READ_SELF: Scope.READ,
    Action.READ_PLACES: Scope.READ,
    Action.READ_ALERTS: Scope.READ,
    Action.READ_ITEMS: Scope.READ,
    Action.READ_SOURCES: Scope.READ,
    Action.READ_REJECTS: Scope.READ,
    Action.READ_AUDIT: Scope.READ,
    Action.MOVE_ALERTS: Scope.WRITE,
    Action.READ_CLAIMS: Scope.READ,
    Action.DECIDE_CLAIMS: Scope.WRITE,
    Action.MANAGE_CLAIMS: Scope.WRITE,
    Action.READ_TOPICS: Scope.READ,
    Action.ANSWER_TOPICS: Scope.WRITE,
    Action.MANAGE_TOPICS: Scope.WRITE,
    Action.QUIET: Scope.WRITE,
    Action.EDIT_STORIES: Scope.WRITE,
    Action.MANAGE_OWN_TOKENS: Scope.WRITE,
    Action.MANAGE_USERS: Scope.ADMIN,
}

_REACH = {Scope.READ: 0, Scope.WRITE: 1, Scope.ADMIN: 2}


def allowed(role: Role, scope: Scope, action: Action) -> bool:
    """Whether somebody of this role, with a token of this scope, may do this."""
    needed = NEEDED_SCOPE.get(action)
    return needed is not None and _REACH[scope] >= _REACH[needed] and action in RIGHTS.get(role, frozenset())


def may(identity: Identity, action: Action) -> bool:
    return allowed(identity.role, identity.scope, action)


def widest_scope(role: Role) -> Scope:
    """The largest scope that means anything for a role; a wider token would only look dangerous."""
    return max((NEEDED_SCOPE[action] for action in RIGHTS[role]), key=_REACH.__getitem__)


def covers(scope: Scope, other: Scope) -> bool:
    """Whether a token of `scope` may hand out one of `other`."""
    return _REACH[scope] >= _REACH[other]
