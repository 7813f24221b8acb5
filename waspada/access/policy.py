"""Who may do what, in one table. Pure, and closed by default: what is not named here is forbidden.

Admins can do everything but send and clarify field reports and learn who sent one, and are not invisible: their reads
stand in the audit log like everybody's. Auditors read the
log and the sources, never content. Operators see machines, not news.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from waspada.access.types import Action, Identity, Role, Scope
from waspada.errors import NotFoundError
from waspada.places import is_within

_EVERYBODY = frozenset(
    {
        Action.READ_SELF,
        Action.READ_PLACES,
        Action.READ_SOURCES,
        Action.READ_TRANSPARENCY,
        Action.MANAGE_OWN_LOGIN,
        Action.MANAGE_OWN_TOKENS,
    }
)
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
        Action.SAVE_VIEWS,
        Action.READ_FEEDS,
        Action.EXPORT,
        Action.READ_DIGESTS,
        Action.MAKE_DIGESTS,
        Action.READ_CAP,
        Action.READ_ROTA,
        Action.READ_RECIPIENTS,
        Action.PROPOSE_ESCALATION,
        Action.ASK_CORRECTION,
        Action.READ_REPORTS,
    }
)
#: The analyst's loop: label, train, compare, promote.
_LEARNING = frozenset(
    {
        Action.READ_LABELS,
        Action.GIVE_LABELS,
        Action.READ_MODELS,
        Action.TRAIN_MODELS,
        Action.PROMOTE_MODELS,
    }
)

RIGHTS: Mapping[Role, frozenset[Action]] = {
    Role.LIAISON: _EVERYBODY
    | _DESK
    | {
        Action.APPROVE_ESCALATION,
        Action.CLARIFY_REPORTS,
        # Of their own level alone (waspada.reports.policy): who sent a report.
        Action.OPEN_REPORTERS,
    },
    Role.ANALYST: _EVERYBODY
    | _DESK
    | {
        Action.READ_REJECTS,
        Action.MANAGE_CLAIMS,
        Action.MANAGE_TOPICS,
        Action.SEARCH_TEXT,
        Action.APPROVE_ESCALATION,
        *_LEARNING,
    },
    Role.SUBSCRIBER_MANAGER: _EVERYBODY
    | {
        Action.READ_DIGESTS,
        Action.WRITE_DIGEST_TEXTS,
        Action.READ_RECIPIENTS,
        Action.MANAGE_RECIPIENTS,
        Action.REVOKE_GRANT,
        Action.READ_SUBSCRIPTIONS,
        Action.MANAGE_SUBSCRIPTIONS,
        Action.READ_DELIVERIES,
    },
    # Independent oversight: reads what was done, never content, and can stop the collection, and sending to the police
    # or to intelligence.
    Role.AUDITOR: _EVERYBODY
    | {
        Action.READ_AUDIT,
        Action.READ_MODELS,
        Action.READ_RECIPIENTS,
        Action.REVOKE_GRANT,
        Action.READ_SUBSCRIPTIONS,
        Action.READ_DELIVERIES,
        Action.STOP_COLLECTION,
    },
    Role.OPERATOR: _EVERYBODY
    | {Action.READ_REJECTS, Action.READ_PROCESSES, Action.READ_MODELS, Action.READ_DELIVERIES},
    # The form and what became of one's own reports; nothing of the desk.
    Role.REPORTER: frozenset({Action.READ_SELF, Action.MANAGE_OWN_LOGIN, Action.SEND_REPORTS}),
    Role.ADMIN: _EVERYBODY
    | _DESK
    | {
        *_LEARNING,
        # Against a gate or a worse figure an admin may promote, with a reason that the audit shows.
        Action.OVERRIDE_GATES,
        Action.MANAGE_CLAIMS,
        Action.MANAGE_TOPICS,
        Action.SEARCH_TEXT,
        Action.READ_REJECTS,
        Action.READ_AUDIT,
        Action.READ_PROCESSES,
        Action.MANAGE_WEBHOOKS,
        Action.MANAGE_ROTA,
        Action.MANAGE_RECIPIENTS,
        Action.WRITE_DIGEST_TEXTS,
        # Design, rule 8: an admin asks for the permission, and another account with MANAGE_RECIPIENTS approves it.
        Action.GRANT_RECIPIENTS,
        Action.REVOKE_GRANT,
        Action.READ_SUBSCRIPTIONS,
        Action.MANAGE_SUBSCRIPTIONS,
        Action.READ_DELIVERIES,
        Action.APPROVE_ESCALATION,
        Action.DECIDE_CORRECTION,
        Action.STOP_COLLECTION,
        Action.MANAGE_USERS,
    },
}

_WRITES = frozenset(
    {
        Action.MOVE_ALERTS,
        Action.DECIDE_CLAIMS,
        Action.MANAGE_CLAIMS,
        Action.ANSWER_TOPICS,
        Action.MANAGE_TOPICS,
        Action.QUIET,
        Action.EDIT_STORIES,
        Action.GIVE_LABELS,
        Action.TRAIN_MODELS,
        Action.PROMOTE_MODELS,
        Action.SAVE_VIEWS,
        Action.PROPOSE_ESCALATION,
        Action.APPROVE_ESCALATION,
        Action.ASK_CORRECTION,
        Action.MANAGE_RECIPIENTS,
        Action.MAKE_DIGESTS,
        Action.WRITE_DIGEST_TEXTS,
        Action.REVOKE_GRANT,
        Action.MANAGE_SUBSCRIPTIONS,
        Action.STOP_COLLECTION,
        Action.SEND_REPORTS,
        Action.CLARIFY_REPORTS,
        Action.OPEN_REPORTERS,
        Action.MANAGE_OWN_LOGIN,
        Action.MANAGE_OWN_TOKENS,
    }
)
_ADMINISTERS = frozenset(
    {
        Action.MANAGE_WEBHOOKS,
        Action.MANAGE_ROTA,
        Action.GRANT_RECIPIENTS,
        Action.DECIDE_CORRECTION,
        Action.MANAGE_USERS,
        Action.OVERRIDE_GATES,
    }
)
#: What only looks. Named one by one: an action in none of the three sets is forbidden to every token.
_READS = frozenset(
    {
        Action.READ_SELF,
        Action.READ_PLACES,
        Action.READ_ALERTS,
        Action.READ_ITEMS,
        Action.READ_SOURCES,
        Action.READ_REJECTS,
        Action.READ_AUDIT,
        Action.READ_CLAIMS,
        Action.READ_TOPICS,
        Action.READ_LABELS,
        Action.READ_MODELS,
        Action.SEARCH_TEXT,
        Action.READ_FEEDS,
        Action.EXPORT,
        Action.READ_DIGESTS,
        Action.READ_CAP,
        Action.READ_ROTA,
        Action.READ_RECIPIENTS,
        Action.READ_SUBSCRIPTIONS,
        Action.READ_DELIVERIES,
        Action.READ_PROCESSES,
        Action.READ_TRANSPARENCY,
        Action.READ_REPORTS,
    }
)

#: The smallest scope of a token with which an action is possible at all.
NEEDED_SCOPE: Mapping[Action, Scope] = {
    action: scope
    for scope, actions in ((Scope.READ, _READS), (Scope.WRITE, _WRITES), (Scope.ADMIN, _ADMINISTERS))
    for action in actions
}

_REACH = {Scope.READ: 0, Scope.WRITE: 1, Scope.ADMIN: 2}


def allowed(role: Role, scope: Scope, action: Action) -> bool:
    """Whether somebody of this role, with a token of this scope, may do this."""
    needed = NEEDED_SCOPE.get(action)
    return needed is not None and _REACH[scope] >= _REACH[needed] and action in RIGHTS.get(role, frozenset())


def may(identity: Identity, action: Action) -> bool:
    within = identity.areas is None or area_of(action) in identity.areas
    return within and allowed(identity.role, identity.scope, action)


def check_reach(region: str, within: str | None) -> None:
    """Raises NotFoundError for a region outside the one that somebody is bound to."""
    if within is not None and not is_within(region, within):
        raise NotFoundError(f"The region {region} is not in your area.", hint=f"Yours is {within}.")


def area_of(action: Action) -> str:
    """What an action is about: its name before the dot."""
    return action.value.partition(".")[0]


#: The areas that a token may be limited to.
AREAS: Sequence[str] = tuple(sorted({area_of(action) for action in Action}))
#: Areas whose readers know no bearer tokens: feed readers and aggregators send a token as the password of HTTP Basic.
BASIC_AREAS = frozenset({"feeds", "cap"})


def areas_of(role: Role, scope: Scope = Scope.ADMIN) -> Sequence[str]:
    """The areas in which a role may do anything with a token of this scope."""
    return sorted({area_of(action) for action in Action if allowed(role, scope, action)})


def takes_basic(areas: frozenset[str] | None) -> bool:
    """Whether a token may be sent as a password: it must be good for feeds and nothing else."""
    return areas is not None and areas <= BASIC_AREAS


def widest_scope(role: Role) -> Scope:
    """The largest scope that means anything for a role; a wider token would only look dangerous."""
    return max((NEEDED_SCOPE[action] for action in RIGHTS[role]), key=_REACH.__getitem__)


def covers(scope: Scope, other: Scope) -> bool:
    """Whether a token of `scope` may hand out one of `other`."""
    return _REACH[scope] >= _REACH[other]
