"""`caf deploy`, `caf lint` and `caf decide`: diagrams, rules and forms from files."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict
from uuid import UUID

from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.clock import SystemClock
from engine.dmn import DecisionModel, DecisionResult, read_model
from engine.dmn.example_file import read_examples
from engine.dmn.imports import InForce, imported_from, read_together
from engine.errors import Invalid, NotFound, refuse_for, shown
from engine.explaining import Setting, explained
from engine.feel import literal_text, to_feel
from engine.rule_files import FileHost, Rules, analyses, name_findings, unreached
from engine.strict_json import read_json
from web.cli.limits import LIMITS, limits_beside, shipped_limits
from web.cli.opening import require_file
from web.cli.program import program

if TYPE_CHECKING:
    from engine.casework.permissions import Actor
    from engine.checking import Finding
    from engine.process_engine import ProcessEngine

KINDS = (".bpmn", ".dmn", ".form", ".tests.yaml")
EXAMPLES = ".tests.yaml"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_ENDINGS = f"{', '.join(KINDS[:-1])} or {KINDS[-1]}"
REFUSED = 1
MOST_TOLD = 50
"""Findings of one file that are listed; who gets more of them mends the first and asks again."""
_OF_NULL = "null-operand"
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
    imported = imported_from(rules, _rules_in(folders))
    limits = limits_beside(options.paths) or shipped_limits("caf lint", rules)
    checked = checking.check({**limits, **imported, **files})
    for line in findings_told(finding for finding in checked.findings if finding.file in files):
        print(line)
    for line in checking.not_looked_up(files):
        print(line)
    if options.tables:
        _print_tables(checked.rules, of=files.keys())
    return REFUSED if any(finding.file in files for finding in checked.errors) else 0


def _rules_in(folders: Iterable[Path]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and content of each rule file that lies in one of the folders."""
    for path in (file for folder in folders for file in sorted(folder.glob("*.dmn")) if file.is_file()):
        yield path.name, path.read_bytes()


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
    from web.cli.opening import authority, opened

    files = read_files(with_examples(options.paths))
    with opened(options) as engine, _refusals_said():
        authority_id = authority(engine, options.authority)
        who = _who(engine, authority_id, options.by)
        done = deployments.deploy(
            engine, authority_id=authority_id, files=files, note=options.note, shipped=options.shipped, **who
        )
    for notice in done.notices:
        print(notice, file=sys.stderr)
    for new in done.added:
        print(f"{new.kind} {new.key} version {new.version}")
    for file in done.left:
        print(
            f"{file} is new, but what it holds was changed here since, so it was left alone. To put it in force "
            f"on purpose: {program()} deploy {_path_of(file, options.paths)}",
            file=sys.stderr,
        )
    if not done.added and not done.left:
        print(f"Nothing has changed: every file {'was deployed before' if options.shipped else 'is in force already'}.")
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
        if isinstance(refused, deployments.ExamplesNotKept):
            besides = "; what needs approval has to be approved as well" if refused.approvals else ""
            raise Invalid(f"nothing was deployed; {_SECOND_PERSON}{besides}") from refused
        raise Invalid("nothing was deployed; mend what is listed above first") from refused


def decide(options: argparse.Namespace) -> int:
    """Print the answer of one decision as JSON, with the rows that matched and why.

    Text written like 2026-06-04 is taken as a date. `time limit(...)` reads timescales.dmn beside the file, else the
    one that comes with the program.
    """
    path = Path(options.file)
    model = _model(path)
    limits = path.with_name(f"{LIMITS}.dmn")
    timescales = _model(limits) if limits.is_file() else _shipped_model(path)
    if options.examples:
        return _examples(path, [model] if timescales is None else [model, timescales])
    if options.decision is None:
        raise Invalid(f"say which decision: {', '.join(sorted(model.decisions))}")
    _require_decision(model, options.decision)
    inputs = _inputs(options.input)
    host, now = FileHost(timescales), SystemClock().now()
    result = model.evaluate(options.decision, inputs, host.environment(now))
    if options.explain:
        setting = Setting(now.astimezone(host.calendar.zone).date(), host.calendar, host.time_limit, inputs)
        _print_explained(path, model, options.decision, result, inputs, setting)
        return 0
    # Half a surrogate pair cannot be printed; escaped with a backslash it is JSON's own word for it.
    said = json.dumps(_told(result), indent=2, ensure_ascii=False).encode(errors="backslashreplace")
    print(said.decode())
    for line in _unknown(inputs, model.decision(options.decision).inputs_needed):
        print(f"caf decide: {line}", file=sys.stderr)
    if result.missing:
        print(f"caf decide: not given, so taken as null: {', '.join(sorted(result.missing))}", file=sys.stderr)
    return 0


def _require_decision(model: DecisionModel, named: str) -> None:
    """Raise `NotFound` for a decision that the file does not hold, naming those that it does."""
    try:
        model.decision(named)
    except NotFound as missing:
        raise NotFound(f"{missing.message}; it holds: {', '.join(sorted(model.decisions))}") from missing


def _shipped_model(path: Path) -> DecisionModel | None:
    found = shipped_limits("caf decide", {path.name: path.read_bytes()})
    return next((read_model(content, name=name) for name, content in found.items()), None)


