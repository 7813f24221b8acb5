"""Who may do what: accounts, tokens, sessions and the table of rights. Closed by default."""

from waspada.access.policy import allowed, may
from waspada.access.service import (
    add_user,
    disable_user,
    first_token,
    identify,
    identify_session,
    issue_token,
    list_tokens,
    list_users,
    open_session,
    revoke_token,
)
from waspada.access.types import (
    Action,
    ForbiddenError,
    Identity,
    IssuedToken,
    NotSignedInError,
    Role,
    Scope,
    Token,
    User,
)

__all__ = [
    "Action",
    "ForbiddenError",
    "Identity",
    "IssuedToken",
    "NotSignedInError",
    "Role",
    "Scope",
    "Token",
    "User",
    "add_user",
    "allowed",
    "disable_user",
    "first_token",
    "identify",
    "identify_session",
    "issue_token",
    "list_tokens",
    "list_users",
    "may",
    "open_session",
    "revoke_token",
]
