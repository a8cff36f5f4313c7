"""Dates of a case's record: those that may be corrected, what moves with one, and correcting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import date_corrections
from engine.commands.date_corrections import Correction
from engine.queries import date_corrections as dates
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.current import actor, engine
from web.schemas import Sent, request_key, words

routes = Routes("dates", under="/api/cases", about="Dates that were recorded wrongly")


class WrongDate(Sent):
    """Which date is wrong, and the day on which it really was."""

    kind = fields.String(required=True)
    recorded_id = fields.UUID(required=True)
    on = fields.Date(required=True)


class Correcting(WrongDate):
    """The same with the reason."""

    why = words(required=True)
    request_key = request_key()


class Moved(Sent):
    """A deadline that follows: a task's day, or a reminder's instant; `held` when it stays all the same."""

    id = fields.UUID()
    of = fields.String()
    name = fields.String()
    was = fields.String()
    now = fields.String()
    held = fields.Boolean()


class Corrected(Sent):
    """What a date was and is, and what moves with it."""

    was = fields.Date()
    now = fields.Date()
    moves = fields.List(fields.Nested(Moved))


@routes.route("GET", "/<uuid:case_id>/dates", gives=schema_of(dates.CorrectableDate)(many=True))
@access.signed_in
def list_correctable_dates(case_id: UUID) -> Any:
    """List the dates of a case that you may correct."""
    return list(dates.correctable(engine(), actor=actor(), case_id=case_id))


@routes.route("POST", "/<uuid:case_id>/dates/preview", takes=WrongDate, gives=Corrected)
@access.signed_in
def preview_date_correction(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Say what correcting a date would move; nothing is changed."""
    return _told(date_corrections.preview(engine(), actor=actor(), case_id=case_id, **sent))


@routes.route("POST", "/<uuid:case_id>/dates", takes=Correcting, gives=Corrected)
@access.signed_in
def correct_date(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Correct a date; history keeps what it was, and the deadlines that followed from it move."""
    return _told(date_corrections.correct(engine(), actor=actor(), case_id=case_id, **sent))


def _told(done: Correction) -> Mapping[str, Any]:
    moves = [
        {
            "id": each.id,
            "of": "task" if each.is_task else "reminder",
            "name": each.name,
            "was": each.was.isoformat(),
            "now": each.now.isoformat(),
            "held": each.held,
        }
        for each in done.moves
    ]
    return {"was": done.was, "now": done.now, "moves": moves}
