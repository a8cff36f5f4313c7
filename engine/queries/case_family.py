"""The child's family as a case's page shows them, and what each may be told of this child's case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.child_facts import NEEDS
from engine.casework.family_sharing import Sharing, sentence
from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.relatives import FAMILY_OF_CASE, SHARING, sharing_of
from engine.store.tables.record import cases, children, family_members, family_sharing


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """Somebody of the child's family, and what they may be told (`sharing`, in words `told_sentence`).

    `told_sentence` is empty and `decided_on` None while nothing was decided: they may be told what the consent covers.
    `address` is empty for those who need not know a secret one.
    """

    member_id: UUID
    name: str
    relationship: str
    parental_responsibility: bool
    phone: str
    email: str
    address: str
    address_secret: bool
    first_language: str
    interpreter: str
    access_needs: str
    sharing: Sharing
    told_sentence: str
    decided_on: date | None


def family_of(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[UUID, str]:
    """Return the family of a child whose case the actor may see, and the child's name. Raises `NotFound`."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        child = view.connection.execute(
            sa.select(children.c.family_id, children.c.given_name, children.c.family_name, children.c.known_as)
            .join(cases, cases.c.child_id == children.c.id)
            .where(cases.c.id == case_id)
        ).first()
    if child is None:
        raise NotFound("There is no such case", case_id=case_id)
    return child.family_id, words.child_name(child.given_name, child.family_name, child.known_as)


def of_case(view: View, case_id: UUID, *, closest: bool) -> tuple[FamilyMember, ...]:
    """Return the child's family; a secret address only to who is `closest` to the case."""
    rows = view.connection.execute(_FAMILY, {"case": case_id})
    return tuple(_member(row, closest=closest) for row in rows)


_FAMILY = (
    sa.select(family_members, *SHARING, family_sharing.c.from_on)
    .select_from(FAMILY_OF_CASE)
    .where(cases.c.id == sa.bindparam("case"), family_members.c.id.is_not(None))
    .order_by(family_members.c.id)
)
BY_CASE: Final = (_FAMILY,)


def _member(row: Any, *, closest: bool) -> FamilyMember:
    sharing = sharing_of(row)
    return FamilyMember(
        member_id=row.id,
        name=row.name,
        relationship=row.relationship,
        parental_responsibility=row.parental_responsibility,
        phone=row.phone,
        email=row.email,
        address=row.address if closest or not row.address_secret else "",
        address_secret=row.address_secret,
        **{name: row._mapping[name] for name in NEEDS},
        sharing=sharing,
        told_sentence=sentence(sharing) if row.told is not None else "",
        decided_on=row.from_on,
    )
