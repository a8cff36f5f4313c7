"""Drafts of tasks, revision after revision: what is newest, and what was typed on top of an older one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.running import task_drafts

YOUNG: Final = timedelta(minutes=10)
"""How long a draft that saves itself is written again, before it becomes a revision of its own."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One revision; `begun_at` is None of one that somebody saved themselves. `base` names exactly this writing."""

    id: UUID
    practitioner_id: UUID
    revision: int
    saves: int
    answers: Mapping[str, Any]
    begun_at: datetime | None
    saved_at: datetime
    aside: bool

    @property
    def base(self) -> str:
        """Return what a page shows it was made from, to be sent back with what is typed."""
        return base_of(self.revision, self.saves)


NOTHING: Final = "0"
"""The base of a page that was made from no draft."""


def base_of(revision: int, saves: int) -> str:
    """Return the base of a page made from a revision written `saves` times."""
    return f"{revision}.{saves}"


def is_past(base: str, last: Draft | None) -> bool:
    """Tell whether something was saved since a page was made from `base`: then it may not simply take its place."""
    return base != (NOTHING if last is None else last.base)


def newest(connection: sa.Connection, task_id: UUID) -> Draft | None:
    """Return the draft of a task: its newest revision that is not aside."""
    return _first(connection, task_id, task_drafts.c.aside.is_(False))


def aside_of(connection: sa.Connection, task_id: UUID, practitioner_id: UUID) -> Draft | None:
    """Return what somebody typed on top of an older draft, and nobody has brought together with the newest yet."""
    return _first(connection, task_id, task_drafts.c.aside.is_(True), task_drafts.c.practitioner_id == practitioner_id)


def asides(connection: sa.Connection, task_id: UUID) -> list[Draft]:
    """Return all that waits to be brought together with a task's draft, the oldest first."""
    rows = connection.execute(
        sa.select(*_COLUMNS)
        .where(task_drafts.c.task_id == task_id, task_drafts.c.aside.is_(True))
        .order_by(task_drafts.c.revision)
    )
    return [Draft(**row._mapping) for row in rows]


def _first(connection: sa.Connection, task_id: UUID, *conditions: sa.ColumnElement[bool]) -> Draft | None:
    row = connection.execute(
        sa.select(*_COLUMNS)
        .where(task_drafts.c.task_id == task_id, *conditions)
        .order_by(task_drafts.c.revision.desc())
        .limit(1)
    ).first()
    return Draft(**row._mapping) if row else None


_COLUMNS = tuple(task_drafts.c[name] for name in Draft.__dataclass_fields__)


def add(
    connection: sa.Connection,
    *,
    id_: UUID,
    authority_id: UUID,
    task_id: UUID,
    by: UUID,
    answers: Mapping[str, Any],
    at: datetime,
    by_itself: bool = False,
    aside: bool = False,
) -> Draft:
    """Write the next revision of a task's draft; `by_itself` lets it be written again while it is young."""
    last = sa.select(sa.func.max(task_drafts.c.revision)).where(task_drafts.c.task_id == task_id)
    revision = (connection.execute(last).scalar() or 0) + 1
    begun_at = at if by_itself else None
    draft = Draft(id_, by, revision, 1, dict(answers), begun_at, at, aside)
    values = {name: getattr(draft, name) for name in Draft.__dataclass_fields__}
    connection.execute(sa.insert(task_drafts).values(task_id=task_id, authority_id=authority_id, **values))
    return draft


def write_again(connection: sa.Connection, draft: Draft, answers: Mapping[str, Any], *, at: datetime) -> Draft:
    """Write a revision again, in place of what it held."""
    connection.execute(
        sa.update(task_drafts)
        .where(task_drafts.c.id == draft.id)
        .values(answers=dict(answers), saved_at=at, saves=draft.saves + 1)
    )
    return Draft(
        draft.id, draft.practitioner_id, draft.revision, draft.saves + 1, answers, draft.begun_at, at, draft.aside
    )


def may_be_written_again(draft: Draft, *, by: UUID, at: datetime) -> bool:
    """Tell whether `draft` is somebody's own, saved itself, and is still young."""
    return draft.practitioner_id == by and draft.begun_at is not None and at - draft.begun_at < YOUNG


def settle(connection: sa.Connection, task_id: UUID, practitioner_id: UUID) -> None:
    """Make what somebody typed aside ordinary earlier revisions: it has been brought together with the draft."""
    mine = (task_drafts.c.task_id == task_id) & (task_drafts.c.practitioner_id == practitioner_id)
    connection.execute(sa.update(task_drafts).where(mine, task_drafts.c.aside.is_(True)).values(aside=False))
