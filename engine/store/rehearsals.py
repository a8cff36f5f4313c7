"""Read and write rehearsals: what runs and is to be tried, what came of each, and what was chosen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import NotFound
from engine.store.sets import among
from engine.store.tables.rehearsals import rehearsal_cases, rehearsal_files, rehearsal_kinds, rehearsals
from engine.store.tables.running import definitions, instances, offered_groups, task_drafts, user_tasks
from engine.store.writes import Insertion

_INSERT_CASES = Insertion(rehearsal_cases)
_RUNS: Final = instances.c.status != sa.literal_column("'ended'")


def insert(connection: sa.Connection, row: Mapping[str, Any], files: Mapping[str, bytes]) -> None:
    """Write a rehearsal that begins, with the texts it is of (name -> content)."""
    connection.execute(sa.insert(rehearsals).values(**row))
    for file, source in sorted(files.items()):
        connection.execute(sa.insert(rehearsal_files).values(rehearsal_id=row["id"], file=file, source=source))


def read(connection: sa.Connection, authority_id: UUID, rehearsal_id: UUID, *, lock: bool = False) -> sa.Row[Any]:
    """Return a rehearsal's row, locked if asked. Raises `NotFound`."""
    query = sa.select(rehearsals).where(rehearsals.c.id == rehearsal_id, rehearsals.c.authority_id == authority_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("There is no such rehearsal", rehearsal_id=rehearsal_id)
    return row


def is_at(connection: sa.Connection, rehearsal_id: UUID, seen_until: UUID | None) -> bool:
    """Lock a rehearsal, and tell whether it is under way and has come as far as `seen_until`, no farther."""
    query = sa.select(rehearsals.c.state, rehearsals.c.seen_until).where(rehearsals.c.id == rehearsal_id)
    row = connection.execute(query.with_for_update()).first()
    return row is not None and (row.state, row.seen_until) == ("running", seen_until)


def files_of(connection: sa.Connection, rehearsal_id: UUID) -> dict[str, bytes]:
    """Return the texts that are rehearsed: name -> content."""
    query = sa.select(rehearsal_files).where(rehearsal_files.c.rehearsal_id == rehearsal_id)
    return {row.file: row.source for row in connection.execute(query)}


def running(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the rehearsals under way, of all authorities, the one that began first at first."""
    return list(connection.execute(_RUNNING))


def unmoved(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the rehearsals that have ended and whose cases have not been moved, of all authorities."""
    return list(connection.execute(_UNMOVED))


def not_moved(connection: sa.Connection, authority_id: UUID) -> list[sa.Row[Any]]:
    """Return an authority's rehearsals whose cases have not been moved, under way or ended."""
    own = (rehearsals.c.authority_id == authority_id) & rehearsals.c.moved_at.is_(None)
    return list(connection.execute(sa.select(rehearsals).where(own)))


def case_row(connection: sa.Connection, authority_id: UUID, row_id: UUID) -> sa.Row[Any]:
    """Return an instance that was tried, with its kind and rehearsal. Raises `NotFound`."""
    query: sa.Select[Any] = (
        sa.select(
            rehearsal_cases.c.case_id, rehearsal_cases.c.instance_id, rehearsal_kinds.c.rehearsal_id,
            rehearsal_kinds.c.process_key, rehearsal_kinds.c.verdict, rehearsal_kinds.c.remarks,
        )
        .join(rehearsal_kinds, rehearsal_kinds.c.id == rehearsal_cases.c.kind_id)
        .where(rehearsal_cases.c.id == row_id, rehearsal_cases.c.authority_id == authority_id)
    )  # fmt: skip
    row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such case")
    return row


_RUNNING = (
    sa.select(rehearsals)
    .where(rehearsals.c.state == sa.literal_column("'running'"))
    .order_by(rehearsals.c.begun_at, rehearsals.c.id)
)
_UNMOVED = (
    sa.select(rehearsals)
    .where(rehearsals.c.state == sa.literal_column("'done'"), rehearsals.c.moved_at.is_(None))
    .order_by(rehearsals.c.ended_at, rehearsals.c.id)
)


def change(connection: sa.Connection, rehearsal_id: UUID, **values: Any) -> None:
    """Write columns of a rehearsal."""
    connection.execute(sa.update(rehearsals).where(rehearsals.c.id == rehearsal_id).values(**values))


def remove(connection: sa.Connection, rehearsal_id: UUID) -> None:
    """Take a rehearsal away with all that came of it."""
    kinds = sa.select(rehearsal_kinds.c.id).where(rehearsal_kinds.c.rehearsal_id == rehearsal_id)
    connection.execute(sa.delete(rehearsal_cases).where(rehearsal_cases.c.kind_id.in_(kinds)))
    for part in (rehearsal_kinds, rehearsal_files):
        connection.execute(sa.delete(part).where(part.c.rehearsal_id == rehearsal_id))
    connection.execute(sa.delete(rehearsals).where(rehearsals.c.id == rehearsal_id))


def how_many(
    connection: sa.Connection, authority_id: UUID, keys: Iterable[str], *, but: Iterable[UUID] = (),
    only: Collection[UUID] | None = None,
) -> int:  # fmt: skip
    """Return how many instances of the processes run, `only` these, those of the versions in `but` left out."""
    query = sa.select(sa.func.count()).where(*_of(authority_id, keys), *_those(but, only))
    return connection.execute(query, {"only": list(only or ())}).scalar() or 0


def after(
    connection: sa.Connection, authority_id: UUID, keys: Iterable[str], last: UUID | None, *, limit: int,
    but: Iterable[UUID] = (), only: Collection[UUID] | None = None,
) -> list[sa.Row[Any]]:  # fmt: skip
    """Return what `how_many` counts, with the states, in the order of the ids after `last`."""
    columns = [instances.c[name] for name in ("id", "case_id", "definition_id", "process_key", "state")]
    those = (*_of(authority_id, keys), *_those(but, only))
    query = sa.select(*columns).where(*those).order_by(instances.c.id).limit(limit)
    query = query if last is None else query.where(instances.c.id > last)
    return list(connection.execute(query, {"only": list(only or ())}))


def begun_since(connection: sa.Connection, authority_id: UUID, keys: Iterable[str], at: datetime) -> int:
    """Return how many running instances of the processes began after an instant (aware UTC)."""
    query = sa.select(sa.func.count()).where(*_of(authority_id, keys), instances.c.started_at > at)
    return connection.execute(query).scalar() or 0


def _those(but: Iterable[UUID], only: Collection[UUID] | None) -> tuple[sa.ColumnElement[bool], ...]:
    given = () if only is None else (among(instances.c.id, "only"),)
    return (instances.c.definition_id.not_in(list(but)), *given)


def _of(authority_id: UUID, keys: Iterable[str]) -> tuple[sa.ColumnElement[bool], ...]:
    return instances.c.authority_id == authority_id, instances.c.process_key.in_(sorted(keys)), _RUNS


def open_tasks(connection: sa.Connection, instance_ids: Sequence[UUID]) -> list[sa.Row[Any]]:
    """Return the open tasks of instances."""
    return list(connection.execute(_OPEN, {"ids": list(instance_ids)}))


def done_tasks(connection: sa.Connection, instance_ids: Sequence[UUID]) -> dict[UUID, set[tuple[str, str]]]:
    """Return the tasks that were done in each of the instances: process key, element id."""
    found: dict[UUID, set[tuple[str, str]]] = {instance_id: set() for instance_id in instance_ids}
    for row in connection.execute(_DONE, {"ids": list(instance_ids)}):
        found[row.instance_id].add((row.process_key, row.element_id))
    return found


def drafted(connection: sa.Connection, task_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Return what has been typed into each of the tasks that somebody has begun, over all its drafts."""
    found: dict[UUID, dict[str, Any]] = {}
    for row in connection.execute(_DRAFTED, {"ids": list(task_ids)}):
        found.setdefault(row.task_id, {}).update(row.answers)
    return found


_OPEN = sa.select(
    user_tasks.c.id, user_tasks.c.instance_id, user_tasks.c.process_key, user_tasks.c.element_id, user_tasks.c.form_id,
    user_tasks.c.assignee_id, user_tasks.c.candidate_groups, user_tasks.c.version, user_tasks.c.variables,
).where(among(user_tasks.c.instance_id), user_tasks.c.state == sa.literal_column("'open'"))  # fmt: skip
_DONE = (
    sa.select(user_tasks.c.instance_id, user_tasks.c.process_key, user_tasks.c.element_id)
    .where(among(user_tasks.c.instance_id), user_tasks.c.state == sa.literal_column("'completed'"))
    .distinct()
)
_DRAFTED = (
    sa.select(task_drafts.c.task_id, task_drafts.c.answers)
    .where(among(task_drafts.c.task_id))
    .order_by(task_drafts.c.revision)
)


def change_task(connection: sa.Connection, task_id: UUID, values: Mapping[str, Any]) -> None:
    """Write columns of an open task; with other groups it stands in their queues from now on."""
    connection.execute(sa.update(user_tasks).where(user_tasks.c.id == task_id).values(**values))
    if "candidate_groups" in values:
        connection.execute(sa.delete(offered_groups).where(offered_groups.c.task_id == task_id))
        own = sa.select(user_tasks.c.authority_id).where(user_tasks.c.id == task_id).scalar_subquery()
        for group in sorted(values["candidate_groups"])[1:]:
            connection.execute(sa.insert(offered_groups).values(task_id=task_id, authority_id=own, queue=group))


def kinds(connection: sa.Connection, rehearsal_id: UUID) -> list[sa.Row[Any]]:
    """Return the kinds of a rehearsal, each with its `number_of` cases, in the order they were met."""
    # JSON has no equality on PostgreSQL, so that it cannot be grouped by: the count stands apart.
    counted = (
        sa.select(rehearsal_cases.c.kind_id, sa.func.count().label("number_of"))
        .group_by(rehearsal_cases.c.kind_id)
        .subquery()
    )
    query = (
        sa.select(rehearsal_kinds, sa.func.coalesce(counted.c.number_of, 0).label("number_of"))
        .outerjoin(counted, counted.c.kind_id == rehearsal_kinds.c.id)
        .where(rehearsal_kinds.c.rehearsal_id == rehearsal_id)
        .order_by(rehearsal_kinds.c.number)
    )
    return list(connection.execute(query))


def insert_kinds(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write kinds that were met for the first time."""
    if rows:
        connection.execute(sa.insert(rehearsal_kinds), list(rows))


def insert_cases(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write instances that were tried."""
    _INSERT_CASES.each(connection, rows)


def choose_kind(connection: sa.Connection, kind_id: UUID, *, choice: str, targets: Mapping[str, Any]) -> None:
    """Keep what was chosen for all cases of a kind."""
    which = sa.update(rehearsal_kinds).where(rehearsal_kinds.c.id == kind_id)
    connection.execute(which.values(choice=choice, targets=dict(targets)))


def choose_case(
    connection: sa.Connection, row_id: UUID, *, choice: str, targets: Mapping[str, Any], by: UUID
) -> None:
    """Keep what was chosen for one case."""
    which = sa.update(rehearsal_cases).where(rehearsal_cases.c.id == row_id)
    connection.execute(which.values(choice=choice, targets=dict(targets), chosen_by=by))


def cases_of(connection: sa.Connection, rehearsal_id: UUID) -> list[sa.Row[Any]]:
    """Return the instances that were tried, with what was chosen for each and for its kind, by case."""
    query = (
        sa.select(
            rehearsal_cases, rehearsal_kinds.c.number, rehearsal_kinds.c.process_key, rehearsal_kinds.c.verdict,
            rehearsal_kinds.c.choice.label("kind_choice"), rehearsal_kinds.c.targets.label("kind_targets"),
        )
        .join(rehearsal_kinds, rehearsal_kinds.c.id == rehearsal_cases.c.kind_id)
        .where(rehearsal_kinds.c.rehearsal_id == rehearsal_id)
        .order_by(rehearsal_cases.c.case_id, rehearsal_cases.c.instance_id)
    )  # fmt: skip
    return list(connection.execute(query))


def behind(
    connection: sa.Connection, authority_id: UUID, newest: Mapping[str, UUID]
) -> list[sa.Row[Any]]:
    """Return the running instances (id, case_id, process_key) that are not on the `newest` version of their process."""
    columns = (instances.c.id, instances.c.case_id, instances.c.process_key)
    query = sa.select(*columns).where(*_of(authority_id, newest)).order_by(instances.c.case_id, instances.c.id)
    return list(connection.execute(query.where(instances.c.definition_id.not_in(list(newest.values())))))


def newest_texts(connection: sa.Connection, authority_id: UUID) -> dict[str, str]:
    """Return the hash of the text in force of each definition, by "kind key"."""
    query = (
        sa.select(definitions.c.kind, definitions.c.key, definitions.c.hash)
        .where(definitions.c.authority_id == authority_id)
        .order_by(definitions.c.version)
    )
    return {f"{row.kind} {row.key}": row.hash for row in connection.execute(query)}


def mark_moved(connection: sa.Connection, rehearsal_id: UUID, *, batch_id: UUID | None, at: datetime) -> bool:
    """Keep that the cases of a rehearsal move in a batch; False when they did before."""
    free = (rehearsals.c.id == rehearsal_id) & rehearsals.c.moved_at.is_(None)
    moved = sa.update(rehearsals).where(free).values(moved_at=at, batch_id=batch_id)
    return connection.execute(moved).rowcount == 1
