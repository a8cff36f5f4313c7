"""How much each person has: plans they lead, open tasks, what is late, what comes within four weeks; who has room.

Nothing is counted on a case that the asker may not see: not even a number betrays one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.sharing_out import have_room, per_hour, usual_hours
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.kept_figures import kept
from engine.queries.view import View, viewing
from engine.store.covers import COVER, cover_of, with_cover
from engine.store.late_tasks import late_on
from engine.store.people import holds, works
from engine.store.sets import among
from engine.store.tables.people import absences, accounts, agencies, practitioners, team_memberships, teams
from engine.store.tables.record import lead_professionals, reviews
from engine.store.tables.running import user_tasks

AHEAD: Final = timedelta(weeks=4)
"""How far ahead it is looked for what comes: next month."""
SORTS: Final = ("late", "name", "leads", "tasks", "coming", "load")
"""By what the list can be put in order: the most first, but for names."""
NO_ACCOUNT: Final = "Cannot sign in any more"
NO_ROLE: Final = "Has no role for this work any more"
NO_CASES: Final = "Leads plans, and has no role that works with cases"


@dataclass(frozen=True, slots=True)
class Away:
    """When somebody is away, now or next: `to_on` None when the end is not known, `covered_by` a name or empty.

    `cover_away` says so where who covers is away then too.
    """

    from_on: date
    to_on: date | None
    covered_by: str
    cover_away: str
    now: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What one person has. `late` are their overdue tasks, `coming` the tasks and reviews due within `AHEAD`.

    `weekly_hours` is what they promised to this work, None when nobody has said; `room` whether they are here, do case
    work and have less for their hours than the middle of those who carry cases. `leaves_on` is a last day to come.
    `cannot` says why somebody else is needed for what they have, as once their account has ended; empty otherwise.
    """

    practitioner_id: UUID
    name: str
    job_title: str
    agency: str
    team: str
    leads: int
    tasks: int
    late: int
    coming: int
    weekly_hours: int | None
    load: float
    away: Away | None
    leaves_on: date | None
    room: bool
    cannot: str = ""


@dataclass(frozen=True, slots=True)
class Workload:
    """The people one keeps, and how many open tasks nobody has (`unclaimed`)."""

    rows: tuple[Load, ...]
    unclaimed: int


def read(engine: ProcessEngine, *, actor: Actor, team: str = "", agency: str = "", sort: str = "late") -> Workload:
    """Return what everybody has whom the actor keeps: whom they manage and themselves, for a coordinator everybody.

    `team` and `agency` are ids as text. Raises `NotPermitted`, `Invalid` for what cannot be chosen.
    """
    require_may(actor)
    if sort not in SORTS:
        raise Invalid("There is no such order", field="sort")
    wanted = {name: _id(name, given) for name, given in (("team", team), ("agency", agency)) if given}
    with viewing(engine, actor) as view:
        counts = kept(view, "workload", _Counts.of, lambda _, found: found.size)
        rows = _rows(view, counts, wanted)
    return Workload(tuple(_sorted(rows, sort)), counts.unclaimed)


