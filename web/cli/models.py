"""`caf deploy`, `caf revert`, `caf take-back` and `caf lint`: diagrams, rules and forms from files."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict
from uuid import UUID

from engine.dmn import DecisionModel
from engine.dmn.imports import imported_from
from engine.errors import Invalid
from engine.rule_files import Rules, analyses
from web.cli.git import commit_each, files_of_commit, write
from web.cli.limits import limits_beside, shipped_limits
from web.cli.model_files import installed, path_of, read_files, rules_in, with_examples
from web.cli.program import program

if TYPE_CHECKING:
    from engine.casework.permissions import Actor
    from engine.checking import Finding
    from engine.process_engine import ProcessEngine

REFUSED = 1
MOST_TOLD = 50
"""Findings of one file that are listed; who gets more of them mends the first and asks again."""
_SECOND_PERSON = (
    "mend the rules or the examples listed above, or keep the file as a draft under Diagrams and rules: "
    "somebody else may let it come into force there, with the reason"
)


def lint(options: argparse.Namespace) -> int:
    """Print one line a finding, and with --tables what was looked at; return 1 when any refuses the files.

    The examples that lie beside a rule file come along; so do the time limits and the rules that it imports, of which
    nothing is said themselves.
    """
    from engine import checking

    files = read_files(with_examples(options.paths))
    folders = dict.fromkeys(Path(text).parent for text in options.paths if text.endswith(".dmn"))
    rules = {file: content for file, content in files.items() if file.endswith(".dmn")}
    imported = imported_from(rules, rules_in(folders))
    limits = limits_beside(options.paths) or shipped_limits("caf lint", rules)
    checked = checking.check({**limits, **imported, **files})
    for line in findings_told(finding for finding in checked.findings if finding.file in files):
        print(line)
    for line in checking.not_looked_up(files):
        print(line)
    for file, words in checked.gave_up.items():
        print(f"{file}: {words}")
    if options.tables:
        _print_tables(checked.rules, of=files.keys())
    return REFUSED if any(finding.file in files for finding in checked.errors) else 0


def findings_told(findings: Iterable[Finding]) -> Iterator[str]:
    """Yield a line for each finding, of a file at most `MOST_TOLD`: what refuses it first, then how many more."""
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        by_file.setdefault(finding.file, []).append(finding)
    for file, found in by_file.items():
        if len(found) > MOST_TOLD:
            found.sort(key=lambda each: each.severity != "error")
        yield from map(str, found[:MOST_TOLD])
        if len(found) > MOST_TOLD:
            yield f"{file}: {len(found) - MOST_TOLD:,} more like these are not listed; mend these first"


def _print_tables(models: Mapping[str, DecisionModel], *, of: AbstractSet[str]) -> None:
    """Say of each decision table `of` these files what was found out about it, and what could not be."""
    rules = Rules({model.key: model for model in models.values()})
    for file in sorted(models.keys() & of):
        for table in analyses(models[file], rules):
            odd = f"{len(table.oddities)} odd" if table.oddities else "nothing odd"
            print(f"{file}:{table.decision}: {table.policy}, {table.rows} rows, {odd}")
            for found in table.oddities:
                print(f"  {found.kind:<9} {found.what}")
            for each in table.untold + table.gave_up:
                print(f"  not told  {each}")


def deploy(options: argparse.Namespace) -> int:
    """Deploy the files, all or none, and say what is in force now; return 1 when they are refused."""
    from engine.commands import deployments
    from engine.playing.guarding import guarded
    from web.cli.opening import authority, opened

    if options.shipped:
        options.paths = installed(options.paths)
    elif not options.paths:
        raise Invalid("name the files or folders to deploy, as in: caf deploy processes rules")
    files, note = _to_deploy(options)
    with opened(options) as opened_engine, _refusals_said():
        engine = guarded(opened_engine)
        authority_id = authority(engine, options.authority)
        who = _who(engine, authority_id, options.by)
        done = deployments.deploy(
            engine, authority_id=authority_id, files=files, note=note, shipped=options.shipped,
            by_operator=True, scenarios_why=options.scenarios_why, **who,
        )  # fmt: skip
    for notice in done.notices:
        print(notice, file=sys.stderr)
    for new in done.added:
        print(f"{new.kind} {new.key} version {new.version}")
    for file in done.left:
        print(
            f"{file} is new, but what it holds was changed here since, so it was left alone. To put it in force "
            f"on purpose: {program()} deploy {path_of(file, options.paths)}",
            file=sys.stderr,
        )
    if not done.added and not done.left:
        print(f"Nothing has changed: every file {'was deployed before' if options.shipped else 'is in force already'}.")
    return 0


def _to_deploy(options: argparse.Namespace) -> tuple[dict[str, bytes], str]:
    """Return the files to deploy and why: of a commit where one is named, whose message says why by itself."""
    if options.from_git is None:
        return read_files(with_examples(options.paths)), options.note
    if len(options.paths) != 1:
        raise Invalid("name the one folder to read from git, as in: caf deploy --from-git HEAD models")
    files, said = files_of_commit(Path(options.paths[0]), options.from_git)
    return files, options.note or said


def export(options: argparse.Namespace) -> int:
    """Write every file in force into a folder, as it was deployed; with --git a commit for each deployment."""
    from engine.queries.definitions import files_in_force
    from engine.queries.deployment_history import deployment_history
    from web.cli.opening import authority, opened

    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    with opened(options) as engine:
        authority_id = authority(engine, options.authority)
        history = deployment_history(engine, authority_id=authority_id) if options.git else ()
        made = commit_each(folder, history) if options.git else 0
        found = {each.file: each.source for each in files_in_force(engine, authority_id=authority_id)}
    write(folder, found)
    print(f"{len(found)} files in force are in {folder}.")
    if options.git:
        print(f"{made} new {'commit' if made == 1 else 'commits'}.")
    return 0


def revert(options: argparse.Namespace) -> int:
    """Put an earlier version in force again and say what is in force now; return 1 when it is refused."""
    from engine.commands import deployments
    from web.cli.opening import authority, opened

    with opened(options) as engine, _refusals_said():
        authority_id = authority(engine, options.authority)
        who = _who(engine, authority_id, options.by)
        done = deployments.revert(
            engine, authority_id=authority_id, key=options.key, version=options.to, reason=options.reason, **who
        )
    for notice in done.notices:
        print(notice, file=sys.stderr)
    for new in done.added:
        print(f"{new.kind} {new.key} version {new.version}")
    return 0


def take_back(options: argparse.Namespace) -> int:
    """Take back the whole release that brought a definition, and say what is in force now and no longer."""
    from engine.queries.definitions import named
    from engine.queries.sessions import somebody_named
    from web.cli.opening import authority, opened
    from web.taking_back import take_back as taken_back

    with opened(options) as engine, _refusals_said():
        authority_id = authority(engine, options.authority)
        who = somebody_named(engine, authority_id=authority_id, username=options.by)
        name = named(engine, authority_id=authority_id, key=options.key)
        done = taken_back(engine, actor=who, name=name, reason=options.reason)
    for new in done.added:
        print(f"{new.kind} {new.key} version {new.version}")
    for file in done.ended:
        print(f"{file} is no longer in force")
    if done.rehearsal_id is not None:
        print("Cases that moved go back one after the other while the service runs.")
    return 0


class _Who(TypedDict):
    """Who deploys: somebody with an account, or the name that they are logged in by here."""

    actor: Actor | None
    login: str


def _who(engine: ProcessEngine, authority_id: UUID, username: str | None) -> _Who:
    from engine.queries.sessions import somebody_named

    if username is not None:
        return {"actor": somebody_named(engine, authority_id=authority_id, username=username), "login": ""}
    try:
        return {"actor": None, "login": getpass.getuser()}
    except (OSError, KeyError):
        # A container may run as a number that has no name.
        return {"actor": None, "login": ""}


@contextmanager
def _refusals_said() -> Iterator[None]:
    """Print what stands in the way of a deployment, a line each, and end in one line. Raises `Invalid`."""
    from engine.commands import deployments

    try:
        yield
    except deployments.ReasonMissing as missing:
        raise Invalid("nothing was deployed; say why the rules change: --reason 'WHY'") from missing
    except deployments.DeploymentRefused as refused:
        for finding in refused.findings:
            print(finding, file=sys.stderr)
        if isinstance(refused, deployments.ApprovalMissing):
            raise Invalid("nothing was deployed; what is listed above has to be approved first") from refused
        if isinstance(refused, deployments.ScenariosNotKept):
            mend = "mend the files or the scenarios listed above, or say why they do not count: --scenarios-why 'WHY'"
            raise Invalid(f"nothing was deployed; {mend}") from refused
        if isinstance(refused, deployments.ExamplesNotKept):
            besides = "; what needs approval has to be approved as well" if refused.approvals else ""
            raise Invalid(f"nothing was deployed; {_SECOND_PERSON}{besides}") from refused
        raise Invalid("nothing was deployed; mend what is listed above first") from refused
