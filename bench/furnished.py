"""A service to measure: an engine on an empty database, one case worker, and the models of this folder deployed."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.bootstrap import build_engine, prepare_database
from engine.casework.permissions import Actor
from engine.clock import Clock
from engine.commands import cases, deployments, setup, user_tasks
from engine.process_engine import ProcessEngine
from engine.settings import Settings
from engine.store.session import Sessions
from engine.store.sessions import token_hash
from engine.store.tables.people import accounts, sessions
from engine.store.tables.running import instances
from engine.store.tables.running import user_tasks as tasks
from tests.postgres_cluster import PostgresCluster, running_cluster

ROOT = Path(__file__).parent.parent
MODELS = Path(__file__).parent / "models"
DATABASES = ("sqlite", "postgresql")
KILOBYTES = 10

bare_rows = sa.Table(
    "bench_rows", sa.MetaData(), sa.Column("id", sa.Uuid, primary_key=True), sa.Column("body", sa.Text, nullable=False)
)


@dataclass(frozen=True, slots=True)
class Service:
    """An engine with somebody to act on it."""

    engine: ProcessEngine
    authority_id: UUID
    worker: Actor
    manager_id: UUID

    def bare_row(self, body: str) -> None:
        """Commit one row of `body`: the unit that acts are measured in."""
        with self.engine.sessions.engine.begin() as connection:
            connection.execute(_INSERT_BARE, {"id": self.engine.ids.new(), "body": body})

    def start(self, process_key: str, *, address: str = "") -> UUID:
        """Open a case with `process_key` and return its id."""
        child = cases.Child(given_name="Ada", family_name="Bench", born_on=date(2019, 5, 1), address=address)
        return cases.start(self.engine, actor=self.worker, child=child, process_key=process_key).case_id

    def complete(self, task_id: UUID, answers: Mapping[str, Any]) -> user_tasks.Completed:
        """Complete a task as the case worker."""
        return user_tasks.complete(self.engine, actor=self.worker, task_id=task_id, answers=answers)

    def complete_all(self, case_ids: Sequence[UUID], element_id: str) -> None:
        """Complete the open tasks of an element on these cases, with 10 KB each."""
        for task_id in self.open_tasks(case_ids, element_id):
            self.complete(task_id, answers())

    def open_tasks(self, case_ids: Sequence[UUID], element_id: str) -> list[UUID]:
        """Return the open tasks of an element on these cases."""
        with self.engine.sessions.read() as connection:
            return list(
                connection.execute(
                    sa.select(tasks.c.id).where(
                        tasks.c.case_id.in_(case_ids), tasks.c.element_id == element_id, tasks.c.state == "open"
                    )
                ).scalars()
            )

    def state_size(self, case_id: UUID) -> int:
        """Return the bytes of the largest instance's state of a case."""
        with self.engine.sessions.read() as connection:
            size = sa.select(sa.func.max(sa.func.length(instances.c.state))).where(instances.c.case_id == case_id)
            return int(connection.execute(size).scalar() or 0)


def session_of(service: Service) -> str:
    """Return the token of a new session of the worker's."""
    return session_for(service.engine, service.worker.account_id)


def session_for(engine: ProcessEngine, account_id: UUID) -> str:
    """Return the token of a new session of an account, as signing in gives one."""
    now, token = engine.clock.now(), secrets.token_urlsafe(32)
    session = {"token_hash": token_hash(token), "account_id": account_id}
    with engine.sessions.act() as connection:
        connection.execute(sa.insert(sessions).values(**session, started_at=now, expires_at=now + timedelta(hours=12)))
    return token


_INSERT_BARE = sa.insert(bare_rows)


