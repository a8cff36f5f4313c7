"""Keep the authority's list of what practitioners can be: add, rename, retire, take back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_authority
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.store import job_roles
from engine.store.tables.people import job_roles as rows
from engine.store.tables.people import practitioners
from engine.work import Work

LONGEST: Final = 80
MOST: Final = 300


def add(engine: ProcessEngine, *, actor: Actor, name: str) -> None:
    """Put a role on the list. Raises `NotPermitted`, `Invalid` for no name or a long one, `Conflict` when it is there.

    `Conflict` too past `MOST` roles.
    """
    with _act(engine, actor) as work:
        said = _named(work, name)
        if len(job_roles.every(work.connection, work.authority.id)) >= MOST:
            raise Conflict(f"There are {MOST} roles already", field="name")
        work.connection.execute(sa.insert(rows).values(authority_id=work.authority.id, name=said))
        work.record("job_role_added", detail={"name": said})


def rename(engine: ProcessEngine, *, actor: Actor, name: str, to: str) -> int:
    """Call a role otherwise, for all who are one; return how many they are. What was written before stays.

    Raises as `add`, `NotFound`.
    """
    with _act(engine, actor) as work:
        row = _row(work, name)
        if " ".join(to.split()) == row.name:
            raise Invalid("This is what the role is called already", field="to")
        said = _named(work, to, field="to", but=row.name)
        own = (rows.c.authority_id == work.authority.id) & (rows.c.name == row.name)
        work.connection.execute(sa.update(rows).where(own).values(name=said))
        held = (practitioners.c.authority_id == work.authority.id) & (practitioners.c.job_title == row.name)
        changed = work.connection.execute(sa.update(practitioners).where(held).values(job_title=said))
        work.record("job_role_renamed", detail={"name": row.name, "to": said, "people": changed.rowcount})
        return changed.rowcount


def retire(engine: ProcessEngine, *, actor: Actor, name: str) -> None:
    """Let nobody new be given a role; who is one stays one. Raises `NotPermitted`, `NotFound`, `Conflict`."""
    with _act(engine, actor) as work:
        row = _row(work, name)
        if row.retired_on is not None:
            raise Conflict(f"“{row.name}” is retired already", field="name")
        _retire(work, row.name, work.today)
        work.record("job_role_retired", detail={"name": row.name})


def take_back(engine: ProcessEngine, *, actor: Actor, name: str) -> None:
    """Let people be given a retired role again. Raises as `retire`."""
    with _act(engine, actor) as work:
        row = _row(work, name)
        if row.retired_on is None:
            raise Conflict(f"“{row.name}” is in use", field="name")
        _retire(work, row.name, None)
        work.record("job_role_taken_back", detail={"name": row.name})


@contextmanager
def _act(engine: ProcessEngine, actor: Actor) -> Iterator[Work]:
    if not may_keep_authority(actor):
        raise NotPermitted("An administrator keeps the list of job roles")
    with engine.sessions.act() as connection:
        work = open_staff_work(engine, connection, actor.authority_id, actor)
        yield work
        work.finish()


def _row(work: Work, name: str) -> Any:
    row = job_roles.find(work.connection, work.authority.id, name)
    if row is None:
        raise NotFound("There is no such role on the list")
    return row


def _named(work: Work, name: str, *, field: str = "name", but: str = "") -> str:
    """Return a name as it is kept. Raises `Invalid`, `Conflict` when another role than `but` has it."""
    said = " ".join(name.split())
    if not said:
        raise Invalid("Enter what the role is called", field=field)
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST} characters", field=field)
    same = job_roles.find(work.connection, work.authority.id, said)
    if same is not None and same.name != but:
        more = " It is retired: use it again below" if same.retired_on else ""
        raise Conflict(f"“{same.name}” is on the list already.{more}", field=field)
    return said


def _retire(work: Work, name: str, on: Any) -> None:
    own = (rows.c.authority_id == work.authority.id) & (rows.c.name == name)
    work.connection.execute(sa.update(rows).where(own).values(retired_on=on))
