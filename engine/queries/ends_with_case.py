"""What still runs on a case and ends when it closes: open tasks, other diagrams, what is waited for."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.queries import words
from engine.queries.view import View
from engine.store.meeting_options import coming, family_of
from engine.store.relatives import relatives
from engine.store.tables.people import practitioners
from engine.store.tables.running import definitions, instances, timers, user_tasks

Subject = tuple[tuple[str, str], ...]
ALL_DONE = "Nothing else: no other task is open, no other diagram runs and no day is waited for"


def of_task(view: View, row: Any) -> Subject:
    """Return what ends with the case when the task of `row` (see `task_rows.QUERY`) closes it, its own diagram aside.

    Whoever confirms it reads what nobody will be asked any more.
    """
    tasks = [
        f"“{view.said(each.name)}”, {f'with {each.who}' if each.who else 'nobody has taken it'}"
        for each in view.connection.execute(_TASKS, {"case": row.case_id, "task": row.id})
    ]
    own = {"case": row.case_id, "instance": row.instance_id}
    diagrams = [view.said(each) for each in view.connection.execute(_DIAGRAMS, own).scalars()]
    days = view.connection.execute(_DAYS, own).scalar_one()
    found = (
        ("A meeting is booked", _meeting(view, row.case_id)),
        ("Tasks that end with the case", "; ".join(tasks)),
        ("Diagrams that end with it", words.listed(diagrams)),
        ("Reminders and dates that end with it", str(days or "")),
    )
    return tuple(each for each in found if each[1]) or (("What ends with the case", ALL_DONE),)


def _meeting(view: View, case_id: UUID) -> str:
    """Say that the meeting to come is called off, and who of the family learns it by letter; empty without one."""
    meeting = coming(view.connection, case_id)
    if meeting is None or meeting.planned_on < view.today:
        return ""
    said = f"{meeting.planned_on:%A} {words.day(meeting.planned_on, today=view.today)}. It is called off when the case "
    said += "closes, and whoever was asked is told"
    asked = {each.member_id for each in family_of(view.connection, meeting.id) if each.invited}
    known = [each for each in relatives(view.connection, case_id) if each.member_id in asked]
    names = [each.name for each in known if not each.email and each.sharing.told != "nothing"]
    if not names:
        return said
    get = "gets a letter" if len(names) == 1 else "get a letter each"
    return f"{said}. No e-mail address is known for {words.listed(names)}, who {get}: post it or hand it over"


_CASE: sa.BindParameter[Any] = sa.bindparam("case", type_=sa.Uuid)
_OTHER = instances.c.id != sa.bindparam("instance", type_=sa.Uuid)
_TASKS = (
    sa.select(user_tasks.c.name, practitioners.c.name.label("who"))
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(
        user_tasks.c.case_id == _CASE,
        user_tasks.c.state == "open",
        user_tasks.c.id != sa.bindparam("task", type_=sa.Uuid),
    )
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
)
_DIAGRAMS = (
    sa.select(definitions.c.name)
    .join(instances, instances.c.definition_id == definitions.c.id)
    .where(instances.c.case_id == _CASE, instances.c.status != "ended", _OTHER)
    .order_by(instances.c.started_at, instances.c.id)
)
_DAYS = (
    sa.select(sa.func.count())
    .select_from(timers.join(instances, instances.c.id == timers.c.instance_id))
    .where(instances.c.case_id == _CASE, instances.c.status != "ended", _OTHER)
    .where(timers.c.fired_at.is_(None), timers.c.cancelled_at.is_(None))
)
