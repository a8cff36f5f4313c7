"""Copies of an engine that was furnished once: what it deployed and read is neither deployed nor read again."""

from __future__ import annotations

import sqlite3
import tempfile
from copy import deepcopy
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa

from engine.bootstrap import build_engine, sandbox
from engine.clock import FakeClock
from engine.library import Library
from engine.process_engine import ProcessEngine
from engine.settings import Settings
from engine.store.session import Sessions
from engine.store.tables import METADATA, running
from tests.postgres_cluster import KEEPERS


def settings_for(url: str) -> Settings:
    """Return settings for a test's database."""
    return Settings(url, Path(tempfile.gettempdir()) / "caf-tests", "a test holds nothing that needs a secret")


def copy_of(engine: ProcessEngine, *, clock: FakeClock, url: str | None = None) -> ProcessEngine:
    """Return an engine that holds what `engine` holds, in memory or in the database without rows at `url`.

    `engine` is in memory and is never changed again. `clock` stands where its own stood; in memory, ids go on as its
    own would. What it has read of its definitions is not read again.
    """
    copy = _place_for_copy(engine, clock, url)
    share_compiled(copy)
    if copy.sessions.dialect == "postgresql":
        _fill(copy.sessions, engine.sessions, KEEPERS.get(url or ""))
    return replace(copy, library=as_read(engine.library))


def _place_for_copy(engine: ProcessEngine, clock: FakeClock, url: str | None) -> ProcessEngine:
    """Return an engine on a copy of the whole database, or on PostgreSQL without its rows."""
    if url is not None:
        if url.startswith("sqlite:///"):
            write_file(engine, Path(url.removeprefix("sqlite:///")))
        return build_engine(settings_for(url), clock=clock)
    copy = sandbox(clock=clock)
    with engine.sessions.read() as reading, copy.sessions.read() as writing:
        _in_memory(reading).backup(_in_memory(writing))
    return replace(copy, ids=deepcopy(engine.ids, {id(engine.clock): clock}))


class _Compiled(dict[Any, Any]):
    """Statements compiled for any engine on the same kind of database: each has a dialect of its own, all alike."""

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get((key[0].name, *key[1:]), default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__((key[0].name, *key[1:]), value)


_COMPILED = _Compiled()


def share_compiled(engine: ProcessEngine) -> None:
    """Let an engine use the statements that others of this process have compiled, and they its own."""
    engine.sessions.engine.update_execution_options(compiled_cache=_COMPILED)


def _in_memory(connection: sa.Connection) -> sqlite3.Connection:
    found = connection.connection.driver_connection
    assert isinstance(found, sqlite3.Connection)
    return found


def write_file(engine: ProcessEngine, path: Path) -> None:
    """Write what `engine` holds as an SQLite file; `engine` is in memory and is never changed again."""
    path.write_bytes(_image(engine.sessions))


@lru_cache(maxsize=16)
def _image(sessions: Sessions) -> bytes:
    with sessions.read() as connection:
        return _in_memory(connection).serialize()


def _fill(sessions: Sessions, source: Sessions, keeper: psycopg.Connection | None) -> None:
    """Write the rows of `source` into a database on PostgreSQL: row by row once, then as PostgreSQL gave them out."""
    given_out = _given_out(source)
    if given_out and keeper is not None:
        with keeper.transaction():
            for table, content in given_out.items():
                with keeper.cursor().copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copying:
                    copying.write(content)
        return
    rows_of = _rows(source)
    with sessions.act() as writing:
        for table, rows in rows_of:
            writing.execute(sa.insert(table), rows)
    with sessions.read() as reading:
        for table, _ in rows_of:
            with reading.connection.cursor().copy(f'COPY "{table.name}" TO STDOUT (FORMAT binary)') as copying:
                given_out[table.name] = b"".join(copying)


@lru_cache(maxsize=16)
def _given_out(_source: Sessions) -> dict[str, bytes]:
    """Keep what PostgreSQL gives of each table that holds rows of a source; empty until it was asked."""
    return {}


def _rows(sessions: Sessions) -> list[tuple[sa.Table, list[dict[str, Any]]]]:
    with sessions.read() as connection:
        found = [(table, connection.execute(sa.select(table)).all()) for table in METADATA.sorted_tables]
    return [(table, [row._asdict() for row in rows]) for table, rows in found if rows]


def as_read(library: Library) -> Library:
    """Return a library that has read the same definitions; what else is kept is found anew."""
    copy = Library()
    for shelf in ("_processes", "_rules", "_forms", "_pins"):
        getattr(copy, shelf)._values.update(getattr(library, shelf)._values)
    return copy


def read_all(engine: ProcessEngine) -> None:
    """Let an engine's library read every definition that is deployed, for the copies made of the engine."""
    read = {"process": engine.library.process, "rules": engine.library.rules, "form": engine.library.form}
    with engine.sessions.read() as connection:
        for row in connection.execute(sa.select(running.definitions.c.id, running.definitions.c.kind)):
            if row.kind in read:  # the examples of rules are read when rules are deployed, and not kept
                read[row.kind](connection, row.id)
