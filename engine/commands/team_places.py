"""Who leads a case says that somebody of the team is part of it no longer."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.acts import settle
from engine.calling_off import end_replies
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.operations import handing_on, handovers
from engine.process_engine import ProcessEngine
from engine.store import absences, locking, relations, requests
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members
from engine.work import Work, open_work, require_on_case

TAKEN_OUT: Final = "taken_out"
"""What a `member_left` event says it came after, when somebody said so."""
LONGEST: Final = 2_000
_NOT_YOURS: Final = "Who leads or assesses, who stands in for them, their line manager or a coordinator does this"
_WHY: Final = (
    "Who leads it has what was yours to do, and you are asked to none of its meetings: there is nothing to do. If you "
    "still help this child, ask who leads to invite you."
)
_WITH_YOU: Final = "What they had to do is with you, due as before. The case says who it was, and why."


def end_place(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    practitioner_id: UUID,
    why: str,
    request_key: str | None = None,
) -> None:
    """End somebody's place in the team around a child from now on; they are told, and so is who leads.

    Their open actions and tasks pass to who leads, or assesses until somebody does; their invitations end. What they
    did stays recorded, and invited again they are of the team again. A repeated `request_key` ends it once. Raises
    `NotFound`, `NotPermitted`, `Invalid` without a reason, `Conflict` for a closed case, for who leads, assesses or is
    asked to lead it, for who is of the team no longer, and while nobody leads or assesses who could have their work.
    """
    said = why.strip()
    sent = [practitioner_id, said]
    request = requests.asked(actor, request_key, "end a place in the team", about=case_id, content=sent)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        if not permissions.may_keep_in_touch(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted(_NOT_YOURS)
        _require_may_leave(work, practitioner_id)
        _require_reason(said)
        _end(work, practitioner_id, said)
        settle(work)


def _end(work: Work, practitioner_id: UUID, why: str) -> None:
    keeper = handing_on.keeper(work)
    if keeper is None:
        raise Conflict(
            "Nobody leads this plan, so nobody could have what they still have to do. Appoint an interim lead first"
        )
    handing_on.uninvite(work, practitioner_id, why="They are no longer part of the team")
    end_replies(work, practitioner_id)
    handing_on.end_delegating(work, practitioner_id)
    passed = handing_on.pass_on(work, practitioner_id, to=keeper)
    absences.leave_case(work.connection, work.case.id, practitioner_id, on=work.today)
    work.changed()
    work.record("member_left", subject=practitioner_id, detail={"after": TAKEN_OUT, **passed}, payload={"why": why})
    work.send(practitioner_id, subject="You are no longer part of a plan", body=_WHY)
    if work.actor is not None and work.actor.practitioner_id != keeper:
        work.send(keeper, subject="Somebody is no longer part of a plan you lead", body=_WITH_YOU)


def _require_reason(why: str) -> None:
    if not why:
        raise Invalid("Say why they are no longer part of the team", field="why")
    if len(why) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="why")


def _require_may_leave(work: Work, practitioner_id: UUID) -> None:
    found = work.connection.execute(_PLACES, {"case": work.case.id, "who": practitioner_id}).all()
    facts, asked = work.facts(), handovers.current(work)
    name = found[0].name if found else ""
    if facts["lead_professional"] == str(practitioner_id):
        raise Conflict("Who leads a plan stays part of it: propose a handover instead")
    if facts["assessor"] == str(practitioner_id):
        raise Conflict("Who assesses stays part of the plan until somebody leads it")
    if not found:
        raise NotFound("There is no such person in the team", practitioner_id=practitioner_id)
    if all(place.to_on is not None for place in found):
        raise Conflict(f"{name} is no longer part of the team", practitioner_id=practitioner_id)
    if asked is not None and asked.successor_id == practitioner_id:
        raise Conflict(f"{name} is asked to lead this plan, so stays part of it until that is settled")


_PLACES: Final = (
    sa.select(practitioners.c.name, case_members.c.to_on)
    .join(case_members, case_members.c.practitioner_id == practitioners.c.id)
    .where(
        case_members.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        case_members.c.practitioner_id == sa.bindparam("who", type_=sa.Uuid),
        case_members.c.role == "member",
    )
)