def words(kilobytes: float) -> str:
    """Return readable text of about this size, different each time."""
    line = secrets.token_hex(8) + " the family said that school mornings are better now; "
    return (line * (int(kilobytes * 1024) // len(line) + 1))[: int(kilobytes * 1024)]


def answers() -> dict[str, str]:
    """Return answers of 10 KB to the form of the peers' model."""
    return {"going_on": "yes"} | {f"notes_{number}": words(KILOBYTES / 8) for number in range(1, 9)}


@contextmanager
def databases(kinds: Sequence[str]) -> Iterator[dict[str, Databases]]:
    """Give a source of empty databases for each kind; PostgreSQL is a cluster of its own on loopback."""
    with tempfile.TemporaryDirectory(prefix="caf-bench-", dir=_on_disk()) as folder:
        found: dict[str, Databases] = {}
        if "sqlite" in kinds:
            found["sqlite"] = Databases("sqlite", Path(folder))
        if "postgresql" not in kinds:
            yield found
            return
        with running_cluster() as cluster:
            # The tests put it off; a real server has this, PostgreSQL's own setting.
            cluster.admin.execute("ALTER SYSTEM SET autovacuum_naptime = '1min'")
            cluster.admin.execute("SELECT pg_reload_conf()")
            yield found | {"postgresql": Databases("postgresql", Path(folder), cluster)}


@dataclass(frozen=True, slots=True)
class Databases:
    """Makes empty databases of one kind."""

    kind: str
    folder: Path
    cluster: PostgresCluster | None = None

    @contextmanager
    def service(self, clock: Clock, *, files: Mapping[str, bytes] | None = None) -> Iterator[Service]:
        """Give a furnished service on a fresh database, removed afterwards."""
        with self.settings() as settings:
            service = furnish(settings, clock, files=files)
            try:
                yield service
            finally:
                service.engine.sessions.close()

    @contextmanager
    def settings(self) -> Iterator[Settings]:
        """Give the settings of a fresh, empty database, removed afterwards."""
        name = secrets.token_hex(4)
        url = self.cluster.create() if self.cluster else f"sqlite:///{self.folder / name}.db"
        try:
            yield Settings(database_url=url, variable_folder=self.folder / name, secret_key=secrets.token_hex(32))
        finally:
            if self.cluster:
                self.cluster.drop(url)
            for left in self.folder.glob(f"{name}.db*"):
                left.unlink()

    def rested(self, *services: Service) -> None:
        """Let the databases of `services` do now what they would do in their own time, as after a great change."""
        self.rested_all(*(service.engine.sessions for service in services))

    def rested_all(self, *opened: Sessions) -> None:
        """Do the same for open databases."""
        for sessions_of_one in opened:
            with sessions_of_one.engine.connect() as connection:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.execute(sa.text("ANALYZE" if self.cluster is None else "VACUUM (ANALYZE)"))
        if self.cluster:
            self.cluster.admin.execute("CHECKPOINT")


def furnish(settings: Settings, clock: Clock, *, files: Mapping[str, bytes] | None = None) -> Service:
    """Make the schema, a case worker with a manager, and deploy `files` (by default all models and rules)."""
    prepare_database(settings)
    engine = build_engine(settings, clock=clock)
    bare_rows.metadata.create_all(engine.sessions.engine)
    authority_id = setup.create_authority(engine, key="bench", name="Bench")
    names = setup.add_people(engine, authority_id=authority_id, new=_PEOPLE)
    deployments.deploy(engine, authority_id=authority_id, files=files or model_files())
    with engine.sessions.read() as connection:
        account = connection.execute(
            sa.select(accounts.c.id).where(accounts.c.practitioner_id == names["Hana Vale"])
        ).scalar_one()
    worker = Actor(account, names["Hana Vale"], authority_id, "Hana Vale", frozenset({"case_worker"}))
    return Service(engine, authority_id, worker, names["Mo Marsh"])


def model_files() -> dict[str, bytes]:
    """Return the models of this folder, the service's own processes and its rules."""
    found = [*MODELS.iterdir(), *(ROOT / "processes").rglob("*"), *(ROOT / "rules").glob("*.dmn")]
    return {path.name: path.read_bytes() for path in found if path.suffix in (".bpmn", ".form", ".dmn")}


def _on_disk() -> str | None:
    """Return a folder on a disk: where /tmp is kept in memory, a commit would cost nothing."""
    return _DISK if Path(_DISK).is_dir() else None


_DISK = "/var/tmp"  # noqa: S108 - a private folder is made in it
_PEOPLE = (
    setup.Person(
        name="Mo Marsh", job_title="Team manager", agency="Health", username="mo", password=secrets.token_hex(9),
        email="mo@bench.test", roles=["line_manager"],
    ),
    setup.Person(
        name="Hana Vale", job_title="Health visitor", agency="Health", manager="Mo Marsh", username="hana",
        password=secrets.token_hex(9), email="hana@bench.test", roles=["case_worker"],
    ),
)  # fmt: skip
