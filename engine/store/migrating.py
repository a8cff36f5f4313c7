"""Bring a database's schema to this version, with Alembic."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from engine.errors import Invalid
from engine.store.copies import OWN_TABLES
from engine.store.session import Sessions, open_sessions

_FOLDER = Path(__file__).parent / "migrations"
_VERSION_TABLE = "alembic_version"


def bring_up_to_date(sessions: Sessions) -> bool:
    """Run every migration not yet run, in one transaction; True when there was one.

    Raises `Invalid` for a database of somebody else, or of a later version.
    """
    with sessions.act() as connection:
        _refuse_somebody_elses(connection)
        if _version(connection) == _newest():
            return False
        _refuse_newer(connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    return True


def fill_memory(sessions: Sessions) -> None:
    """Give an empty SQLite database in memory the whole schema, in milliseconds from the second time on."""
    with closing(sqlite3.connect(":memory:")) as source, sessions.read() as connection:
        source.deserialize(_migrated_image())
        target = connection.connection.driver_connection
        assert isinstance(target, sqlite3.Connection)  # noqa: S101
        source.backup(target)


@cache
def _migrated_image() -> bytes:
    """Migrate once for each process: play, rehearsal and tests open many sandboxes."""
    with closing(open_sessions("sqlite://", durable=False)) as sessions:
        bring_up_to_date(sessions)
        with sessions.read() as connection:
            made = connection.connection.driver_connection
            assert isinstance(made, sqlite3.Connection)  # noqa: S101
            return made.serialize()


def require_current(sessions: Sessions) -> None:
    """Raise `Invalid`, saying what to do, when the schema is not this version's."""
    with sessions.read() as connection:
        found = _version(connection)
        if found == _newest():
            return
        _refuse_newer(connection)
    what = "has no tables yet" if found is None else "is from an earlier version"
    raise Invalid(f"The database {what}. Run `caf init` first.", field="database")


def _refuse_somebody_elses(connection: sa.Connection) -> None:
    tables = set(sa.inspect(connection).get_table_names()) - {_VERSION_TABLE}
    if tables and not tables >= OWN_TABLES - {_VERSION_TABLE}:
        some = ", ".join(sorted(tables)[:3])
        raise Invalid(
            f"The database holds tables that are not this program's ({some}); name an empty one", field="database"
        )


def _refuse_newer(connection: sa.Connection) -> None:
    found = _version(connection)
    known = {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
    if found is not None and found not in known:
        said = "The database was made by a later version of this program, or by another; use that, or name an empty one"
        raise Invalid(said, field="database")


def _version(connection: sa.Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _newest() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    return config
