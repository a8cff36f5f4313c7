"""Write who leaves and who is away, and find what they leave behind."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.changes import handovers
from engine.store.tables.keeping import history
from engine.store.tables.people import (
    absences,
    accounts,
    agencies,
    line_managers,
    practitioners,
    sessions,
    team_memberships,
    teams,
)
from engine.store.tables.record import case_members, cases, lead_professionals
from engine.store.tables.running import instances, task_drafts, user_tasks
from engine.store.writes import Change

SUCCESSOR: Final = "successor"


@dataclass(frozen=True, slots=True)
class HeldTask:
    """An open task on `case_id` that `holder` has (None: it waits for its groups), perhaps for `meant_for`."""

    id: UUID
    case_id: UUID
    definition_id: UUID
    process_key: str
    element_id: str
    holder: UUID | None
    meant_for: UUID | None
    groups: frozenset[str]
    version: int


def practitioner(connection: sa.Connection, authority_id: UUID, practitioner_id: UUID) -> sa.Row[Any] | None:
    """Return somebody's row, locked against other changes of it, when they are of the authority.

    Not against being referred to: an act on a case holds the case and then writes who did it, while an act about staff
    holds the person and then waits for their cases.
    """
    return connection.execute(
        sa.select(practitioners)
        .where(practitioners.c.id == practitioner_id, practitioners.c.authority_id == authority_id)
        .with_for_update(key_share=True)
    ).first()


def set_last_day(connection: sa.Connection, practitioner_id: UUID, last_day: date | None, *, over: bool) -> None:
    """Keep somebody's last day: one to come, or one that is `over`; None takes back one to come."""
    values = {"left_on": last_day, "leaves_on": None} if over else {"left_on": None, "leaves_on": last_day}
    connection.execute(sa.update(practitioners).where(practitioners.c.id == practitioner_id).values(**values))


def end_accounts(connection: sa.Connection, practitioner_id: UUID, *, at: Any) -> int:
    """Close somebody's accounts and every session of theirs; return how many accounts were open."""
    own = sa.select(accounts.c.id).where(accounts.c.practitioner_id == practitioner_id)
    connection.execute(
        sa.update(sessions).where(sessions.c.account_id.in_(own), sessions.c.ended_at.is_(None)).values(ended_at=at)
    )
    closed = connection.execute(
        sa.update(accounts)
        .where(accounts.c.practitioner_id == practitioner_id, accounts.c.disabled_at.is_(None))
        .values(disabled_at=at)
    )
    return closed.rowcount


def open_accounts_again(connection: sa.Connection, practitioner_id: UUID) -> int:
    """Open the accounts that somebody's leaving closed, with the roles they had; return how many."""
    closed_then = sa.select(history.c.recorded_at).where(
        history.c.subject_id == practitioner_id, history.c.kind == "left"
    )
    opened = connection.execute(
        sa.update(accounts)
        .where(accounts.c.practitioner_id == practitioner_id, accounts.c.disabled_at.in_(closed_then))
        .values(disabled_at=None)
    )
    return opened.rowcount


def return_to_teams(connection: sa.Connection, practitioner_id: UUID, *, left_on: date) -> None:
    """Give somebody back the places that ended with the day they left on, in teams that are still open."""
    own = (team_memberships.c.practitioner_id == practitioner_id) & (team_memberships.c.to_on == left_on)
    still_open = team_memberships.c.team_id.in_(sa.select(teams.c.id).where(teams.c.closed_on.is_(None)))
    connection.execute(sa.update(team_memberships).where(own, still_open).values(to_on=None))


def has_place(connection: sa.Connection, practitioner_id: UUID) -> bool:
    """Tell whether somebody is in a team, and their agency is open."""
    own = (team_memberships.c.practitioner_id == practitioner_id) & team_memberships.c.to_on.is_(None)
    closed = sa.select(agencies.c.id).where(agencies.c.closed_on.is_not(None))
    of_closed = (practitioners.c.id == practitioner_id) & practitioners.c.agency_id.in_(closed)
    in_team = connection.execute(sa.select(team_memberships.c.id).where(own).limit(1)).first()
    return in_team is not None and connection.execute(sa.select(practitioners.c.id).where(of_closed)).first() is None


