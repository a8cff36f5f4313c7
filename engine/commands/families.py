"""Who is of a child's family, where they live, what each may be told; when a baby is expected, and that it is born."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any, Final, TypeVar
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.casework import permissions
from engine.casework.child_facts import About as About  # noqa: PLC0414 - for who calls
from engine.casework.child_facts import Birth as Birth  # noqa: PLC0414 - for who calls
from engine.casework.child_facts import Member as Member  # noqa: PLC0414 - for who calls
from engine.casework.family_sharing import Sharing, may_see_secret_address
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.operations.competence import too_young
from engine.operations.consenting_parents import is_named
from engine.operations.family_shares import decided, share
from engine.operations.held_letters import look_again
from engine.operations.messages import tell_members
from engine.process_engine import ProcessEngine
from engine.store import locking, relations, requests
from engine.store.folding import folded_from
from engine.store.requests import Request
from engine.store.tables.record import children, family_members
from engine.work import Work, open_work, require_on_case

_MOVED: Final = frozenset({"address", "address_secret"})
_NOT_YOURS = "Who leads or assesses, their line manager or a coordinator keeps this"


_THEIR_OWN = (
    "The young person decided this, and was judged to understand. The family cannot decide otherwise for them: ask the "
    "young person"
)
Value = TypeVar("Value", Member, Sharing, Birth, About)


class KnownAlready(Invalid):
    """Somebody of this name is of the family already; details say `members`: each one's id, name and relationship."""


def keep_member(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    member_id: UUID | None,
    member: Member,
    sharing: Sharing | None,
    somebody_else: bool = False,
    request_key: str | None = None,
) -> UUID:
    """Keep somebody of the child's family (None: somebody new) and what they may be told of this case; return their id.

    Without `sharing` nothing is decided: what was decided before holds, or that nothing was.
    Somebody new whose name the family has already is refused with `KnownAlready`, unless it is said that they are
    `somebody_else` of that name. Earlier decisions stay in the record, with their days. A repeated `request_key`
    changes nothing more. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` with `errors` for
    each field.
    """
    member, sharing = _trimmed(member), _trimmed(sharing) if sharing else None
    wrong = member.faults | (sharing.faults if sharing else {})
    if wrong:
        raise Invalid("Some answers are missing or wrong", errors=wrong)
    sent = [member_id, asdict(member), asdict(sharing) if sharing else None]
    request = requests.asked(actor, request_key, "keep a family member", about=case_id, content=sent)
    with engine.sessions.act() as connection:
        work = _opened(engine, connection, actor, case_id, request)
        first = requests.answered(connection, request)
        if first is not None and first.subject_id is not None:
            return first.subject_id
        if sharing is not None:
            _require_theirs(work, member_id, sharing)
            _require_age(work, member_id, sharing)
        if member_id is None and not somebody_else:
            _require_new(work, member.name)
        kept, changed = _keep(work, member_id, member, closest=_is_closest(connection, actor, case_id))
        before = decided(work, kept)
        holds = sharing or before
        narrower = sharing is not None and share(work, kept, sharing) and sharing.told != "everything"
        if narrower or (member.address_secret and (member_id is None or _MOVED & changed.keys())):
            look_again(work)
        elif "address_secret" in changed or (before and holds and before.told != holds.told):
            look_again(work, lifted=True)
        work.record(
            "family_member_kept",
            subject=kept,
            detail={"told": holds.told, "decided_by": holds.decided_by} if holds else {},
            payload={"name": member.name, "changes": changed, **_why(sharing)},
        )
        work.changed()
        settle(work)
    return kept


def keep_child(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, about: About, request_key: str | None = None
) -> None:
    """Keep what has changed about the child: the name used, the address, and until the birth the day it is expected.

    A repeated `request_key` changes nothing more. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case,
    `Invalid` with `errors` for each field.
    """
    about = _trimmed(about)
    request = requests.asked(actor, request_key, "keep a child", about=case_id, content=asdict(about))
    with engine.sessions.act() as connection:
        work = _opened(engine, connection, actor, case_id, request)
        if requests.answered(connection, request) is not None:
            return
        child = connection.execute(sa.select(children).where(children.c.id == work.case.child_id)).one()
        if child.address_secret and not _is_closest(connection, actor, case_id):
            # Who is not shown it sends none: it is not theirs to change.
            about = replace(about, address=child.address, address_secret=True)
        wrong = about.faults(child.born_on, work.today)
        if wrong:
            raise Invalid("Some answers are missing or wrong", errors=wrong)
        values = _said(about) | ({"expected_on": child.expected_on} if child.born_on else {})
        changes = _changes(child._asdict(), values)
        if not changes:
            return
        names = folded_from({**child._mapping, **values})
        connection.execute(sa.update(children).where(children.c.id == child.id).values(folded_name=names, **values))
        work.changed()
        expected = values["expected_on"] if "expected_on" in changes else None
        if about.address_secret and _MOVED & changes.keys():
            look_again(work)
        elif "address_secret" in changes:
            look_again(work, lifted=True)
        detail = {"changed": sorted(changes), "expected_on": expected, "address_secret": about.address_secret}
        work.record("child_kept", subject=child.id, detail=detail, payload={"changes": changes})
        settle(work)


