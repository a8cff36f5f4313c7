"""The readable content of files, and everything found in them; what is deployed already, beside which they are read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from engine.bpmn import ProcessDefinition
from engine.bpmn.lint import Finding
from engine.bpmn.lint.names import ProcessNames
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import RULE_APPROVERS
from engine.dmn import DecisionModel
from engine.dmn.approvals import guarded_rows
from engine.dmn.example_file import ExampleFile, read_examples
from engine.dmn.imports import InForce, read_together
from engine.errors import Invalid, faults_of, shown
from engine.forms import Form, read_form
from engine.naming import Stray
from engine.options import SOURCES
from engine.rule_files import Rules
from engine.scenario_files import SUFFIX, Scenario, read_scenario

KINDS: Final = {".bpmn": "process", ".dmn": "rules", ".form": "form", ".tests.yaml": "examples", SUFFIX: "scenario"}
"""What a file holds, by the ending of its name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is deployed already: processes and forms by key, and each decision with the key of its rules file.

    `sources` holds the text of the processes by key, `rules` the rules files by theirs; without them the names that
    they pass on are not known, and variables go unchecked. `rule_sources` holds the text of those rules files that
    import others, by key. `examples` are those of decisions, by decision. `homes` are the files that all of them are
    in, by kind and key.
    """

    processes: Mapping[str, ProcessDefinition] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)
    rules: Mapping[str, DecisionModel] = field(default_factory=dict)
    examples: Mapping[str, ExampleFile] = field(default_factory=dict)
    rule_sources: Mapping[str, bytes] = field(default_factory=dict)
    homes: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """The readable content of files, and everything found in them; `errors` must be empty to deploy.

    `unkept` are those of the errors that say which examples the rules do not keep: a second person may let them be.
    `again`, by key, are the rules files in force that import one of these, read anew with it. `gave_up` says, by file,
    that a diagram has too many ways through it to play them all.
    """

    findings: tuple[Finding, ...]
    processes: Mapping[str, tuple[ProcessDefinition, ...]]
    rules: Mapping[str, DecisionModel]
    forms: Mapping[str, Form]
    examples: Mapping[str, ExampleFile] = field(default_factory=dict)
    unkept: tuple[Finding, ...] = ()
    again: Mapping[str, DecisionModel] = field(default_factory=dict)
    gave_up: Mapping[str, str] = field(default_factory=dict)
    scenarios: Mapping[str, Scenario] = field(default_factory=dict)

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a deployment."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def kind_of(file: str) -> str:
    """Return what a file holds, by its name: a value of `KINDS`. Raises `Invalid` for any other ending."""
    stem = PurePosixPath(file.lower()).name
    kind = next((kind for ending, kind in KINDS.items() if stem.endswith(ending) and stem != ending), None)
    if kind is None:
        raise Invalid(f"{file}: only {', '.join(tuple(KINDS)[:-1])} and {SUFFIX} files can be deployed", file=file)
    return kind


class Reading:
    """Files being read: what is readable of them, and what was found so far; forms and rules are read at once."""

    def __init__(self, files: Mapping[str, bytes], known: Known | None) -> None:
        self.files, self.known = files, known
        self.findings: list[Finding] = []
        self.processes: dict[str, tuple[ProcessDefinition, ...]] = {}
        self.rules: dict[str, DecisionModel] = {}
        self.again: Mapping[str, DecisionModel] = {}
        self.forms: dict[str, Form] = {}
        self.examples: dict[str, ExampleFile] = {}
        self.scenarios: dict[str, Scenario] = {}
        self.unkept: list[Finding] = []
        self.without_limit: set[str] = set()
        self.gave_up: dict[str, str] = {}
        self.calls_by_file: dict[str, Mapping[str, frozenset[str]]] = {}
        self.names_by_file: dict[str, tuple[ProcessNames, ...]] = {}
        by_kind = self._by_kind()
        for file in by_kind["form"]:
            self._read_form(file)
        self._read_rules(by_kind["rules"])
        for file in by_kind["examples"]:
            self._read_examples(file)
        for file in by_kind["scenario"]:
            self._read_scenario(file)
        self.diagrams = by_kind["process"]

    def refuse(self, file: str, error: Invalid, *, so: str = "") -> None:
        """Add each fault of a file as a finding, with `so` before what it says."""
        for fault in faults_of(error):
            named = (fault.details.get(what) for what in ("element", "decision", "key", "component"))
            where = shown(next(filter(None, named), "file"))
            said = fault.message.removeprefix(f"{file}: ").removeprefix(f"{file}:{where}: ")
            # Many sentences say what to do themselves, after a semicolon.
            what, _, advice = said.rstrip(".").partition("; ")
            self.findings.append(Finding(file, where, so + what, advice or "mend it and try again"))

    def report(self, file: str, strays: Iterable[Stray]) -> None:
        """Add what nothing sets as findings."""
        self.findings += [Finding(file, each.element_id, each.what, each.advice, each.severity) for each in strays]

    def all_rules(self) -> Rules:
        """Return the rules as they would be: those in force with these in their places."""
        known = self.known.rules if self.known else {}
        return Rules({**known, **self.again, **{model.key: model for model in self.rules.values()}})

    def names_in_refused_rules(self, decision: str) -> bool:
        """Tell whether a rules file that was refused names this decision: then it is not missing, only unreadable."""
        rules = {file: content for file, content in self.files.items() if file.lower().endswith(".dmn")}
        refused = [content for file, content in rules.items() if file not in self.rules]
        return any(f'"{decision}"'.encode() in content for content in refused)

    def decisions_gone(self) -> frozenset[str]:
        """Return the decisions in force that these files take away."""
        new = {model.key for model in self.rules.values()}
        held = {decision for model in self.rules.values() for decision in model.decisions}
        old = self.known.decisions if self.known else {}
        return frozenset(decision for decision, key in old.items() if key in new) - held

    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
        for file in sorted(self.files):
            try:
                found[kind_of(file)].append(file)
            except Invalid as error:
                self.refuse(file, error)
        return found

    def _read_form(self, file: str) -> None:
        try:
            form = read_form(self.files[file], name=file, sources=SOURCES)
        except Invalid as error:
            self.refuse(file, error)
        else:
            self.forms[file] = form

    def _read_rules(self, files: Sequence[str]) -> None:
        in_force = InForce(self.known.rules, self.known.rule_sources) if self.known else InForce()
        read = read_together({file: self.files[file] for file in files}, in_force, HOST_FUNCTIONS)
        for file, fault in read.faults:
            self.refuse(file, fault)
        for file, fault in read.broken:
            self.refuse(file, fault, so="this deployed rules file would break: ")
        self.rules = {file: read.models[file] for file in files if file in read.models}
        self.again = read.again
        for file in self.rules:
            self._guards_are_known(file)

    def _guards_are_known(self, file: str) -> None:
        for row in guarded_rows(self.files[file], name=file):
            if row.approver not in RULE_APPROVERS:
                what = f"nobody approves rules as '{row.approver}'"
                self.findings.append(Finding(file, row.row, what, f"write one of: {', '.join(RULE_APPROVERS)}"))

    def _read_examples(self, file: str) -> None:
        try:
            self.examples[file] = read_examples(self.files[file], name=file)
        except Invalid as error:
            self.refuse(file, error)

    def _read_scenario(self, file: str) -> None:
        try:
            self.scenarios[file] = read_scenario(self.files[file], name=file)
        except Invalid as error:
            self.refuse(file, error)
