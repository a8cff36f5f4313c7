"""What a scenario names is looked up: its diagram, and the steps that somebody is to do or that are expected."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches

from engine.bpmn import ProcessDefinition
from engine.bpmn.lint import Finding
from engine.checking.files import Reading
from engine.scenario_files import Scenario

ADVICE = "write the id of a step, as the outline of the diagram shows it"


def name_what_exists(read: Reading) -> None:
    """Find scenarios of no diagram, and steps in them that no diagram has."""
    known = read.known.processes if read.known else {}
    new = {process.key: process for each in read.processes.values() for process in each}
    processes = {**known, **new}
    if not processes or not read.scenarios:
        return
    elements = {element for process in processes.values() for element in _elements(process)}
    for file, scenario in read.scenarios.items():
        if scenario.withdrawn:
            continue
        if scenario.diagram not in processes:
            what = f"there is no diagram '{scenario.diagram}'"
            read.findings.append(Finding(file, "diagram", what, _near(scenario.diagram, processes, "name a diagram")))
        for number, named in _named(scenario):
            if named not in elements and named not in processes:
                what = f"step {number} names '{named}', which no diagram has"
                read.findings.append(Finding(file, f"step {number}", what, _near(named, elements, ADVICE)))


def _named(scenario: Scenario) -> Iterator[tuple[int, str]]:
    for number, step in enumerate(scenario.steps, start=1):
        if step.verb in ("do", "work until", "start"):
            yield number, step.what
        for each in step.expects:
            if each.kind in ("open", "not open", "waits", "ended"):
                yield number, each.what


def _elements(process: ProcessDefinition) -> Iterator[str]:
    for each in process.family.values():
        yield from each


def _near(named: str, among: Iterable[str], otherwise: str) -> str:
    close = get_close_matches(named, list(among), n=1)
    return f"perhaps {close[0]} is meant" if close else otherwise
