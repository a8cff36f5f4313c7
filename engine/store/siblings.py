"""The cases of a child's brothers and sisters: the same family, another child."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.store.tables.record import cases, children

WHOLE_FAMILY: Final = "family"
"""What is chosen instead of a case to mean every brother and sister who has one, whoever may see it."""


def open_cases(connection: sa.Connection, case_id: UUID) -> Sequence[UUID]:
    """Return the ids of the open cases of the child's brothers and sisters, whoever may see them."""
    return connection.execute(sa.select(cases.c.id).where(_theirs(case_id)).join(children)).scalars().all()


def with_names(connection: sa.Connection, case_id: UUID) -> list[Any]:
    """Return the open cases of the child's brothers and sisters with their names and birthdays, the oldest first."""
    named = sa.select(
        cases.c.id, children.c.given_name, children.c.family_name, children.c.known_as, children.c.born_on
    )
    rows = named.join(children).where(_theirs(case_id))
    return list(connection.execute(rows.order_by(children.c.born_on.is_(None), children.c.born_on, cases.c.id)))


def _theirs(case_id: UUID) -> sa.ColumnElement[bool]:
    mine = children.alias("mine")
    own = cases.alias("own")
    family = sa.select(mine.c.family_id).join(own, own.c.child_id == mine.c.id).where(own.c.id == case_id)
    child = sa.select(own.c.child_id).where(own.c.id == case_id)
    return sa.and_(
        children.c.family_id == family.scalar_subquery(),
        children.c.id != child.scalar_subquery(),
        cases.c.closed_on.is_(None),
    )
