"""The authority's list of what practitioners can be, how many are each, and who changed the list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store import job_roles
from engine.store.administration import REFERENCE
from engine.store.tables.keeping import history
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases

SHOWN: Final = 100
"""Changes that are shown, the latest first."""


@dataclass(frozen=True, slots=True)
class JobRole:
    """A role: `people` who are one and have not left; `retired_on` None while somebody can still be given it."""

    name: str
    people: int
    retired_on: date | None


@dataclass(frozen=True, slots=True)
class ListChange:
    """A change of the list, as a sentence; `by` is empty when it was done on the command line."""

    at: datetime
    by: str
    said: str


@dataclass(frozen=True, slots=True)
class JobRoles:
    """The list by name, and the latest changes of it first; `changes` only for who keeps it."""

    current: tuple[JobRole, ...]
    retired: tuple[JobRole, ...]
    changes: tuple[ListChange, ...]


def names(engine: ProcessEngine, *, actor: Actor) -> tuple[str, ...]:
    """Return the roles that somebody can be given, by name."""
    with viewing(engine, actor) as view:
        rows = job_roles.every(view.connection, actor.authority_id)
        return tuple(row.name for row in rows if row.retired_on is None)


def read(engine: ProcessEngine, *, actor: Actor) -> JobRoles:
    """Return the list with its changes. Raises `NotPermitted`."""
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator keeps the list of job roles")
    with viewing(engine, actor) as view:
        held = _held(view)
        rows = job_roles.every(view.connection, actor.authority_id)
        roles = [JobRole(row.name, held.get(row.name, 0), row.retired_on) for row in rows]
        return JobRoles(
            tuple(each for each in roles if each.retired_on is None),
            tuple(each for each in roles if each.retired_on is not None),
            _changes(view),
        )


def _held(view: View) -> Mapping[str, int]:
    query = (
        sa.select(practitioners.c.job_title, sa.func.count())
        .where(practitioners.c.authority_id == view.actor.authority_id, practitioners.c.left_on.is_(None))
        .group_by(practitioners.c.job_title)
    )
    return dict(view.connection.execute(query).all())


def _changes(view: View) -> tuple[ListChange, ...]:
    rows = view.connection.execute(
        sa.select(history.c.recorded_at, history.c.kind, history.c.detail, practitioners.c.name)
        .join(cases, cases.c.id == history.c.case_id)
        .outerjoin(practitioners, practitioners.c.id == history.c.practitioner_id)
        .where(
            cases.c.authority_id == view.actor.authority_id,
            cases.c.reference == REFERENCE,
            history.c.kind.in_(sorted(_SAID)),
        )
        .order_by(history.c.seq.desc())
        .limit(SHOWN)
    )
    return tuple(ListChange(row.recorded_at, row.name or "", _sentence(row.kind, row.detail)) for row in rows)


def _sentence(kind: str, detail: Mapping[str, Any]) -> str:
    return _SAID[kind].format(name=detail["name"], to=detail.get("to", ""))


_SAID: Final = {
    "job_role_added": "Added “{name}”",
    "job_role_renamed": "Called “{name}” “{to}”",
    "job_role_retired": "Retired “{name}”",
    "job_role_taken_back": "Took “{name}” into use again",
}
