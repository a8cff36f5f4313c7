"""Whole copies of a database, taken while it is in use, and put back."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from engine.errors import Invalid
from engine.store.session import address

PAGES_A_STEP = 2_000
OWN_TABLES = frozenset({"alembic_version", "authorities", "history"})
"""What every version of this program has, and together no other's database."""
POSTGRESQL_FOLDERS = Path("/usr/lib/postgresql")
"""Where Debian keeps the programs of each version, beside the newest ones on the path."""


def backup(url: str, target: Path) -> None:
    """Write a whole, consistent copy of the database at `url` to `target`, which appears only when complete.

    SQLite is copied with its own backup interface (never as a file), PostgreSQL with `pg_dump`. Raises
    `Invalid` when the copy cannot be made, or would not be one of this program's database.
    """
    part = target.with_name(target.name + ".part")
    try:
        _copy(address(url), part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _copy(url: sa.URL, target: Path) -> None:
    if url.get_backend_name() == "sqlite":
        _copy_sqlite(_file(url), target)
        tables = _tables(target)
    else:
        _run("pg_dump", ["--format=custom", f"--file={target}", f"--dbname={_plain_url(url)}"], url)
        tables = _tables_of_archive(target, url)
    if not tables >= OWN_TABLES:
        raise Invalid(
            "The database holds no tables of this program; run `caf init` first, or name another", field="database"
        )


def restore(url: str, source: Path) -> None:
    """Put a copy made by `backup` in place of the database at `url`, which must be empty or absent.

    Raises `Invalid` when the copy is damaged or not this program's, or the database holds anything.
    """
    if not source.is_file():
        raise Invalid(f"{source}: there is no such file", file=str(source))
    parsed = address(url)
    if parsed.get_backend_name() == "sqlite":
        _restore_sqlite(_file(parsed), source)
    else:
        _require_empty_postgresql(parsed)
        if not _tables_of_archive(source, parsed) >= OWN_TABLES:
            raise _not_ours(source)
        options = [
            "--no-owner",
            "--single-transaction",
            "--exit-on-error",
            f"--dbname={_plain_url(parsed)}",
            str(source),
        ]
        _run("pg_restore", options, parsed)


def _restore_sqlite(database: Path, source: Path) -> None:
    if database.exists() and _tables(database):
        raise Invalid(f"{database}: the database is not empty; move it away first", file=str(database))
    _require_sound(source)
    database.parent.mkdir(parents=True, exist_ok=True)
    _copy_sqlite(source, database)


def _require_sound(source: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as connection:
            sound = connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
    except sqlite3.DatabaseError as error:
        raise Invalid(f"{source}: this is not a whole backup of this program", file=str(source)) from error
    if not _tables(source) >= OWN_TABLES:
        raise _not_ours(source)
    if not sound:
        raise Invalid(f"{source}: the backup is damaged; use an earlier one", file=str(source))


def _not_ours(source: Path) -> Invalid:
    return Invalid(f"{source}: this is not a backup of this program", file=str(source))


def _copy_sqlite(source: Path, target: Path) -> None:
    if not source.exists():
        raise Invalid(f"{source}: there is no such database", file=str(source))
    try:
        with closing(sqlite3.connect(source)) as reading, closing(sqlite3.connect(target)) as writing:
            reading.backup(writing, pages=PAGES_A_STEP)
    except sqlite3.Error as error:
        raise Invalid(f"{target}: the copy cannot be written: {error}", file=str(target)) from error


def _tables(database: Path) -> frozenset[str]:
    with closing(sqlite3.connect(database)) as connection:
        return frozenset(name for (name,) in connection.execute("SELECT name FROM sqlite_master"))


def _tables_of_archive(archive: Path, url: sa.URL) -> frozenset[str]:
    """Return the tables in a copy that `pg_dump` made, from its list of contents: 215; 1259 16390 TABLE public x caf"""
    listed = _run("pg_restore", ["--list", str(archive)], url)
    entries = (line.split() for line in listed.splitlines() if not line.startswith(";"))
    return frozenset(entry[5] for entry in entries if len(entry) > 5 and entry[3] == "TABLE" and entry[4] != "DATA")


def _require_empty_postgresql(url: sa.URL) -> None:
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    try:
        if sa.inspect(engine).get_table_names():
            raise Invalid("The database is not empty; restore into a new one", field="database")
    finally:
        engine.dispose()


def _file(url: sa.URL) -> Path:
    if url.database in (None, "", ":memory:"):
        raise Invalid("A database in memory cannot be copied", field="database")
    return Path(str(url.database))


def _plain_url(url: sa.URL) -> str:
    """Return the address without the password, which goes through the environment: others can see arguments."""
    return url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)


def _run(program: str, options: list[str], url: sa.URL) -> str:
    found = shutil.which(program) or _newest(program)
    if found is None:
        raise Invalid(f"{program} is not on this machine; install PostgreSQL's client programs", field="database")
    environment = {**os.environ, "PGPASSWORD": str(url.password)} if url.password else dict(os.environ)
    done = subprocess.run([found, *options], env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode != 0:
        said = done.stderr.strip().splitlines()
        raise Invalid(f"{program} failed: {said[-1] if said else done.returncode}", field="database")
    return done.stdout


def _newest(program: str) -> str | None:
    versions = [path for path in POSTGRESQL_FOLDERS.glob(f"*/bin/{program}") if path.parts[-3].isdigit()]
    return str(max(versions, key=lambda path: int(path.parts[-3]))) if versions else None
