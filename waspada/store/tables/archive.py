"""Raw pages that are kept."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from waspada.store.tables.base import Base, BigKey, Json


class ArchivedPageRow(Base):
    """The raw page that an item was read from. Its bytes stand in the archive folder, once for each content."""

    __tablename__ = "archived_pages"
    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64), index=True)  # of the body
    url_key: Mapped[str] = mapped_column(String(64))  # of the address that was announced
    item_id: Mapped[int] = mapped_column(ForeignKey("items.id", ondelete="CASCADE"), index=True)
    url: Mapped[str]  # where the answer came from
    status: Mapped[int]
    headers: Mapped[Json]  # those that matter: content-type, etag, last-modified
    fetched_at: Mapped[datetime] = mapped_column(index=True)
    body_bytes: Mapped[int]
    stored_bytes: Mapped[int]  # of the compressed file
    __table_args__ = (UniqueConstraint("url_key", "sha256"),)
