"""Names that nothing sets, in files and in the diagrams in force that the files would break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain

from engine.bpmn.lint.names import Deciding, ProcessNames
from engine.checking.files import Known, Reading
from engine.naming import Around, Naming, Stray, names_in


def names_are_set(read: Reading) -> None:
    """Find expressions that read a variable, or a form's question, that nothing sets."""
    new = {process.key: process for each in read.names_by_file.values() for process in each}
    known = read.known or Known()
    stay = {key: source for key, source in known.sources.items() if key not in new}
    around = Around(
        forms={**known.forms, **{form.key: form for form in read.forms.values()}},
        rules=read.all_rules().models,
        whole=read.known is not None and known.processes.keys() <= known.sources.keys(),
    )
    stayed = [*names_in(stay)]
    naming = Naming([*new.values(), *stayed], around)
    # An element that is refused for something else may be drawn otherwise by the next time.
    refused = {(finding.file, finding.element_id) for finding in read.findings if finding.severity == "error"}
    for file, processes in read.names_by_file.items():
        strays = chain.from_iterable(map(naming.strays, processes))
        read.report(file, (each for each in strays if (file, each.element_id) not in refused))
    for file, form in read.forms.items():
        read.report(file, naming.form_strays(form))
    if read.rules or read.forms or read.processes:
        _nothing_deployed_breaks(read, stayed, naming, around.whole)


def _nothing_deployed_breaks(read: Reading, stayed: Sequence[ProcessNames], naming: Naming, whole: bool) -> None:
    """Find what the diagrams that are in force, and stay as they are, would lose by these files."""
    known = read.known or Known()
    before = Naming(names_in(known.sources), Around(known.forms, known.rules, whole))
    gone = read.decisions_gone()
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
        read.report(process.key, sorted(said, key=lambda each: (each.element_id, each.what)))


def _no_decision(task: Deciding) -> Stray:
    what = f"the decision {task.decision} would be gone"
    return Stray(task.element_id, what, "keep it, or deploy the diagram without it too", "error")
