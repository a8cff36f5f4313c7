"""`caf decide`: the answer of one decision, why, and whether a rule file keeps its examples."""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.clock import SystemClock
from engine.dmn import DecisionModel, DecisionResult, read_model
from engine.dmn.example_file import read_examples
from engine.dmn.imports import InForce, imported_from, read_together
from engine.errors import Invalid, NotFound, refuse_for, shown
from engine.explaining import Setting, explained
from engine.feel import literal_text, to_feel
from engine.rule_files import FileHost, Rules, name_findings, unreached
from engine.strict_json import read_json
from web.cli.limits import LIMITS, shipped_limits
from web.cli.model_files import examples_of, rules_in
from web.cli.opening import require_file

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_OF_NULL = "null-operand"
_NOT_KEPT = 1


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
    return _NOT_KEPT if unkept or wrong else 0


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


def _model(path: Path) -> DecisionModel:
    """Read a rule file with those it imports, which lie beside it. Raises `Invalid`."""
    require_file(path, what="a .dmn file")
    own = {path.name: path.read_bytes()}
    read = read_together({**own, **imported_from(own, rules_in([path.parent]))}, InForce(), HOST_FUNCTIONS)
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
