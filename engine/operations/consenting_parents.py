"""A parent or carer who agreed is somebody of the child's family, so that meetings can ask them."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from engine.store.tables.record import cases, children, family_members
from engine.store.writes import Insertion
from engine.work import Work


def keep_consenting_parent(work: Work, said: str) -> None:
    """Write down the parent or carer who gave consent, by the name that was `said`; nobody whom the family has already.

    Known is who has that name or a part of it ("Tess" for Tess Whitlock), or is called by what they are to the child
    ("Sam's mother" where a mother is written down); capitals and spaces do not count.
    """
    name = " ".join(said.split())
    family = work.connection.execute(_FAMILY, {"case": work.case.id}).all()
    if not name or any(_is_meant(name, each.name, each.relationship) for each in family if each.name):
        return
    member = work.engine.ids.new()
    row = {"id": member, "authority_id": work.authority.id, "family_id": family[0].family_id, "name": name}
    _INSERT.each(work.connection, [row])
    work.record("family_member_kept", subject=member)
    work.changed()


def is_named(said: str, name: str) -> bool:
    """Tell whether somebody is meant by a name or a part of it; capitals and spaces do not count."""
    words, known = (set(each.casefold().split()) for each in (said, name))
    return bool(words and known) and (words <= known or known <= words)


def _is_meant(said: str, name: str, relationship: str) -> bool:
    words, part = (set(each.casefold().split()) for each in (said, relationship))
    return is_named(said, name) or bool(part) and part <= words


_FAMILY: Final = (
    sa.select(children.c.family_id, family_members.c.name, family_members.c.relationship)
    .join(cases, cases.c.child_id == children.c.id)
    .outerjoin(family_members, family_members.c.family_id == children.c.family_id)
    .where(cases.c.id == sa.bindparam("case"))
)
_INSERT: Final = Insertion(family_members)
