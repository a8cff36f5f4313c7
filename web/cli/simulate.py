"""`caf simulate`: a year of a caseload in minutes, on a database of its own."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from importlib.resources import as_file, files
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.bootstrap import build_engine, prepare_database
from engine.clock import FakeClock
from engine.commands import setup
from engine.dmn.example_file import read_examples
from engine.dmn.imports import heads_of
from engine.errors import Invalid
from engine.ids import SeededIds
from engine.process_engine import ProcessEngine
from engine.queries import definitions
from engine.queries.simulated_figures import history_lines
from engine.settings import Settings
from engine.simulation import (
    DEFAULT,
    ENDS_ON,
    IN_FORCE,
    SIGN_INS,
    Comparison,
    Plan,
    Played,
    Summary,
    clock_for,
    evening_of,
    page,
    play,
    played,
    read_behaviours,
)
from web.cli.model_files import EXAMPLES, read_files
from web.cli.opening import authority, settings_of
from web.cli.passing import mark_rehearsal
from web.cli.program import program

LONGEST_DAYS = 3660
MOST_CASES = 100_000
SHIPPED = ("processes", "rules")
RULES = (".dmn", EXAMPLES)


def simulate(options: argparse.Namespace) -> int:
    """Play the caseload, print what came of it, and say how to look at it. Raises `Invalid`.

    With `--rules` it is played twice, by the shipped rules (or those of `--models`) and by these, and what differs is
    printed. A record that `--database` or the environment names then gives the rules in force in it; it is only read,
    and the simulation goes to `--into`.
    """
    plan = _plan(options)
    record = _record(options) if options.rules and not options.models else None
    base = IN_FORCE if record else "given" if options.models else "shipped"
    models = record or _models(options.models)
    drafted = with_draft(models, read_files(options.rules)) if options.rules else None
    for target in (options.report, options.history):
        _require_new(target)
    settings = Settings.from_environment(database=_address(options.into or (None if record else options.database)))
    prepare_database(settings)
    with _engine(settings, plan) as (engine, clock):
        if setup.any_authority(engine):
            raise Invalid(f"there is a record in {settings.database_url}; say where the simulation goes with --into")
        before = None if drafted is None else _played_aside(plan, models, base)
        say = _progress if drafted is None else _saying("by the draft")
        found = play(engine, clock, files=drafted or models, plan=plan, say=say)
        mark_rehearsal(engine)
        compared = None if before is None else Comparison(before, played(engine, found), base)
        _keep(options, found, engine, compared)
    print(found.text() if compared is None else compared.text(), end="")
    _say_how_to_look(settings.database_url)
    return 0


@contextmanager
def _engine(settings: Settings, plan: Plan) -> Iterator[tuple[ProcessEngine, FakeClock]]:
    """Give the engine on a prepared database whose clock begins with the plan, and close it."""
    clock = clock_for(plan)
    engine = build_engine(settings, clock=clock, ids=SeededIds(clock, plan.seed), durable=False)
    try:
        yield engine, clock
    finally:
        engine.sessions.close()


def _record(options: argparse.Namespace) -> dict[str, bytes] | None:
    """Return the files in force in the record that is named, having said which rules they are; None without one.

    A database that `--database` names and that holds nothing yet is where the simulation is to go.
    """
    named = options.database or os.environ.get("CAF_DATABASE_URL")
    if not named:
        return None
    try:
        settings = settings_of(argparse.Namespace(database=named))
        engine = build_engine(settings)
    except Invalid:
        if options.database:
            return None
        raise
    try:
        if not setup.any_authority(engine):
            return None
        found = definitions.files_in_force(engine, authority_id=authority(engine, options.authority))
    finally:
        engine.sessions.close()
    rules = ", ".join(f"{each.file} version {each.version}" for each in found if each.kind == "rules")
    _progress(f"compared with what is in force in the record: {rules}")
    return {each.file: each.source for each in found}


def _played_aside(plan: Plan, models: Mapping[str, bytes], base: str) -> Played:
    """Play the caseload by the `base` rules on a database that is removed afterwards."""
    with TemporaryDirectory(prefix="caf-simulation-") as folder:
        settings = Settings.from_environment(database=f"sqlite:///{Path(folder) / 'before.db'}")
        prepare_database(settings)
        with _engine(settings, plan) as (engine, clock):
            which = "by the rules in force" if base == IN_FORCE else f"by the {base} rules"
            return played(engine, play(engine, clock, files=models, plan=plan, say=_saying(which)))


def with_draft(models: Mapping[str, bytes], draft: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return `models` with a draft of rules in their place (name -> content), checked.

    Examples of a decision that the draft holds are left out unless they come with it: mending them comes after trying.
    Raises `Invalid` for what could not be deployed, each finding on standard error.
    """
    from engine.checking import check

    if strange := [name for name in draft if not name.endswith(RULES)]:
        raise Invalid(f"--rules: {strange[0]} is neither rules (.dmn) nor their examples (.tests.yaml)")
    own = list(heads_of((file, content) for file, content in draft.items() if file.endswith(".dmn")))
    keys = {head.key for head in own}
    decisions = frozenset[str]().union(*(head.decisions for head in own))
    rules = ((file, content) for file, content in models.items() if file.endswith(".dmn"))
    gone = {head.file for head in heads_of(rules) if head.key in keys}
    gone |= {file for file, content in models.items() if _examples_of(file, content) in decisions}
    whole = {**{file: content for file, content in models.items() if file not in gone}, **draft}
    errors = check(whole).errors
    for finding in dict.fromkeys(errors):
        print(finding, file=sys.stderr)
    if errors:
        raise Invalid("nothing was simulated; mend what is listed above first")
    return whole


def _examples_of(file: str, content: bytes) -> str:
    """Return of which decision a file holds the examples; empty for another file, and for one that cannot be read."""
    if not file.endswith(EXAMPLES):
        return ""
    try:
        return read_examples(content, name=file).decision
    except Invalid:
        return ""


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
    """Return the address of the simulation's own database, which `CAF_DATABASE_URL` never names."""
    folder = Path(os.environ.get("CAF_FOLDER", "var")).resolve()
    return named or f"sqlite:///{folder / 'simulation.db'}"


def _require_new(target: str | None) -> None:
    if target and Path(target).exists():
        raise Invalid(f"{target}: there is a file already; name another")


def _keep(
    options: argparse.Namespace, found: Summary, engine: ProcessEngine, compared: Comparison | None
) -> None:
    if options.report:
        above = compared.figures() if compared is not None else ""
        Path(options.report).write_text(page(found, above=above), encoding="utf-8")
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


def _saying(which: str) -> Callable[[str], None]:
    return lambda line: _progress(f"{which}, {line}")


def _progress(line: str) -> None:
    print(f"caf simulate: {line}", file=sys.stderr, flush=True)
