"""Open a case: a child, a family, and a CAF episode or another pathway begun."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle, start_process
from engine.bpmn import case_opening, one_at_a_time
from engine.casework import permissions
from engine.casework.child_facts import wrong_birthday
from engine.casework.permissions import Actor
from engine.casework.standing import works_no_cases
from engine.errors import Conflict, Invalid, NotPermitted
from engine.operations import assessments
from engine.process_engine import ProcessEngine
from engine.stopping import undone_told
from engine.store import child_index, escalations, locking, relations, requests
from engine.store.child_index import Sought
from engine.store.folding import folded_from
from engine.store.history import FIRST, Head
from engine.store.locking import CaseLine
from engine.store.people import works
from engine.store.requests import Request
from engine.store.tables.people import authorities, practitioners
from engine.store.tables.record import cases, children, families, family_members
from engine.store.writes import Insertion
from engine.work import Work, open_work, require_on_case

EPISODE = "caf_episode"
PATHWAY = "caf"
"""The pathway of a case that was begun with a diagram that says none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """The child a case is for; born, or expected. `family_id` joins an existing family."""

    given_name: str = ""
    family_name: str
    known_as: str = ""
    sex: str = "unknown"
    born_on: date | None = None
    expected_on: date | None = None
    address: str = ""
    address_secret: bool = False
    family_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyMember:
    """A parent or carer of the child, or somebody else of the family whom the team may have to reach."""

    name: str
    relationship: str = ""
    parental_responsibility: bool = False
    phone: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class CaseStarted:
    """A case that is now open."""

    case_id: UUID
    reference: str


def start(
    engine: ProcessEngine,
    *,
    actor: Actor,
    child: Child,
    family: Sequence[FamilyMember] = (),
    assessor_id: UUID | None = None,
    pathway: str | None = None,
    process_key: str = EPISODE,
    request_key: str | None = None,
) -> CaseStarted:
    """Open a case for `child` and start `process_key` on it; the assessor is the actor unless named.

    `pathway` names instead a deployed diagram that opens cases, by the pathway it says for them, such as step_down.

    `family` are people to add to the child's family; the field of a wrong one is as `family[0].name`.

    A repeated `request_key` gives the first answer again. Raises `NotPermitted`, `Invalid` naming the field, and
    `Invalid` when the diagram stops: then no case is opened, and an incident of the authority says what stopped it.
    """
    if not permissions.may_start_case(actor):
        raise NotPermitted("You may not open a case. Ask a case worker or a coordinator.")
    now = engine.clock.now()
    _require_child(child, now.date())
    _require_family(family)
    sent = [asdict(child), [asdict(member) for member in family], assessor_id, pathway, process_key]
    request = requests.asked(actor, request_key, "start a case", content=sent)
    try:
        with undone_told(engine, authority_id=actor.authority_id):
            return _start(engine, actor, child, family, assessor_id, (pathway, process_key), request, now)
    except Conflict:
        # The same request may have come twice at one moment, and the other have been faster.
        with engine.sessions.read() as connection:
            first = _answered(connection, request)
        if first is None:
            raise
        return first


def _start(
    engine: ProcessEngine,
    actor: Actor,
    child: Child,
    family: Sequence[FamilyMember],
    assessor_id: UUID | None,
    way: tuple[str | None, str],
    request: Request | None,
    now: datetime,
) -> CaseStarted:
    with engine.sessions.act() as connection:
        first = _answered(connection, request)
        if first is not None:
            return first
        assessor = assessor_id or actor.practitioner_id
        authority_version, restricts = _require_assessor(connection, actor.authority_id, assessor)
        child_id = _insert_child(engine, connection, actor.authority_id, child, family)
        if restricts:
            _note_restricted(engine, connection, actor, child, now)
        work, process_key = _open_case(engine, connection, actor, child_id, now, request, authority_version, way)
        assessments.become_assessor(work, assessor)
        start_process(work, process_key, {})
        settle(work)
    return CaseStarted(work.case.id, _reference(work.case.id))