def _print_explained(
    path: Path, model: DecisionModel, decision: str, result: DecisionResult, inputs: Mapping[str, Any], setting: Setting
) -> None:
    """Say in plain words what a decision answered, why, from what, and by which text of the file."""
    digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    file = f"{model.file} (DMN {model.version}; its SHA-256 begins {digest})"
    print(f"{result.decision}, asked on {setting.today:%-d %B %Y} of {file}")
    for answer in result.value if isinstance(result.value, list) else [result.value]:
        print(f"Answer: {literal_text(answer)}")
    for sentence in explained(model, decision, result, setting):
        print(f"Because: {sentence}")
    told = _told(result)
    for name, value in told["decisions"].items():
        if name != result.decision:
            print(f"Decision on the way: {name} = {json.dumps(value, ensure_ascii=False)}")
    for name, value in inputs.items():
        print(f"Given: {name} = {literal_text(to_feel(value))}")
    if result.missing:
        print(f"Not given: {', '.join(sorted(result.missing))}")
    for warning in told["warnings"]:
        print(f"Warning: {warning['message']}")


def _examples(path: Path, models: Sequence[DecisionModel]) -> int:
    """Put the examples beside a rule file to it; return 1 when any is not kept."""
    beside = examples_of(path)
    if not beside.is_file():
        raise Invalid(f"{beside}: there is no such file; examples of {path.name} are written there")
    examples = read_examples(beside.read_bytes(), name=beside.name)
    rules = Rules({model.key: model for model in models})
    wrong = list(name_findings(examples, rules))
    for finding in wrong:
        print(finding)
    outcomes = [] if wrong else rules.outcomes(examples)
    for each in (each for each in outcomes if each.problems):
        print("\n  ".join((f"Not kept: {each.example.name}", *each.problems)))
    for finding in unreached(examples, rules, outcomes):
        print(finding)
    names = {finding.element_id for finding in wrong} | {each.example.name for each in outcomes if each.problems}
    unkept = sum(each.name in names for each in examples.examples)
    counted = f"{len(examples.examples)} example{'' if len(examples.examples) == 1 else 's'}"
    print(f"{counted}, {f'{unkept} not kept' if unkept else 'not tried' if wrong else 'all kept'}")
    return REFUSED if unkept or wrong else 0


def _unknown(inputs: Mapping[str, Any], needed: AbstractSet[str]) -> Iterator[str]:
    """Tell of each input that the decision does not ask for, with the one that was probably meant."""
    known = sorted({name.partition(".")[0] for name in needed} | needed)
    for name in sorted(inputs.keys() - set(known)):
        near = get_close_matches(name, known, n=1)
        asks = f"it asks for: {', '.join(sorted(needed))}" if needed else "it asks for none"
        yield f"{name} is no input of the decision; {f'did you mean {near[0]}?' if near else asks}"


def _told(result: DecisionResult) -> dict[str, Any]:
    """Say a result without what only follows from inputs that were not given, which are named once."""
    told = dict(result.as_json())
    if result.missing:
        told["warnings"] = [each for each in told["warnings"] if each["code"] != _OF_NULL]
        told["matched"] = [{**row, "inputs": _given(row["inputs"], result.missing)} for row in told["matched"]]
    return told


def _given(inputs: Mapping[str, Any], missing: AbstractSet[str]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if value is not None or name not in missing}


def read_files(paths: Sequence[str]) -> dict[str, bytes]:
    """Return file name -> content for `paths`; a folder gives every diagram, rule file and form below it.

    Raises `Invalid` for what is not there, is of another kind, or shares its name with another file.
    """
    found: dict[str, bytes] = {}
    for path in (file for text in paths for file in _files(Path(text))):
        if path.name in found:
            raise Invalid(f"{path}: another file is called {path.name} too; give each its own name")
        found[path.name] = path.read_bytes()
    return found


def with_examples(paths: Sequence[str]) -> list[str]:
    """Return `paths` with the examples (NAME.tests.yaml) that lie beside each rule file (NAME.dmn) among them.

    They are left out where a file of their name is there already.
    """
    files = [file for text in paths for file in _files(Path(text))]
    names = {file.name for file in files}
    beside = [examples_of(file) for file in files if file.suffix == ".dmn"]
    return [*paths, *(str(file) for file in beside if file.is_file() and file.name not in names)]


def examples_of(path: Path) -> Path:
    """Return where the examples of a rule file lie."""
    return path.with_name(f"{path.name.removesuffix('.dmn')}{EXAMPLES}")


def _path_of(name: str, paths: Sequence[str]) -> Path:
    return next(file for text in paths for file in _files(Path(text)) if file.name == name)


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        files = sorted(file for file in path.rglob("*") if file.name.endswith(KINDS) and file.is_file())
        if not files:
            raise Invalid(f"{path}: no {_ENDINGS} file is in this folder")
        return files
    if not path.exists():
        raise Invalid(f"{path}: there is no such file or folder")
    if not path.is_file():
        raise Invalid(f"{path}: this is no file that can be read; name a {_ENDINGS} file, or a folder of them")
    if not path.name.endswith(KINDS):
        raise Invalid(f"{path}: not a {_ENDINGS} file")
    return [path]


def _model(path: Path) -> DecisionModel:
    """Read a rule file with those it imports, which lie beside it. Raises `Invalid`."""
    require_file(path, what="a .dmn file")
    own = {path.name: path.read_bytes()}
    read = read_together({**own, **imported_from(own, _rules_in([path.parent]))}, InForce(), HOST_FUNCTIONS)
    faults = [fault for file, fault in read.faults if file == path.name]
    others = [fault for file, fault in read.faults if file != path.name]
    refuse_for(others or faults)
    return read.models[path.name]


def _inputs(text: str) -> Mapping[str, Any]:
    read = read_json(text, name="--input")
    if not isinstance(read, dict):
        raise Invalid("""--input must be a JSON object, as '{"reviews_missed": 2}'""")
    return {name: _dated(value) for name, value in read.items()}


def _dated(value: Any) -> Any:
    if isinstance(value, list):
        return [_dated(each) for each in value]
    if isinstance(value, dict):
        return {name: _dated(each) for name, each in value.items()}
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError as error:
            raise Invalid(f"--input: {shown(value)} is not a real date") from error
    return value
