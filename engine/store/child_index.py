"""Which cases a child may be known by: who asks gives names and a birthday, and two of three have to agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID

import sqlalchemy as sa

from engine.ids import IdSource
from engine.store.folding import folded
from engine.store.tables.access import case_restrictions, index_questions
from engine.store.tables.people import authorities
from engine.store.tables.record import cases, children


@dataclass(frozen=True, slots=True)
class Sought:
    """A child that somebody asks for. `day` is when they were born, or are expected; `known_as` what they go by."""

    given_name: str
    family_name: str
    day: date | None
    known_as: str = ""

    def is_meant_by(self, row: Any) -> bool:
        """Tell whether at least two of family name, given (or known-as) name and day agree with a child's `row`.

        One alone would name a dozen children; all three would miss whom somebody calls Sam and somebody else Samuel.
        """
        agree = (
            folded(self.family_name).strip() == folded(row.family_name).strip(),
            self.is_called(row),
            self.day is not None and self.day in (row.born_on, row.expected_on),
        )
        return sum(agree) >= 2

    def is_called(self, row: Any) -> bool:
        """Tell whether a child's `row` has one of the names sought as its given name, or is known as one."""
        asked, given = (
            {folded(name).strip() for name in (each.given_name, each.known_as)} - {""} for each in (self, row)
        )
        return not asked.isdisjoint(given)


def open_cases(
    connection: sa.Connection, authority_id: UUID, sought: Sought, *, sibling_of: UUID | None = None
) -> list[UUID]:
    """Return the open cases, restricted or not, of children who may be the one sought; the newest first.

    Children of the family of the case `sibling_of` are left out unless they are called as the one sought.
    """
    family = folded(sought.family_name).strip()
    likely = [children.c.folded_name.startswith(family, autoescape=True)] if family else []
    if sought.day is not None:
        likely += [children.c.born_on == sought.day, children.c.expected_on == sought.day]
    own = (cases.c.authority_id == authority_id) & (children.c.authority_id == authority_id)
    rows = connection.execute(_OPEN.where(own, sa.or_(*likely))).all()
    siblings = None if sibling_of is None else connection.execute(_FAMILY, {"case_id": sibling_of}).scalar()
    meant = (row for row in rows if siblings is None or row.family_id != siblings or sought.is_called(row))
    return _meant(meant, sought)


def restricted_cases(connection: sa.Connection, authority_id: UUID, sought: Sought) -> list[UUID]:
    """Return the restricted cases, open or closed, of children who may be the one sought.

    They are few, so that all are looked through.
    """
    return _meant(connection.execute(_RESTRICTED, {"authority": authority_id}), sought)


def keep_question(
    connection: sa.Connection,
    ids: IdSource,
    *,
    authority_id: UUID,
    practitioner_id: UUID,
    at: datetime,
    asked: Literal["search", "start"],
    restricted: Sequence[UUID],
) -> None:
    """Keep that somebody asked, never for whom: only which restricted cases answered to it."""
    connection.execute(
        sa.insert(index_questions).values(
            id=ids.new(), authority_id=authority_id, practitioner_id=practitioner_id, at=at, asked=asked,
            restricted=[str(each) for each in restricted],
        )
    )  # fmt: skip


def _meant(rows: Any, sought: Sought) -> list[UUID]:
    return [row.id for row in rows if sought.is_meant_by(row)]


_EVERY = (
    sa.select(
        cases.c.id,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        children.c.born_on,
        children.c.expected_on,
        children.c.family_id,
    )
    .join(children, children.c.id == cases.c.child_id)
    .order_by(cases.c.opened_on.desc(), cases.c.id)
)
_FAMILY = (
    sa.select(children.c.family_id)
    .join(cases, cases.c.child_id == children.c.id)
    .where(cases.c.id == sa.bindparam("case_id", type_=sa.Uuid))
)
_OPEN = _EVERY.where(cases.c.closed_on.is_(None))
_RESTRICTED = _EVERY.join(case_restrictions, case_restrictions.c.case_id == cases.c.id).where(
    cases.c.authority_id == sa.bindparam("authority"), case_restrictions.c.lifted_at.is_(None)
)
RESTRICTS = sa.exists().where(
    case_restrictions.c.authority_id == authorities.c.id, case_restrictions.c.lifted_at.is_(None)
)
"""Whether the authority of a query keeps some case restricted: few do, so that it is asked beside what is read."""
