"""A pause: the work with a family rests until a fixed day. What protects the child never does."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.joined_meetings import book_anew
from engine.operations.meeting_days import call_off_before
from engine.operations.reading import optional_day, text
from engine.store import due, running
from engine.store.tables.changes import case_pauses
from engine.store.tables.running import user_tasks
from engine.work import Work


def pause_case(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep that the work rests until the day `paused_until`, and why, and tell the lead; gives back `paused_until`.

    The meeting arranged for a day before is called off, so that one of a brother's or sister's that went with it is
    booked by itself, and this child's anew. Who was to book another day already has time until the plan has gone on;
    reminders of what is put off (a timer's property `rests`) that would fall within the pause come after it.
    Raises `Invalid` for a day that has come or without a reason, `Conflict` while the case is paused already.
    """
    until, reason = optional_day(answers, "paused_until"), text(answers, "reason")
    if until is None or until <= work.today:
        raise Invalid("Enter the day on which the plan goes on, from tomorrow", field="paused_until")
    if not reason:
        raise Invalid("Say why the plan has to rest", field="reason")
    if work.facts()["paused"]:
        raise Conflict("This case is paused already", case_id=work.case.id)
    work.connection.execute(
        sa.insert(case_pauses).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            agreed_by=work.actor.practitioner_id if work.actor else None,
            paused_on=work.today,
            until_on=until,
            reason=reason,
        )
    )
    work.changed()
    work.record("case_paused", detail={"until": until}, payload={"why": reason})
    _give_time_to_book(work, until)
    _let_reminders_rest(work, until)
    if call_off_before(work, why=f"The plan rests until {until.day} {until:%B %Y}", until=until):
        book_anew(work)
    _tell(work, "A plan you lead rests for a while", "lead_professional")
    return {"paused_until": until}


def _give_time_to_book(work: Work, until: date) -> None:
    due_on = work.authority.calendar.add_working_days(until, int(work.host.time_limit("meeting_rebook_days")))
    for task in work.connection.execute(_TO_BOOK, {"case": work.case.id, "due": due_on}).all():
        if running.redate(work.connection, task.id, was=task.version, due_on=due_on):
            detail = {"was": task.due_on, "now": due_on}
            work.record("due_date_moved", subject=task.id, detail=detail, payload={"why": "The plan rests"})


_TO_BOOK: Final = sa.select(user_tasks.c.id, user_tasks.c.version, user_tasks.c.due_on).where(
    user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid),
    user_tasks.c.element_id == "rebook_tac_meeting",
    user_tasks.c.state == "open",
    user_tasks.c.due_on < sa.bindparam("due", type_=sa.Date),
)


def _let_reminders_rest(work: Work, until: date) -> None:
    """Move what a diagram would say within the pause to the working days after it, as far apart as it was."""
    calendar, zone = work.authority.calendar, work.authority.zone
    first: dict[UUID, date] = {}
    for each in due.waiting(work.connection, work.case.id):
        was = each.due_at.astimezone(zone)
        if was.date() <= until and _rests(work, each):
            began = first.setdefault(each.instance_id, was.date())
            on = calendar.add_working_days(until, 1 + calendar.working_days_between(began, was.date()))
            due.move(work.connection, each.id, due_at=datetime.combine(on, was.time(), tzinfo=zone))


def _rests(work: Work, timer: Any) -> bool:
    family = work.engine.library.process(work.connection, timer.definition_id).family
    return any(elements[timer.element_id].rests for elements in family.values() if timer.element_id in elements)


def go_on(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the pause before its day, with the reason `why`."""
    why = text(answers, "why")
    _end(work, why)
    work.record("case_resumed", detail={"early": True}, payload={"why": why})
    return {}


def resume_case(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the pause whose day has come, and tell the lead and their line manager."""
    _end(work, "")
    work.record("case_resumed", detail={"early": False})
    _tell(work, "A plan that rested goes on today", "lead_professional", "line_manager")
    return {}


def _end(work: Work, why: str) -> None:
    current = (case_pauses.c.case_id == work.case.id) & case_pauses.c.ended_on.is_(None)
    work.connection.execute(sa.update(case_pauses).where(current).values(ended_on=work.today, ended_why=why))
    work.changed()


def _tell(work: Work, subject: str, *whom: str) -> None:
    facts = work.facts()
    for practitioner in dict.fromkeys(facts[each] for each in whom if facts[each]):
        work.send(UUID(practitioner), subject=subject)
