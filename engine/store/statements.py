"""Statements compiled once: found again by which object they are, before SQLAlchemy asks what they say."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.util import LRUCache

_LEARNT: Final = 500
"""How many compiled statements are kept by what they say: as many as SQLAlchemy keeps itself."""
_MOST: Final = 1500
"""How many statements are known by identity: more than a service has; past it they are learnt anew."""


class CompiledStatements(LRUCache[Any, Any]):
    """What SQLAlchemy's own cache of one engine is, with a way past comparing statements clause by clause.

    To hash a statement of a page of text takes it as long as SQLite needs to answer one: each clause in it is asked,
    every time. A statement made once, as ours on the hot paths are, is the same object the next time.
    """

    def __init__(self) -> None:
        super().__init__(_LEARNT)
        self._same: dict[Any, tuple[Any, Any]] = {}

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the compiled form of (dialect, statement, columns, translated, many), or `default`."""
        _, statement, columns, _, many = key
        place = (id(statement), columns, many)
        known = self._same.get(place)
        # An id may be another's by now: what is kept alive here is not.
        if known is not None and known[0] is statement:
            return known[1]
        found = super().get(key, default)
        if found is not None:
            if len(self._same) >= _MOST:
                self._same = {}
            self._same[place] = (statement, found)
        return found


def compile_once(engine: sa.Engine) -> None:
    """Let `engine` find the statements that it has compiled by what they are."""
    engine.update_execution_options(compiled_cache=CompiledStatements())
