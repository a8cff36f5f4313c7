"""A PostgreSQL cluster for one test session: its own folder, a free loopback port, never root, stopped at the end."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import os
import pwd
import re
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

HOST = "127.0.0.1"
OWNER = "caf"
# Debian makes the first; every Unix has the second.
UNPRIVILEGED = ("postgres", "nobody")
START_ATTEMPTS = 3
# What the tests prove is that nothing is lost when a program dies at any moment: a commit is with the operating system
# when it is answered, as always. Nobody pulls the plug of the machine here, so nothing waits for its disk.
SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "30min",
    "autovacuum_naptime": "5min",
    "timezone": "UTC",
    "synchronous_commit": "on",
    "fsync": "off",
    "full_page_writes": "off",
}


class PostgresUnavailable(RuntimeError):
    """The server could not be found or started; the message says what to do."""


@dataclass(frozen=True, slots=True)
class _Lent:
    """A database, its keeper, the tables that a test may fill, and what its schema looked like when it was made.

    The keeper is a connection that stays: it knows the tables by heart, which a new one has to look up, and it checks
    no foreign key and runs no trigger.
    """

    name: str
    keeper: psycopg.Connection
    tables: tuple[str, ...]
    schema: object


KEEPERS: dict[str, psycopg.Connection] = {}
"""The keepers of the databases that are lent now, by URL."""

# Whoever changes a schema writes rows of these, and `xmin` names the transaction that wrote a row.
_CATALOGUES = (
    "pg_class", "pg_attribute", "pg_attrdef", "pg_constraint", "pg_index", "pg_trigger", "pg_proc", "pg_namespace",
)  # fmt: skip
_SCHEMA = sql.SQL("SELECT {}").format(
    sql.SQL(", ").join(
        sql.SQL("(SELECT (count(*), max(xmin::text::bigint))::text FROM {})").format(sql.Identifier(name))
        for name in _CATALOGUES
    )
)
# Diagrams are compressed in every database; not every PostgreSQL has the quick way.
_QUICK_COMPRESSION = """
    SELECT set_config(name, 'lz4', false) FROM pg_settings
    WHERE name = 'default_toast_compression' AND 'lz4' = ANY(enumvals)
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version'"


@dataclass(frozen=True, slots=True)
class PostgresCluster:
    """A running cluster. Databases are made and dropped over one administrator's connection."""

    port: int
    password: str
    admin: psycopg.Connection
    waiting: dict[str, list[_Lent]] = field(default_factory=dict)

    def create(self, *, template: str = "template0") -> str:
        """Make a database from `template` and return its SQLAlchemy URL."""
        name = f"test_{secrets.token_hex(6)}"
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.admin.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop the database at `url`, ending whatever is still connected to it."""
        name = database_name(url)
        self.admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def lend(self, template: str) -> Iterator[str]:
        """Give the URL of a database that is as `template`, which has tables and no rows; it is lent again afterwards.

        Making and dropping one takes longer than most tests: emptying it does not. One whose schema a test has changed
        is dropped all the same.
        """
        waiting = self.waiting.setdefault(template, [])
        lent = waiting.pop() if waiting else self._make(template)
        url = self.url(lent.name)
        KEEPERS[url] = lent.keeper
        try:
            yield url
        finally:
            del KEEPERS[url]
            if self._emptied(lent):
                waiting.append(lent)
            else:
                lent.keeper.close()
                self.drop(url)

    def _make(self, template: str) -> _Lent:
        name = database_name(self.create(template=template))
        keeper = psycopg.connect(host=HOST, port=self.port, user=OWNER, password=self.password, dbname=name)
        with keeper.transaction():
            keeper.execute("SET session_replication_role = replica")
            keeper.execute(_QUICK_COMPRESSION)
            tables = tuple(row[0] for row in keeper.execute(_TABLES))
            return _Lent(name, keeper, tables, keeper.execute(_SCHEMA).fetchone())

    def _emptied(self, lent: _Lent) -> bool:
        """Empty a database that nobody uses any more; False when its schema is no longer as it was."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> %s"
        self.admin.execute(others, [lent.name, lent.keeper.info.backend_pid])
        with lent.keeper.transaction():
            if lent.keeper.execute(_SCHEMA).fetchone() != lent.schema:
                return False
            emptied = (sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in lent.tables)
            lent.keeper.execute(sql.SQL("; ").join(emptied))
        return True

    def url(self, name: str) -> str:
        """Return the SQLAlchemy URL of the database called `name`."""
        return f"postgresql+psycopg://{OWNER}:{self.password}@{HOST}:{self.port}/{name}"


