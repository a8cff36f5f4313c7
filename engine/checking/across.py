"""What diagrams, rules and forms say of each other: tables, examples, what tasks record, keys and names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from difflib import get_close_matches
from typing import Final

from engine.bpmn import ElementInfo, ProcessDefinition
from engine.bpmn.lint import Finding
from engine.casework.escalation import DECISION, wrong_cells
from engine.casework.facts import FACTS
from engine.checking import limits
from engine.checking.files import Known, Reading
from engine.dmn.example_file import ExampleFile
from engine.naming import names_in
from engine.operations import RECORD
from engine.ranking import DECISION as RANKING
from engine.ranking import FACTORS
from engine.rule_files import TIMESCALES, Rules, example_findings, name_findings, table_findings


def escalations_name_what_exists(read: Reading) -> None:
    """Find levels, addressees and processes that escalation rules name and that do not exist.

    Rules may come before every process.
    """
    processes = {key for each in read.calls_by_file.values() for key in each}
    processes |= read.known.processes.keys() if read.known else set()
    for file, model in read.rules.items():
        if DECISION in model.decisions:
            for row, column, what, advice in wrong_cells(model.constant_outputs(DECISION), processes or None):
                named = model.row_in_words(DECISION, row)
                read.findings.append(Finding(file, DECISION, f"row {named}, column '{column}': {what}", advice))


GIVEN: Final[Mapping[str, frozenset[str]]] = {
    DECISION: frozenset(FACTS),
    TIMESCALES: frozenset({"limit", "authority"}),
    RANKING: frozenset(FACTORS),
    "task_routing": frozenset({"asked", "availability", "cover", "days_away", "urgent", "who", "until"}),
    "service_overlap": frozenset(
        f"{which}_{what}" for which in ("first", "second") for what in ("help", "agency", "person")
    ),
}
"""The decisions that the engine asks by itself, and what each is given: nothing else ever."""


def names_are_given(read: Reading) -> None:
    """Find names that decisions ask for and that nothing gives; what diagrams ask is for `names`.

    Of a decision that neither the engine nor a diagram asks it is told what is no fact of a case: people may ask it by
    other names, but then their file declares them as input data.
    """
    asked = _asked_by_diagrams(read)
    for file, model in read.rules.items():
        for decision in model.decisions.values():
            # A name with a dot is an input of a file that is imported.
            needed = {each for each in decision.inputs_needed if "." not in each}
            if decision.id in GIVEN:
                read.findings += _not_given(file, decision.id, needed - GIVEN[decision.id])
            elif asked is not None and decision.id not in asked | _passed_on(read):
                read.findings += _unasked(file, decision.id, set(decision.given) - FACTS.keys())


def _not_given(file: str, decision: str, names: Collection[str]) -> Iterator[Finding]:
    for name in sorted(names):
        near = get_close_matches(name, GIVEN[decision], n=1)
        facts = "ask for a fact of the case"
        other = facts if decision == DECISION else f"it is given {', '.join(sorted(GIVEN[decision]))}"
        yield Finding(file, decision, f"nothing is called {name}", f"did you mean {near[0]}?" if near else other)


def _unasked(file: str, decision: str, names: Collection[str]) -> Iterator[Finding]:
    for name in sorted(names):
        near = get_close_matches(name, FACTS, n=1)
        what = f"no diagram asks this decision, and {name} is no fact of a case"
        advice = f"did you mean {near[0]}?" if near else "declare it as input data, if whoever asks gives it"
        yield Finding(file, decision, what, advice, "notice")


def _asked_by_diagrams(read: Reading) -> frozenset[str] | None:
    """Return the decisions that the diagrams at hand ask; None without any diagrams."""
    known = read.known.sources if read.known else {}
    new = [process for each in read.names_by_file.values() for process in each]
    if not new and not known:
        return None
    return frozenset(task.decision for process in (*new, *names_in(known)) for task in process.decides)


def _passed_on(read: Reading) -> frozenset[str]:
    """Return the decisions that other decisions require, or whose file others import: asked by whoever asks those."""
    models = read.all_rules().models.values()
    required = {each for model in models for decision in model.decisions.values() for each in decision.requires}
    imported = {id_ for model in models for other in model.imports.values() for id_ in other.decisions}
    return frozenset(required | imported)


def tables_are_sound(read: Reading) -> None:
    """Find inputs that no row covers, rows that clash or never count, outputs that are never given."""
    rules = read.all_rules()
    for file, model in read.rules.items():
        read.findings += table_findings(file, model, rules)
    for model in read.again.values():
        # What else is odd about a file in force was said when it was deployed.
        read.findings += [each for each in table_findings(model.file, model, rules) if each.severity == "error"]


def limits_are_there(read: Reading) -> None:
    """Find cells that ask for a time limit which is not there, and numbers typed in the place of one."""
    rules = read.all_rules()
    known = limits.known_limits(rules)
    if known is None:
        return
    for file in read.rules:
        missing = list(limits.unknown_limits(file, read.files[file], known))
        read.findings += [*missing, *limits.typed_limits(file, read.files[file], rules)]
        if missing:
            read.without_limit.add(file)


def examples_are_kept(read: Reading) -> None:
    """Put the examples, those in force among them, to the rules as they would be.

    Those of rules that ask for a time limit which is not there say nothing until it is, and are only counted.
    """
    if not read.rules and not (read.examples and read.known):
        return
    known, rules = read.known or Known(), read.all_rules()
    broken: set[str] = set()
    for examples in read.examples.values():
        refused = rules.holder(examples.decision) is None and read.names_in_refused_rules(examples.decision)
        wrong = [] if refused else list(name_findings(examples, rules))
        read.findings += wrong
        broken |= {examples.decision} if wrong else set()
    new = {each.decision: each for each in read.examples.values()}
    for decision, examples in {**known.examples, **new}.items():
        if decision not in broken:
            before = None if decision in new else Rules(known.rules)
            found = list(example_findings(examples, rules, before))
            holder = rules.holder(decision)
            if holder is not None and holder.file in read.without_limit:
                found = list(_counted(examples, found))
            read.findings += found
            read.unkept += [finding for finding in found if finding.severity == "error"]


def _counted(examples: ExampleFile, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield one notice in the place of every example that is not kept."""
    failed = sum(each.severity == "error" for each in found)
    if failed:
        what = f"{failed} of the examples cannot be kept while the rules ask for a time limit that is not there"
        yield Finding(examples.file, examples.decision, what, "mend the rules first", "notice")


