"""What every table shares: names of keys and indexes, and how Python types are stored."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Float, Integer, MetaData, Text
from sqlalchemy.orm import DeclarativeBase

from waspada.store.types import UtcDateTime

Json = dict[str, Any]
#: SQLite only numbers INTEGER keys by itself; PostgreSQL wants the wide type.
BigKey = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_N_label)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: UtcDateTime, Json: JSON, str: Text, float: Float, bool: Boolean}  # noqa: RUF012
