"""Forks child processes that do one act each, and kills or stops them at the event that was asked for.

Run as a program it answers one JSON line for each JSON line it is given. It has one thread and has the engine
imported, so a fork is safe and takes milliseconds. `Nursery` is the tests' side of it.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from engine.bootstrap import build_engine
from engine.clock import FakeClock
from engine.errors import EngineError
from engine.store import session
from engine.store.session import Sessions
from tests.engine_copies import share_compiled
from tests.faults.jobs import JOBS, Point, clock_at
from tests.small_models import LETTERS
from tests.worlds import open_world, settings_for, shipped_models

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Job:
    """One act for one child: at the instant `at` (ISO), on the database at `url`.

    At its event number `fault` (from 1) the child sends itself `signal`; None lets it live.
    """

    name: str
    url: str
    at: str
    arguments: dict[str, Any] = field(default_factory=dict)
    fault: int | None = None
    signal: int = signal.SIGKILL


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a child. `result` is what it acknowledged, perhaps just before it died; `events` all it did."""

    how: str
    pid: int
    result: Any = None
    error: str = ""
    events: Sequence[str] = ()


@dataclass(slots=True)
class Nursery:
    """Asks the forking program for children."""

    program: subprocess.Popen[str]

    def run(self, *jobs: Job) -> list[Outcome]:
        """Let all jobs begin at the same moment; return when each child has ended or stopped."""
        return [Outcome(**each) for each in self._ask({"run": [asdict(job) for job in jobs]})]

    def go_on(self, *stopped: Outcome) -> list[Outcome]:
        """Let stopped children run on to their end."""
        return [Outcome(**each) for each in self._ask({"go_on": [each.pid for each in stopped]})]

    def _ask(self, question: dict[str, Any]) -> Any:
        assert self.program.stdin is not None and self.program.stdout is not None
        self.program.stdin.write(json.dumps(question) + "\n")
        self.program.stdin.flush()
        return json.loads(self.program.stdout.readline())


@contextmanager
def open_nursery() -> Iterator[Nursery]:
    """Give a running nursery."""
    command = [sys.executable, "-m", "tests.faults.nursery"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True) as program:
        yield Nursery(program)
        assert program.stdin is not None
        program.stdin.close()


@dataclass(slots=True)
class _Child:
    pid: int
    report: IO[bytes]

    def outcome(self) -> dict[str, Any]:
        """Wait until the child ends or stops, and read what it reported."""
        _, status = os.waitpid(self.pid, os.WUNTRACED)
        how = "stopped" if os.WIFSTOPPED(status) else "killed" if os.WIFSIGNALED(status) else "ended"
        self.report.seek(0)
        lines = [json.loads(line) for line in self.report.read().decode().splitlines()]
        return {"how": how, "pid": self.pid, **{key: value for line in lines for key, value in line.items()}}


def _start(job: Job, gate: int) -> _Child:
    report = tempfile.TemporaryFile()  # noqa: SIM115 - the child writes to it, `outcome` reads it
    pid = os.fork()
    if pid:
        return _Child(pid, report)
    code = 1
    try:
        os.read(gate, 1)
        _work(job, report)
        code = 0
    finally:
        os._exit(code)


def _work(job: Job, report: IO[bytes]) -> None:
    engine = build_engine(settings_for(job.url), clock=FakeClock(clock_at(job.at)))
    share_compiled(engine)
    events: list[str] = []

    def point(name: str) -> None:
        events.append(name)
        if len(events) == job.fault:
            os.kill(os.getpid(), job.signal)

    _watch(engine.sessions.engine, point)
    _watch_acts(engine.sessions, point)
    answer: dict[str, Any] = {}
    try:
        answer["result"] = JOBS[job.name](engine, point, **job.arguments)
    except (EngineError, sa.exc.SQLAlchemyError) as error:
        answer["error"] = f"{type(error).__name__}: {error}"
    os.write(report.fileno(), json.dumps(answer).encode() + b"\n")
    point("acknowledged")
    os.write(report.fileno(), json.dumps({"events": events}).encode() + b"\n")


def _watch(engine: sa.Engine, point: Point) -> None:
    """Call `point` at every event of the database: before and after each statement, around begin and commit."""
    sa.event.listen(engine, "begin", lambda connection: point("begin"))
    sa.event.listen(engine, "before_cursor_execute", lambda *given: point(f"before {given[2][:60]}"))
    sa.event.listen(engine, "after_cursor_execute", lambda *given: point(f"after {given[2][:60]}"))
    if engine.dialect.name == "postgresql":
        _watch_commits(point)
    else:
        sa.event.listen(engine, "commit", lambda connection: point("before commit"))
    sa.event.listen(engine, "rollback", lambda connection: point("before rollback"))
    sa.event.listen(engine.pool, "checkin", lambda *given: point("connection given back"))


def _watch_commits(point: Point) -> None:
    """Call `point` before COMMIT on PostgreSQL, which an act says itself, in its pipeline."""
    original = session.say

    def say(connection: sa.Connection, words: str) -> None:
        if words == "COMMIT":
            point("before commit")
        original(connection, words)

    session.say = say


def _watch_acts(sessions: Sessions, point: Point) -> None:
    """Call `point` around every act, where no lock of any kind is held."""
    original = sessions.act

    @contextmanager
    def act() -> Iterator[sa.Connection]:
        point("before an act")
        with original() as connection:
            yield connection
        point("after an act")

    sessions.act = act  # type: ignore[method-assign]


def _answer(question: dict[str, Any], stopped: dict[int, _Child]) -> list[dict[str, Any]]:
    if "run" in question:
        gate, opener = os.pipe()
        children = [_start(Job(**each), gate) for each in question["run"]]
        os.write(opener, b"x" * len(children))
        os.close(opener)
        os.close(gate)
    else:
        children = [stopped.pop(pid) for pid in question["go_on"]]
        for child in children:
            os.kill(child.pid, signal.SIGCONT)
    outcomes = [child.outcome() for child in children]
    for child, outcome in zip(children, outcomes, strict=True):
        if outcome["how"] == "stopped":
            stopped[child.pid] = child
    return outcomes


def warm_up() -> None:
    """Do one of everything, so that children find what is read on first use: drivers, calendars, caches."""
    import_module("psycopg")
    with open_world(models={**shipped_models(), "letters.bpmn": LETTERS}) as world:
        case_id = world.start_case(process_key="letters")
        world.do("appoint", "hana", case_id=case_id, lead_professional=str(world.ids["hana"]))
        world.pass_days(2)


def main() -> None:
    """Answer questions until there are no more; no child outlives this."""
    warm_up()
    gc.freeze()  # else each child's first collection copies the whole of it
    stopped: dict[int, _Child] = {}
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_answer(json.loads(line), stopped)) + "\n")
        sys.stdout.flush()
    for pid in stopped:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
