"""Keep the authority's agencies and teams until they close, and from when to when somebody is in one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
from engine.store.tables.worklists import saved_lists
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
        _require_open(agency, "agency_id")
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


def close(engine: ProcessEngine, *, actor: Actor, id_: UUID, to: UUID | None) -> int:
    """Close a team or an agency today, and return how many people go over to `to`, another of its kind.

    Its people keep their tasks, their cases and what they did here; what history says of it stays. Lists and boards
    that were shared with a team are shared with the other. An agency's own teams have to be closed first. Raises as
    `add_agency`, `NotFound`, `Invalid` where there are people and no `to`, `Conflict` when it is closed already.
    """
    with _act(engine, actor) as work:
        table = teams if _find(work, teams, id_) else agencies
        row = _find(work, table, id_)
        if row is None:
            raise NotFound("There is no such team", id_=id_)
        if row.closed_on is not None:
            raise Conflict(f"“{row.name}” is closed already", field="heir_id")
        other = _heir(work, table, row, to)
        moved = _move_team(work, row, other) if table is teams else _move_agency(work, row, other)
        work.connection.execute(sa.update(table).where(table.c.id == id_).values(closed_on=work.today))
        said = {"name": row.name, "to": other.name if other and moved else "", "people": moved}
        _record_state(work, "team_closed" if table is teams else "agency_closed", id_, said)
        return moved


def reopen(engine: ProcessEngine, *, actor: Actor, id_: UUID) -> None:
    """Let people be put in a closed team or agency again; who went elsewhere stays there. Raises as `close`."""
    with _act(engine, actor) as work:
        table = teams if _find(work, teams, id_) else agencies
        row = _find(work, table, id_)
        if row is None:
            raise NotFound("There is no such team", id_=id_)
        if row.closed_on is None:
            raise Conflict(f"“{row.name}” is not closed", field="to")
        if table is teams and _find(work, agencies, row.agency_id).closed_on is not None:
            raise Conflict("Its agency is closed: open that first", field="to")
        work.connection.execute(sa.update(table).where(table.c.id == id_).values(closed_on=None))
        _record_state(work, "team_reopened" if table is teams else "agency_reopened", id_, {"name": row.name})


def _record_state(
    work: Work,
    kind: Literal["team_closed", "agency_closed", "team_reopened", "agency_reopened"],
    id_: UUID,
    detail: Mapping[str, Any],
) -> None:
    work.record(kind, subject=id_, detail=detail)


def _heir(work: Work, table: sa.Table, row: Any, to: UUID | None) -> Any:
    """Return who takes over, None when nobody is chosen. Raises `Invalid` for itself and for one that is closed."""
    if to is None:
        return None
    other = _row(work, table, to, "Choose from the list", "heir_id")
    if other.id == row.id or other.closed_on is not None:
        raise Invalid("Choose one that stays open", field="heir_id")
    return other


_WHERE_TO: Final = "Choose where its people go"


def _move_team(work: Work, team: Any, other: Any) -> int:
    """End every place in a team today, and give each person one in the other; return how many they are."""
    current = (team_memberships.c.team_id == team.id, team_memberships.c.to_on.is_(None))
    people = work.connection.execute(sa.select(team_memberships.c.practitioner_id).where(*current)).scalars().all()
    if people and other is None:
        raise Invalid(_WHERE_TO, field="heir_id")
    work.connection.execute(sa.update(team_memberships).where(*current).values(to_on=work.today))
    for practitioner_id in people:
        if _place(work, other.id, practitioner_id) is None:
            _add_place(work, other.id, practitioner_id, work.today)
    shared = sa.update(saved_lists).where(saved_lists.c.team_id == team.id)
    work.connection.execute(shared.values(team_id=None if other is None else other.id))
    return len(people)


def _move_agency(work: Work, agency: Any, other: Any) -> int:
    """Let everybody who works for an agency work for the other; return how many they are."""
    kept = (teams.c.agency_id == agency.id, teams.c.closed_on.is_(None))
    if work.connection.execute(sa.select(teams.c.id).where(*kept).limit(1)).first() is not None:
        raise Invalid("Close its teams first, so that you say where the people of each go", field="heir_id")
    current = (practitioners.c.agency_id == agency.id, practitioners.c.left_on.is_(None))
    number: int = work.connection.execute(sa.select(sa.func.count()).where(*current)).scalar_one()
    if number and other is None:
        raise Invalid(_WHERE_TO, field="heir_id")
    if other is not None:
        work.connection.execute(sa.update(practitioners).where(*current).values(agency_id=other.id))
    return number


def join(
    engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID | None, team_id: UUID | None, from_on: date
) -> None:
    """Put somebody in a team from a day on, today at the latest. Raises as `add_agency`, `NotFound`."""
    with _act(engine, actor) as work:
        team = _row(work, teams, team_id, "Choose a team", "team_id")
        person = _row(work, practitioners, practitioner_id, "Choose who joins", "practitioner_id")
        if person.left_on is not None:
            raise Invalid(f"{person.name} has left", field="practitioner_id")
        _require_open(team, "team_id")
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


def _require_open(row: Any, field: str) -> None:
    if row.closed_on is not None:
        raise Conflict(f"“{row.name}” is closed. Open it again first", field=field)


def _name(work: Work, table: sa.Table, id_: UUID) -> str:
    return str(work.connection.execute(sa.select(table.c.name).where(table.c.id == id_)).scalar_one())


def _named(work: Work, table: sa.Table, name: str, *, field: str = "name", but: UUID | None = None) -> str:
    """Return a name as it is kept. Raises `Invalid`, `Conflict` when another than `but` has it."""
    said = " ".join(name.split())
    if not said:
        raise Invalid("Enter the name", field=field)
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters", field=field)
    own = sa.select(table.c.id, table.c.name, table.c.closed_on).where(table.c.authority_id == work.authority.id)
    for row in work.connection.execute(own):
        if row.name.casefold() == said.casefold() and row.id != but:
            more = ". It is closed: open it again" if row.closed_on else ""
            raise Conflict(f"There is “{row.name}” already{more}", field=field)
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
