"""An authority's calendar: the days nobody works, and what a change of them would move before it is made."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.calendar import WorkingCalendar, bank_holidays
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.due_states import last_overdue_day
from engine.queries.view import View, viewing
from engine.redating import Held, Redated, Wanted, changed_calendar, closures_of, redated
from engine.store.late_tasks import protecting
from engine.store.sets import among
from engine.store.tables.access import case_restrictions
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners, team_memberships, teams
from engine.store.tables.record import case_members, cases, children, lead_professionals
from engine.store.tables.running import user_tasks

SHOWN: Final = 200
"""How many of the promises that would move are listed by name."""
NO_TEAM: Final = "No team"
KINDS: Final = ("closure_added", "closure_removed")


@dataclass(frozen=True, slots=True)
class Change:
    """A change of the calendar: when (aware UTC), who, what day, whether it was closed or opened again, and why.

    `tasks` and `timers` are how many moved with it; None for a further day of the same act.
    """

    at: datetime
    who: str
    closed: bool
    on_day: date
    name: str
    why: str
    tasks: int | None
    timers: int | None


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar: bank holidays from today to the end of next year, local closures, what was changed, latest first.

    `version` is the authority's as it was looked at, `nation` one of `engine.calendar.NATIONS`.
    """

    nation: str
    holidays: tuple[date, ...]
    closures: tuple[Held, ...]
    changes: tuple[Change, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Moving:
    """A task of a case the reader may see that would be due on another day."""

    case_id: UUID
    reference: str
    child_name: str
    task: str
    was: date
    now: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """What a change would do: `days` come off, `gone` are worked again; promises move, by team of who leads a case.

    `teams` are (name, tasks, timers), by name. Restricted cases move too; they are counted for coordinators alone.
    `rows` are tasks of cases the asker may see, the first `SHOWN`, `more` the others of these. `forgiven` counts open
    tasks that are late today and would not count as late, `missed` those that would newly count as late.
    """

    days: tuple[tuple[date, str], ...]
    gone: tuple[Held, ...]
    tasks: int
    later: int
    timers: int
    cases: int
    teams: tuple[tuple[str, int, int], ...]
    rows: tuple[Moving, ...]
    more: int
    forgiven: int
    missed: int
    version: int


def days(engine: ProcessEngine, *, actor: Actor) -> Days:
    """Return the authority's calendar and how it came about. Raises `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        until = date(view.today.year + 1, 12, 31)
        nation = view.authority.calendar.nation
        holidays = sorted(each for each in bank_holidays(nation) if view.today <= each <= until)
        since = view.today - timedelta(days=365)
        closures = [each for each in closures_of(view.connection, actor.authority_id) if each.on_day >= since]
        return Days(nation, tuple(holidays), tuple(closures), _changes(view), view.authority.version)


def closure(engine: ProcessEngine, *, actor: Actor, closure_id: UUID) -> Held:
    """Return one local closure. Raises `NotFound`, `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        for each in closures_of(view.connection, actor.authority_id):
            if each.id == closure_id:
                return each
    raise NotFound("There is no such closure", closure_id=closure_id)


def foreseen(engine: ProcessEngine, *, actor: Actor, wanted: Wanted) -> Foreseen:
    """Return what a change of the calendar would move; nothing is changed.

    Raises `NotPermitted`, `NotFound`, `Conflict` and `Invalid` as the change itself does.
    """
    _require_may(actor)
    with viewing(engine, actor) as view:
        calendar, gone, come = changed_calendar(view.connection, view.authority, wanted, today=view.today)
        found = list(redated(engine, view.connection, view.authority, calendar, now=view.now))
        known = _countable(view, found)
        tasks = [each for each in known if each.is_task]
        rows, more = _rows(view, tasks)
        forgiven, missed = _judged_otherwise(view, calendar)
        return Foreseen(
            days=tuple(sorted(come.items())),
            gone=tuple(gone),
            tasks=len(tasks),
            later=sum(each.now > each.was for each in tasks),
            timers=len(known) - len(tasks),
            cases=len({each.case_id for each in known}),
            teams=_by_team(view, known),
            rows=rows,
            more=more,
            forgiven=forgiven,
            missed=missed,
            version=view.authority.version,
        )


def _require_may(actor: Actor) -> None:
    if not permissions.may_keep_authority(actor):
        raise NotPermitted("An administrator keeps the authority's calendar")


def _changes(view: View) -> tuple[Change, ...]:
    columns = (history.c.recorded_at, history.c.kind, history.c.detail, practitioners.c.name, history_payloads.c.body)
    rows = view.connection.execute(
        sa.select(*columns)
        .select_from(
            history.outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id).outerjoin(
                history_payloads, history_payloads.c.event_id == history.c.id
            )
        )
        .where(history.c.case_id.in_(_chain(view)), history.c.kind.in_(KINDS))
        .order_by(history.c.seq.desc())
        .limit(SHOWN)
    )
    return tuple(_change(row) for row in rows)


def _chain(view: View) -> sa.Select[Any]:
    return sa.select(cases.c.id).where(
        cases.c.authority_id == view.actor.authority_id, cases.c.pathway == "administration"
    )


def _change(row: Any) -> Change:
    moved = row.detail.get("moved") or {}
    return Change(
        at=row.recorded_at,
        who=row.name or "",
        closed=row.kind == "closure_added",
        on_day=date.fromisoformat(row.detail["on_day"]),
        name=str(row.detail.get("name") or ""),
        why=str((row.body or {}).get("why") or ""),
        tasks=moved.get("tasks"),
        timers=moved.get("timers"),
    )


def _countable(view: View, found: Sequence[Redated]) -> list[Redated]:
    """Return those that the asker may have counted: a count must not betray a restricted case."""
    if permissions.sees_whole_authority(view.actor):
        return list(found)
    current = case_restrictions.c.lifted_at.is_(None)
    hidden = set(view.connection.execute(sa.select(case_restrictions.c.case_id).where(current)).scalars())
    return [each for each in found if each.case_id not in hidden]


def _by_team(view: View, found: Sequence[Redated]) -> tuple[tuple[str, int, int], ...]:
    team_of: dict[UUID, str] = {}
    for part in _parts(sorted({each.case_id for each in found})):
        rows = view.connection.execute(_TEAMS, {"ids": part})
        team_of.update({row.case_id: row.team for row in rows})
    counts = Counter((team_of.get(each.case_id) or NO_TEAM, each.is_task) for each in found)
    names = sorted({name for name, _ in counts}, key=lambda name: (name == NO_TEAM, name))
    return tuple((name, counts[name, True], counts[name, False]) for name in names)


_ASSESSOR = (case_members.c.role == "assessor") & case_members.c.to_on.is_(None)
_HOLDER = sa.func.coalesce(lead_professionals.c.practitioner_id, case_members.c.practitioner_id)
_TEAMS = (
    sa.select(cases.c.id.label("case_id"), sa.func.min(teams.c.name).label("team"))
    .select_from(
        cases.outerjoin(
            lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
        )
        .outerjoin(case_members, (case_members.c.case_id == cases.c.id) & _ASSESSOR)
        .outerjoin(
            team_memberships, (team_memberships.c.practitioner_id == _HOLDER) & team_memberships.c.to_on.is_(None)
        )
        .outerjoin(teams, teams.c.id == team_memberships.c.team_id)
    )
    .where(among(cases.c.id))
    .group_by(cases.c.id)
)


def _rows(view: View, tasks: Sequence[Redated]) -> tuple[tuple[Moving, ...], int]:
    open_to_them: set[UUID] = set()
    for part in _parts(sorted({each.case_id for each in tasks})):
        open_to_them |= visibility.visible(view, part)
    seen = sorted((each for each in tasks if each.case_id in open_to_them), key=lambda each: (each.was, each.id))
    shown = seen[:SHOWN]
    about = {row.id: row for row in view.connection.execute(_ABOUT, {"ids": sorted({each.case_id for each in shown})})}
    return tuple(_moving(view, each, about[each.case_id]) for each in shown), len(seen) - len(shown)


_ABOUT = (
    sa.select(cases.c.id, cases.c.reference, children.c.given_name, children.c.family_name, children.c.known_as)
    .join(children, children.c.id == cases.c.child_id)
    .where(among(cases.c.id))
)


def _moving(view: View, each: Redated, row: Any) -> Moving:
    name = words.child_name(row.given_name, row.family_name, row.known_as)
    return Moving(each.case_id, row.reference, name, view.said(each.name), each.was, each.now)


def _judged_otherwise(view: View, calendar: WorkingCalendar) -> tuple[int, int]:
    """Return how many open tasks are late today and would not be by `calendar`, and the other way round."""
    old, new = (last_overdue_day(view.today, each) for each in (view.authority.calendar, calendar))
    if old == new:
        return 0, 0
    # What protects a child is late once its day is over, by either.
    between = (user_tasks.c.due_on > min(old, new)) & (user_tasks.c.due_on <= max(old, new)) & ~protecting()
    own = (user_tasks.c.authority_id == view.actor.authority_id) & (user_tasks.c.state == "open")
    if not permissions.sees_whole_authority(view.actor):
        own &= visibility.unrestricted(user_tasks.c.case_id)
    query = sa.select(sa.func.count()).select_from(user_tasks).where(own, between)
    number = view.connection.execute(query).scalar_one()
    return (number, 0) if new < old else (0, number)


def _parts(ids: Sequence[UUID], size: int = 500) -> list[list[UUID]]:
    return [list(ids[start : start + size]) for start in range(0, len(ids), size)]
