"""Run a folder of DMN Technology Compatibility Kit cases: `python tests/conformance/tck.py DIR [-v]`.

Prints, for each `compliance-level-N` folder, `passed N, failed M, total T`, and with `-v` (or `V=1`) each failure's id,
what the kit expects and what came. Exits with 1 when a case fails, 2 when the folder holds no cases.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from engine.dmn import DecisionModel, read_model
from engine.dmn.results import DecisionResult
from engine.dmn.source import Element, tag
from engine.errors import EngineError
from engine.feel import Environment, compile_expression, equal
from engine.xml import parse_untrusted

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
PRECISION = Decimal("0.00000001")
"""The kit compares numbers to eight decimal places."""
NUMBERS = {"decimal", "double", "float", "integer", "int", "long"}
TEMPORAL = {
    "date": "date", "time": "time", "dateTime": "date and time", "duration": "duration",
    "dayTimeDuration": "duration", "yearMonthDuration": "duration",
}


@dataclass(frozen=True, slots=True)
class Case:
    """One expected result."""

    id: str
    model: Path
    kind: str
    invocable: str
    result: str
    inputs: Mapping[str, Any]
    expected: Any
    error: bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case that failed, and what came instead."""

    case: Case
    actual: Any
    why: str

    def __str__(self) -> str:
        wanted = "an error" if self.case.error else repr(self.case.expected)
        return f"{self.case.id}: expected {wanted}, came {self.actual!r} ({self.why})"


def read_cases(folder: Path) -> Iterator[Case]:
    """Yield every expected result of the test files under `folder`."""
    for path in sorted(folder.rglob("*.xml")):
        root = parse_untrusted(path.read_bytes(), path.name)
        if tag(root) == "testCases":
            yield from _cases_of(root, path)


def _cases_of(root: Element, path: Path) -> Iterator[Case]:
    model = next((each.text or "" for each in root if tag(each) == "modelName"), "")
    for test in _named(root, "testCase"):
        inputs = {node.get("name", ""): _value(node) for node in _named(test, "inputNode")}
        for node in _named(test, "resultNode"):
            expected = next(_named(node, "expected"), None)
            yield Case(
                id=f"{path.parent.name}/{test.get('id')}/{node.get('name')}", model=path.parent / model.strip(),
                kind=test.get("type") or node.get("type") or "decision", invocable=test.get("invocableName") or "",
                result=node.get("name") or "", inputs=inputs,
                expected=_value(expected) if expected is not None else None, error=node.get("errorResult") == "true",
            )


def _named(parent: Element, name: str) -> Iterator[Element]:
    return (each for each in parent if tag(each) == name)


def _value(node: Element) -> Any:
    if node.get(XSI + "nil") == "true":
        return None
    parts = list(_named(node, "component"))
    if parts:
        return {part.get("name", ""): _value(part) for part in parts}
    for each in node:
        if each.get(XSI + "nil") == "true":
            return None
        if tag(each) == "value":
            return _simple((each.get(XSI + "type") or "string").rpartition(":")[2], each.text or "")
        if tag(each) == "list":
            return [_value(item) for item in _named(each, "item")]
    return None


def _simple(kind: str, text: str) -> Any:
    if kind in NUMBERS:
        return Decimal(text.strip())
    if kind == "boolean":
        return text.strip() in ("true", "1")
    if kind in TEMPORAL:
        return compile_expression(f'{TEMPORAL[kind]}("{text.strip()}")').evaluate({}, Environment())
    return text


class Runner:
    """Runs cases, reading each model once."""

    def __init__(self) -> None:
        self._models: dict[Path, DecisionModel] = {}

    def run(self, case: Case) -> Outcome | None:
        """Return None when the case passes, else what came."""
        environment = Environment(now=datetime(2026, 3, 2, 9, 30, tzinfo=UTC), zone=ZoneInfo("Europe/London"))
        try:
            result = self._answer(case, environment)
        except EngineError as error:
            return None if case.error else Outcome(case, None, f"{type(error).__name__}: {error}")
        actual = result.value
        if case.kind != "decision" and isinstance(actual, dict) and case.result in actual:
            actual = actual[case.result]
        why = "; ".join(warning.message for warning in result.warnings)
        if case.error and actual is None and not result.warnings:
            return Outcome(case, actual, "an error is expected, and none was reported")
        return None if agree(case.expected, actual) else Outcome(case, actual, why)

    def _answer(self, case: Case, environment: Environment) -> DecisionResult:
        model = self._model(case.model)
        if case.kind == "decision":
            return model.evaluate(case.result, case.inputs, environment)
        return model.invoke(case.invocable or case.result, case.inputs, environment)

    def _model(self, path: Path) -> DecisionModel:
        if path not in self._models:
            imports = {}
            for other in sorted(path.parent.glob("*.dmn")):
                if other != path and _imports(path, other):
                    model = self._model(other)
                    imports[model.namespace] = model
            self._models[path] = read_model(path.read_bytes(), name=path.name, imports=imports, strict=False)
        return self._models[path]


def _imports(path: Path, other: Path) -> bool:
    wanted = {each.get("namespace") for each in _named(parse_untrusted(path.read_bytes(), path.name), "import")}
    return parse_untrusted(other.read_bytes(), other.name).get("namespace") in wanted


def agree(expected: Any, actual: Any) -> bool:
    """Say whether a value is the one the kit expects: numbers to its precision, the rest exactly."""
    if isinstance(expected, Decimal) and isinstance(actual, Decimal):
        return abs(expected - actual) < PRECISION
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(agree, expected, actual))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(agree(expected[name], actual[name]) for name in expected)
    return equal(expected, actual) is True


def run_folder(folder: Path) -> tuple[int, list[Outcome]]:
    """Return how many cases there are under `folder`, and those that fail."""
    runner = Runner()
    cases = list(read_cases(folder))
    return len(cases), [outcome for outcome in map(runner.run, cases) if outcome is not None]


def levels(folder: Path) -> list[Path]:
    """Return the level folders of a kit, or the folder itself when it is not a whole kit."""
    return sorted(each for each in folder.glob("compliance-level-*") if each.is_dir()) or [folder]


def main(arguments: list[str]) -> int:
    """Run the command line; return its exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("-v", "--verbose", action="store_true", default=os.environ.get("V") == "1")
    options = parser.parse_args(arguments)
    failures = cases = 0
    for level in levels(options.folder):
        total, failed = run_folder(level)
        cases, failures = cases + total, failures + len(failed)
        sys.stdout.write(f"{level.name}: passed {total - len(failed)}, failed {len(failed)}, total {total}\n")
        for outcome in failed if options.verbose else ():
            sys.stdout.write(f"  {outcome}\n")
    if not cases:
        sys.stderr.write(f"no test cases in {options.folder}\n")
        return 2
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
