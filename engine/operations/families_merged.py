"""What two plans of one child say of the family becomes one: who is of it, and what each of them may be told."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.family_sharing import TOLD, Sharing
from engine.operations.consenting_parents import is_named
from engine.operations.family_shares import share
from engine.operations.held_letters import look_again
from engine.store import locking, siblings
from engine.store.tables.record import children, family_members, family_sharing
from engine.work import Work, open_work

_DECIDED: Final = ("told", "part", "decided_by", "reason", "competence")
_NOT_ASKED: Final = "Decided on the plan of a brother or sister, and not asked here yet"
_WHY: Final = ("decided_by", "reason", "competence")
_LOOK_HERE: Final = (
    "Two plans of the child have become one, and the other one told somebody of the family less than yours, or kept an "
    "address secret. The less holds now: look whether it is right, and at what waits for them."
)
_LOOK: Final = (
    "Two plans of a brother or sister have become one, and somebody was written into the family with it. Look at "
    "what they may be told on this plan."
)


def carry_family(closing: Work, staying: Work) -> list[Work]:
    """Write down for the plan that goes on whom only the other one has, and let what each may be told hold there.

    Known already is who has their name or a part of it, or is of the one family of both. Of all that was decided about
    somebody the strictest holds, whichever plan it was for, an address that one keeps secret is kept so, and who leads
    is asked to look at it. Whoever is new to a family is new to its other children's plans too: what is kept from them
    is kept there until somebody decides otherwise. Returns the acts on those plans, which end with this one. Raises
    `OutOfOrder`.
    """
    there = _family(staying)
    known = {row.id for row in there}
    rows = _decisions(closing)
    theirs = {row.id: [each for each in rows if _is_about(each, row, known)] for row in there}
    new = {
        _carry(staying, member): [each for each in rows if each.member_id == member.id]
        for member in _family(closing)
        if member.id not in known and not any(is_named(member.name, each.name) for each in there)
    }
    strictest = {id_: max(each, key=lambda row: TOLD.index(row.told)) for id_, each in (theirs | new).items() if each}
    if _restrain(staying, there, strictest) | _keep_secret(closing, staying, there):
        staying.changed()
        look_again(staying)
        if lead := staying.facts()["lead_professional"]:
            staying.send(UUID(lead), subject="Look at what somebody of the family may be told", body=_LOOK_HERE)
    decided = {row.id for row in there if row.told is not None}
    _share(staying, {id_: row for id_, row in strictest.items() if id_ not in decided})
    return _keep_from(closing, staying, [(id_, strictest[id_]) for id_ in new if id_ in strictest])


def _restrain(staying: Work, there: Sequence[Any], strictest: Mapping[UUID, Any]) -> bool:
    """Tell somebody no more than the stricter of both plans allows, of two parts what both do; tell whether it is less.

    What the other plan alone decided is written down for this one as it is, by the caller.
    """
    less = [row for row in there if row.id in strictest and _is_less(strictest[row.id], row)]
    for row in less:
        if row.told is None:
            continue
        held, both = strictest[row.id], strictest[row.id].told == row.told
        part = f"Only what both plans allowed: {row.part}; {held.part}" if both else held.part
        by = row if both and row.decided_by == "court" else held
        share(staying, row.id, Sharing(told=held.told, part=part, **{name: by._mapping[name] for name in _WHY}))
        payload = {"name": row.name, "why": by.reason, "competence": by.competence}
        detail = {"told": held.told, "decided_by": by.decided_by}
        staying.record("family_member_kept", subject=row.id, detail=detail, payload=payload)
    return bool(less)


def _is_less(held: Any, row: Any) -> bool:
    """Tell whether a decision lets somebody know less than what stands, or another part of it."""
    if held.told == row.told == "part":
        return bool(held.part != row.part)
    return TOLD.index(held.told) > TOLD.index(row.told or TOLD[0])


def _keep_secret(closing: Work, staying: Work, there: Sequence[Any]) -> bool:
    """Keep every address secret that the other plan keeps so, the child's too; tell whether one was not."""
    secret = [row for row in _family(closing) if row.address_secret]
    plain = [row for row in there if row.address and not row.address_secret]
    found = [row for row in plain if any(is_named(each.name, row.name) for each in secret)]
    for row in found:
        staying.connection.execute(
            sa.update(family_members).where(family_members.c.id == row.id).values(address_secret=True)
        )
        detail = {"told": row.told, "decided_by": row.decided_by} if row.told else {}
        payload = {"name": row.name, "changes": {"address_secret": {"was": False, "now": True}}}
        staying.record("family_member_kept", subject=row.id, detail=detail, payload=payload)
    both = sa.select(children.c.id, children.c.address, children.c.address_secret).where(
        children.c.id.in_([closing.case.child_id, staying.case.child_id])
    )
    child = {row.id: row for row in staying.connection.execute(both)}
    theirs, mine = child[closing.case.child_id], child[staying.case.child_id]
    if not theirs.address_secret or mine.address_secret or not mine.address:
        return bool(found)
    staying.connection.execute(sa.update(children).where(children.c.id == mine.id).values(address_secret=True))
    staying.record(
        "child_kept",
        subject=mine.id,
        detail={"changed": ["address_secret"], "expected_on": None, "address_secret": True},
        payload={"changes": {"address_secret": {"was": False, "now": True}}},
    )
    return True


def _keep_from(closing: Work, staying: Work, decided: Sequence[tuple[UUID, Any]]) -> list[Work]:
    """Keep on the plans of brothers and sisters what is kept from these people, and ask who leads each to look."""
    held = [(member_id, _beside(row), row) for member_id, row in decided if row.told != TOLD[0]]
    if held:
        look_again(staying)
    beside = set(siblings.open_cases(staying.connection, staying.case.id)) - {closing.case.id} if held else set()
    lines = locking.others(staying.connection, beside, after=max(closing.case.id, staying.case.id)) if beside else []
    works = [
        open_work(staying.engine, staying.connection, line, actor=staying.actor, at=staying.at)
        for line in lines
        if not line.closed
    ]
    for work in works:
        for member_id, sharing, row in held:
            share(work, member_id, sharing)
            detail = {"told": sharing.told, "decided_by": sharing.decided_by}
            payload = {"name": row.name, "why": sharing.reason, "competence": ""}
            work.record("family_member_kept", subject=member_id, detail=detail, payload=payload)
        if lead := work.facts()["lead_professional"]:
            work.send(UUID(lead), subject="Look at what somebody of the family may be told", body=_LOOK)
        work.changed()
    return works


def _beside(row: Any) -> Sharing:
    """Return what holds for a brother or sister: as much is kept back, and what a young person said is not told on."""
    own = row.decided_by == "young_person"
    reason = _NOT_ASKED if own else f"{_NOT_ASKED}. There: {row.reason}"
    return Sharing(told=row.told, part=row.part, decided_by="practitioner" if own else row.decided_by, reason=reason)


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
    detail = {name: held[name] for name in ("told", "decided_by")} if held["told"] else {}
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
