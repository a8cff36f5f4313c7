"""A simulated year, and the demo caseload of a first run: whole commands, each in a process of its own."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.furnished import ROOT, Databases
from bench.measuring import Figure, Scale

MOST_SECONDS = 300.0
MOST_MEGABYTES = 500
DEMO_SECONDS = 30.0


def measure(databases: Databases, scale: Scale) -> Iterator[Figure]:
    """Measure `caf simulate`, and what a first `make run` does before it serves. SQLite only: PostgreSQL waits for
    the disk, and a simulation is meant not to.
    """
    if databases.kind != "sqlite":
        return
    with databases.settings() as settings:
        yield _simulated(settings.variable_folder, scale)
    with databases.settings() as settings:
        yield _demo(settings.variable_folder)


@dataclass(frozen=True, slots=True)
class _Run:
    """What commands took together: seconds on the clock, seconds of CPU, the most memory of one of them."""

    seconds: float
    cpu: float
    megabytes: float
    progress: int


def _simulated(folder: Path, scale: Scale) -> Figure:
    size = ["--cases", str(scale.simulated_cases), "--days", str(scale.simulated_days), "--seed", "1"]
    run = _run(folder, ["simulate", *size, "--report", str(folder / "report.html")])
    whole = Scale()
    share = scale.simulated_cases * scale.simulated_days / (whole.simulated_cases * whole.simulated_days)
    reach = MOST_SECONDS * share
    smaller = "" if share == 1 else "; a smaller one, reach in proportion"
    return Figure(
        row="simulation",
        measure=f"simulate {scale.simulated_cases:,} cases over {scale.simulated_days} days{smaller}",
        database="sqlite",
        figure=f"{run.seconds:.0f} s ({run.cpu:.0f} s of CPU), {run.megabytes:.0f} MB, progress {run.progress} times",
        reach=f"at most {reach:.0f} s, under {MOST_MEGABYTES} MB, progress",
        met=run.seconds <= reach and run.megabytes < MOST_MEGABYTES and run.progress > 0,
        numbers={"seconds": run.seconds, "cpu_seconds": run.cpu, "megabytes": run.megabytes},
    )


def _demo(folder: Path) -> Figure:
    run = _run(folder, ["demo", "--prepare"])
    return Figure(
        row="simulation",
        measure="demo caseload on the first run (caf demo --prepare)",
        database="sqlite",
        figure=f"{run.seconds:.1f} s ({run.cpu:.1f} s of CPU), {run.megabytes:.0f} MB",
        reach=f"at most {DEMO_SECONDS:g} s",
        met=run.seconds <= DEMO_SECONDS,
        numbers={"seconds": run.seconds, "cpu_seconds": run.cpu, "megabytes": run.megabytes},
    )


def _run(folder: Path, *commands: list[str]) -> _Run:
    """Run `caf` commands one after another on the folder's own database."""
    environment = {**os.environ, "CAF_FOLDER": str(folder)}
    environment.pop("CAF_DATABASE_URL", None)
    folder.mkdir(parents=True)
    before, began, progress = _cpu(), time.perf_counter(), 0
    for command in commands:
        whole = [sys.executable, "-m", "web", *command]
        done = subprocess.run(whole, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"caf {' '.join(command)} failed:\n{done.stderr}")
        progress += sum(" of " in line for line in done.stderr.splitlines())
    seconds = time.perf_counter() - began
    # The most that any child of this process held, in KB: an upper bound, which other parts may have set.
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return _Run(seconds, _cpu() - before, held, progress)


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
