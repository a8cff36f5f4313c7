"""Keep the authority's agencies and teams, and from when to when somebody is in one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any, Final, Literal
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store.tables.people import agencies, practitioners, team_memberships, teams
from engine.work import Work

LONGEST: Final = 80


def add_agency(engine: ProcessEngine, *, actor: Actor, name: str) -> UUID:
    """Add an agency and return its id. Raises `NotPermitted`, `Invalid`, `Conflict` when there is one of that name."""
    with _act(engine, actor) as work:
        id_ = _add(work, agencies, _named(work, agencies, name))
        work.record("agency_added", subject=id_, detail={"name": _name(work, agencies, id_)})
        return id_


def add_team(engine: ProcessEngine, *, actor: Actor, agency_id: UUID | None, name: str) -> UUID:
    """Add a team of an agency and return its id. Raises as `add_agency`."""
    with _act(engine, actor) as work:
        agency = _row(work, agencies, agency_id, "Choose the agency that the team belongs to", "agency_id")
        id_ = _add(work, teams, _named(work, teams, name), agency_id=agency.id)
        work.record("team_added", subject=id_, detail={"name": _name(work, teams, id_), "agency": agency.name})
        return id_


def rename(engine: ProcessEngine, *, actor: Actor, id_: UUID, to: str) -> None:
    """Call a team or an agency otherwise; what was written before stays. Raises as `add_agency`, `NotFound`."""
    with _act(engine, actor) as work:
        table = teams if _find(work, teams, id_) else agencies
        row = _find(work, table, id_)
        if row is None:
            raise NotFound("There is no such team", id_=id_)
        said = _named(work, table, to, field="to", but=id_)
        if said == row.name:
            raise Invalid("This is what it is called already", field="to")
        work.connection.execute(sa.update(table).where(table.c.id == id_).values(name=said))
        _record_name(work, "team_renamed" if table is teams else "agency_renamed", row, said)


def _record_name(work: Work, kind: Literal["team_renamed", "agency_renamed"], row: Any, to: str) -> None:
    work.record(kind, subject=row.id, detail={"name": row.name, "to": to})


def join(
    engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID | None, team_id: UUID | None, from_on: date
) -> None:
    """Put somebody in a team from a day on, today at the latest. Raises as `add_agency`, `NotFound`."""
    with _act(engine, actor) as work:
        team = _row(work, teams, team_id, "Choose a team", "team_id")
        person = _row(work, practitioners, practitioner_id, "Choose who joins", "practitioner_id")
        if person.left_on is not None:
            raise Invalid(f"{person.name} has left", field="practitioner_id")
        if from_on > work.today:
            raise Invalid("Enter a day that has come: whoever is in a team is in it from then on", field="from_on")
        if _place(work, team.id, person.id) is not None:
            raise Conflict(f"{person.name} is in this team already", field="practitioner_id")
        _add_place(work, team.id, person.id, from_on)
        said = {"team": team.name, "from_on": from_on.isoformat()}
        work.record("team_joined", subject=person.id, effective_on=from_on, detail=said)


def leave(engine: ProcessEngine, *, actor: Actor, team_id: UUID, practitioner_id: UUID | None, to_on: date) -> None:
    """End somebody's place in a team with a day, today at the latest; they keep their tasks and their cases.

    Raises `NotPermitted`, `NotFound`, `Invalid` for a day before they joined, `Conflict` when they are not in it.
    """
    with _act(engine, actor) as work:
        team = _find(work, teams, team_id)
        if team is None:
            raise NotFound("There is no such team", team_id=team_id)
        person = _row(work, practitioners, practitioner_id, "Choose who leaves the team", "leaver_id")
        place = _place(work, team_id, person.id)
        if place is None:
            raise Conflict(f"{person.name} is not in this team any more", field="leaver_id")
        if not place.from_on <= to_on <= work.today:
            raise Invalid("Enter a day from when they joined up to today", field="to_on")
        held = team_memberships.c.id == place.id
        work.connection.execute(sa.update(team_memberships).where(held).values(to_on=to_on))
        said = {"team": team.name, "to_on": to_on.isoformat()}
        work.record("team_left", subject=person.id, effective_on=to_on, detail=said)


@contextmanager
def _act(engine: ProcessEngine, actor: Actor) -> Iterator[Work]:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator keeps the teams")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        yield work
        work.finish()


def _find(work: Work, table: sa.Table, id_: UUID) -> Any:
    own = (table.c.id == id_) & (table.c.authority_id == work.authority.id)
    return work.connection.execute(sa.select(table).where(own)).first()


def _row(work: Work, table: sa.Table, id_: UUID | None, wanted: str, field: str) -> Any:
    """Return the row that was chosen. Raises `Invalid` saying what is wanted."""
    row = None if id_ is None else _find(work, table, id_)
    if row is None:
        raise Invalid(wanted, field=field)
    return row


def _name(work: Work, table: sa.Table, id_: UUID) -> str:
    return str(work.connection.execute(sa.select(table.c.name).where(table.c.id == id_)).scalar_one())


def _named(work: Work, table: sa.Table, name: str, *, field: str = "name", but: UUID | None = None) -> str:
    """Return a name as it is kept. Raises `Invalid`, `Conflict` when another than `but` has it."""
    said = " ".join(name.split())
    if not said:
        raise Invalid("Enter the name", field=field)
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters", field=field)
    own = sa.select(table.c.id, table.c.name).where(table.c.authority_id == work.authority.id)
    for row in work.connection.execute(own):
        if row.name.casefold() == said.casefold() and row.id != but:
            raise Conflict(f"There is “{row.name}” already", field=field)
    return said


def _add(work: Work, table: sa.Table, name: str, **values: Any) -> UUID:
    id_ = work.engine.ids.new()
    made = {"id": id_, "authority_id": work.authority.id, "name": name, **values}
    work.connection.execute(sa.insert(table).values(made))
    return id_


def _place(work: Work, team_id: UUID, practitioner_id: UUID) -> Any:
    current = (team_memberships.c.team_id == team_id, team_memberships.c.practitioner_id == practitioner_id)
    query = sa.select(team_memberships).where(*current, team_memberships.c.to_on.is_(None))
    return work.connection.execute(query).first()


def _add_place(work: Work, team_id: UUID, practitioner_id: UUID, from_on: date) -> None:
    made = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "from_on": from_on}
    made |= {"team_id": team_id, "practitioner_id": practitioner_id}
    work.connection.execute(sa.insert(team_memberships).values(made))
