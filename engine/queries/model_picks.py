"""What a designer may choose from while drawing: forms, decisions, processes, people, operations, messages, names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.bpmn.lint import Catalogue
from engine.bpmn.lint.names import ProcessNames, process_names
from engine.casework.facts import FACTS
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES, STARTERS, Actor
from engine.checking import Known, check
from engine.errors import Invalid
from engine.feel import built_in_names
from engine.guidance import anchors
from engine.in_force import known_to
from engine.naming import Around, Naming, names_in
from engine.operations import RECORD, SERVICE
from engine.options import SOURCES
from engine.process_engine import ProcessEngine
from engine.queries.definitions import require_designer
from engine.queries.view import viewing
from engine.store import definitions, model_drafts
from engine.xml import parse_untrusted

PEOPLE: Final = ("lead_professional", "assessor", "line_manager")
"""The people of a case whom an assignee may name."""


@dataclass(frozen=True, slots=True)
class Pick:
    """Something that may be chosen: what is written into the file, and the words for it."""

    value: str
    words: str
    draft: bool = False


@dataclass(frozen=True, slots=True)
class Function:
    """A function that expressions may call, with the names of its parameters."""

    name: str
    parameters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """Everything that the properties of a model may name; `variables` are those that the file's processes can have.

    `facts` are what the case itself tells: who is asked, by when, and decisions may use them, besides the variables.
    """

    forms: tuple[Pick, ...]
    decisions: tuple[Pick, ...]
    processes: tuple[Pick, ...]
    operations: tuple[Pick, ...]
    records: tuple[Pick, ...]
    groups: tuple[Pick, ...]
    starters: tuple[str, ...]
    people: tuple[str, ...]
    messages: tuple[str, ...]
    guidance: tuple[str, ...]
    sources: tuple[str, ...]
    facts: Mapping[str, str]
    variables: tuple[str, ...]
    functions: tuple[Function, ...]


def picks(engine: ProcessEngine, *, actor: Actor, file: str = "") -> Picks:
    """Return what may be chosen in `file`: what is in force, with the drafts over it. Raises `NotPermitted`.

    A draft that cannot be read gives nothing to choose from.
    """
    require_designer(actor)
    with viewing(engine, actor) as view:
        known = known_to(engine, view.connection, view.authority)
        drafts = {each.file: each.content for each in model_drafts.load_all(view.connection, actor.authority_id)}
        running = [id_ for (kind, _), id_ in view.authority.latest.items() if kind == "process"]
        deployed = [each for each in (definitions.load(view.connection, id_) for id_ in running) if each.file == file]
    keys = [each.key for each in _names_of(file, drafts[file])] if file in drafts else [each.key for each in deployed]
    checked = check({name: text for name, text in drafts.items() if not name.endswith(".scenario.yaml")}, known)
    forms = {form.key: form.title for form in known.forms.values()}
    forms_drafted = {form.key: form.title for form in checked.forms.values()}
    decided = {decision for model in checked.rules.values() for decision in model.decisions}
    processes = {key: each.name or key for key, each in known.processes.items()}
    processes_drafted = {each.key: each.name or each.key for found in checked.processes.values() for each in found}
    named = _named(known, drafts)
    return Picks(
        forms=_picked(forms, forms_drafted),
        decisions=_picked(dict.fromkeys(known.decisions, ""), dict.fromkeys(decided, "")),
        processes=_picked(processes, processes_drafted),
        operations=tuple(Pick(name, _said(work)) for name, work in sorted(SERVICE.items())),
        records=tuple(Pick(name, _said(each.apply)) for name, each in sorted(RECORD.items())),
        groups=tuple(Pick(name, name.replace("_", " ").capitalize().replace("Mag ", "MAG ")) for name in GROUP_ROLES),
        starters=tuple(sorted(STARTERS)),
        people=PEOPLE,
        messages=tuple(sorted(_messages(named))),
        guidance=tuple(sorted(anchors())),
        sources=tuple(sorted(SOURCES)),
        facts=FACTS,
        variables=_variables(known, named, keys),
        functions=_functions(),
    )


def _picked(in_force: Mapping[str, str], drafted: Mapping[str, str]) -> tuple[Pick, ...]:
    both = {**in_force, **drafted}
    ordered = sorted(both.items(), key=lambda each: (each[1] or each[0]).casefold())
    alike = Counter(both.values())
    apart = {key: f"{words} ({key})" if alike[words] > 1 else words for key, words in both.items() if words}
    return tuple(Pick(key, apart.get(key) or _words(key), draft=key not in in_force) for key, _ in ordered)


def _words(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _said(work: Callable[..., Any]) -> str:
    """Return the first sentence of what an operation says it does."""
    first = " ".join((work.__doc__ or "").split("\n\n", maxsplit=1)[0].split())
    return first.partition(". ")[0].partition("; ")[0].rstrip(".").replace("`", "")


def _functions() -> tuple[Function, ...]:
    lent = {each.name: each.parameters for each in HOST_FUNCTIONS.values()}
    return tuple(Function(name, tuple(lent.get(name, ()))) for name in sorted({*built_in_names(), *lent}))


def _named(known: Known, drafts: Mapping[str, bytes]) -> dict[str, ProcessNames]:
    """Return the names of every process, those of drafts in the place of those in force."""
    found = {each.key: each for each in names_in(known.sources)}
    for file, content in drafts.items():
        if file.endswith(".bpmn"):
            found |= {each.key: each for each in _names_of(file, content)}
    return found


def _names_of(file: str, content: bytes) -> Iterable[ProcessNames]:
    try:
        root = parse_untrusted(content, file)
    except Invalid:
        return ()
    return process_names(root, name=file, catalogue=Catalogue(functions=HOST_FUNCTIONS))


def _messages(named: Mapping[str, ProcessNames]) -> set[str]:
    caught = {message for each in named.values() for writer in each.writers for message in writer.caught}
    return {message for message in caught | {name for each in named.values() for name, _ in each.thrown} if message}


def _variables(known: Known, named: Mapping[str, ProcessNames], keys: Iterable[str]) -> tuple[str, ...]:
    naming = Naming(named.values(), Around(known.forms, known.rules, whole=True))
    return tuple(sorted({name for key in keys for name in naming.of(key).known}))
