"""Keys that make pseudonyms."""

from __future__ import annotations

from sqlalchemy import LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base


class PseudonymKeyRow(Base):
    """The key of one period's pseudonyms; the row is deleted with the period, and with it the way back."""

    __tablename__ = "pseudonym_keys"
    period: Mapped[str] = mapped_column(String(10), primary_key=True)
    key: Mapped[bytes] = mapped_column(LargeBinary)
