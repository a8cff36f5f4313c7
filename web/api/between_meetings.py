"""What is said between meetings: reports to who leads, the family's worries, news for the team."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from marshmallow import fields

from engine.commands import between_meetings as acts
from engine.queries import between_meetings
from engine.queries.between_meetings import BetweenMeetings
from web import access
from web.api.described import schema_of
from web.api.routes import Routes
from web.between_meetings import keep_message, keep_report, keep_worry
from web.current import actor, engine
from web.schemas import AnswerBack, FamilyWorry, ReportBack, Sent, TeamMessage

routes = Routes("between meetings", under="/api/cases", about="Reports to who leads, the family's worries, team news")


class EntryKept(Sent):
    """An entry, as kept."""

    entry_id = fields.UUID()


@routes.route("GET", "/<uuid:case_id>/between-meetings", gives=schema_of(BetweenMeetings))
@access.signed_in
def read_between_meetings(case_id: UUID) -> Any:
    """Read what was said between meetings, as far as it is yours."""
    return between_meetings.read(engine(), actor=actor(), case_id=case_id)


@routes.route("POST", "/<uuid:case_id>/between-meetings/reports", takes=ReportBack, gives=EntryKept, status=201)
@access.signed_in
def report_back(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Report back to who leads the case."""
    return {"entry_id": keep_report(case_id, sent)}


@routes.route("POST", "/<uuid:case_id>/between-meetings/reports/<uuid:report_id>", takes=AnswerBack, status=204)
@access.signed_in
def answer_report(sent: Mapping[str, Any], case_id: UUID, report_id: UUID) -> None:
    """Mark a report as read, with an answer if there is one."""
    acts.answer_report(engine(), actor=actor(), case_id=case_id, report_id=report_id, **sent)


@routes.route("POST", "/<uuid:case_id>/between-meetings/worries", takes=FamilyWorry, gives=EntryKept, status=201)
@access.signed_in
def log_family_worry(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Write down what worries somebody of the family; never a concern that a child comes to harm."""
    return {"entry_id": keep_worry(case_id, sent)}


@routes.route("POST", "/<uuid:case_id>/between-meetings/worries/<uuid:worry_id>", takes=AnswerBack, status=204)
@access.signed_in
def answer_family_worry(sent: Mapping[str, Any], case_id: UUID, worry_id: UUID) -> None:
    """Keep what the family was answered."""
    acts.answer_worry(engine(), actor=actor(), case_id=case_id, worry_id=worry_id, **sent)


@routes.route("POST", "/<uuid:case_id>/between-meetings/messages", takes=TeamMessage, gives=EntryKept, status=201)
@access.signed_in
def write_to_team(sent: Mapping[str, Any], case_id: UUID) -> Mapping[str, Any]:
    """Write once to all or some of the team whom the family's consent covers."""
    return {"entry_id": keep_message(case_id, sent)}
