"""`caf init`, `demo`, `verify`, `backup` and `restore`: work on the database."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from engine.authorities import Described, read_profile_file, read_shipped, shipped
from engine.bootstrap import prepare_database
from engine.calendar import NATIONS
from engine.commands import keeping, setup
from engine.demo import SIGN_INS, load
from engine.errors import Conflict, Invalid, shown
from engine.process_engine import ProcessEngine
from engine.settings import Settings
from web.cli.opening import authority, opened, require_file, require_folder, settings_of
from web.cli.parser import build_parser
from web.cli.passing import mark_rehearsal
from web.cli.people_file import PeopleFile

MORNING = "7"
"""The hour at which people of a new authority are told of a morning what presses, until it is set otherwise."""
_ANCHOR = re.compile(r"[0-9a-f]{64}", re.ASCII)


def init(options: argparse.Namespace) -> int:
    """Create the database or bring it up to date, with one authority in it and, from a file, its people."""
    new = PeopleFile(Path(options.people)) if options.people else None
    described = _described(options.profile) if options.profile else None
    setup.check_authority(key=options.authority, zone=options.zone)
    done = prepare_database(Settings.from_environment(database=options.database))
    print("The database is ready." if done else "The database was up to date already.")
    with opened(options) as engine:
        own = options.profile if options.profile in shipped() else "northcombe"
        key = options.authority or (None if setup.any_authority(engine) else own)
        if key is not None and setup.find_authority(engine, key=key) is None:
            name = options.name or (described.name if described else "") or "Northcombe Council"
            nation = options.nation or (described.nation if described else "") or NATIONS[0]
            setup.create_authority(
                engine, key=key, name=name, nation=nation, zone=options.zone, profile={"digest_hour": MORNING}
            )
            print(f"Created the authority {key} ({name}).")
        if described is not None:
            _set_profile(engine, authority(engine, options.authority), described, options)
        _set_numbers(engine, authority(engine, options.authority), options.ring)
        if new is not None:
            _add_people(engine, authority(engine, options.authority), new)
    return 0


def _described(named: str) -> Described:
    """Read a profile: the file `named`, or the one that comes with the service under that name."""
    if named in shipped() and not Path(named).exists():
        return read_shipped(named)
    return read_profile_file(Path(named))


def _set_profile(engine: ProcessEngine, authority_id: UUID, described: Described, options: argparse.Namespace) -> None:
    name, nation = options.name or described.name, options.nation or described.nation
    profile = {"digest_hour": MORNING, **described.profile}
    setup.set_profile(engine, authority_id=authority_id, profile=profile, name=name, nation=nation)
    print("The authority's profile is set.")


def _set_numbers(engine: ProcessEngine, authority_id: UUID, numbers: Sequence[Mapping[str, str]] | None) -> None:
    """Set whom to ring when a child is at risk, when that is given, and say so while nobody is named."""
    if numbers:
        setup.set_safeguarding(engine, authority_id=authority_id, numbers=numbers)
        print(f"When a child is at risk, the pages say to ring: {', '.join(each['name'] for each in numbers)}.")
    elif setup.lacks_safeguarding(engine, authority_id=authority_id):
        print(
            "Nobody is named to ring when a child is at risk. Give the numbers with --ring, or let an administrator "
            "enter them under Authority; until then the pages say that they are missing, and to ring 999."
        )


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
    if options.prepare and (refused := _prepare(options)):
        return refused
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


def _prepare(options: argparse.Namespace) -> int:
    """Do what `caf init` and `caf deploy --shipped` do, in one process: a second one would read it all again."""
    named = {"--database": options.database, "--authority": options.authority}
    same = [word for name, value in named.items() if value for word in (name, value)]
    for words in (["init"], ["deploy", "--shipped"]):
        command = build_parser().parse_args([*words, *same])
        refused: int = command.run(command)
        if refused:
            return refused
    return 0


def verify(options: argparse.Namespace) -> int:
    """Print what is wrong with the history, one line each, or an anchor of it; return 1 when anything is wrong."""
    anchor = None if options.anchor is None else options.anchor.strip().lower()
    if anchor is not None and not _ANCHOR.fullmatch(anchor):
        said = f"--anchor: {shown(options.anchor)} is no anchor"
        raise Invalid(f"{said}; give the 64 characters that `caf verify` printed")
    with opened(options) as engine:
        checked = keeping.verify(engine, expected_anchor=anchor)
        for finding in checked.findings:
            print(finding)
        if not checked.findings:
            print(
                f"The history is as it was written: {checked.events} events in {checked.cases} cases, "
                f"and {checked.reads} readings of records."
            )
        # What is broken is not sealed: an anchor of it would be held against its repair.
        makes = not options.read_only and not checked.findings
        _say_anchors(checked, keeping.anchor(engine) if makes else None)
    return 1 if checked.findings else 0


def _say_anchors(checked: keeping.Verification, new: tuple[str, datetime] | None) -> None:
    """Say what the anchor given does not cover, and which one to keep now."""
    if checked.given is not None:
        print(f"The anchor given covers everything until {_instant(checked.given.at)}{_later(checked.given)}")
    if new is not None:
        print(f"Anchor: {new[0]}\nIt covers everything until now; keep it elsewhere.")
    elif checked.newest is not None:
        print(f"Anchor: {checked.newest.hash}")
        print(f"It covers everything until {_instant(checked.newest.at)}{_later(checked.newest)}")


def _later(anchor: keeping.Anchor) -> str:
    if not anchor.later_events and not anchor.later_reads:
        return "; there is nothing later."
    return (
        f"; what came later is not covered by it: {anchor.later_events} events, "
        f"{anchor.later_reads} readings of records."
    )


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def backup(options: argparse.Namespace) -> int:
    """Copy the live database, whole, into one file."""
    if Path(options.file).exists():
        raise Invalid(f"{options.file} is there already; name another")
    require_folder(Path(options.file))
    keeping.backup(settings_of(options), Path(options.file))
    print(f"Copied to {options.file}.")
    return 0


def restore(options: argparse.Namespace) -> int:
    """Put a backup back into an empty database."""
    require_file(Path(options.file), what="a copy that `caf backup` wrote")
    keeping.restore(Settings.from_environment(database=options.database), Path(options.file))
    if options.rehearsal:
        with opened(options) as engine:
            mark_rehearsal(engine)
    print(f"Restored from {options.file}{', as a rehearsal' if options.rehearsal else ''}.")
    return 0


def _progress(line: str) -> None:
    print(f"caf demo: {line}", file=sys.stderr)