def of_one(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> Load:
    """Return what one person has whom the actor keeps. Raises `NotPermitted`, `NotFound`."""
    found = read(engine, actor=actor)
    row = next((each for each in found.rows if each.practitioner_id == practitioner_id), None)
    if row is None:
        raise NotFound("There is no such person on your list", practitioner_id=practitioner_id)
    return row


def loads_in(view: View) -> dict[UUID, Load]:
    """Return what everybody has whom the actor keeps, by id, on a view that is open."""
    counts = kept(view, "workload", _Counts.of, lambda _, found: found.size)
    return {row.practitioner_id: row for row in _rows(view, counts, {})}


def too_much(loads: Mapping[UUID, Load], who: UUID, more: int) -> bool:
    """Tell whether somebody would have more than twice as much for their hours as the middle of those who have any."""
    carried = [each.load for each in loads.values() if each.load]
    if who not in loads or not carried:
        return False
    own, usual = loads[who], usual_hours(each.weekly_hours for each in loads.values())
    return per_hour(own.leads + own.tasks + more, own.weekly_hours, usual) > 2 * median(carried)


def require_may(actor: Actor) -> None:
    """Raise `NotPermitted` for who does not answer for the work of others."""
    if not permissions.may_see_figures(actor):
        raise NotPermitted("A line manager or a coordinator sees who has how much")


def _id(name: str, given: str) -> UUID:
    try:
        return UUID(given)
    except ValueError as error:
        raise Invalid(f"There is no such {name} to choose", field=name) from error


@dataclass(frozen=True, slots=True)
class _Counts:
    """Numbers by practitioner, and how many tasks nobody has."""

    leads: Mapping[UUID, int]
    tasks: Mapping[UUID, int]
    late: Mapping[UUID, int]
    coming: Mapping[UUID, int]
    unclaimed: int

    @property
    def size(self) -> int:
        return sum(self.tasks.values()) + self.unclaimed

    @classmethod
    def of(cls, view: View) -> _Counts:
        """Count what is open on the cases that the asker may see, and the other tasks of whom they manage."""
        is_seen = visibility.seen(view)
        until = view.today + AHEAD
        led = view.connection.execute(_LEADS.where(_own(view, lead_professionals), is_seen(_LED_CASE)))
        leads = {row[0]: row[1] for row in led}
        reviewed = _REVIEWS.where(
            _own(view, reviews), reviews.c.due_on.between(view.today, until), is_seen(reviews.c.case_id)
        )
        coming: Counter[UUID] = Counter({row[0]: row[1] for row in view.connection.execute(reviewed)})
        tasks: dict[UUID, int] = {}
        late: dict[UUID, int] = {}
        unclaimed = 0
        for row in view.connection.execute(_tasks(view, until).where(is_seen.tasks)):
            if row.assignee_id is None:
                unclaimed = row.number
                continue
            tasks[row.assignee_id], late[row.assignee_id] = row.number, row.late
            coming[row.assignee_id] += row.coming
        return cls(leads, tasks, late, coming, unclaimed)


_LED_CASE = lead_professionals.c.case_id
_LEADS = (
    sa.select(lead_professionals.c.practitioner_id, sa.func.count())
    .where(lead_professionals.c.to_on.is_(None))
    .group_by(lead_professionals.c.practitioner_id)
)
_REVIEWS = (
    sa.select(lead_professionals.c.practitioner_id, sa.func.count())
    .join(reviews, reviews.c.case_id == lead_professionals.c.case_id)
    .where(lead_professionals.c.to_on.is_(None), reviews.c.held_on.is_(None))
    .group_by(lead_professionals.c.practitioner_id)
)


def _own(view: View, table: sa.Table) -> sa.ColumnElement[bool]:
    return table.c.authority_id == view.actor.authority_id


def _tasks(view: View, until: date) -> sa.Select[Any]:
    due = user_tasks.c.due_on
    return (
        sa.select(
            user_tasks.c.assignee_id,
            sa.func.count().label("number"),
            sa.func.count().filter(late_on(view.today, view.authority.calendar)).label("late"),
            sa.func.count().filter(due.between(view.today, until)).label("coming"),
        )
        .where(_own(view, user_tasks), user_tasks.c.state == sa.literal_column("'open'"))
        .group_by(user_tasks.c.assignee_id)
    )


def _rows(view: View, counts: _Counts, wanted: Mapping[str, UUID]) -> list[Load]:
    found = view.connection.execute(_people(view, wanted), {"ids": sorted(_kept(view))})
    # Nobody's work is out of sight because their account has ended.
    people = [row for row in found if row.signs_in or _work(counts, row.id)]
    in_teams, away = _teams(view), _away(view)
    usual = usual_hours(row.weekly_hours for row in people)
    loads = {row.id: per_hour(_work(counts, row.id), row.weekly_hours, usual) for row in people}
    room = have_room({row.id: loads[row.id] for row in people if _carries(counts, row)})
    return [
        Load(
            practitioner_id=row.id, name=row.name, job_title=row.job_title, agency=row.agency or "",
            team=in_teams.get(row.id, ""), leads=counts.leads.get(row.id, 0), tasks=counts.tasks.get(row.id, 0),
            late=counts.late.get(row.id, 0), coming=counts.coming.get(row.id, 0), weekly_hours=row.weekly_hours,
            load=loads[row.id], away=away.get(row.id), leaves_on=row.leaves_on,
            room=row.id in room and not (row.id in away and away[row.id].now), cannot=_cannot(counts, row),
        )
        for row in people
    ]  # fmt: skip


def _carries(counts: _Counts, row: Any) -> bool:
    """Tell whether somebody who stays does case work: a case worker, or who leads a plan beside what else they do.

    The hours of who oversees others go to that: they carry cases where they lead any.
    """
    able = row.signs_in and ((row.leads_cases and not row.oversees) or (row.works and counts.leads.get(row.id, 0) > 0))
    return able and row.leaves_on is None


def _cannot(counts: _Counts, row: Any) -> str:
    """Say why what somebody has is to go to somebody else; empty while they can do it, or have nothing."""
    if not row.signs_in:
        return NO_ACCOUNT
    if _work(counts, row.id) and not row.works_or_oversees:
        return NO_ROLE
    return NO_CASES if counts.leads.get(row.id, 0) and not row.works else ""


def _work(counts: _Counts, who: UUID) -> int:
    return counts.leads.get(who, 0) + counts.tasks.get(who, 0)


def _kept(view: View) -> Iterable[UUID]:
    return {view.actor.practitioner_id, *view.actor.manages}


def _people(view: View, wanted: Mapping[str, UUID]) -> sa.Select[Any]:
    can_sign_in = sa.exists().where(accounts.c.practitioner_id == practitioners.c.id, accounts.c.disabled_at.is_(None))
    query = (
        sa.select(
            practitioners.c.id, practitioners.c.name, practitioners.c.job_title, practitioners.c.weekly_hours,
            practitioners.c.leaves_on, agencies.c.name.label("agency"), works(practitioners.c.id).label("works"),
            can_sign_in.label("signs_in"),
            holds(practitioners.c.id, permissions.WORK_WITH_CASES | permissions.OVERSIGHT).label("works_or_oversees"),
            holds(practitioners.c.id, permissions.LEADS_CASES).label("leads_cases"),
            holds(practitioners.c.id, permissions.OVERSIGHT).label("oversees"),
        )
        .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
        .where(_own(view, practitioners), practitioners.c.left_on.is_(None))
        .order_by(practitioners.c.name, practitioners.c.id)
    )  # fmt: skip
    if not permissions.sees_whole_authority(view.actor):
        query = query.where(among(practitioners.c.id))
    if "agency" in wanted:
        query = query.where(practitioners.c.agency_id == wanted["agency"])
    if "team" in wanted:
        of_team = (team_memberships.c.team_id == wanted["team"], team_memberships.c.to_on.is_(None))
        query = query.where(practitioners.c.id.in_(sa.select(team_memberships.c.practitioner_id).where(*of_team)))
    return query


def _teams(view: View) -> Mapping[UUID, str]:
    rows = view.connection.execute(
        sa.select(team_memberships.c.practitioner_id, teams.c.name)
        .join(teams, teams.c.id == team_memberships.c.team_id)
        .where(_own(view, team_memberships), team_memberships.c.to_on.is_(None))
        .order_by(teams.c.name)
    )
    found: dict[UUID, str] = {}
    for who, name in rows:
        found[who] = f"{found[who]}, {name}" if who in found else name
    return found


def _away(view: View) -> Mapping[UUID, Away]:
    """Return the first absence of each person that is not over."""
    rows = view.connection.execute(
        sa.select(absences, *COVER)
        .select_from(with_cover(absences))
        .where(
            _own(view, absences),
            absences.c.to_on.is_(None),
            sa.func.coalesce(absences.c.expected_to_on, view.today) >= view.today,
        )
        .order_by(absences.c.from_on),
        {"today": view.today},
    )
    found: dict[UUID, Away] = {}
    for row in rows:
        now, cover = row.from_on <= view.today, cover_of(row)
        found.setdefault(row.practitioner_id, Away(row.from_on, row.expected_to_on, cover.here, cover.away, now))
    return found


def _sorted(rows: list[Load], sort: str) -> list[Load]:
    if sort == "name":
        return rows
    return sorted(rows, key=lambda row: (-getattr(row, sort), row.name))