def database_name(url: str) -> str:
    """Return the database's name, the last part of `url`."""
    return url.rpartition("/")[2]


@contextmanager
def running_cluster() -> Iterator[PostgresCluster]:
    """Give a started cluster; stop it and remove its folder afterwards. Raises `PostgresUnavailable`."""
    programs = find_programs()
    user = _unprivileged_user()
    folder = Path(tempfile.mkdtemp(prefix="caf-postgres-"))
    try:
        if user:
            os.chown(folder, user.pw_uid, user.pw_gid)
        password = secrets.token_urlsafe(16)
        _initialise(programs, folder, user, password)
        port = _start(programs, folder, user)
        try:
            with psycopg.connect(
                host=HOST, port=port, user=OWNER, password=password, dbname="postgres", autocommit=True
            ) as admin:
                quickly_checked = sql.SQL("ALTER ROLE {} PASSWORD {}")
                admin.execute(quickly_checked.format(sql.Identifier(OWNER), sql.Literal(_verifier(password))))
                cluster = PostgresCluster(port=port, password=password, admin=admin)
                yield cluster
                for lent in itertools.chain.from_iterable(cluster.waiting.values()):
                    lent.keeper.close()
        finally:
            _run([programs / "pg_ctl", "stop", "-D", folder / "data", "-m", "fast", "-w"], user, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def find_programs() -> Path:
    """Return the folder of the newest server's programs. Raises `PostgresUnavailable` when there is none."""
    debian = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if debian:
        return max(debian, key=lambda folder: int(re.sub(r"\D", "", folder.parent.name) or 0))
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    raise PostgresUnavailable(
        "These tests need the PostgreSQL server's programs. Run `make test`, which installs them where it may, "
        "or: sudo apt-get install --no-install-recommends postgresql"
    )


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Return whom to run the server as, or None for ourselves: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next((known[name] for name in UNPRIVILEGED if name in known), None)
    if user is None:
        raise PostgresUnavailable(f"The tests run as root and none of these users exists: {', '.join(UNPRIVILEGED)}")
    return user


def _initialise(programs: Path, folder: Path, user: pwd.struct_passwd | None, password: str) -> None:
    secret = folder / "password"
    secret.write_text(password, encoding="ascii")
    secret.chmod(0o600)
    if user:
        os.chown(secret, user.pw_uid, user.pw_gid)
    _run(
        [
            programs / "initdb", "--pgdata", folder / "data", "--username", OWNER, "--pwfile", secret,
            "--auth", "scram-sha-256", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-instructions",
        ],
        user,
        folder,
    )  # fmt: skip
    secret.unlink()
    with (folder / "data" / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())


def _verifier(password: str) -> str:
    """Return what PostgreSQL keeps to know a password by (RFC 5803), made in one round instead of 4,096.

    Tests connect thousands of times; a random password of one cluster needs no slow guessing.
    """
    salt = secrets.token_bytes(16)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 1)
    client, server = (hmac.digest(salted, name, "sha256") for name in (b"Client Key", b"Server Key"))
    kept, stored, known = (base64.b64encode(each).decode() for each in (salt, hashlib.sha256(client).digest(), server))
    return f"SCRAM-SHA-256$1:{kept}${stored}:{known}"


def _start(programs: Path, folder: Path, user: pwd.struct_passwd | None) -> int:
    """Start the server and return its port: another process may take a free one first, so try a few."""
    failure: Exception | None = None
    for _ in range(START_ATTEMPTS):
        port = _free_port()
        start = [programs / "pg_ctl", "start", "-D", folder / "data", "-l", folder / "log", "-w", "-o", f"-p {port}"]
        try:
            _run(start, user, folder)
        except PostgresUnavailable as error:
            failure = error
        else:
            return port
    log = folder / "log"
    words = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise PostgresUnavailable(f"PostgreSQL did not start: {failure}\n{words}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _run(command: list[str | Path], user: pwd.struct_passwd | None, folder: Path) -> None:
    identity = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}
    # The server outlives pg_ctl and would hold a pipe open for ever: output goes to a file.
    with tempfile.TemporaryFile() as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd=folder, check=False,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8"}, **identity,
        )  # fmt: skip
        output.seek(0)
        words = output.read().decode(errors="replace")
    if done.returncode:
        raise PostgresUnavailable(f"{Path(command[0]).name} failed ({done.returncode}): {words.strip()[-2000:]}")
