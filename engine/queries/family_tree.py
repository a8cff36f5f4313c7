"""How those of a family are related, for a picture of it and the list that says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.casework.kinship import CHILDREN, standing
from engine.queries.case_family import FamilyMember
from engine.queries.case_people import ChildRecord
from engine.queries.siblings import Sibling

_CHILD: Final = "the child this case is for"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kinsman:
    """Somebody in the picture: their `row` (0 grandparents, 1 parents and carers, 2 children), `relationship` in words.

    `sex` is of `casework.child_facts.SEXES`; `related` draws a line to the child; `is_child` is who the case is for.
    """

    name: str
    relationship: str
    row: int
    sex: str
    related: bool
    parental_responsibility: bool = False
    is_child: bool = False


def kin_of(child: ChildRecord, siblings: Sequence[Sibling]) -> tuple[Kinsman, ...]:
    """Return everybody of a family by row, in each as they are kept; the child before brothers and sisters."""
    named = {each.child_name.casefold() for each in siblings}
    kin = [_member(each) for each in child.family if each.name.casefold() not in named]
    kin.append(
        Kinsman(name=child.name, relationship=_CHILD, row=CHILDREN, sex=child.sex, related=True, is_child=True)
    )
    kin += [_sibling(each) for each in siblings]
    return tuple(sorted(kin, key=lambda each: (each.row, not each.related, not each.is_child)))


def _member(member: FamilyMember) -> Kinsman:
    place = standing(member.relationship)
    return Kinsman(
        name=member.name,
        relationship=member.relationship or "of the family",
        row=place.row,
        sex=place.sex,
        related=place.related,
        parental_responsibility=member.parental_responsibility,
    )


def _sibling(sibling: Sibling) -> Kinsman:
    return Kinsman(
        name=sibling.child_name, relationship="brother or sister", row=CHILDREN, sex="unknown", related=True
    )
