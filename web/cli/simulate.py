"""`caf simulate`: a year of a caseload in minutes, on a database of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path

from engine.bootstrap import build_engine, prepare_database
from engine.commands import setup
from engine.errors import Invalid
from engine.ids import SeededIds
from engine.process_engine import ProcessEngine
from engine.queries.simulated_figures import history_lines
from engine.settings import Settings
from engine.simulation import (
    DEFAULT,
    ENDS_ON,
    SIGN_INS,
    Plan,
    Summary,
    clock_for,
    evening_of,
    page,
    play,
    read_behaviours,
)
from web.cli.models import read_files
from web.cli.passing import mark_rehearsal
from web.cli.program import program

LONGEST_DAYS = 3660
MOST_CASES = 100_000
SHIPPED = ("processes", "rules")


def simulate(options: argparse.Namespace) -> int:
    """Play the caseload, print what came of it, and say how to look at it. Raises `Invalid`."""
    plan = _plan(options)
    models = _models(options.models)
    for target in (options.report, options.history):
        _require_new(target)
    settings = Settings.from_environment(database=_address(options.database))
    prepare_database(settings)
    clock = clock_for(plan)
    engine = build_engine(settings, clock=clock, ids=SeededIds(clock, plan.seed), durable=False)
    try:
        if setup.any_authority(engine):
            raise Invalid(f"there is a record in {settings.database_url}; name another database with --database")
        found = play(engine, clock, files=models, plan=plan, say=_progress)
        mark_rehearsal(engine)
        _keep(options, found, engine)
    finally:
        engine.sessions.close()
    print(found.text(), end="")
    _say_how_to_look(settings.database_url)
    return 0


def _plan(options: argparse.Namespace) -> Plan:
    if options.days > LONGEST_DAYS:
        raise Invalid(f"--days: at most {LONGEST_DAYS} days, ten years")
    if options.cases > MOST_CASES:
        raise Invalid(f"--cases: at most {MOST_CASES:,}, more than any authority has")
    behaviours = read_behaviours(Path(options.people)) if options.people else DEFAULT
    until = evening_of(_day(options.until) if options.until else ENDS_ON)
    return Plan(cases=options.cases, days=options.days, seed=options.seed, until=until, behaviours=behaviours)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--until: {text} is not a day, as {ENDS_ON}") from error


def _models(paths: Sequence[str] | None) -> dict[str, bytes]:
    """Return the files of `paths`, else those that come with the program."""
    if paths:
        return read_files(paths)
    found: dict[str, bytes] = {}
    for package in SHIPPED:
        with as_file(files(package)) as folder:
            found |= read_files([str(folder)])
    return found


def _address(named: str | None) -> str:
    """Return the database's address. `CAF_DATABASE_URL` is not asked: nothing here waits for the disk."""
    folder = Path(os.environ.get("CAF_FOLDER", "var")).resolve()
    return named or f"sqlite:///{folder / 'simulation.db'}"


def _require_new(target: str | None) -> None:
    if target and Path(target).exists():
        raise Invalid(f"{target}: there is a file already; name another")


def _keep(options: argparse.Namespace, found: Summary, engine: ProcessEngine) -> None:
    if options.report:
        Path(options.report).write_text(page(found), encoding="utf-8")
    if options.history:
        with Path(options.history).open("xb") as file:
            file.writelines(history_lines(engine))


def _say_how_to_look(url: str) -> None:
    """Say on standard error how to look at it, as the summary itself is the same wherever it was made."""
    print("\nIts pages, on the evening of the last day:", file=sys.stderr)
    print(f"  {program()} serve --port 8001 --database {url}", file=sys.stderr)
    print("Sign in as:", file=sys.stderr)
    for account in SIGN_INS:
        print(f"  {account.username:<10} {account.password:<12} {account.who}", file=sys.stderr)


def _progress(line: str) -> None:
    print(f"caf simulate: {line}", file=sys.stderr, flush=True)
