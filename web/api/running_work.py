"""What runs on a case, and putting it right with a reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import running_work as acts
from engine.queries import moving_on, running_work
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, words

routes = Routes("running-work", under="/api/cases", about="What runs on a case")


class WhyPutRight(Sent):
    """Why something is put right."""

    why = words(required=True)


class AnotherDay(WhyPutRight):
    """From now on."""

    on = fields.Date(required=True)


class AnotherDueDate(AnotherDay):
    """From now on, and the version of the task that was seen."""

    expected_version = fields.Integer(required=True, strict=True)


@routes.route("GET", "/<uuid:case_id>/running", gives=schema_of(running_work.RunningProcess)(many=True))
@access.signed_in
def list_running_processes(case_id: UUID) -> Any:
    """List the diagrams that run on a case, with their open tasks and the timers that wait."""
    return list(running_work.of_case(engine(), actor=actor(), case_id=case_id))


@routes.route("POST", "/<uuid:case_id>/running/tasks/<uuid:task_id>/due", takes=AnotherDueDate, status=204)
@access.signed_in
def move_due_date(sent: Mapping[str, Any], case_id: UUID, task_id: UUID) -> None:
    """Move the day promised for an open task; who has it is told."""
    seen = {"due_on": sent["on"], "why": sent["why"], "version": sent["expected_version"]}
    acts.move_due_date(engine(), actor=actor(), case_id=case_id, task_id=task_id, **seen)


@routes.route("POST", "/<uuid:case_id>/running/timers/<uuid:timer_id>/due", takes=AnotherDay, status=204)
@access.signed_in
def move_timer(sent: Mapping[str, Any], case_id: UUID, timer_id: UUID) -> None:
    """Move a timer that waits to another day, at the time of day it had."""
    acts.move_timer(engine(), actor=actor(), case_id=case_id, timer_id=timer_id, **sent)


@routes.route("POST", "/<uuid:case_id>/running/<uuid:instance_id>/stop", takes=WhyPutRight, status=204)
@access.signed_in
def stop_process(sent: Mapping[str, Any], case_id: UUID, instance_id: UUID) -> None:
    """Stop a diagram that was begun by mistake: its open tasks and timers end with it."""
    acts.cancel_process(engine(), actor=actor(), case_id=case_id, instance_id=instance_id, **sent)


class AnotherStep(WhyPutRight):
    """Where it waits, and the step at which it is to go on."""

    token_id = fields.UUID(required=True)
    to = words(required=True)


@routes.route(
    "GET", "/<uuid:case_id>/running/<uuid:instance_id>/places", gives=schema_of(moving_on.MovableProcess)()
)
@access.signed_in
def read_places_of_process(case_id: UUID, instance_id: UUID) -> Any:
    """Say where a diagram waits, and at which steps it could go on instead."""
    return moving_on.movable(engine(), actor=actor(), case_id=case_id, instance_id=instance_id)


@routes.route("POST", "/<uuid:case_id>/running/<uuid:instance_id>/move", takes=AnotherStep, status=204)
@access.signed_in
def move_process(sent: Mapping[str, Any], case_id: UUID, instance_id: UUID) -> None:
    """Let a diagram go on at another step: what waited there ends, and whoever had a task of it is told."""
    acts.move_process(engine(), actor=actor(), case_id=case_id, instance_id=instance_id, **sent)
