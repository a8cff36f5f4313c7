"""A pause: the work with a family rests until a fixed day. What protects the child never does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, Invalid
from engine.operations.joined_meetings import book_anew
from engine.operations.meeting_days import call_off_before
from engine.operations.reading import optional_day, text
from engine.store import due, running
from engine.store.tables.changes import case_pauses
from engine.store.tables.keeping import history
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
    moved = _let_reminders_rest(work, until)
    work.record("case_paused", detail={"until": until, "moved": moved}, payload={"why": reason})
    _redate_bookings(work, _book_by(work, until), why="The plan rests")
    if call_off_before(work, why=f"The plan rests until {until.day} {until:%B %Y}", until=until):
        book_anew(work)
    _tell(work, "A plan you lead rests for a while", "lead_professional")
    return {"paused_until": until}


def _book_by(work: Work, on: date) -> date:
    return work.authority.calendar.add_working_days(on, int(work.host.time_limit("meeting_rebook_days")))


def _redate_bookings(work: Work, due_on: date, *, why: str, was: date | None = None) -> None:
    """Give whoever is to book another day time until `due_on`: of tasks due before it, or of those due on `was`."""
    for task in work.connection.execute(_TO_BOOK, {"case": work.case.id}).all():
        moves = task.due_on < due_on if was is None else task.due_on == was
        if moves and running.redate(work.connection, task.id, was=task.version, due_on=due_on):
            detail = {"was": task.due_on, "now": due_on}
            work.record("due_date_moved", subject=task.id, detail=detail, payload={"why": why})


_TO_BOOK: Final = sa.select(user_tasks.c.id, user_tasks.c.version, user_tasks.c.due_on).where(
    user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid),
    user_tasks.c.element_id == "rebook_tac_meeting",
    user_tasks.c.state == "open",
    user_tasks.c.due_on.is_not(None),
)


def _let_reminders_rest(work: Work, until: date) -> list[dict[str, Any]]:
    """Move what a diagram would say within the pause after it; return what `_put_after` does."""
    waiting = due.waiting(work.connection, work.case.id)
    return _put_after(work, until, [(each, each.due_at) for each in waiting if _rests(work, each)])


def _put_after(work: Work, until: date, reminders: Sequence[tuple[Any, datetime]]) -> list[dict[str, Any]]:
    """Move timers, each with when it was due first of all, the earliest first, as a pause until the day `until` does.

    What falls within it is said on the working days after it, as far apart as it was; the rest when it was due.
    Returns each move: the `timer`, when it `was` due, and when it is `now`.
    """
    calendar, zone = work.authority.calendar, work.authority.zone
    first, moved = dict[UUID, date](), list[dict[str, Any]]()
    for timer, due_at in reminders:
        now = was = due_at.astimezone(zone)
        if was.date() <= until:
            began = first.setdefault(timer.instance_id, was.date())
            on = calendar.add_working_days(until, 1 + calendar.working_days_between(began, was.date()))
            now = datetime.combine(on, was.time(), tzinfo=zone)
        if now != timer.due_at:
            due.move(work.connection, timer.id, due_at=now)
            moved.append({"timer": str(timer.id), "was": due_at, "now": now})
    return moved


def _rests(work: Work, timer: Any) -> bool:
    family = work.engine.library.process(work.connection, timer.definition_id).family
    return any(elements[timer.element_id].rests for elements in family.values() if timer.element_id in elements)


def go_on(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the pause before its day, with the reason `why`: what it put off comes as after a pause until today."""
    why, until = text(answers, "why"), work.facts()["paused_until"]
    if until is not None:
        _pull_back(work, until)
    _end(work, why)
    work.record("case_resumed", detail={"early": True}, payload={"why": why})
    return {}


def _pull_back(work: Work, until: date) -> None:
    """Undo what the pause until the day `until` put off from today on; what somebody has moved since stays."""
    paused = work.connection.execute(_PAUSED, {"case": work.case.id}).scalar() or {}
    put_off = {each["timer"]: each for each in paused.get("moved") or ()}
    waiting = due.waiting(work.connection, work.case.id)
    reminders = [
        (each, datetime.fromisoformat(move["was"]))
        for each in waiting
        if (move := put_off.get(str(each.id))) and datetime.fromisoformat(move["now"]) == each.due_at
    ]
    _put_after(work, work.today, sorted(reminders, key=itemgetter(1)))
    was, now = _book_by(work, until), _book_by(work, work.today)
    _redate_bookings(work, now, why="The plan goes on", was=was)
    calendar, zone = work.authority.calendar, work.authority.zone
    for each in waiting:
        at = each.due_at.astimezone(zone)
        if each.element_id == "rebook_late" and at.date() == calendar.add_working_days(was, 1):
            on = calendar.add_working_days(now, 1)
            due.move(work.connection, each.id, due_at=datetime.combine(on, at.time(), tzinfo=zone))


_PAUSED: Final = (
    sa.select(history.c.detail)
    .where(history.c.case_id == sa.bindparam("case", type_=sa.Uuid), history.c.kind == "case_paused")
    .order_by(history.c.seq.desc())
    .limit(1)
)


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
