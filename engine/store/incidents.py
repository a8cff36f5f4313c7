"""Incidents: what needs an operator, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store import running
from engine.store.sets import among
from engine.store.tables.running import incidents

KINDS: Final = ("timer", "step", "start", "rule", "outbox", "effect", "service", "publish")
"""What can stop, as the table has it."""


def open_incident(connection: sa.Connection, *, id_: UUID, at: datetime, message: str, kind: str, **where: Any) -> bool:
    """Open an incident, or count one more try on the open one of the same kind and place; True when it is new.

    `where` may hold authority_id (required), case_id, instance_id, timer_id, outbox_id, element_id, next_try_at, and
    `tries` for what failed several times before it became one.
    """
    place = [incidents.c[name] == where.get(name) for name in ("instance_id", "timer_id", "outbox_id", "element_id")]
    again = connection.execute(
        sa.update(incidents)
        .where(
            incidents.c.resolved_at.is_(None),
            incidents.c.kind == kind,
            incidents.c.authority_id == where["authority_id"],
            incidents.c.case_id == where.get("case_id"),
            *place,
        )
        .values(tries=incidents.c.tries + 1, message=message, next_try_at=where.get("next_try_at"))
    )
    if again.rowcount == 0:
        connection.execute(sa.insert(incidents).values(id=id_, kind=kind, message=message, opened_at=at, **where))
    if where.get("instance_id") is not None:
        running.mark_incident(connection, where["instance_id"], broken=True)
    return again.rowcount == 0


def resolve_for(connection: sa.Connection, *, at: datetime, **where: Any) -> int:
    """Resolve the open incidents at a place (e.g. `timer_id=`); return how many there were."""
    given = {f"{name}_": value for name, value in where.items()}
    return connection.execute(_resolving(tuple(where)), {"at_": at, **given}).rowcount


@lru_cache
def _resolving(names: tuple[str, ...]) -> sa.Update:
    place = [incidents.c[name] == sa.bindparam(f"{name}_") for name in names]
    return sa.update(incidents).where(incidents.c.resolved_at.is_(None), *place).values(resolved_at=sa.bindparam("at_"))


_RESOLVE_WIDE = (
    sa.update(incidents)
    .where(
        incidents.c.resolved_at.is_(None),
        incidents.c.case_id.is_(None),
        incidents.c.authority_id == sa.bindparam("authority"),
        incidents.c.kind == sa.bindparam("kind_"),
    )
    .values(resolved_at=sa.bindparam("at_"))
)


def resolve_authority_wide(connection: sa.Connection, authority_id: UUID, *, kind: str, at: datetime) -> None:
    """Resolve an authority's open incidents of `kind` that are about no one case."""
    connection.execute(_RESOLVE_WIDE, {"authority": authority_id, "kind_": kind, "at_": at})


def resolve_service(
    connection: sa.Connection, parts: Sequence[str], *, authority_id: UUID | None = None, at: datetime
) -> None:
    """Resolve the open incidents of parts of the service's own round; for all authorities when none is named."""
    given = {"parts": list(parts), "at_": at}
    if authority_id is None:
        connection.execute(_RESOLVE_SERVICE, given)
    else:
        connection.execute(_RESOLVE_SERVICE_OF_ONE, {**given, "authority": authority_id})


_RESOLVE_SERVICE = (
    sa.update(incidents)
    .where(incidents.c.resolved_at.is_(None), incidents.c.kind == "service", among(incidents.c.element_id, "parts"))
    .values(resolved_at=sa.bindparam("at_"))
)
_RESOLVE_SERVICE_OF_ONE = _RESOLVE_SERVICE.where(incidents.c.authority_id == sa.bindparam("authority"))


def resolve_starts(connection: sa.Connection, authority_id: UUID, process_keys: Sequence[str], *, at: datetime) -> None:
    """Resolve the open incidents of diagrams that could not be started, now that they are deployed anew."""
    query = sa.update(incidents).where(
        incidents.c.resolved_at.is_(None),
        incidents.c.authority_id == authority_id,
        incidents.c.kind == "start",
        incidents.c.element_id.in_(process_keys),
    )
    connection.execute(query.values(resolved_at=at))


_RESOLVE_JUDGED = (
    sa.update(incidents)
    .where(
        incidents.c.resolved_at.is_(None),
        among(incidents.c.case_id),
        incidents.c.kind.in_(("rule", "effect")),
        incidents.c.element_id.is_(None),
    )
    .values(resolved_at=sa.bindparam("at_"))
)


def resolve_judged(connection: sa.Connection, case_ids: Sequence[UUID], *, at: datetime) -> None:
    """Resolve what the sweep could not do on these cases, now that it can; what a diagram's decision met stays."""
    if case_ids:
        connection.execute(_RESOLVE_JUDGED, {"ids": list(case_ids), "at_": at})
