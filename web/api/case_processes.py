"""Diagrams that may be started on a case: which, and starting one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import case_processes
from engine.queries import case_starts
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
