"""Diagrams read and checked one by one: linted, then parsed in the order in which they call each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from engine.bpmn import ProcessDefinition, parse_process, process_calls
from engine.bpmn.lint import Catalogue, lint_process
from engine.bpmn.lint.model import extension
from engine.bpmn.lint.names import process_names
from engine.bpmn.lint.paths import require_size
from engine.bpmn.soundness import sound, with_ways
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES, STARTERS
from engine.checking.files import Reading
from engine.errors import Invalid
from engine.guidance import anchors
from engine.operations import RECORD, SERVICE
from engine.xml import parse_untrusted


def read_calls(read: Reading) -> tuple[list[str], dict[str, Invalid]]:
    """Read which processes the diagrams hold and call; return those that can be linted, and why some hold none.

    One that is not well-formed, or of too many steps to follow them, is refused at once.
    """
    fit, unread = list[str](), dict[str, Invalid]()
    for file in read.diagrams:
        try:
            require_size(parse_untrusted(read.files[file], file), file)
        except Invalid as error:
            read.refuse(file, error)
            continue
        fit.append(file)
        try:
            read.calls_by_file[file] = process_calls(read.files[file], name=file)
        except Invalid as error:
            unread[file] = error
    return fit, unread


def read_diagrams(read: Reading) -> None:
    """Read the diagrams among the files into `read`, with what the linter finds."""
    fit, unread = read_calls(read)
    calls = read.calls_by_file
    catalogue = _catalogue(read, calls)
    sound = [file for file in fit if _lint(read, file, catalogue)]
    told = {finding.file for finding in read.findings if finding.severity == "error"}
    for file in sorted(unread.keys() - told):
        # What the linter says of the same fault is told at its element.
        read.refuse(file, unread[file])
    for file in calls:
        root = parse_untrusted(read.files[file], file)
        read.names_by_file[file] = process_names(root, name=file, catalogue=catalogue)
    parsed = dict(read.known.processes) if read.known else {}
    for file in _callees_first({file: calls[file] for file in sound if file in calls}):
        _parse(read, file, parsed)


def _catalogue(read: Reading, calls: Mapping[str, Mapping[str, frozenset[str]]]) -> Catalogue:
    new = {key: called for processes in calls.values() for key, called in processes.items()}
    known = read.known
    mine = {form.key for form in read.forms.values()}
    decisions = {decision for model in read.rules.values() for decision in model.decisions}
    old = {} if known is None else {key: process.calls for key, process in known.processes.items()}
    return Catalogue(
        forms=(frozenset(mine) or None) if known is None else frozenset(known.forms) | mine,
        decisions=(frozenset(decisions) or None)
        if known is None
        else frozenset(known.decisions) - read.decisions_gone() | decisions,
        operations=frozenset(SERVICE),
        records=frozenset(RECORD),
        # A diagram alone may call what is deployed already; of several, all that they call is to be among them.
        processes=None if known is None and len(calls) < 2 else frozenset(old) | frozenset(new),
        groups=frozenset(GROUP_ROLES),
        starters=frozenset(STARTERS),
        guidance=anchors(),
        calls={**old, **new},
        functions=HOST_FUNCTIONS,
    )


def not_looked_up(files: Mapping[str, bytes]) -> Iterator[str]:
    """Yield a sentence for each diagram among `files` that names what could not be looked up: none of its kind is here.

    Diagrams that cannot be read are passed over: why, the linter says.
    """
    kinds = {Path(file).suffix for file in files}
    several = sum(Path(file).suffix == ".bpmn" for file in files) > 1
    for file, content in sorted(files.items()):
        if file.endswith(".bpmn"):
            unseen = [words for words, here in _named(content, file) if not (here in kinds if here else several)]
            if unseen:
                were = f"{', '.join(unseen[:-1])} and {unseen[-1]}" if len(unseen) > 1 else unseen[0]
                yield f"{file}: its {were} were not given, so not looked up"


def _named(content: bytes, file: str) -> Iterator[tuple[str, str]]:
    """Give what a diagram names, in words, each with the ending of the files it is in; none for other diagrams."""
    try:
        root, calls = parse_untrusted(content, file), process_calls(content, name=file)
    except Invalid:
        return
    nodes = [node for node in root.iter() if isinstance(node.tag, str)]
    if any(extension(node, "formRef") or extension(node, "formKey") for node in nodes):
        yield "forms", ".form"
    if any(extension(node, "decisionRef") for node in nodes):
        yield "rules", ".dmn"
    if not frozenset().union(*calls.values()) <= calls.keys():
        yield "called diagrams", ""


def _lint(read: Reading, file: str, catalogue: Catalogue) -> bool:
    """Add what the linter finds, and what playing the diagram finds; tell whether the file may be parsed."""
    root = parse_untrusted(read.files[file], file)
    found, played = lint_process(root, name=file, catalogue=catalogue), sound(root, name=file)
    found = (*with_ways(found, played), *played.findings)
    read.findings.extend(found)
    if played.gave_up:
        read.gave_up[file] = played.gave_up
    return not any(finding.severity == "error" for finding in found)


def _parse(read: Reading, file: str, parsed: dict[str, ProcessDefinition]) -> None:
    """Parse a file that lint let pass; one whose callees are not at hand here cannot be, and need not be."""
    calls = process_calls(read.files[file], name=file)
    if read.known is None and not frozenset().union(*calls.values()) <= parsed.keys() | calls.keys():
        return
    try:
        processes = parse_process(read.files[file], name=file, called=parsed, functions=HOST_FUNCTIONS)
    except Invalid as error:
        read.refuse(file, error)
    else:
        read.processes[file] = processes
        parsed.update({process.key: process for process in processes})


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
