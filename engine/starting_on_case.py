"""Starting a diagram on a case because something has changed: which, who may and what is asked; inside one act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.acts import routed, start_process
from engine.bpmn import CaseStart, ProcessDefinition, case_start
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.decisions import warn_of_form
from engine.errors import Conflict, NotFound, NotPermitted
from engine.feel import Environment
from engine.forms import jsonable, validate
from engine.operations import RECORD
from engine.options import facts_for, options_for_start
from engine.store import escalations, relations, running
from engine.store.incidents import resolve_for
from engine.work import Work


def start_on(work: Work, actor: Actor, process_key: str, answers: Mapping[str, Any]) -> UUID:
    """Start `process_key` on the case of `work` with the answers of its start form; return the instance's id.

    What the start event records is recorded first. Raises `NotFound`, `NotPermitted`, `Conflict`, `InvalidAnswers`,
    `Invalid` as `engine.commands.case_processes.start` does.
    """
    definition, how, definition_id = _startable(work, process_key)
    _require_may_start(work, actor, definition, how)
    instance_id = _start(work, definition, how, answers, definition_id)
    resolve_for(work.connection, at=work.at, case_id=work.case.id, kind="start", element_id=process_key)
    return instance_id


def _startable(work: Work, process_key: str) -> tuple[ProcessDefinition, CaseStart, UUID]:
    definition_id = work.authority.latest.get(("process", process_key))
    definition = work.engine.library.process(work.connection, definition_id) if definition_id else None
    how = case_start(definition) if definition else None
    if definition_id is None or definition is None or how is None:
        raise NotFound("There is nothing of that name to start on a case", process=process_key)
    return definition, how, definition_id


def _require_may_start(work: Work, actor: Actor, definition: ProcessDefinition, how: CaseStart) -> None:
    relation = relations.of(work.connection, actor, work.case.id)
    if not permissions.may_start_on_case(actor, relation, how.starters):
        raise NotPermitted("This is not yours to start. Ask who leads the plan, their line manager or a coordinator.")
    if how.one_at_a_time and escalations.running(work.connection, work.case.id, definition.key) is not None:
        raise Conflict(f"“{how.words}” is under way on this case already", process=definition.key, case_id=work.case.id)
    if how.offered_while and not running.is_awaited(work.connection, work.case.id, how.offered_while):
        raise Conflict(f"“{how.words}” is not to be done now: nothing on this case waits for it", case_id=work.case.id)
    if how.offered_when and not how.has_come(work.facts()):
        raise Conflict(f"“{how.words}” is not to be done now: the case has not come to it", case_id=work.case.id)


def _start(
    work: Work, definition: ProcessDefinition, how: CaseStart, answers: Mapping[str, Any], definition_id: UUID
) -> UUID:
    form_id = work.engine.library.form_of(work.connection, definition_id, definition.key, how.event.form)
    clean, bound = _judged(work, form_id, answers)
    variables = routed(definition, clean)
    if how.event.operation:
        variables |= RECORD[how.event.operation].apply(work, bound, {})
    instance_id = start_process(work, definition.key, variables)
    work.record(
        "case_process_started",
        subject=instance_id,
        detail={"process": definition.key},
        payload=jsonable(clean),
        form_id=form_id,
    )
    return instance_id


def _judged(
    work: Work, form_id: UUID | None, answers: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """Return the clean answers, and those again under the record's names too; a start without a form asks nothing."""
    if form_id is None:
        return {}, {}
    form = work.engine.library.form(work.connection, form_id, term=work.authority.term)
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    own = {"authority_id": work.authority.id, "case_id": work.case.id}
    options = options_for_start(work.connection, form, **own, actor=work.actor)
    known = facts_for(work.connection, form, case_id=work.case.id, host=work.host)
    clean = validate(form, answers, environment=environment, options=options, variables=known)
    warn_of_form(work, form.key, form.key, environment.warnings)
    return clean, {**clean, **{name: clean[path] for name, path in form.bindings.items() if path in clean}}
