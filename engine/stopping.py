"""What stops a step of a diagram, in words for whoever meets it; what was undone by it is kept as an incident."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from uuid import UUID

from engine.bpmn import ElementInfo, ProcessDefinition, ProcessStuck
from engine.errors import BudgetExceeded, EngineError, Invalid, NotFound
from engine.guard import Trouble, report
from engine.process_engine import ProcessEngine

_REWORDED: Final = (Invalid, BudgetExceeded, ProcessStuck, NotFound)
_KINDS: Final = {"Gateway": "gateway", "Event": "event", "callActivity": "call", "Process": "sub-process"}
"""What an element is called, by how the name of its kind in BPMN ends; the rest are tasks."""


@contextmanager
def in_words_of(definition: ProcessDefinition, instance_id: UUID | None = None) -> Iterator[None]:
    """Put what stops the step in the block into words (see `stopped`); `instance_id` is of one that runs already."""
    try:
        yield
    except EngineError as error:
        told = stopped(error, definition, instance_id)
        if told is error:
            raise
        raise told from error


def stopped(error: EngineError, definition: ProcessDefinition, instance_id: UUID | None = None) -> EngineError:
    """Return what stopped a step of `definition` in words, with the names that its designer gave and what to do.

    Its detail `diagram` is then the process's key, `instance` the instance that was moved, if it had begun. What names
    no element of the diagram keeps its words; what somebody can put right in the field named, and what has been put
    into words by a diagram further in, is returned as it is.
    """
    if type(error) not in _REWORDED or "field" in error.details or "diagram" in error.details:
        return error
    where = {"diagram": definition.key, **({} if instance_id is None else {"instance": instance_id})}
    return type(error)(_words(error, definition), **{**error.details, **where})


def _words(error: EngineError, definition: ProcessDefinition) -> str:
    named = error.details.get("elements") or [error.details.get("element")]
    found = [info for id_ in named if id_ and (info := _element(definition, id_))]
    if not found and not isinstance(error, BudgetExceeded | ProcessStuck):
        return error.message
    said = error.message.removeprefix(f"{', '.join(info.id for info in found)}: ")
    what, _, advice = said.rstrip(".").partition("; ")
    return (
        f"“{definition.name}” was stopped{_places(found)}: {what}. The step was undone. "
        f"Whoever looks after the diagram can mend it: {advice or 'put this right'}, and deploy it again."
    )


def _element(definition: ProcessDefinition, element_id: str) -> ElementInfo | None:
    own = definition.elements.get(element_id)
    return own or next((each[element_id] for each in definition.family.values() if element_id in each), None)


def _places(found: Sequence[ElementInfo]) -> str:
    return f" at {' and '.join(map(_place, found))}" if found else ""


def _place(info: ElementInfo) -> str:
    kind = next((words for ending, words in _KINDS.items() if info.kind.endswith(ending)), "task")
    return f"the {kind} “{info.name}”" if info.name else f"the {kind} without a name ({info.id})"


def lies_with_diagram(error: Exception) -> bool:
    """Tell whether an act could not be done because of the diagram that it starts or moves."""
    return not isinstance(error, EngineError) or "diagram" in error.details or "process" in error.details


@contextmanager
def undone_told(engine: ProcessEngine, *, authority_id: UUID, case_id: UUID | None = None) -> Iterator[None]:
    """Keep an incident when a diagram that the block starts or moves stops: the act is undone, so in one of its own.

    Without `case_id` it is the authority's, as a case whose first diagram stops is not there. The error goes on.
    """
    try:
        yield
    except EngineError as error:
        if "diagram" in error.details:
            where = {"authority_id": authority_id, "case_id": case_id, **_place_of(error, case_id)}
            report(engine, Trouble(error), at=engine.clock.now(), **where)
        raise


def _place_of(error: EngineError, case_id: UUID | None) -> dict[str, Any]:
    """Return what an incident of a diagram that stopped begins with, its kind and where it is."""
    if "instance" in error.details:
        element = error.details.get("element") or error.details["diagram"]
        return {"said": "", "kind": "step", "instance_id": error.details["instance"], "element_id": element}
    said = "A case could not be started" if case_id is None else "It could not be started on this case"
    return {"said": said, "kind": "start", "element_id": error.details["diagram"]}
