"""Changed rules tried out on a very large caseload: the whole command, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa

from bench import caseload
from bench.furnished import ROOT, Databases, Service
from bench.measuring import Figure, Scale
from engine.clock import FakeClock, SystemClock
from engine.store import checks, facts
from engine.store.tables.record import cases

MOST_SECONDS = 60.0
MOST_MEGABYTES = 500
BATCH = 1_000
CHANGES = {b'time limit("silence_remind_days")': b"12", b'&gt; time limit("action_remind_days")': b"&gt; 3"}
"""What the draft says instead: news is missed, and an action is late, sooner than by the rules in force."""


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure `caf whatif` over a caseload whose facts are kept, as they are of every case once it was judged."""
    with databases.service(FakeClock(SystemClock().now())) as service:
        caseload.write(service, plans=scale.tried_cases, today=service.engine.clock.now().date())
        _keep_facts(service)
        with tempfile.TemporaryDirectory(prefix="caf-draft-") as folder:
            yield _figure(databases.kind, scale, _run(service, Path(folder)))


def _keep_facts(service: Service) -> None:
    """Keep the facts of every case as judging does, without acting on what the rules say of them."""
    engine = service.engine
    after = UUID(int=0)
    while True:
        with engine.sessions.act() as connection:
            some = sa.select(cases.c.id).where(cases.c.id > after, cases.c.closed_on.is_(None))
            ids = list(connection.execute(some.order_by(cases.c.id).limit(BATCH)).scalars())
            if not ids:
                return
            found = facts.gather(connection, ids)
            at = engine.clock.now()
            checks.keep_facts(connection, found, authority_id=service.authority_id, at=at, ids=engine.ids)
            judged = sa.update(cases).where(cases.c.id.in_(ids))
            connection.execute(judged.values(checked_version=cases.c.version))
        after = ids[-1]


@dataclass(frozen=True, slots=True)
class _Run:
    """What the command took: seconds on the clock and of CPU, the most memory it held, how often it told how far."""

    seconds: float
    cpu: float
    megabytes: float
    progress: int
    said: list[str]


def _run(service: Service, folder: Path) -> _Run:
    draft, out, err = folder / "escalation.dmn", folder / "out", folder / "err"
    text = (ROOT / "rules" / "escalation.dmn").read_bytes()
    for cell, other in CHANGES.items():
        assert cell in text, cell
        text = text.replace(cell, other)
    draft.write_bytes(text)
    settings = service.engine.settings
    command = [sys.executable, "-m", "web", "whatif", str(draft), "--database", settings.database_url]
    environment = {**os.environ, "CAF_FOLDER": str(folder)}
    began = time.perf_counter()
    with out.open("w") as said, err.open("w") as told:
        child = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=said, stderr=told)
        _, status, used = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    progress = err.read_text().splitlines()
    assert child.returncode == 0, progress[-1:]
    cpu, megabytes = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    return _Run(seconds, cpu, megabytes, sum(" of " in line for line in progress), out.read_text().splitlines())


def _figure(kind: str, scale: Scale, run: _Run) -> Figure:
    reach = MOST_SECONDS * scale.tried_cases / Scale().tried_cases
    found = next(line for line in run.said if "newly escalating" in line).split()[0]
    return Figure(
        row="whatif",
        measure=f"what-if of escalation.dmn over {scale.tried_cases:,} open cases (the whole command)",
        database=kind,
        figure=(
            f"{run.seconds:.1f} s ({run.cpu:.1f} s of CPU), {run.megabytes:.0f} MB; {found} newly escalate; "
            f"progress {run.progress} times"
        ),
        reach=f"at most {reach:g} s on one core, under {MOST_MEGABYTES} MB, progress",
        # The machine may be busy with other work: what counts is what one core of ours was busy for.
        met=run.cpu <= reach and run.megabytes < MOST_MEGABYTES and run.progress > 1,
        numbers={"seconds": run.seconds, "cpu_seconds": run.cpu, "megabytes": run.megabytes},
    )