def _note_restricted(
    engine: ProcessEngine, connection: sa.Connection, actor: Actor, child: Child, now: datetime
) -> None:
    """Keep for the coordinators that somebody starts a case for a child who has a restricted one, and say nothing."""
    sought = Sought(child.given_name, child.family_name, child.born_on or child.expected_on, child.known_as)
    met = child_index.restricted_cases(connection, actor.authority_id, sought)
    stands = relations.of_many(connection, actor, met)
    if unknown := [each for each in met if each not in stands]:
        child_index.keep_question(
            connection, engine.ids, authority_id=actor.authority_id, practitioner_id=actor.practitioner_id, at=now,
            asked="start", restricted=unknown,
        )  # fmt: skip


def start_process_on(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    process_key: str,
    variables: dict[str, Any] | None = None,
    request_key: str | None = None,
) -> UUID:
    """Start another process on an open case and return the instance's id; a repeated `request_key` gives it again.

    Raises `NotFound`, `NotPermitted`, `Conflict` when the case is closed.
    """
    sent = [process_key, variables or {}]
    request = requests.asked(actor, request_key, "start a process", about=case_id, content=sent)
    with (
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        first = requests.answered(connection, request)
        if first is not None:
            return requests.next_event(connection, first, "process_started").subject_id  # type: ignore[no-any-return]
        _require_free(work, process_key)
        instance_id = start_process(work, process_key, variables or {})
        settle(work)
    return instance_id


def _require_free(work: Work, process_key: str) -> None:
    """Raise `Conflict` when a process of which a case runs one at most runs on it already."""
    definition_id = work.authority.latest.get(("process", process_key))
    if definition_id is None or escalations.running(work.connection, work.case.id, process_key) is None:
        return
    if one_at_a_time(work.engine.library.process(work.connection, definition_id)):
        raise Conflict("This is under way on the case already", process=process_key, case_id=work.case.id)


def _require_child(child: Child, today: date) -> None:
    if not child.family_name.strip() and not child.given_name.strip():
        raise Invalid("Enter the child's name", field="family_name")
    if child.born_on is None and child.expected_on is None:
        raise Invalid("Enter the date of birth, or the expected date for an unborn baby", field="born_on")
    if child.born_on is not None:
        wrong = wrong_birthday(child.born_on, today)
        if wrong:
            raise Invalid(wrong, field="born_on")
    if child.sex not in ("female", "male", "unknown"):
        raise Invalid("Select the child's sex, or unknown", field="sex")


def _open_case(
    engine: ProcessEngine,
    connection: sa.Connection,
    actor: Actor,
    child_id: UUID,
    now: datetime,
    request: Request | None,
    authority_version: int,
    way: tuple[str | None, str],
) -> tuple[Work, str]:
    """Write the case, and say which process it begins with.

    Nobody else can see the new row, so it need not be locked or read again.
    """
    case = CaseLine(
        id=engine.ids.new(),
        authority_id=actor.authority_id,
        authority_version=authority_version,
        child_id=child_id,
        closed=False,
        version=0,
        head=Head(0, FIRST),
    )
    work = open_work(engine, connection, case, actor=actor, at=now, request=request)
    process_key, pathway = _way(work, *way)
    row = {
        "id": case.id,
        "authority_id": case.authority_id,
        "child_id": child_id,
        "reference": _reference(case.id),
        "pathway": pathway,
        "opened_on": work.today,
        "version": case.version,
        "history_count": case.head.count,
        "history_head": case.head.hash,
    }
    _INSERT_CASE.each(connection, [row])
    work.record("case_opened", subject=child_id)
    return work, process_key


def _way(work: Work, pathway: str | None, process_key: str) -> tuple[str, str]:
    """Return the key of the process that a case begins with, and the case's pathway. Raises `Invalid`."""
    latest = work.authority.latest
    keys = [process_key] if pathway is None else sorted(key for kind, key in latest if kind == "process")
    for key in keys:
        definition_id = latest.get(("process", key))
        opening = case_opening(work.engine.library.process(work.connection, definition_id)) if definition_id else None
        if opening is not None and pathway in (None, opening.pathway):
            return key, opening.pathway
    if pathway is not None:
        raise Invalid("Choose how the support begins from the list", field="pathway")
    return process_key, PATHWAY


def _require_family(family: Sequence[FamilyMember]) -> None:
    for number, member in enumerate(family):
        if not member.name.strip():
            raise Invalid("Enter this person's name", field=f"family[{number}].name")


def _insert_child(
    engine: ProcessEngine,
    connection: sa.Connection,
    authority_id: UUID,
    child: Child,
    family: Sequence[FamilyMember],
) -> UUID:
    family_id, child_id = child.family_id or engine.ids.new(), engine.ids.new()
    if child.family_id is None:
        new = {"id": family_id, "authority_id": authority_id, "name": child.family_name}
        _INSERT_FAMILY.each(connection, [new])
    elif (
        connection.execute(
            sa.select(families.c.id).where(families.c.id == family_id, families.c.authority_id == authority_id)
        ).first()
        is None
    ):
        raise Invalid("Choose a family from the list", field="family_id")
    row = {
        "id": child_id,
        "authority_id": authority_id,
        "family_id": family_id,
        "given_name": child.given_name.strip(),
        "family_name": child.family_name.strip(),
        "known_as": child.known_as.strip(),
        "sex": child.sex,
        "born_on": child.born_on,
        "expected_on": child.expected_on,
        "address": child.address,
        "address_secret": child.address_secret,
    }
    _INSERT_CHILD.each(connection, [{**row, "folded_name": folded_from(row)}])
    rows = [_member_row(engine.ids.new(), authority_id, family_id, member) for member in family]
    _INSERT_FAMILY_MEMBER.each(connection, rows)
    return child_id


def _member_row(id_: UUID, authority_id: UUID, family_id: UUID, member: FamilyMember) -> dict[str, Any]:
    return {
        "id": id_,
        "authority_id": authority_id,
        "family_id": family_id,
        "name": member.name.strip(),
        "relationship": member.relationship.strip(),
        "parental_responsibility": member.parental_responsibility,
        "phone": member.phone.strip(),
        "address": member.address.strip(),
    }


_INSERT_FAMILY = Insertion(families)
_INSERT_FAMILY_MEMBER = Insertion(family_members)
_INSERT_CHILD = Insertion(children)
_INSERT_CASE = Insertion(cases)
_VERSION_FOR = (
    sa.select(
        authorities.c.version,
        child_index.RESTRICTS.label("restricts"),
        practitioners.c.name,
        works(practitioners.c.id).label("works"),
    )
    .join(practitioners, practitioners.c.authority_id == authorities.c.id)
    .where(practitioners.c.id == sa.bindparam("practitioner_id"), authorities.c.id == sa.bindparam("authority_id"))
)


def _require_assessor(connection: sa.Connection, authority_id: UUID, practitioner_id: UUID) -> tuple[int, bool]:
    """Return the authority's version, and whether it keeps some case restricted.

    Raises `Invalid` for a stranger, and for who works on no cases.
    """
    who = {"authority_id": authority_id, "practitioner_id": practitioner_id}
    row = connection.execute(_VERSION_FOR, who).first()
    if row is None:
        raise Invalid("Choose the assessor from the list", field="assessor_id")
    if not row.works:
        raise Invalid(works_no_cases(row.name), field="assessor_id")
    return row.version, row.restricts


def _reference(case_id: UUID) -> str:
    """Return the short reference people use: the last ten hexadecimal digits of the id, which are random."""
    tail = case_id.hex[-10:].upper()
    return f"CAF-{tail[:5]}-{tail[5:]}"


def _answered(connection: sa.Connection, request: Request | None) -> CaseStarted | None:
    """Return the case that this very request has opened already."""
    first = requests.answered(connection, request)
    return None if first is None else CaseStarted(first.case_id, _reference(first.case_id))
