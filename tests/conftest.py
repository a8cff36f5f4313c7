"""What every test may ask for: a fresh database of each kind, a clock that stands still, a real Chromium."""

from __future__ import annotations

import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import HealthCheck, settings

from engine import passwords
from engine.bootstrap import prepare_database
from engine.clock import FakeClock
from tests.postgres_cluster import PostgresCluster, database_name, running_cluster
from tests.worlds import settings_for

# A Monday, in winter time, with no bank holiday near.
MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# How long an example takes says more of the machine than of the code.
settings.register_profile("unhurried", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("unhurried")
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
# Nothing here outlives the machine, and each act on a file waits for the disk: where a folder in memory has room for
# the databases of all workers, they are in that.
MEMORY, ROOM = Path("/dev/shm"), 8 * 2**30
if "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free >= ROOM:
    tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)


class OutsideNetworkUsed(RuntimeError):
    """A test tried to reach something other than this machine."""


def _is_loopback(host: object) -> bool:
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host)).is_loopback
    except ValueError:
        return False


def _refuse_outside_network(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        # A Unix socket's address is a path.
        if isinstance(address, tuple) and not _is_loopback(address[0]):
            raise OutsideNetworkUsed(f"A test may only reach this machine, not {address[0]}")
    elif event == "socket.getaddrinfo":
        host = arguments[0].decode() if isinstance(arguments[0], bytes) else arguments[0]
        if not _is_loopback(host):
            raise OutsideNetworkUsed(f"A test may only reach this machine, not {host}")


def pytest_collection_finish() -> None:
    """Look less often for what nobody holds any more, and never among the thousands of tests that now wait."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


# An audit hook also sees libraries that kept their own reference to `socket`; it lasts as long as the process.
sys.addaudithook(_refuse_outside_network)


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """Make hashing a password cheap: tests sign in thousands of times. No setting of the service can do this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "PasswordHasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture
def fake_clock() -> FakeClock:
    """Give a clock that stands at nine on Monday 2 March 2026 until it is moved."""
    return FakeClock(MONDAY_MORNING)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresCluster]:
    """Give this process's PostgreSQL cluster, started when a test first asks."""
    with running_cluster() as cluster:
        yield cluster


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """Give the URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'caf.db'}"


@pytest.fixture
def postgresql_url(postgres: PostgresCluster) -> Iterator[str]:
    """Give the URL of a fresh, empty PostgreSQL database, dropped afterwards."""
    url = postgres.create()
    yield url
    postgres.drop(url)


BOTH_DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH_DATABASES)
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database without tables: the test runs once on SQLite and once on PostgreSQL."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give an SQLite file with the service's tables and no rows, to copy: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "caf.db"
    prepare_database(settings_for(f"sqlite:///{path}"))
    return path


@pytest.fixture(scope="session")
def migrated_postgresql(postgres: PostgresCluster) -> str:
    """Give the name of a PostgreSQL database with the service's tables and no rows, to make others from."""
    url = postgres.create()
    prepare_database(settings_for(url))
    return database_name(url)


@pytest.fixture
def migrated_sqlite_url(sqlite_url: str, migrated_sqlite: Path, tmp_path: Path) -> str:
    """Give the URL of an SQLite file of this test with the service's tables and no rows."""
    shutil.copyfile(migrated_sqlite, tmp_path / "caf.db")
    return sqlite_url


@pytest.fixture
def migrated_postgresql_url(postgres: PostgresCluster, migrated_postgresql: str) -> Iterator[str]:
    """Give the URL of a PostgreSQL database with the service's tables and no rows, emptied afterwards."""
    with postgres.lend(migrated_postgresql) as url:
        yield url


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """Give the URL of a fresh database with the service's tables: the test runs once on each kind."""
    url: str = request.getfixturevalue(f"migrated_{request.param}_url")
    return url


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the system's Chromium, which Playwright would otherwise want to download."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": list(CHROMIUM_ARGUMENTS)}


def chromium() -> str:
    """Return the path of the system's Chromium. Raises `RuntimeError` when there is none."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("CAF_TEST_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found is None:
        raise RuntimeError("Browser tests need Chromium: run `make test`, or sudo apt-get install chromium")
    return found
