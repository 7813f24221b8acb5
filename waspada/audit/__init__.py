"""The audit log: who did or read what, when and for which purpose. Append-only and hash-chained; ids, never content."""

from waspada.audit.service import AuditLog, audit_log
from waspada.audit.types import AuditAction, AuditEntry, Verification

__all__ = ["AuditAction", "AuditEntry", "AuditLog", "Verification", "audit_log"]