def forms_ask_enough(read: Reading) -> None:
    """Find record operations whose form lacks a question that they cannot work without."""
    new = {form.key: form for form in read.forms.values()}
    home = {form.key: file for file, form in read.forms.items()}
    forms = {**read.known.forms, **new} if read.known else new
    for file, process, element in _asking(read):
        form = forms.get(element.form or "")
        needs = RECORD[element.operation].needs if element.operation else frozenset()
        if form is None or (file is None and form.key not in new):
            continue
        asked = {question.key for question in form.fields} | form.bindings.keys()
        for missing in sorted(needs - asked):
            what = f"the form {form.key} does not ask '{missing}', which {element.operation} needs"
            where = (file, element.id) if file else (home[form.key], form.key)
            what = what if file else f"{what} at {element.id} of the process {process.key}"
            read.findings.append(Finding(*where, what, "add a question with that key, or bind one to it"))


def _asking(read: Reading) -> Iterator[tuple[str | None, ProcessDefinition, ElementInfo]]:
    """Give every user task or start that records something, with its file; None for a process deployed before."""
    new = [(file, process) for file, each in read.processes.items() for process in each]
    replaced = {process.key for _, process in new}
    old = read.known.processes if read.known else {}
    for file, process in (*new, *((None, old[key]) for key in sorted(old.keys() - replaced))):
        for element in process.elements.values():
            if element.kind in ("userTask", "startEvent") and element.operation is not None:
                yield file, process, element


def no_key_twice(read: Reading) -> None:
    """Find two files that hold something with the same id, of these and those in force."""
    named = [
        *((file, "process", key) for file, each in read.calls_by_file.items() for key in each),
        *((file, "rules", model.key) for file, model in read.rules.items()),
        *((file, "form", form.key) for file, form in read.forms.items()),
        *((file, "examples", examples.decision) for file, examples in read.examples.items()),
        *((file, "scenario", scenario.key) for file, scenario in read.scenarios.items()),
    ]
    given = list(read.files)
    named.sort(key=lambda each: given.index(each[0]))
    homes = read.known.homes if read.known else {}
    first: dict[tuple[str, str], str] = {}
    for file, kind, key in named:
        other, home = first.setdefault((kind, key), file), homes.get((kind, key), file)
        if other != file:
            what = f"{other} holds a {_CALLED[kind]} with the same id"
            read.findings.append(Finding(file, key, what, "give each an id of its own"))
        elif home not in read.files:
            before = [held for (held_kind, held), place in homes.items() if (held_kind, place) == (kind, file)]
            read.findings.append(_of_another_file(file, (kind, key), home, sorted(before)))


_CALLED: Final = {
    "process": "process", "rules": "rules file", "form": "form", "examples": "file of examples", "scenario": "scenario",
}  # fmt: skip


def _of_another_file(file: str, held: tuple[str, str], home: str, before: Sequence[str]) -> Finding:
    """Return the finding that a text belongs in the file `home`, which is in force; `before` are what `file` held."""
    kind, key = held
    what = f"this text is the {_CALLED[kind]} {key}, which is in {home} already"
    if before:
        what = f"this file held the {_CALLED[kind]} {', '.join(before)}; {what}"
        return Finding(file, key, what, f"put it in {home}, or give it an id of its own")
    return Finding(file, key, what, f"put it in {home}, give it an id of its own, or rename {home}", home=home)


def no_name_twice(read: Reading) -> None:
    """Find decisions in two rules files and messages that start two processes: only one could ever be meant."""
    rules = {model.key for model in read.rules.values()}
    known = read.known or Known()
    holders = {decision: key for decision, key in known.decisions.items() if key not in rules}
    for file, model in read.rules.items():
        for decision in sorted(model.decisions):
            other = holders.setdefault(decision, model.key)
            if other != model.key:
                what = f"the rules file {other} holds a decision with the same id"
                read.findings.append(Finding(file, decision, what, "give it an id of its own"))
    new = [(file, process) for file, each in read.processes.items() for process in each]
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
                read.findings.append(Finding(file, element, what, "start it by a message of its own"))