def leave_teams(connection: sa.Connection, practitioner_id: UUID, *, on: date) -> None:
    """End somebody's places in teams, and their cover of others."""
    own = (team_memberships.c.practitioner_id == practitioner_id) & team_memberships.c.to_on.is_(None)
    connection.execute(sa.update(team_memberships).where(own).values(to_on=on))
    covers = (absences.c.covered_by == practitioner_id) & absences.c.to_on.is_(None)
    connection.execute(sa.update(absences).where(covers).values(covered_by=None))


def end_absences(connection: sa.Connection, practitioner_id: UUID, *, on: date) -> list[UUID]:
    """End the absences of somebody that are not over; return their ids."""
    ended = [row.id for row in lasting(connection, practitioner_id)]
    connection.execute(sa.update(absences).where(absences.c.id.in_(ended)).values(to_on=on))
    return ended


def last_leaving(connection: sa.Connection, practitioner_id: UUID) -> Mapping[str, Any]:
    """Return what somebody's last leaving that was carried out ended: ids, as text, of `absences` and of cases."""
    last = (
        sa.select(history.c.detail)
        .where(history.c.subject_id == practitioner_id, history.c.kind == "left")
        .order_by(history.c.recorded_at.desc(), history.c.id.desc())
    )
    return connection.execute(last).scalars().first() or {}


def resume(connection: sa.Connection, ended: Sequence[UUID]) -> None:
    """Let absences that a leaving ended last on as they were recorded."""
    connection.execute(sa.update(absences).where(absences.c.id.in_(ended)).values(to_on=None))


def open_cases_of(connection: sa.Connection, practitioner_id: UUID) -> dict[UUID, set[str]]:
    """Return the open cases somebody has a part in, in id order: `lead_professional`, `assessor`, `member`, `task`.

    Who is asked to lead one next, or has accepted, is its `SUCCESSOR`.
    """
    found: dict[UUID, set[str]] = {}
    for case_id, part in connection.execute(_PARTS, {"who": practitioner_id}):
        found.setdefault(case_id, set()).add(part)
    return dict(sorted(found.items()))


_WHO: sa.BindParameter[UUID] = sa.bindparam("who", type_=sa.Uuid)
# The word itself: for a parameter, SQLite prepares it anew each time to see that its index over open tasks will do.
_OPEN = user_tasks.c.state == sa.literal_column("'open'")
_parts = sa.union_all(
    sa.select(lead_professionals.c.case_id, sa.literal("lead_professional").label("part")).where(
        lead_professionals.c.practitioner_id == _WHO, lead_professionals.c.to_on.is_(None)
    ),
    sa.select(
        case_members.c.case_id, sa.case((case_members.c.role == "assessor", "assessor"), else_="member").label("part")
    ).where(case_members.c.practitioner_id == _WHO, case_members.c.to_on.is_(None)),
    sa.select(user_tasks.c.case_id, sa.literal("task").label("part")).where(user_tasks.c.assignee_id == _WHO, _OPEN),
    sa.select(handovers.c.case_id, sa.literal(SUCCESSOR).label("part")).where(
        handovers.c.successor_id == _WHO, handovers.c.ended_on.is_(None)
    ),
).subquery()
_PARTS = (
    sa.select(_parts.c.case_id, _parts.c.part)
    .join(cases, cases.c.id == _parts.c.case_id)
    .where(cases.c.closed_on.is_(None))
)


def held_tasks(connection: sa.Connection, case_id: UUID, holder: UUID) -> list[HeldTask]:
    """Return the open tasks of a locked case that somebody has, the oldest first."""
    return _tasks(connection, _HELD, case_id, holder)


def tasks_meant_for(connection: sa.Connection, case_id: UUID, practitioner_id: UUID) -> list[HeldTask]:
    """Return the open tasks of a locked case that somebody else is asked to do for a practitioner, the oldest first."""
    return _tasks(connection, _MEANT, case_id, practitioner_id)


def tasks_for_nobody(connection: sa.Connection, case_id: UUID) -> list[HeldTask]:
    """Return the open tasks of a locked case whose diagram asked nobody who was there, the oldest first."""
    return _tasks(connection, _FOR_NOBODY, case_id, None)


