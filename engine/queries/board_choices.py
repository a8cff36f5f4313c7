"""What somebody may choose on a board: teams, agencies, workers, stages, and the choices saved by name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.oversight import may_see_supervision
from engine.casework.permissions import Actor
from engine.casework.stages import CLOSED, ORDER
from engine.process_engine import ProcessEngine
from engine.queries import saved_lists, supervision
from engine.queries.choice import LATE, NO_LEAD, NOBODY, ONLY, Choice
from engine.queries.saved_lists import SavedList
from engine.queries.view import View, viewing
from engine.queries.words import capital, plain
from engine.store.people import holds
from engine.store.sets import among
from engine.store.tables.people import agencies, practitioners, team_memberships, teams

PLACE: Final = "overdue"
"""Under which the choices of a board are saved."""
MOST_WORKERS: Final = 300

Named = tuple[str, str]
"""A value and its words."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What may be chosen, each as a value and its words; `saved` are the choices saved by name.

    `workers_wait` tells that there are too many workers to offer them before a team or an agency is chosen.
    """

    teams: tuple[Named, ...]
    workers: tuple[Named, ...]
    agencies: tuple[Named, ...]
    stages: tuple[Named, ...]
    saved: tuple[SavedList, ...]
    unsupervised: tuple[Named, ...] = ()
    workers_wait: bool = False


def offered(engine: ProcessEngine, *, actor: Actor, choice: Choice) -> Choices:
    """Return what the actor may choose: workers are themselves and whom they manage, or those of a team or an agency.

    Who sees the whole authority is offered its case workers; of more than `MOST_WORKERS` only those of a team or an
    agency. Whoever is chosen is always among them.
    """
    with viewing(engine, actor) as view:
        return offered_in(view, choice)


def offered_in(view: View, choice: Choice) -> Choices:
    """Return the same on a view that is open."""
    wait = _must_wait(view, choice)
    return Choices(
        teams=_named(view, teams),
        workers=(*_workers(view, choice, wait), (NO_LEAD, "Nobody leads"), (NOBODY, "Nobody leads or assesses")),
        agencies=_named(view, agencies),
        stages=tuple((stage, view.said(stage)) for stage in ORDER if stage != CLOSED),
        saved=saved_lists.of_actor(view, place=PLACE),
        unsupervised=tuple((weeks, f"None for {weeks} weeks") for weeks in supervision.WEEKS)
        if may_see_supervision(view.actor)
        else (),
        workers_wait=wait,
    )


def narrowed_in(view: View, choice: Choice) -> tuple[str, ...]:
    """Say what a choice asks that no list offers: it comes from a number on the page of where cases stand."""
    said = {LATE: "Overdue or critically overdue", **ONLY}.get(choice.only, "")
    step = f"“{_step_name(view, choice.step)}” waits to be done" if choice.step else ""
    return tuple(each for each in (said, step) if each)


def _step_name(view: View, step: str) -> str:
    processes = (view.process(id_) for (kind, _), id_ in sorted(view.authority.latest.items()) if kind == "process")
    named = (info.name for each in processes if (info := each.elements.get(step)) is not None and info.name)
    return next(named, capital(plain(step)))


def _named(view: View, table: sa.Table) -> tuple[Named, ...]:
    own = (table.c.authority_id == view.actor.authority_id, table.c.closed_on.is_(None))
    query = sa.select(table.c.id, table.c.name).where(*own)
    return tuple((str(row.id), row.name) for row in view.connection.execute(query.order_by(table.c.name, table.c.id)))


def _workers(view: View, choice: Choice, wait: bool) -> tuple[Named, ...]:
    own = practitioners.c.authority_id == view.actor.authority_id
    people = sa.select(practitioners.c.id, practitioners.c.name).where(own)
    chosen = [UUID(choice.worker)] if choice.worker not in ("", NOBODY, NO_LEAD) else []
    values: dict[str, Any] = {"ids": chosen}
    those: sa.ColumnElement[bool]
    if choice.team:
        of_team = (team_memberships.c.team_id == UUID(choice.team), team_memberships.c.to_on.is_(None))
        those = practitioners.c.id.in_(sa.select(team_memberships.c.practitioner_id).where(*of_team))
    elif choice.agency:
        those = practitioners.c.agency_id == UUID(choice.agency)
    elif permissions.sees_whole_authority(view.actor):
        those = sa.false() if wait else sa.and_(*_here(view), holds(practitioners.c.id, permissions.LEADS_CASES))
    else:
        mine = {view.actor.practitioner_id, *view.actor.manages, *view.actor.covers}
        values, those = {"ids": sorted({*chosen, *mine})}, sa.false()
    named = (
        people.where(sa.or_(those, among(practitioners.c.id)))
        .order_by(practitioners.c.name, practitioners.c.id)
        .limit(MOST_WORKERS)
    )
    return tuple((str(row.id), row.name) for row in view.connection.execute(named, values))


def _must_wait(view: View, choice: Choice) -> bool:
    """Tell whether somebody who sees a whole authority of very many has chosen neither a team nor an agency."""
    if choice.team or choice.agency or not permissions.sees_whole_authority(view.actor):
        return False
    some = sa.select(practitioners.c.id).where(*_here(view)).limit(MOST_WORKERS + 1).subquery()
    return view.connection.execute(sa.select(sa.func.count()).select_from(some)).scalar_one() > MOST_WORKERS


def _here(view: View) -> tuple[sa.ColumnElement[bool], ...]:
    return practitioners.c.authority_id == view.actor.authority_id, practitioners.c.left_on.is_(None)
