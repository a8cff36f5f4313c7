"""Who has how much, and sharing it out in one go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields, validate

from engine.casework import permissions
from engine.commands import batches as acts
from engine.queries import batches, shareable, workload
from engine.queries.choice import Choice
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, words

routes = Routes("workload", under="/api/workload", about="Who has how much, and sharing it out")


class WhichPeople(Sent):
    """Which people, in which order."""

    team = fields.UUID(metadata={"description": "Of this team"})
    agency = fields.UUID(metadata={"description": "Of this agency"})
    sort = fields.String(load_default="late", validate=validate.OneOf(workload.SORTS))


class WhichOpenTasks(Sent):
    """Which open tasks."""

    holder = fields.String(load_default="", metadata={"description": "Of this practitioner, or `nobody`"})
    due = fields.String(load_default="", validate=validate.OneOf(shareable.DUE))
    team = fields.UUID(metadata={"description": "Of children led or assessed in this team"})
    agency = fields.UUID(metadata={"description": "Of children led or assessed in this agency"})
    stage = fields.String(metadata={"description": "Of children at this stage"})
    step = fields.String(metadata={"description": "At this element of a diagram"})


class TasksToShare(Sent):
    """Which tasks are to go to whom."""

    tasks = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=acts.MOST))
    to = fields.UUID(
        load_default=None, allow_none=True, metadata={"description": "A practitioner; null: whoever has room, for each"}
    )
    why = words(load_default="")


class LeadsToShare(Sent):
    """Who is to lead which plan."""

    leads = fields.Dict(
        keys=fields.UUID(),
        values=fields.UUID(),
        required=True,
        metadata={"description": "A practitioner by the case's id"},
    )
    why = words(load_default="")


class InterimLeads(LeadsToShare):
    """Who is to lead which plan in between, and until when."""

    until = fields.Date(load_default=None, allow_none=True)


class Handovers(LeadsToShare):
    """Whom to ask to lead which plan, and from which day."""

    planned_on = fields.Date(required=True)


class Planned(Sent):
    """What was planned; nothing has moved."""

    batch_id = fields.UUID(required=True)


class Undoing(Sent):
    """Why something is taken back."""

    why = words(load_default="")


@routes.route("GET", "", takes=WhichPeople, place="query", gives=schema_of(workload.Workload))
@access.for_those(permissions.may_see_figures)
def read_workload(which: Mapping[str, Any]) -> Any:
    """List whom you keep with what they have; only what is open to you is counted."""
    return workload.read(engine(), actor=actor(), **{name: str(value) for name, value in which.items()})


@routes.route("GET", "/tasks", takes=WhichOpenTasks, place="query", gives=schema_of(shareable.Found, name="OpenTasks"))
@access.for_those(permissions.may_see_figures)
def list_shareable_tasks(which: Mapping[str, Any]) -> Any:
    """List open tasks that are yours to give to others; `ids` are all of them, `rows` the first."""
    chosen = {name: str(value) for name, value in which.items() if name not in ("holder", "due")}
    return shareable.read(
        engine(), actor=actor(), choice=Choice(**chosen), holder=which["holder"], due=which["due"]
    )


@routes.route("POST", "/tasks", takes=TasksToShare, gives=Planned, status=201)
@access.for_those(permissions.may_see_figures)
def plan_task_batch(sent: Mapping[str, Any]) -> Any:
    """Plan to give tasks to others. Look at the batch, then begin it."""
    batch = acts.plan_tasks(engine(), actor=actor(), task_ids=sent["tasks"], to=sent["to"], why=sent["why"])
    return {"batch_id": batch}


@routes.route("POST", "/interim", takes=InterimLeads, gives=Planned, status=201)
@access.for_those(permissions.may_see_figures)
def plan_interim_batch(sent: Mapping[str, Any]) -> Any:
    """Plan who leads plans in between, while their lead is away or has left."""
    return {"batch_id": acts.plan_interim(engine(), actor=actor(), **sent)}


@routes.route("POST", "/handovers", takes=Handovers, gives=Planned, status=201)
@access.for_those(permissions.may_see_figures)
def plan_handover_batch(sent: Mapping[str, Any]) -> Any:
    """Plan to propose successors for plans: each moves only once it is accepted."""
    return {"batch_id": acts.plan_handovers(engine(), actor=actor(), **sent)}


@routes.route("GET", "/batches", gives=schema_of(batches.BatchSummary)(many=True))
@access.for_those(permissions.may_see_figures)
def list_batches() -> Any:
    """List what was shared out lately, the newest first."""
    return list(batches.lately(engine(), actor=actor()))


@routes.route("GET", "/batches/<uuid:batch_id>", gives=schema_of(batches.BatchPage, name="Batch"))
@access.for_those(permissions.may_see_figures)
def read_batch(batch_id: UUID) -> Any:
    """Read a batch: how far it is, and what came of each piece of work."""
    return batches.one(engine(), actor=actor(), batch_id=batch_id)


@routes.route("DELETE", "/batches/<uuid:batch_id>", status=204)
@access.for_those(permissions.may_see_figures)
def drop_batch(batch_id: UUID) -> None:
    """Throw a plan away that was not begun."""
    acts.drop(engine(), actor=actor(), batch_id=batch_id)


@routes.route("POST", "/batches/<uuid:batch_id>/begin", status=204)
@access.for_those(permissions.may_see_figures)
def begin_batch(batch_id: UUID) -> None:
    """Begin what was planned; it goes on by itself."""
    acts.begin(engine(), actor=actor(), batch_id=batch_id)


@routes.route("POST", "/batches/<uuid:batch_id>/pause", status=204)
@access.for_those(permissions.may_see_figures)
def pause_batch(batch_id: UUID) -> None:
    """Let a batch rest."""
    acts.pause(engine(), actor=actor(), batch_id=batch_id)


@routes.route("POST", "/batches/<uuid:batch_id>/resume", status=204)
@access.for_those(permissions.may_see_figures)
def resume_batch(batch_id: UUID) -> None:
    """Go on with a batch that rests."""
    acts.resume(engine(), actor=actor(), batch_id=batch_id)


@routes.route("POST", "/batches/<uuid:batch_id>/stop", status=204)
@access.for_those(permissions.may_see_figures)
def stop_batch(batch_id: UUID) -> None:
    """End a batch that rests; what is done stays done."""
    acts.stop(engine(), actor=actor(), batch_id=batch_id)


@routes.route("POST", "/batches/<uuid:batch_id>/undo", takes=Undoing, gives=Planned, status=201)
@access.for_those(permissions.may_see_figures)
def undo_batch(sent: Mapping[str, Any], batch_id: UUID) -> Any:
    """Take back what a batch did within a day of its end, where nobody has touched it since."""
    return {"batch_id": acts.undo(engine(), actor=actor(), batch_id=batch_id, why=sent["why"])}
