"""`caf init`, `demo`, `tick`, `verify`, `backup` and `restore`: work on the database."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from engine.bootstrap import build_engine, prepare_database
from engine.clock import Clock, FakeClock
from engine.commands import keeping, setup
from engine.demo import SIGN_INS, load
from engine.errors import Conflict, Invalid
from engine.mail import courier
from engine.process_engine import ProcessEngine
from engine.scheduler import tick as tick_once
from engine.settings import Settings
from web.cli.people_file import PeopleFile


def init(options: argparse.Namespace) -> int:
    """Create the database or bring it up to date, with one authority in it and, from a file, its people."""
    new = PeopleFile(Path(options.people)) if options.people else None
    done = prepare_database(Settings.from_environment(database=options.database))
    print("The database is ready." if done else "The database was up to date already.")
    with opened(options) as engine:
        key = options.authority or (None if setup.any_authority(engine) else "northcombe")
        if key is not None and setup.find_authority(engine, key=key) is None:
            setup.create_authority(engine, key=key, name=options.name, nation=options.nation, zone=options.zone)
            print(f"Created the authority {key} ({options.name}).")
        if options.profile:
            setup.set_profile(
                engine, authority_id=authority(engine, options.authority), profile=_profile(options.profile)
            )
            print("The authority's profile is set.")
        if new is not None:
            _add_people(engine, authority(engine, options.authority), new)
    return 0


def _profile(file: str) -> dict[str, Any]:
    """Read a profile file. Raises `Invalid` when it cannot be read or is not a JSON object."""
    try:
        profile = json.loads(Path(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Invalid(f"{file}: this cannot be read as JSON: {error}") from error
    if not isinstance(profile, dict):
        raise Invalid(f"{file}: a profile is a JSON object, as in `caf init --help`")
    return profile


def _add_people(engine: ProcessEngine, authority_id: UUID, new: PeopleFile) -> None:
    """Add the people of a file, all or none, and print their passwords, which are kept nowhere else."""
    try:
        setup.add_people(engine, authority_id=authority_id, new=new.people)
    except (Invalid, Conflict) as error:
        raise new.explain(error) from error
    accounts = [person for person in new.people if person.username]
    print(f"People added: {len(new.people)}, of whom {len(accounts)} can sign in. The passwords are shown only now:")
    for person in accounts:
        print(f"{person.name}\t{person.username}\t{person.password}")


def demo(options: argparse.Namespace) -> int:
    """Load the demo caseload when nobody is there yet, and say whom to sign in as."""
    with opened(options) as engine:
        new = load(engine, authority_id=authority(engine, options.authority), say=_progress)
    if new:
        print("The demo caseload is loaded. Everybody in it is invented.")
    else:
        print("There are people already, so nothing was added.")
    print("Where the demo was loaded, sign in as:")
    for account in SIGN_INS:
        print(f"  {account.username:<10} {account.password:<12} {account.who}")
    return 0


def verify(options: argparse.Namespace) -> int:
    """Print what is wrong with the history, one line each; return 1 when anything is."""
    with opened(options) as engine:
        checked = keeping.verify(engine, expected_anchor=options.anchor)
    for finding in checked.findings:
        print(finding)
    if not checked.findings:
        print(f"The history is as it was written: {checked.events} events in {checked.cases} cases.")
    if checked.anchor:
        print(f"Anchor: {checked.anchor}")
    return 1 if checked.findings else 0


def backup(options: argparse.Namespace) -> int:
    """Copy the live database, whole, into one file."""
    if Path(options.file).exists():
        raise Invalid(f"{options.file}: there is a file already; name another")
    keeping.backup(Settings.from_environment(database=options.database), Path(options.file))
    print(f"Copied to {options.file}.")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup back into an empty database."""
    keeping.restore(Settings.from_environment(database=options.database), Path(options.file))
    print(f"Restored from {options.file}.")
    return 0


def tick(options: argparse.Namespace) -> int:
    """Do everything that is due, and say how much that was; `--now` only pretends the time."""
    clock = FakeClock(_instant(options.now)) if options.now else None
    with opened(options, clock=clock) as engine:
        done = tick_once(engine, courier(engine.settings))
    print(f"{done.fired} timers fired, {done.failed} failed, {done.judged} cases judged, {done.sent} messages sent")
    return 0


@contextmanager
def opened(options: argparse.Namespace, *, clock: Clock | None = None) -> Iterator[ProcessEngine]:
    """Give the engine on the database that the options or the environment name, and close it. Raises `Invalid`."""
    engine = build_engine(Settings.from_environment(database=options.database), clock=clock)
    try:
        yield engine
    finally:
        engine.sessions.close()


def authority(engine: ProcessEngine, key: str | None) -> UUID:
    """Return the authority with `key`, or the only one. Raises `Invalid` when there is none, or several."""
    found = setup.find_authority(engine, key=key)
    if found is None:
        raise Invalid(f"there is no authority {key}" if key else "there is no authority yet; run `caf init` first")
    return found


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"--now: {text} is not a date and time, as 2026-06-04T09:00:00+01:00") from error
    if instant.tzinfo is None:
        raise Invalid(f"--now: {text} has no zone; write {text}Z or {text}+01:00")
    return instant


def _progress(line: str) -> None:
    print(f"caf demo: {line}", file=sys.stderr)
