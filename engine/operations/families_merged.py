"""What two plans of one child say of the family becomes one: who is of it, and what each of them may be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_sharing import TOLD
from engine.operations.consenting_parents import is_named
from engine.store.tables.record import children, family_members, family_sharing
from engine.work import Work

_DECIDED: Final = ("told", "decided_by", "reason", "competence")
_UNDECIDED: Final = {"told": "everything", "decided_by": "family"}


def carry_family(closing: Work, staying: Work) -> None:
    """Write down for the plan that goes on whom only the other one has, and let what each may be told hold there.

    Known already is who has their name or a part of it, or is of the one family of both. What was decided for the plan
    that goes on stays; of two decisions of the other plan about somebody the stricter holds.
    """
    there = _family(staying)
    known = {row.id for row in there}
    rows = _decisions(closing)
    theirs = {row.id: [each for each in rows if _is_about(each, row, known)] for row in there if row.told is None}
    for member in (each for each in _family(closing) if each.id not in known):
        if not any(is_named(member.name, each.name) for each in there):
            theirs[_carry(staying, member)] = [each for each in rows if each.member_id == member.id]
    strictest = {id_: max(each, key=lambda row: TOLD.index(row.told)) for id_, each in theirs.items() if each}
    _share(staying, strictest)


def _family(work: Work) -> list[Any]:
    """Return who is of a case's family, the first written down first, each with what was decided here: `told`."""
    here = (family_sharing.c.member_id == family_members.c.id) & (family_sharing.c.case_id == work.case.id)
    return list(
        work.connection.execute(
            sa.select(family_members, *(family_sharing.c[name] for name in _DECIDED))
            .join(children, children.c.family_id == family_members.c.family_id)
            .outerjoin(family_sharing, here & family_sharing.c.to_on.is_(None))
            .where(children.c.id == work.case.child_id)
            .order_by(family_members.c.id)
        )
    )


def _decisions(closing: Work) -> list[Any]:
    return list(
        closing.connection.execute(
            sa.select(family_sharing, family_members.c.name)
            .join(family_members, family_members.c.id == family_sharing.c.member_id)
            .where(family_sharing.c.case_id == closing.case.id, family_sharing.c.to_on.is_(None))
        )
    )


def _is_about(decision: Any, member: Any, known: Iterable[UUID]) -> bool:
    """Tell whether a decision of the other plan is about `member`: who is in another family is known by their name."""
    if decision.member_id in known:
        return bool(decision.member_id == member.id)
    return is_named(decision.name, member.name)


def _carry(staying: Work, member: Any) -> UUID:
    """Write down somebody of the other plan's family as they stand there, a secret address as secret as it was."""
    family = sa.select(children.c.family_id).where(children.c.id == staying.case.child_id).scalar_subquery()
    new = staying.engine.ids.new()
    said = {column.name: member._mapping[column.name] for column in family_members.columns}
    row = {**said, "id": new, "family_id": family}
    staying.connection.execute(sa.insert(family_members).values(**row))
    held = member._mapping
    detail = {name: held[name] or usual for name, usual in _UNDECIDED.items()}
    payload = {"name": member.name, "why": member.reason or "", "competence": member.competence or ""}
    staying.record("family_member_kept", subject=new, detail=detail, payload=payload)
    staying.changed()
    return new


def _share(staying: Work, decided: Mapping[UUID, Any]) -> None:
    copies = []
    for member_id, row in decided.items():
        held = {column.name: row._mapping[column.name] for column in family_sharing.columns}
        copies.append(held | {"id": staying.engine.ids.new(), "case_id": staying.case.id, "member_id": member_id})
    if copies:
        staying.connection.execute(sa.insert(family_sharing), copies)
