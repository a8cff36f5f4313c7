"""Who may cover for somebody who is away, and what nobody covers though somebody does for the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_cover, may_restrict
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.people import Practitioner, in_service
from engine.queries.view import View, viewing
from engine.store import people
from engine.store.sets import among
from engine.store.standing_in import may_stand_in
from engine.store.tables.people import absences, practitioners
from engine.store.tables.record import case_members, cases, lead_professionals
from engine.store.tables.running import user_tasks


@dataclass(frozen=True, slots=True)
class Coverer:
    """Somebody who may be named to cover, themselves here or not.

    `elsewhere` is of another agency than who is away; `closed` counts the open cases among `of` that covering would not
    open to them, of those that the asker may know of.
    """

    practitioner: Practitioner
    elsewhere: bool
    closed: int
    of: int

    @property
    def value(self) -> str:
        """Return the id as text."""
        return self.practitioner.value

    @property
    def limits(self) -> str:
        """Say what covering would not open to them, as in "may not open 2 of 9 cases"; or empty."""
        return f"may not open {self.closed} of {self.of} case{'' if self.of == 1 else 's'}" if self.closed else ""

    @property
    def label(self) -> str:
        """Return the name with job title and agency, and the `limits`."""
        return "; ".join(part for part in (self.practitioner.label, self.limits) if part)


def choices(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> tuple[Coverer, ...]:
    """Return who may be named to cover for somebody while they are away: their own agency first, each by name."""
    with viewing(engine, actor) as view:
        able = in_service(view, roles=may_cover(people.roles_of(view.connection, practitioner_id)))
        found = [each for each in able if each.practitioner_id != practitioner_id]
        ids = [each.practitioner_id for each in found]
        agencies = {
            row.id: row.agency_id for row in view.connection.execute(_AGENCIES, {"ids": [practitioner_id, *ids]})
        }
        theirs, own = _cases_of(view, practitioner_id), agencies.get(practitioner_id)
        closed = _closed_to(view, practitioner_id, theirs, ids)
        offered = (
            Coverer(each, agencies.get(id_) != own, closed.get(id_, 0), len(theirs))
            for id_, each in zip(ids, found, strict=True)
        )
        return tuple(sorted(offered, key=lambda each: each.elsewhere))


def gap(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID) -> str:
    """Say how many cases of somebody who is away, or will be, who covers may not open; empty when there are none.

    A restricted case is counted for coordinators alone, who decide about it: not even a number betrays one.
    """
    with viewing(engine, actor) as view:
        row = view.connection.execute(_NEXT, {"who": practitioner_id, "today": view.today}).first()
        if row is None or row.covered_by is None:
            return ""
        theirs = _cases_of(view, practitioner_id)
        closed = _closed_to(view, practitioner_id, theirs, [row.covered_by]).get(row.covered_by, 0)
        if not closed:
            return ""
        restricted = " or a restriction" if may_restrict(view.actor) else ""
        which = f"{closed} of the {len(theirs)} open cases" if len(theirs) > 1 else "the one open case"
        them = "it" if closed == 1 else "them"
        manages = people.manager_of(view.connection, practitioner_id) == row.covered_by
        merely = f", or as a line manager opens no case of which {row.absent} merely has a task" if manages else ""
        return (
            f"{row.name} may not open {which} that {row.absent} works on, as what the family answered on sharing"
            f"{restricted} keeps {them} from who covers{merely}. Nobody covers there: give the tasks to somebody "
            "who may have them, and name an interim lead of the same agency where a plan is led"
        )


def _cases_of(view: View, practitioner_id: UUID) -> Sequence[UUID]:
    """Return the open cases that somebody leads, assesses or has a task on which another may do for them."""
    known = sa.true() if may_restrict(view.actor) else visibility.unrestricted(cases.c.id)
    return view.connection.execute(_OPEN_CASES.where(known), {"who": practitioner_id}).scalars().all()


def _closed_to(view: View, absent: UUID, case_ids: Sequence[UUID], who: Sequence[UUID]) -> Mapping[UUID, int]:
    if not case_ids or not who:
        return {}
    given = {"ids": list(who), "case_ids": list(case_ids), "absent": absent}
    return {row[0]: row[1] for row in view.connection.execute(_CLOSED, given)}


_WHO: sa.BindParameter[UUID] = sa.bindparam("who", type_=sa.Uuid)
_AGENCIES = sa.select(practitioners.c.id, practitioners.c.agency_id).where(among(practitioners.c.id))


def _held(table: sa.Table, who: str, *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    return sa.select(table.c.case_id).where(table.c[who] == _WHO, *more)


_OPEN_CASES = sa.select(cases.c.id).where(
    cases.c.closed_on.is_(None),
    cases.c.id.in_(
        sa.union(
            _held(lead_professionals, "practitioner_id", lead_professionals.c.to_on.is_(None)),
            _held(
                case_members, "practitioner_id", case_members.c.role == "assessor", case_members.c.to_on.is_(None)
            ),
            _held(
                user_tasks, "assignee_id", user_tasks.c.state == sa.literal_column("'open'"),
                ~user_tasks.c.personal,
            ),
        )
    ),
)  # fmt: skip
_CLOSED = (
    sa.select(practitioners.c.id, sa.func.count())
    .select_from(practitioners.join(cases, cases.c.authority_id == practitioners.c.authority_id))
    .where(
        among(practitioners.c.id),
        among(cases.c.id, "case_ids"),
        ~may_stand_in(cases.c.id, practitioners.c.id, sa.bindparam("absent", type_=sa.Uuid)),
    )
    .group_by(practitioners.c.id)
)
_absent = practitioners.alias("absent")
_NEXT = (
    sa.select(absences.c.covered_by, practitioners.c.name, _absent.c.name.label("absent"))
    .join(_absent, _absent.c.id == absences.c.practitioner_id)
    .outerjoin(practitioners, practitioners.c.id == absences.c.covered_by)
    .where(
        absences.c.practitioner_id == _WHO,
        absences.c.to_on.is_(None),
        sa.func.coalesce(absences.c.expected_to_on, sa.bindparam("today", type_=sa.Date))
        >= sa.bindparam("today", type_=sa.Date),
    )
    .order_by(absences.c.from_on)
    .limit(1)
)