_TASKS = (
    sa.select(
        user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.process_key, user_tasks.c.element_id,
        user_tasks.c.assignee_id, user_tasks.c.meant_for_id, user_tasks.c.candidate_groups, user_tasks.c.version,
        instances.c.definition_id,
    )
    .join(instances, instances.c.id == user_tasks.c.instance_id)
    .where(user_tasks.c.case_id == sa.bindparam("case"), _OPEN)
    .order_by(user_tasks.c.opened_at, user_tasks.c.id)
    .with_for_update(of=user_tasks)
)  # fmt: skip
_HELD = _TASKS.where(user_tasks.c.assignee_id == _WHO)
_MEANT = _TASKS.where(user_tasks.c.meant_for_id == _WHO)
_FOR_NOBODY = _TASKS.where(user_tasks.c.meant_for_id.is_(None), user_tasks.c.asked_because != "")


def _tasks(
    connection: sa.Connection, query: sa.Select[Any], case_id: UUID, practitioner_id: UUID | None
) -> list[HeldTask]:
    rows = connection.execute(query, {"case": case_id, "who": practitioner_id})
    return [
        HeldTask(
            id=row.id,
            case_id=row.case_id,
            definition_id=row.definition_id,
            process_key=row.process_key,
            element_id=row.element_id,
            holder=row.assignee_id,
            meant_for=row.meant_for_id,
            groups=frozenset(row.candidate_groups),
            version=row.version,
        )
        for row in rows
    ]


def cases_with_tasks_meant_for(connection: sa.Connection, practitioner_id: UUID) -> list[UUID]:
    """Return the cases on which somebody else is asked to do open tasks for a practitioner, in id order."""
    return sorted(connection.execute(_MEANT_CASES, {"who": practitioner_id}).scalars())


_MEANT_CASES = sa.select(user_tasks.c.case_id).where(user_tasks.c.meant_for_id == _WHO, _OPEN).distinct()


def is_begun(connection: sa.Connection, task: HeldTask) -> bool:
    """Tell whether who has a task has saved something of it."""
    return connection.execute(_BEGUN, {"task": task.id, "who": task.holder}).scalar_one()


_BEGUN = sa.select(
    sa.exists().where(task_drafts.c.task_id == sa.bindparam("task"), task_drafts.c.practitioner_id == _WHO)
)


def give_task(
    connection: sa.Connection,
    task: HeldTask,
    *,
    to: UUID | None,
    groups: frozenset[str],
    meant_for: UUID | None = None,
    because: str = "",
) -> None:
    """Give a locked task to somebody, or to the queue of the first of `groups`; its dates stay as promised.

    `meant_for` and `because` say for whom and why, when somebody else should have it.
    """
    row = {
        "id_": task.id,
        "to": to,
        "groups": sorted(groups),
        "queue_": None if to is not None else min(groups),
        "for": meant_for,
        "because": because,
        "next": task.version + 1,
    }
    _GIVE.each(connection, [row])


_GIVE = Change(
    sa.update(user_tasks)
    .where(user_tasks.c.id == sa.bindparam("id_"))
    .values(
        assignee_id=sa.bindparam("to"),
        candidate_groups=sa.bindparam("groups"),
        queue=sa.bindparam("queue_"),
        meant_for_id=sa.bindparam("for"),
        asked_because=sa.bindparam("because"),
        version=sa.bindparam("next"),
    )
)


def leave_case(connection: sa.Connection, case_id: UUID, practitioner_id: UUID, *, on: date) -> None:
    """End somebody's place in the team of a case; who leads or assesses is recorded until somebody else does."""
    own = (case_members.c.case_id == case_id) & (case_members.c.practitioner_id == practitioner_id)
    connection.execute(
        sa.update(case_members)
        .where(own, case_members.c.role != "assessor", case_members.c.to_on.is_(None))
        .values(to_on=on)
    )


