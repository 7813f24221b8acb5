"""Words for accounts and sessions."""

from __future__ import annotations

from api.console.i18n import N_
from waspada.access.types import Role, Scope

ROLES: dict[str, str] = {
    Role.LIAISON: N_("Liaison"),
    Role.ANALYST: N_("Analyst"),
    Role.SUBSCRIBER_MANAGER: N_("Subscriber manager"),
    Role.AUDITOR: N_("Auditor"),
    Role.OPERATOR: N_("Operator"),
    Role.ADMIN: N_("Admin"),
    Role.REPORTER: N_("Reporter (desa, kelurahan, kecamatan)"),
}
SCOPES: dict[str, str] = {
    Scope.READ: N_("read only"),
    Scope.WRITE: N_("read and change"),
    Scope.ADMIN: N_("read, change and manage accounts"),
}
#: Why somebody works in the console today; the English word goes to the audit log. A short list, so that nobody
#: writes a name there.
PURPOSES: dict[str, str] = {
    "daily watch": N_("Daily watch"),
    "incident": N_("An incident under way"),
    "clarification": N_("Clarifying a report"),
    "quality check": N_("Checking the quality of alerts"),
    "maintenance": N_("Maintenance"),
    "training": N_("Training or demonstration"),
}
#: The purpose of somebody who chose none.
FIRST_PURPOSE = next(iter(PURPOSES))
