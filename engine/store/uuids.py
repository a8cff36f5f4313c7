"""How SQLite's rows give their ids, which are text there: a page of a long case has thousands."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, SafeUUID

import sqlalchemy as sa

_set = object.__setattr__


def read_uuid(text: str | None) -> UUID | None:
    """Return the UUID whose 32 hexadecimal digits the database wrote, as `UUID(text)` does; None for None.

    What `UUID` asks first, which of six spellings it is given and whether it is well-formed, takes it most of its time.
    """
    if text is None:
        return None
    found = UUID.__new__(UUID)
    _set(found, "int", int(text, 16))
    _set(found, "is_safe", SafeUUID.unknown)
    return found


class QuickUuid(sa.Uuid[UUID]):
    """`sa.Uuid`, read by `read_uuid`."""

    def result_processor(self, dialect: sa.Dialect, coltype: object) -> Callable[[Any], UUID | None] | None:
        """Return what reads a value."""
        return read_uuid


def read_quickly(engine: sa.Engine) -> None:
    """Let `engine`, of a database that keeps UUIDs as text, read every column of them by `read_uuid`."""
    engine.dialect.colspecs = {**engine.dialect.colspecs, sa.Uuid: QuickUuid}