def return_to_case(connection: sa.Connection, case_id: UUID, practitioner_id: UUID, *, left_on: date) -> None:
    """Give somebody the place in the team of a case again that ended with the day they left on, if they have none."""
    own = (case_members.c.case_id == case_id) & (case_members.c.practitioner_id == practitioner_id)
    member = own & (case_members.c.role == "member")
    places = sa.select(case_members.c.id, case_members.c.to_on).where(member)
    newest = connection.execute(places.order_by(case_members.c.from_on.desc(), case_members.c.id.desc())).first()
    here = connection.execute(places.where(case_members.c.to_on.is_(None))).first()
    if here is None and newest is not None and newest.to_on == left_on:
        connection.execute(sa.update(case_members).where(case_members.c.id == newest.id).values(to_on=None))


def reports_of(connection: sa.Connection, practitioner_id: UUID) -> int:
    """Count whom somebody manages and who has not left."""
    return connection.execute(
        sa.select(sa.func.count())
        .select_from(line_managers.join(practitioners, practitioners.c.id == line_managers.c.practitioner_id))
        .where(
            line_managers.c.manager_id == practitioner_id,
            line_managers.c.to_on.is_(None),
            practitioners.c.left_on.is_(None),
        )
    ).scalar_one()


def lasting(connection: sa.Connection, practitioner_id: UUID) -> Sequence[sa.Row[Any]]:
    """Return the absences of somebody that are not over, the earliest first."""
    return connection.execute(
        sa.select(absences)
        .where(absences.c.practitioner_id == practitioner_id, absences.c.to_on.is_(None))
        .order_by(absences.c.from_on)
    ).all()


def absence(connection: sa.Connection, authority_id: UUID, absence_id: UUID) -> sa.Row[Any] | None:
    """Return an absence's row, when it is of the authority."""
    own = (absences.c.id == absence_id) & (absences.c.authority_id == authority_id)
    return connection.execute(sa.select(absences).where(own)).first()


def begin(connection: sa.Connection, absence_id: UUID, *, on: date) -> None:
    """Keep that what waited for somebody was passed on when their absence began."""
    connection.execute(sa.update(absences).where(absences.c.id == absence_id).values(begun_on=on))


@dataclass(frozen=True, slots=True)
class Turning:
    """What a new day brings: who has had their last day, absences that begin, and those that are over, by their ids."""

    leavers: list[UUID]
    begun: list[UUID]
    over: list[UUID]


def turning(connection: sa.Connection, authority_id: UUID, *, today: date) -> Turning:
    """Return who of an authority has had their last day or left work behind since, and absences that turn."""
    leavers, begun, over = (
        list(connection.execute(query, {"authority": authority_id, "today": today}).scalars())
        for query in (_LEAVERS, _BEGINNING, _OVER)
    )
    return Turning(list(dict.fromkeys(leavers)), begun, over)


_OF_AUTHORITY = practitioners.c.authority_id == sa.bindparam("authority")
_TODAY = sa.bindparam("today", type_=sa.Date)
_LEAVERS = sa.union(
    sa.select(practitioners.c.id).where(_OF_AUTHORITY, practitioners.c.leaves_on < _TODAY),
    sa.select(practitioners.c.id)
    .join(user_tasks, user_tasks.c.assignee_id == practitioners.c.id)
    .where(_OF_AUTHORITY, practitioners.c.left_on.is_not(None), _OPEN),
)
_LASTING = sa.select(absences.c.id).where(
    absences.c.authority_id == sa.bindparam("authority"), absences.c.to_on.is_(None)
)
_OVER = _LASTING.where(absences.c.expected_to_on < _TODAY)
_BEGINNING = _LASTING.where(
    absences.c.begun_on.is_(None),
    absences.c.from_on <= _TODAY,
    sa.or_(absences.c.expected_to_on.is_(None), absences.c.expected_to_on >= _TODAY),
)


def covered_by(
    connection: sa.Connection, practitioner_id: UUID, *, from_on: date = date.min, to_on: date | None = None
) -> list[UUID]:
    """Return whose absences that are not over somebody covers, on some of the days given."""
    own = (absences.c.covered_by == practitioner_id) & absences.c.to_on.is_(None)
    meets = (absences.c.expected_to_on.is_(None) | (absences.c.expected_to_on >= from_on)) & (
        absences.c.from_on <= (to_on or date.max)
    )
    return list(connection.execute(sa.select(absences.c.practitioner_id).where(own, meets).distinct()).scalars())
