"""What may be started on a case because something has changed, and the page that asks what its diagram asks first."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import CaseStart, ProcessDefinition, case_start
from engine.casework import permissions
from engine.casework.permissions import Actor, Relation
from engine.errors import NotFound, NotPermitted
from engine.forms import Form, Option
from engine.options import options_for_start
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.next_steps import next_step
from engine.queries.prefill import prefill
from engine.queries.view import View, view_on, viewing
from engine.store import escalations, relations, running
from engine.store.case_facts import CaseFacts
from engine.store.fact_rows import GROUPS, ONE_CASE
from engine.store.tables.record import cases, children
from engine.store.together import Query


@dataclass(frozen=True, slots=True)
class Startable:
    """A diagram that the reader may start on a case; `words` are its button's, `about` its documentation.

    `under_way` tells that one runs, and that the next has to wait for its end.
    """

    process_key: str
    words: str
    about: str
    under_way: bool


@dataclass(frozen=True, slots=True)
class StartPage:
    """What is asked before a diagram starts; `next_step` says what it leads to, `known` what is known already.

    `shown` is what the form's conditions see besides the answers.
    """

    case_id: UUID
    child_name: str
    start: Startable
    next_step: str
    form: Form | None
    options: Mapping[str, list[Option]]
    known: Mapping[str, Any]
    shown: Mapping[str, Any]


def startable(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Startable, ...]:
    """Return what the actor may start on a case, by the buttons' words. Raises `NotFound`."""
    with viewing(engine, actor) as view:
        return of_case(view, case_id, visibility.require_case(view, case_id))


def of_case(view: View, case_id: UUID, relation: Relation) -> tuple[Startable, ...]:
    """Return what the reader may start on a case, by the buttons' words; nothing on a closed one."""
    may = [each for each in _all(view) if permissions.may_start_on_case(view.actor, relation, each[1].starters)]
    if not may or _closed(view, case_id):
        return ()
    facts = CaseFacts(view.connection, case_id, today=view.today, calendar=view.authority.calendar)
    waits, runs = running.awaited(view.connection, case_id), escalations.all_running(view.connection, case_id)
    found = [_line(definition, how, runs) for definition, how, _ in may if _is_called_for(how, facts, waits)]
    return tuple(sorted(found, key=lambda each: each.words))


def page(engine: ProcessEngine, *, actor: Actor, case_id: UUID, process_key: str) -> StartPage:
    """Return the page of one start, after keeping that the case's record was read.

    Raises `NotFound` when the case or such a start is not there, `NotPermitted` for who is not listed in it.
    """
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        relation = visibility.require_case(view, case_id)
        found = next((each for each in _all(view) if each[0].key == process_key), None)
        if found is None:
            raise NotFound("There is nothing of that name to start on a case", process=process_key)
        if not permissions.may_start_on_case(actor, relation, found[1].starters):
            raise NotPermitted("This is not yours to start.")
        visibility.keep_read(view, case_id, f"the start of {process_key}")
        return _page(view, case_id, *found)


def may_start(view: View, case_id: UUID, process_key: str) -> bool:
    """Tell whether the reader may start that diagram on an open case."""
    found = next((how for definition, how, _ in _all(view) if definition.key == process_key), None)
    if found is None or _closed(view, case_id):
        return False
    return permissions.may_start_on_case(view.actor, relations.of(view.connection, view.actor, case_id), found.starters)


def _page(view: View, case_id: UUID, definition: ProcessDefinition, how: CaseStart, definition_id: UUID) -> StartPage:
    form_id = view.engine.library.form_of(view.connection, definition_id, definition.key, how.event.form)
    form = view.form(form_id) if form_id else None
    return StartPage(
        case_id=case_id,
        child_name=_child_name(view, case_id),
        start=_line(definition, how, escalations.all_running(view.connection, case_id)),
        next_step=next_step(definition, how.event.id, called=partial(view.called, definition_id)),
        form=form,
        options=_options(view, form, case_id) if form else {},
        known=prefill(view, form=form, operation=how.event.operation, case_id=case_id, variables={}) if form else {},
        shown=view.facts_for(form, case_id) if form else {},
    )


def _options(view: View, form: Form, case_id: UUID) -> Mapping[str, list[Option]]:
    return options_for_start(
        view.connection, form, authority_id=view.actor.authority_id, case_id=case_id, actor=view.actor
    )


def _all(view: View) -> list[tuple[ProcessDefinition, CaseStart, UUID]]:
    """Return every deployed diagram that people start on a case."""
    found = []
    for (kind, _), definition_id in sorted(view.authority.latest.items(), key=lambda each: each[0]):
        if kind == "process":
            definition = view.process(definition_id)
            how = case_start(definition)
            if how is not None:
                found.append((definition, how, definition_id))
    return found


def _line(definition: ProcessDefinition, how: CaseStart, runs: Set[str]) -> Startable:
    under_way = how.one_at_a_time and definition.key in runs
    return Startable(definition.key, how.words, (definition.documentation or "").strip(), under_way)


def _is_called_for(how: CaseStart, facts: Mapping[str, Any], waits: Set[str]) -> bool:
    return (not how.offered_while or how.offered_while in waits) and how.has_come(facts)


def _closed(view: View, case_id: UUID) -> bool:
    return view.connection.execute(_CLOSED_ON, {"case": case_id}).scalar() is not None


_CLOSED_ON = sa.select(cases.c.closed_on).where(cases.c.id == sa.bindparam("case"))
BY_CASE: Final[tuple[Query, ...]] = (
    _CLOSED_ON, *running.BY_CASE, *escalations.BY_CASE,
    # What the diagrams of this service ask of the record; others ask for themselves.
    ONE_CASE, *(GROUPS[name] for name in ("consents", "plans", "actions")),
)  # fmt: skip


def _child_name(view: View, case_id: UUID) -> str:
    row = view.connection.execute(
        sa.select(children.c.given_name, children.c.family_name, children.c.known_as)
        .join(cases, cases.c.child_id == children.c.id)
        .where(cases.c.id == case_id)
    ).one()
    return words.child_name(row.given_name, row.family_name, row.known_as)
