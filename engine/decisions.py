"""Answer a decision task of a diagram with the deployed rules, and keep why."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping, Sequence
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import PendingWork
from engine.dmn import DecisionModel, DecisionResult
from engine.errors import Invalid
from engine.feel import OF_NULL, Environment, FeelWarning, to_plain
from engine.progress import StepWarning
from engine.store import definitions
from engine.store.incidents import open_incident
from engine.store.tables.running import incidents
from engine.work import Work

_LONGEST = 2_000
"""Characters of an incident's words; an expression alone may have 5,000."""


def decide(work: Work, definition_id: UUID, item: PendingWork) -> Mapping[str, Any]:
    """Evaluate the decision that a task names over the case's facts and the task's variables.

    Returns the variables it sets. The evaluation is kept with its inputs, matched rows and version; one that
    warns also opens an incident, so that it is never silent.
    """
    name = item.info.decision or ""
    rules_id, model = _bound_model(work, definition_id, item, name)
    result = evaluate(work, model, name, item.variables)
    keep(work, rules_id, name, result)
    if result.warnings:
        warn(work, name, item.element_id, result)
    return _mapped(item, to_plain(result.value))


def evaluate(work: Work, model: DecisionModel, name: str, variables: Mapping[str, Any]) -> DecisionResult:
    """Evaluate `name` over the case's facts and `variables` (which win)."""
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    known = ChainMap(dict(variables), cast(MutableMapping[str, Any], work.facts()))
    return model.evaluate(name, known, environment)


def keep(work: Work, rules_id: UUID, name: str, result: DecisionResult) -> None:
    """Write that a decision was made, and with everything that explains it when it answered something new."""
    work.explain(name, rules_id, result.as_json())
    rows = [row.row for row in result.own_rows]
    work.record("decision_made", subject=rules_id, detail={"decision": name, "rows": rows})


def _bound_model(work: Work, definition_id: UUID, item: PendingWork, name: str) -> tuple[UUID, DecisionModel]:
    if item.info.decision_binding == "deployment":
        pinned = definitions.load(work.connection, definition_id).uses.get("decisions", {}).get(name)
        if pinned is not None:
            return UUID(pinned), work.engine.library.rules(work.connection, UUID(pinned))
    return work.engine.library.decision(work.connection, work.authority, name)


def warn(work: Work, name: str, element_id: str, result: DecisionResult) -> None:
    """Open an incident that says what a decision lacked, so that it is never silent."""
    said = "; ".join(warning.message for warning in result.warnings)
    work.connection.execute(
        sa.insert(incidents).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            kind="rule",
            element_id=element_id,
            message=f"The decision '{name}' could not be judged in full: {said}",
            opened_at=work.at,
        )
    )


def warn_of_expressions(work: Work, warnings: Sequence[StepWarning]) -> None:
    """Open an incident for each element whose expressions could not be worked out: one, for as long as it is open.

    An expression that comes to null goes on like one that is false: what it decided may not be what was meant.
    """
    for element_id in dict.fromkeys(warning.element_id for warning in warnings):
        said = dict.fromkeys(f"{each.text}: {each.message}" for each in warnings if each.element_id == element_id)
        _not_worked_out(work, element_id, f"the diagram could not be worked out: {'; '.join(said)}")


def warn_of_form(work: Work, form: str, element_id: str, warnings: Sequence[FeelWarning]) -> None:
    """Open an incident for a form whose expressions could not be worked out: one, for as long as it is open.

    A condition that comes to null hides nothing, and a limit that does limits nothing. That a question is not answered
    yet is no fault of the form.
    """
    said = dict.fromkeys(each.message for each in warnings if each.code != OF_NULL)
    if said:
        _not_worked_out(work, element_id, f"the form {form} could not be worked out: {'; '.join(said)}")


def _not_worked_out(work: Work, element_id: str, what: str) -> None:
    open_incident(
        work.connection,
        id_=work.engine.ids.new(),
        at=work.at,
        kind="rule",
        authority_id=work.authority.id,
        case_id=work.case.id,
        element_id=element_id,
        message=f"An expression of {what}"[:_LONGEST],
    )


def _mapped(item: PendingWork, value: Any) -> Mapping[str, Any]:
    """Turn a decision's value into variables, as `camunda:mapDecisionResult` asks."""
    name, how = item.info.result_variable, item.info.map_result
    if how == "singleEntry":
        value = _only(item, value)
    if name is not None:
        return {name: value}
    if isinstance(value, Mapping):
        return value
    raise Invalid(f"{item.element_id}: name a result variable for the decision's value", element=item.element_id)


def _only(item: PendingWork, value: Any) -> Any:
    while isinstance(value, list | Mapping):
        inside = list(value.values()) if isinstance(value, Mapping) else value
        if len(inside) > 1:
            raise Invalid(
                f"{item.element_id}: the decision gave {len(inside)} values where one was expected",
                element=item.element_id,
            )
        value = inside[0] if inside else None
    return value
