"""The memory of a web worker while it sends a list of very many rows as a file, over HTTP."""

from __future__ import annotations

import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from bench.board import fill
from bench.furnished import Databases, Service, furnish, session_for
from bench.measuring import Figure, Scale
from bench.serving import served
from engine.clock import SystemClock
from engine.store.tables.people import account_roles, accounts
from web.auth import COOKIE

ROWS: Final = 100_000
FEW: Final = "state=critically_overdue"
"""A choice of the same list that a worker sends before it is measured: its parts are then read and ready."""
MOST_MEGABYTES: Final = 30.0


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure one worker of `caf serve`: the most it holds while the file leaves, beside what it held before."""
    rows = min(ROWS, scale.open_cases)
    with databases.settings() as settings:
        service = furnish(settings, SystemClock())
        fill(service, rows, service.engine.clock.now().date())
        token = session_for(service.engine, _made_coordinator(service))
        with served(settings, workers=1) as (port, parent):
            # A coordinator's pages keep figures of the whole authority: they are there before, as on any day.
            for path in (f"/overdue.csv?{FEW}", "/where-cases-stand"):
                _fetched(port, token, path)
            worker = max(_below(parent), key=lambda pid: _megabytes(pid, "VmRSS"))
            before = _megabytes(worker, "VmRSS")
            Path(f"/proc/{worker}/clear_refs").write_text("5")
            began = time.perf_counter()
            lines, size = _fetched(port, token, "/overdue.csv")
            seconds, most = time.perf_counter() - began, _megabytes(worker, "VmHWM")
        service.engine.sessions.close()
    assert lines > rows, f"{lines} lines of {rows} rows came"
    yield Figure(
        row="files",
        measure=f"the board as CSV over HTTP, {rows:,} rows, {size / 2**20:.1f} MB; resident memory of the worker",
        database=databases.kind,
        figure=f"grew by {most - before:.1f} MB at most, from {before:.0f} MB; {seconds:.1f} s",
        reach=f"under {MOST_MEGABYTES:g} MB",
        met=most - before < MOST_MEGABYTES,
        numbers={"megabytes": most - before, "before": before, "rows": rows, "seconds": seconds},
    )


def _made_coordinator(service: Service) -> UUID:
    """Let the manager see the whole authority, and return their account."""
    with service.engine.sessions.act() as connection:
        own = sa.select(accounts.c.id).where(accounts.c.practitioner_id == service.manager_id)
        account: UUID = connection.execute(own).scalar_one()
        role = {"account_id": account, "role": "coordinator", "from_on": service.engine.clock.now().date()}
        id_ = service.engine.ids.new()
        connection.execute(sa.insert(account_roles).values(id=id_, authority_id=service.authority_id, **role))
    return account


def _fetched(port: int, token: str, path: str) -> tuple[int, int]:
    """Fetch a file a little at a time, and return how many lines and bytes came."""
    connection = HTTPConnection("127.0.0.1", port, timeout=900)
    connection.request("GET", path, headers={"Cookie": f"{COOKIE}={token}"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.status
    lines = size = 0
    while some := answer.read(65_536):
        lines, size = lines + some.count(b"\n"), size + len(some)
    connection.close()
    return lines, size


def _below(parent: int) -> list[int]:
    """Return the processes that a process started, and those they started."""
    started: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            above = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        started.setdefault(above, []).append(int(folder.name))
    found, waiting = [], [parent]
    while waiting:
        children = started.get(waiting.pop(), [])
        found += children
        waiting += children
    return found


def _megabytes(pid: int, what: str) -> float:
    """Return a line of a process's status that is in kB: `VmRSS` (now) or `VmHWM` (the most)."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(what)) / 1024
