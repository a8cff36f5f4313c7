"""Memory of a process that serves: resident size from 1,000 to 10,000 completed tasks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from bench.furnished import ROOT, Databases, Service, answers, furnish
from bench.measuring import Figure, Scale
from engine.clock import FakeClock, SystemClock
from engine.mail import courier
from engine.scheduler import tick
from engine.settings import Settings

MOST_GROWTH = 1.10
TICK_EVERY = 100


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure a process of its own that starts cases, completes their tasks and ticks, as server and scheduler do."""
    with databases.settings() as settings:
        command = [sys.executable, "-m", "bench.memory", str(scale.tasks_early), str(scale.tasks_late)]
        # The URL holds a password: it goes by standard input, where no list of processes shows it.
        given = json.dumps({"url": settings.database_url, "folder": str(settings.variable_folder)})
        done = subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT)
    early, late = json.loads(done.stdout)
    yield Figure(
        row="memory",
        measure=f"memory from {scale.tasks_early:,} to {scale.tasks_late:,} tasks completed",
        database=databases.kind,
        figure=f"{late / early:.3f}x ({early / 2**20:.1f} -> {late / 2**20:.1f} MB)",
        reach=f"at most {MOST_GROWTH:.2f}x",
        met=late / early <= MOST_GROWTH,
        numbers={"bytes_early": early, "bytes_late": late},
    )


def main() -> None:
    """Complete tasks until both counts are reached; print the resident bytes at each."""
    given = json.load(sys.stdin)
    settings = Settings(
        database_url=given["url"], variable_folder=Path(given["folder"]), secret_key="a bench keeps nothing secret here"  # noqa: S106
    )
    clock = FakeClock(SystemClock().now())
    service = furnish(settings, clock)
    sender = courier(settings)
    sizes = []
    done = 0
    for count in map(int, sys.argv[1:]):
        while done < count:
            done += _case(service)
            if done % TICK_EVERY < 4:
                clock.advance(timedelta(hours=8))
                tick(service.engine, sender)
        sizes.append(_resident())
    print(json.dumps(sizes))


def _case(service: Service) -> int:
    """Start a case and complete its three tasks and, when it came to that, the chaser; return how many."""
    case_id = service.start("peers")
    for element_id in ("task_a", "task_b", "task_c"):
        service.complete(service.open_tasks([case_id], element_id)[0], answers())
    return 3


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