def record_birth(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, birth: Birth, request_key: str | None = None
) -> None:
    """Record that the baby a case was opened for is born, and tell the team.

    A repeated `request_key` changes nothing more. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case or
    a child who is born already, `Invalid` with `errors` for each field.
    """
    birth = _trimmed(birth)
    request = requests.asked(actor, request_key, "record a birth", about=case_id, content=asdict(birth))
    with engine.sessions.act() as connection:
        work = _opened(engine, connection, actor, case_id, request)
        if requests.answered(connection, request) is not None:
            return
        child = connection.execute(sa.select(children).where(children.c.id == work.case.child_id)).one()
        if child.born_on is not None:
            raise Conflict("The birth is recorded already", case_id=case_id)
        wrong = birth.faults(work.today)
        if wrong:
            raise Invalid("Some answers are missing or wrong", errors=wrong)
        names = folded_from({**child._mapping, **asdict(birth)})
        connection.execute(
            sa.update(children).where(children.c.id == child.id).values(folded_name=names, **asdict(birth))
        )
        work.changed()
        detail = {"expected_on": child.expected_on, "born_on": birth.born_on}
        payload = {"changes": _changes(child._asdict(), asdict(birth))}
        work.record("child_born", subject=child.id, detail=detail, payload=payload, effective_on=birth.born_on)
        tell_members(work, {"subject": "A baby is born whose family you help"}, {})
        settle(work)


def _opened(
    engine: ProcessEngine, connection: sa.Connection, actor: Actor, case_id: UUID, request: Request | None
) -> Work:
    case = locking.case(connection, case_id)
    work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
    require_on_case(work)
    if not permissions.may_keep_family(actor, relations.of(connection, actor, case_id)):
        raise NotPermitted(_NOT_YOURS)
    return work


def _is_closest(connection: sa.Connection, actor: Actor, case_id: UUID) -> bool:
    return may_see_secret_address(actor, relations.of(connection, actor, case_id))


def _keep(work: Work, member_id: UUID | None, member: Member, *, closest: bool) -> tuple[UUID, Mapping[str, Any]]:
    """Write what is said of somebody of the family; return their id and what has changed, of somebody new nothing."""
    family = sa.select(children.c.family_id).where(children.c.id == work.case.child_id).scalar_subquery()
    values = _said(member)
    if member_id is None:
        new = work.engine.ids.new()
        row = {"id": new, "authority_id": work.authority.id, "family_id": family, **values}
        work.connection.execute(sa.insert(family_members).values(**row))
        return new, {}
    theirs = (family_members.c.id == member_id) & (family_members.c.family_id == family)
    before = work.connection.execute(sa.select(family_members).where(theirs)).first()
    if before is None:
        raise NotFound("There is nobody of that name in this family", member_id=member_id)
    if before.address_secret and not closest:
        # Who is not shown it sends none: it is not theirs to change.
        values |= {"address": before.address, "address_secret": True}
    work.connection.execute(sa.update(family_members).where(theirs).values(**values))
    return member_id, _changes(before._asdict(), values)


def _why(sharing: Sharing | None) -> dict[str, str]:
    return {"why": sharing.reason if sharing else "", "competence": sharing.competence if sharing else ""}


def _said(value: Member | About) -> dict[str, Any]:
    """Return the columns that are said anew; `expected_on` too when it is None, as it is then not expected."""
    return {name: said for name, said in asdict(value).items() if said is not None or name == "expected_on"}


def _changes(before: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is said otherwise than before: column -> {was, now}."""
    return {name: {"was": before[name], "now": now} for name, now in sorted(values.items()) if before[name] != now}


def _require_theirs(work: Work, member_id: UUID | None, sharing: Sharing) -> None:
    """Let nobody of the family undo what a young person who understands has decided, but themselves.

    A court may, and practitioners for the child's safety.
    """
    before = None if member_id is None else decided(work, member_id)
    if before is None or before.decided_by != "young_person" or sharing.decided_by != "family":
        return
    if (sharing.told, sharing.part) != (before.told, before.part):
        raise Invalid("Some answers are missing or wrong", errors={"decided_by": _THEIR_OWN})


def _require_new(work: Work, name: str) -> None:
    """Let nobody be written down twice by a slip; a part of a name is enough to ask. Raises `KnownAlready`."""
    family = sa.select(children.c.family_id).where(children.c.id == work.case.child_id).scalar_subquery()
    rows = work.connection.execute(
        sa.select(family_members.c.id, family_members.c.name, family_members.c.relationship)
        .where(family_members.c.family_id == family)
        .order_by(family_members.c.id)
    )
    found = [row for row in rows if is_named(name, row.name)]
    if found:
        members = [{"member_id": row.id, "name": row.name, "relationship": row.relationship} for row in found]
        said = f"{found[0].name} is written down already. Change what is kept there, or say that this is somebody else"
        raise KnownAlready(said, errors={"name": said}, members=members)


def _require_age(work: Work, member_id: UUID | None, sharing: Sharing) -> None:
    """Let a child too young to decide alone decide nothing new here; their own consent, judged twice, may have."""
    if sharing.decided_by != "young_person" or (member_id is not None and decided(work, member_id) == sharing):
        return
    young = too_young(work)
    if young:
        said = f"{young} Choose who decides for them, or ask about consent again and record who judged it twice"
        raise Invalid("Some answers are missing or wrong", errors={"decided_by": said})


def _trimmed(value: Value) -> Value:
    texts: dict[str, Any] = {name: text.strip() for name, text in asdict(value).items() if isinstance(text, str)}
    return replace(value, **texts)
