"""Check BPMN, DMN and form files together, without a database: what `caf lint` prints and deploying obeys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import PurePosixPath
from typing import Final

from engine.bpmn import ElementInfo, ProcessDefinition, parse_process, process_calls
from engine.bpmn.lint import Catalogue, Finding, lint_process
from engine.bpmn.lint.names import Deciding, ProcessNames, process_names
from engine.casework.escalation import DECISION, wrong_cells
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES, RULE_APPROVERS, STARTERS
from engine.dmn import DecisionModel, read_model
from engine.dmn.approvals import guarded_rows
from engine.dmn.example_file import ExampleFile, read_examples
from engine.errors import Invalid, faults_of, shown
from engine.forms import Form, read_form
from engine.naming import Around, Naming, Stray, names_in
from engine.operations import RECORD, SERVICE
from engine.options import SOURCES
from engine.rule_files import Rules, example_findings, name_findings, table_findings
from engine.xml import parse_untrusted

KINDS: Final = {".bpmn": "process", ".dmn": "rules", ".form": "form", ".tests.yaml": "examples"}
"""What a file holds, by the ending of its name."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is deployed already: processes and forms by key, and each decision with the key of its rules file.

    `sources` holds the text of the processes by key, `rules` the rules files by theirs; without them the names that
    they pass on are not known, and variables go unchecked. `examples` are those of decisions, by decision.
    """

    processes: Mapping[str, ProcessDefinition] = field(default_factory=dict)
    decisions: Mapping[str, str] = field(default_factory=dict)
    forms: Mapping[str, Form] = field(default_factory=dict)
    sources: Mapping[str, bytes] = field(default_factory=dict)
    rules: Mapping[str, DecisionModel] = field(default_factory=dict)
    examples: Mapping[str, ExampleFile] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Checked:
    """The readable content of files, and everything found in them; `errors` must be empty to deploy.

    `unkept` are those of the errors that say which examples the rules do not keep: a second person may let them be.
    """

    findings: tuple[Finding, ...]
    processes: Mapping[str, tuple[ProcessDefinition, ...]]
    rules: Mapping[str, DecisionModel]
    forms: Mapping[str, Form]
    examples: Mapping[str, ExampleFile] = field(default_factory=dict)
    unkept: tuple[Finding, ...] = ()

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a deployment."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def kind_of(file: str) -> str:
    """Return `process`, `rules`, `form` or `examples` for a file's name. Raises `Invalid` for any other ending."""
    stem = PurePosixPath(file.lower()).name
    kind = next((kind for ending, kind in KINDS.items() if stem.endswith(ending) and stem != ending), None)
    if kind is None:
        raise Invalid(f"{file}: only .bpmn, .dmn, .form and .tests.yaml files can be deployed", file=file)
    return kind


def check(files: Mapping[str, bytes], known: Known | None = None) -> Checked:
    """Read `files` (name -> content) against each other and what is `known`; never raises for their content.

    When `known` is None, references to a kind of file of which none is among these go unchecked.
    """
    check_ = _Check(files, known)
    return Checked(
        tuple(check_.findings), check_.processes, check_.rules, check_.forms, check_.examples, tuple(check_.unkept)
    )


