"""Where what runs on a case can be moved on to by hand, and what that would end and begin: shown before it is done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import Instance, ProcessDefinition, StepEnvironment, move, places
from engine.casework import permissions
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor
from engine.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.progress import Progress
from engine.queries import visibility
from engine.queries.view import View, viewing
from engine.store.tables.people import practitioners
from engine.store.tables.running import instances, task_drafts, timers, user_tasks

_PASSED: Final = ("startEvent", "endEvent", "exclusiveGateway", "parallelGateway", "inclusiveGateway")
"""Kinds of elements that nobody would be told of when they are only passed."""


@dataclass(frozen=True, slots=True)
class StepToEnter:
    """A step of a diagram: the element's id and its name, with where it is when another has the same name."""

    element_id: str
    name: str


@dataclass(frozen=True, slots=True)
class RestingPlace:
    """Where a diagram waits, and the steps at which it could go on instead."""

    token_id: UUID
    name: str
    steps: tuple[StepToEnter, ...]


@dataclass(frozen=True, slots=True)
class MovableProcess:
    """A diagram that runs on a case, with the places where it waits."""

    instance_id: UUID
    name: str
    places: tuple[RestingPlace, ...]


@dataclass(frozen=True, slots=True)
class EndingTask:
    """A task that would end: who has it, and whether they have typed something already."""

    name: str
    holder: str
    begun: bool


@dataclass(frozen=True, slots=True)
class EndingTimer:
    """A timer that would be disarmed, and when it would have fired (aware UTC)."""

    name: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Preview:
    """What moving would end and begin, and what the service would do at once then; nothing of it is done."""

    process: str
    waits_at: str
    goes_on_at: str
    tasks: tuple[EndingTask, ...]
    timers: tuple[EndingTimer, ...]
    begins: tuple[str, ...]
    at_once: tuple[str, ...]


def movable(engine: ProcessEngine, *, actor: Actor, case_id: UUID, instance_id: UUID) -> MovableProcess:
    """Return where a diagram waits and could go on. Raises `NotFound`, `NotPermitted`, `Invalid` for what protects."""
    with viewing(engine, actor) as view:
        row, definition, instance = _restored(view, case_id, instance_id)
        names = _names(definition)
        found = tuple(
            RestingPlace(
                each.token_id, view.said(names(each.process_key, each.element_id)),
                tuple(StepToEnter(id_, view.said(name)) for id_, name in each.targets),
            )
            for each in places(instance)
        )
        return MovableProcess(row.id, view.said(definition.name), tuple(each for each in found if each.steps))


def preview(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, instance_id: UUID, token_id: UUID, to: str
) -> Preview:
    """Return what moving a diagram on would end and begin. Raises as `movable`, `Invalid` naming the field `to`."""
    with viewing(engine, actor) as view:
        _, definition, instance = _restored(view, case_id, instance_id)
        place = next((each for each in places(instance) if each.token_id == token_id), None)
        if place is None:
            raise NotFound("The case does not wait there any more", case_id=case_id)
        progress = _tried(instance, token_id, to)
        names = _names(definition)
        return Preview(
            process=view.said(definition.name), waits_at=view.said(names(place.process_key, place.element_id)),
            goes_on_at=view.said(dict(place.targets).get(to) or names(place.process_key, to)),
            tasks=tuple(_tasks(view, [each.task_id for each in progress.closed])),
            timers=tuple(_timers(view, definition, instance_id, {task_id for task_id, _ in progress.disarmed})),
            begins=tuple(view.said(each) for each in _begun(definition, progress)),
            at_once=tuple(view.said(each.info.name or each.element_id) for each in instance.pending()),
        )


def _restored(view: View, case_id: UUID, instance_id: UUID) -> tuple[Any, ProcessDefinition, Instance]:
    if not permissions.may_appoint_interim(view.actor, visibility.require_case(view, case_id)):
        raise NotPermitted("The line manager of who leads, or a coordinator, puts this right")
    mine = (instances.c.id == instance_id) & (instances.c.case_id == case_id) & (instances.c.status != "ended")
    row = view.connection.execute(sa.select(instances).where(mine)).first()
    if row is None:
        raise NotFound("This does not run on the case any more", case_id=case_id)
    if row.process_key in PROTECTING:
        raise Invalid("What protects a child is answered, not moved on", field="to")
    definition = view.engine.library.process(view.connection, row.definition_id)
    host = view.engine.library.host(view.connection, view.authority)
    world = StepEnvironment(now=view.now, zone=view.authority.zone, host=host, ids=view.engine.ids)
    return row, definition, Instance.restore(definition, row.state, world)


def _tried(instance: Instance, token_id: UUID, to: str) -> Progress:
    try:
        move(instance, token_id, to)
        return instance.progress()
    except (NotFound, Conflict):
        raise
    except EngineError as error:
        raise Invalid("The case cannot be moved to this step: it could not go on from there", field="to") from error


def _names(definition: ProcessDefinition) -> Any:
    family: Mapping[str, Mapping[str, Any]] = definition.family

    def name(process_key: str, element_id: str) -> str:
        info = family.get(process_key, {}).get(element_id)
        return (info and info.name) or element_id

    return name


def _tasks(view: View, ids: Iterable[UUID]) -> Iterable[EndingTask]:
    begun = sa.exists().where(task_drafts.c.task_id == user_tasks.c.id)
    query = (
        sa.select(user_tasks.c.name, practitioners.c.name.label("holder"), begun.label("begun"))
        .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
        .where(user_tasks.c.id.in_(list(ids)), user_tasks.c.state == "open")
        .order_by(user_tasks.c.opened_at, user_tasks.c.id)
    )
    rows = view.connection.execute(query)
    return [EndingTask(view.said(row.name), row.holder or "", bool(row.begun)) for row in rows]


def _timers(
    view: View, definition: ProcessDefinition, instance_id: UUID, task_ids: Iterable[UUID]
) -> Iterable[EndingTimer]:
    names = {key: info.name for each in definition.family.values() for key, info in each.items()}
    waits = timers.c.fired_at.is_(None) & timers.c.cancelled_at.is_(None)
    query = sa.select(timers).where(timers.c.instance_id == instance_id, waits, timers.c.task_id.in_(list(task_ids)))
    rows = view.connection.execute(query.order_by(timers.c.due_at, timers.c.id))
    return [EndingTimer(view.said(names.get(row.element_id) or row.element_id), row.due_at) for row in rows]


def _begun(definition: ProcessDefinition, progress: Progress) -> Iterable[str]:
    infos = [each[element] for element in progress.entered for each in definition.family.values() if element in each]
    return dict.fromkeys(info.name or info.id for info in infos if info.kind not in _PASSED)
