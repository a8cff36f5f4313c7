"""Ids that a row gives as text, as SQLite's do and JSON: a page of a long case has thousands, most of them again."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final
from uuid import UUID, SafeUUID

import sqlalchemy as sa

_set = object.__setattr__
_UNKNOWN = SafeUUID.unknown  # looked up once: an enumeration is slow to give its members
_KEPT: Final = 20_000
"""How many ids are kept ready: some 5 MB, for the people and cases that most rows name."""


@lru_cache(_KEPT)
def read_uuid(text: str | None) -> UUID | None:
    """Return the UUID whose hexadecimal digits the database wrote, as `UUID(text)` does; None for None.

    What `UUID` asks first, which of six spellings it is given and whether it is well-formed, takes it most of its time.
    The same object each time: to be looked for in a dictionary, two that are equal are compared by Python code.
    """
    if text is None:
        return None
    found = UUID.__new__(UUID)
    _set(found, "int", int(text.replace("-", ""), 16))
    _set(found, "is_safe", _UNKNOWN)
    return found


class QuickUuid(sa.Uuid[UUID]):
    """`sa.Uuid`, read by `read_uuid`."""

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        """Return what reads a value."""
        return read_uuid


def read_quickly(engine: sa.Engine) -> None:
    """Let `engine`, of a database that keeps UUIDs as text, read every column of them by `read_uuid`."""
    engine.dialect.colspecs = {**engine.dialect.colspecs, sa.Uuid: QuickUuid}
