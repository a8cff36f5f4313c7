"""Diagrams that may be started on a case: which, and starting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.awaited import Awaited
from engine.commands import case_processes, messages
from engine.queries import awaited_messages, case_starts
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key

routes = Routes("case-processes", under="/api/cases", about="What may be started on a case")


class StartAnswers(Sent):
    """Answers of the start form, by its keys."""

    answers = fields.Dict(keys=fields.String(), required=True)
    request_key = request_key()


class MessageBrought(Sent):
    """Something that has come, for which a case waits."""

    name = fields.String(required=True, metadata={"description": "The message, as listed"})
    note = fields.String(required=True, metadata={"description": "Who told you, and what"})
    variables = fields.Dict(keys=fields.String(), metadata={"description": "What the diagram is given: single values"})
    request_key = request_key()


class ProcessStarted(Sent):
    """The process as it runs."""

    instance_id = fields.UUID()


@routes.route("GET", "/<uuid:case_id>/startable", gives=schema_of(case_starts.Startable)(many=True))
@access.signed_in
def list_startable_processes(case_id: UUID) -> Any:
    """List what you may start on a case because something has changed."""
    return list(case_starts.startable(engine(), actor=actor(), case_id=case_id))


@routes.route("POST", "/<uuid:case_id>/processes/<process_key>", takes=StartAnswers, gives=ProcessStarted, status=201)
@access.signed_in
def start_case_process(sent: Mapping[str, Any], case_id: UUID, process_key: str) -> Mapping[str, Any]:
    """Start one of them; 422 lists what each answer lacks, 409 says that one is under way."""
    started = case_processes.start(engine(), actor=actor(), case_id=case_id, process_key=process_key, **sent)
    return {"instance_id": started}


@routes.route("GET", "/<uuid:case_id>/messages", gives=schema_of(Awaited)(many=True))
@access.signed_in
def list_awaited_messages(case_id: UUID) -> Any:
    """List what the case waits for now that comes from outside: for a line manager of its people or a coordinator."""
    return list(awaited_messages.read(engine(), actor=actor(), case_id=case_id).awaited)


@routes.route("POST", "/<uuid:case_id>/messages", takes=MessageBrought, status=204)
@access.signed_in
def bring_message(sent: Mapping[str, Any], case_id: UUID) -> None:
    """Tell the case that it has come; 409 says that nothing waits for it now."""
    messages.bring(engine(), actor=actor(), case_id=case_id, **sent)
