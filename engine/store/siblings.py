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
    return connection.execute(_OPEN, {"case": case_id}).scalars().all()


def with_names(connection: sa.Connection, case_id: UUID) -> list[Any]:
    """Return the open cases of the child's brothers and sisters with their names and birthdays, the oldest first."""
    return list(connection.execute(_NAMED, {"case": case_id}))


_own, _mine = cases.alias("own"), children.alias("mine")
_CASE: sa.BindParameter[UUID] = sa.bindparam("case", type_=sa.Uuid)
_THEIRS = sa.and_(
    children.c.family_id
    == sa.select(_mine.c.family_id)
    .join(_own, _own.c.child_id == _mine.c.id)
    .where(_own.c.id == _CASE)
    .scalar_subquery(),
    children.c.id != sa.select(_own.c.child_id).where(_own.c.id == _CASE).scalar_subquery(),
    cases.c.closed_on.is_(None),
)
_OPEN = sa.select(cases.c.id).join(children).where(_THEIRS)
_NAMED = (
    sa.select(cases.c.id, children.c.given_name, children.c.family_name, children.c.known_as, children.c.born_on)
    .join(children)
    .where(_THEIRS)
    .order_by(children.c.born_on.is_(None), children.c.born_on, cases.c.id)
)
