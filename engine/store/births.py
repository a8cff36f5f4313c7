"""Babies who were expected by now, and of whom nobody has been asked yet whether they are born."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.families import children
from engine.store.tables.keeping import history
from engine.store.tables.record import cases

ASKED: Final = "birth_asked_for"
"""The event that the birth was asked for, of the day on which the baby was expected."""
_EXPECTED = (
    sa.select(cases.c.id)
    .join(children, children.c.id == cases.c.child_id)
    .where(
        cases.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        cases.c.closed_on.is_(None),
        children.c.born_on.is_(None),
        children.c.expected_on < sa.bindparam("today", type_=sa.Date),
        ~sa.exists().where(
            history.c.case_id == cases.c.id,
            history.c.kind == ASKED,
            history.c.effective_on == children.c.expected_on,
        ),
    )
    .order_by(children.c.expected_on, cases.c.id)
)
_OF_CASE = _EXPECTED.add_columns(children.c.expected_on).where(cases.c.id == sa.bindparam("case", type_=sa.Uuid))


def overdue(connection: sa.Connection, authority_id: UUID, *, today: date) -> list[UUID]:
    """Return the open cases of an authority whose baby was expected before `today`, each once for each such day."""
    return list(connection.execute(_EXPECTED, {"authority": authority_id, "today": today}).scalars())


def was_expected(connection: sa.Connection, authority_id: UUID, case_id: UUID, *, today: date) -> date | None:
    """Return the day on which the baby of a case of `overdue` was expected, None when it is none of them any more."""
    row = connection.execute(_OF_CASE, {"authority": authority_id, "today": today, "case": case_id}).first()
    return None if row is None else row.expected_on