class _Check:
    def __init__(self, files: Mapping[str, bytes], known: Known | None) -> None:
        self._files, self._known = files, known
        self.findings: list[Finding] = []
        self.processes: dict[str, tuple[ProcessDefinition, ...]] = {}
        self.rules: dict[str, DecisionModel] = {}
        self.forms: dict[str, Form] = {}
        self.examples: dict[str, ExampleFile] = {}
        self.unkept: list[Finding] = []
        self._calls_by_file: dict[str, Mapping[str, frozenset[str]]] = {}
        self._names_by_file: dict[str, tuple[ProcessNames, ...]] = {}
        by_kind = self._by_kind()
        for file in by_kind["form"]:
            self._read_form(file)
        for file in by_kind["rules"]:
            self._read_rules(file)
        for file in by_kind["examples"]:
            self._read_examples(file)
        self._read_processes(by_kind["process"])
        self._escalations_name_what_exists()
        self._tables_are_sound()
        self._examples_are_kept()
        self._forms_ask_enough()
        self._names_are_set()
        self._no_key_twice()
        self._no_name_twice()

    def _by_kind(self) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
        for file in sorted(self._files):
            try:
                found[kind_of(file)].append(file)
            except Invalid as error:
                self._refuse(file, error)
        return found

    def _refuse(self, file: str, error: Invalid) -> None:
        """Add each fault of a file as a finding."""
        for fault in faults_of(error):
            named = (fault.details.get(what) for what in ("element", "decision", "key", "component"))
            where = shown(next(filter(None, named), "file"))
            said = fault.message.removeprefix(f"{file}: ").removeprefix(f"{file}:{where}: ")
            # Many sentences say what to do themselves, after a semicolon.
            what, _, advice = said.rstrip(".").partition("; ")
            self.findings.append(Finding(file, where, what, advice or "mend it and try again"))

    def _read_form(self, file: str) -> None:
        try:
            form = read_form(self._files[file], name=file, sources=SOURCES)
        except Invalid as error:
            self._refuse(file, error)
        else:
            self.forms[file] = form

    def _read_rules(self, file: str) -> None:
        try:
            self.rules[file] = read_model(self._files[file], name=file, functions=HOST_FUNCTIONS)
        except Invalid as error:
            self._refuse(file, error)
            return
        for row in guarded_rows(self._files[file], name=file):
            if row.approver not in RULE_APPROVERS:
                what = f"nobody approves rules as '{row.approver}'"
                self.findings.append(Finding(file, row.row, what, f"write one of: {', '.join(RULE_APPROVERS)}"))

    def _read_examples(self, file: str) -> None:
        try:
            self.examples[file] = read_examples(self._files[file], name=file)
        except Invalid as error:
            self._refuse(file, error)

    def _all_rules(self) -> Rules:
        """Return the rules as they would be: those in force with these in their places."""
        known = self._known.rules if self._known else {}
        return Rules({**known, **{model.key: model for model in self.rules.values()}})

    def _tables_are_sound(self) -> None:
        """Find inputs that no row covers, rows that clash or never count, outputs that are never given."""
        rules = self._all_rules()
        for file, model in self.rules.items():
            self.findings += table_findings(file, model, rules)

    def _examples_are_kept(self) -> None:
        """Put the examples, those in force among them, to the rules as they would be."""
        if not self.rules and not (self.examples and self._known):
            return
        known, rules = self._known or Known(), self._all_rules()
        broken: set[str] = set()
        for examples in self.examples.values():
            wrong = list(name_findings(examples, rules))
            self.findings += wrong
            broken |= {examples.decision} if wrong else set()
        new = {each.decision: each for each in self.examples.values()}
        for decision, examples in {**known.examples, **new}.items():
            if decision not in broken:
                before = None if decision in new else Rules(known.rules)
                found = list(example_findings(examples, rules, before))
                self.findings += found
                self.unkept += [finding for finding in found if finding.severity == "error"]

    def _escalations_name_what_exists(self) -> None:
        """Find levels, addressees and processes that escalation rules name and that do not exist.

        Rules may come before every process.
        """
        processes = {key for each in self._calls_by_file.values() for key in each}
        processes |= self._known.processes.keys() if self._known else set()
        for file, model in self.rules.items():
            if DECISION in model.decisions:
                for row, column, what, advice in wrong_cells(model.constant_outputs(DECISION), processes or None):
                    self.findings.append(Finding(file, DECISION, f"row {row}, column '{column}': {what}", advice))

    def _read_processes(self, files: Sequence[str]) -> None:
        calls = self._calls_by_file
        for file in files:
            try:
                calls[file] = process_calls(self._files[file], name=file)
            except Invalid as error:
                self._refuse(file, error)
        catalogue = self._catalogue(calls)
        sound = [file for file in files if self._lint(file, catalogue)]
        for file in calls:
            root = parse_untrusted(self._files[file], file)
            self._names_by_file[file] = process_names(root, name=file, catalogue=catalogue)
        parsed = dict(self._known.processes) if self._known else {}
        for file in _callees_first({file: calls[file] for file in sound if file in calls}):
            self._parse(file, parsed)

    def _catalogue(self, calls: Mapping[str, Mapping[str, frozenset[str]]]) -> Catalogue:
        new = {key: called for processes in calls.values() for key, called in processes.items()}
        known = self._known
        mine = {form.key for form in self.forms.values()}
        decisions = {decision for model in self.rules.values() for decision in model.decisions}
        old = {} if known is None else {key: process.calls for key, process in known.processes.items()}
        return Catalogue(
            forms=(frozenset(mine) or None) if known is None else frozenset(known.forms) | mine,
            decisions=(frozenset(decisions) or None)
            if known is None
            else frozenset(known.decisions) - self._decisions_gone() | decisions,
            operations=frozenset(SERVICE),
            records=frozenset(RECORD),
            processes=None if known is None else frozenset(old) | frozenset(new),
            groups=frozenset(GROUP_ROLES),
            starters=frozenset(STARTERS),
            calls={**old, **new},
            functions=HOST_FUNCTIONS,
        )

    def _lint(self, file: str, catalogue: Catalogue) -> bool:
        """Add the linter's findings; tell whether the file may be parsed."""
        try:
            found = lint_process(parse_untrusted(self._files[file], file), name=file, catalogue=catalogue)
        except Invalid:
            return False  # not well-formed: already among the findings
        self.findings.extend(found)
        return not any(finding.severity == "error" for finding in found)

    def _parse(self, file: str, parsed: dict[str, ProcessDefinition]) -> None:
        """Parse a file that lint let pass; one whose callees are not at hand here cannot be, and need not be."""
        calls = process_calls(self._files[file], name=file)
        if self._known is None and not frozenset().union(*calls.values()) <= parsed.keys() | calls.keys():
            return
        try:
            processes = parse_process(self._files[file], name=file, called=parsed, functions=HOST_FUNCTIONS)
        except Invalid as error:
            self._refuse(file, error)
        else:
            self.processes[file] = processes
            parsed.update({process.key: process for process in processes})

    def _forms_ask_enough(self) -> None:
        """Find record operations whose form lacks a question that they cannot work without."""
        new = {form.key: form for form in self.forms.values()}
        home = {form.key: file for file, form in self.forms.items()}
        forms = {**self._known.forms, **new} if self._known else new
        for file, process, element in self._asking():
            form = forms.get(element.form or "")
            needs = RECORD[element.operation].needs if element.operation else frozenset()
            if form is None or (file is None and form.key not in new):
                continue
            asked = {question.key for question in form.fields} | form.bindings.keys()
            for missing in sorted(needs - asked):
                what = f"the form {form.key} does not ask '{missing}', which {element.operation} needs"
                where = (file, element.id) if file else (home[form.key], form.key)
                what = what if file else f"{what} at {element.id} of the process {process.key}"
                self.findings.append(Finding(*where, what, "add a question with that key, or bind one to it"))

    def _asking(self) -> Iterator[tuple[str | None, ProcessDefinition, ElementInfo]]:
        """Give every user task or start that records something, with its file; None for a process deployed before."""
        new = [(file, process) for file, each in self.processes.items() for process in each]
        replaced = {process.key for _, process in new}
        old = self._known.processes if self._known else {}
        for file, process in (*new, *((None, old[key]) for key in sorted(old.keys() - replaced))):
            for element in process.elements.values():
                if element.kind in ("userTask", "startEvent") and element.operation is not None:
                    yield file, process, element

    def _names_are_set(self) -> None:
        """Find expressions that read a variable, or a form's question, that nothing sets."""
        new = {process.key: process for each in self._names_by_file.values() for process in each}
        known = self._known or Known()
        stay = {key: source for key, source in known.sources.items() if key not in new}
        around = Around(
            forms={**known.forms, **{form.key: form for form in self.forms.values()}},
            rules={**known.rules, **{model.key: model for model in self.rules.values()}},
            whole=self._known is not None and known.processes.keys() <= known.sources.keys(),
        )
        stayed = [*names_in(stay)]
        naming = Naming([*new.values(), *stayed], around)
        refused = {finding.file for finding in self.findings if finding.severity == "error"}
        for file, processes in self._names_by_file.items():
            self._report(file, () if file in refused else chain.from_iterable(map(naming.strays, processes)))
        for file, form in self.forms.items():
            self._report(file, naming.form_strays(form))
        if self.rules or self.forms or self.processes:
            self._nothing_deployed_breaks(stayed, naming, around.whole)

    def _nothing_deployed_breaks(self, stayed: Sequence[ProcessNames], naming: Naming, whole: bool) -> None:
        """Find what the diagrams that are in force, and stay as they are, would lose by these files."""
        known = self._known or Known()
        before = Naming(names_in(known.sources), Around(known.forms, known.rules, whole))
        gone = self._decisions_gone()
        for process in stayed:
            elements = known.processes[process.key].elements
            asks = {task.element_id for task in process.decides}
            pinned = {id_ for id_ in asks if elements[id_].decision_binding == "deployment"}
            # One that is called for the first time may be judged more strictly than before: nothing of it is lost.
            known_lacks = {(each.element_id, each.what) for each in before.strays(process)}
            lost = [each for each in naming.strays(process) if (each.element_id, each.what) not in known_lacks]
            lost += [_no_decision(task) for task in process.decides if task.decision in gone]
            said = [
                replace(each, what=f"this deployed diagram would break: {each.what}")
                for each in lost if each.element_id not in pinned
            ]  # fmt: skip
            self._report(process.key, sorted(said, key=lambda each: (each.element_id, each.what)))

    def _decisions_gone(self) -> frozenset[str]:
        """Return the decisions in force that these files take away."""
        new = {model.key for model in self.rules.values()}
        held = {decision for model in self.rules.values() for decision in model.decisions}
        old = self._known.decisions if self._known else {}
        return frozenset(decision for decision, key in old.items() if key in new) - held

    def _report(self, file: str, strays: Iterable[Stray]) -> None:
        self.findings += [Finding(file, each.element_id, each.what, each.advice, each.severity) for each in strays]

    def _no_key_twice(self) -> None:
        named = [
            *((file, "process", process.key) for file, each in self.processes.items() for process in each),
            *((file, "rules file", model.key) for file, model in self.rules.items()),
            *((file, "form", form.key) for file, form in self.forms.items()),
            *((file, "file of examples", examples.decision) for file, examples in self.examples.items()),
        ]
        first: dict[tuple[str, str], str] = {}
        for file, what, key in named:
            other = first.setdefault((what, key), file)
            if other != file:
                self.findings.append(
                    Finding(file, key, f"{other} holds a {what} with the same id", "give each an id of its own")
                )

    def _no_name_twice(self) -> None:
        """Find decisions in two rules files and messages that start two processes: only one could ever be meant."""
        rules = {model.key for model in self.rules.values()}
        known = self._known or Known()
        holders = {decision: key for decision, key in known.decisions.items() if key not in rules}
        for file, model in self.rules.items():
            for decision in sorted(model.decisions):
                other = holders.setdefault(decision, model.key)
                if other != model.key:
                    what = f"the rules file {other} holds a decision with the same id"
                    self.findings.append(Finding(file, decision, what, "give it an id of its own"))
        new = [(file, process) for file, each in self.processes.items() for process in each]
        replaced = {process.key for _, process in new}
        started = {
            name: process.key
            for process in known.processes.values() if process.key not in replaced
            for name in process.message_starts
        }  # fmt: skip
        for file, process in new:
            for name, element in sorted(process.message_starts.items()):
                other = started.setdefault(name, process.key)
                if other != process.key:
                    what = f"the message '{name}' already starts the process {other}"
                    self.findings.append(Finding(file, element, what, "start it by a message of its own"))


def _no_decision(task: Deciding) -> Stray:
    what = f"the decision {task.decision} would be gone"
    return Stray(task.element_id, what, "keep it, or deploy the diagram without it too", "error")


def _callees_first(calls: Mapping[str, Mapping[str, frozenset[str]]]) -> list[str]:
    """Order files so that each comes after those whose processes it calls; cycles keep their order."""
    home = {key: file for file, processes in calls.items() for key in processes}
    ordered: list[str] = []

    def visit(file: str, under_way: frozenset[str]) -> None:
        if file in ordered or file in under_way:
            return
        for called in _called(calls[file].values()):
            if called in home:
                visit(home[called], under_way | {file})
        ordered.append(file)

    for file in calls:
        visit(file, frozenset())
    return ordered


def _called(groups: Iterable[frozenset[str]]) -> list[str]:
    return sorted(frozenset().union(*groups))
