"""Record that somebody of the family wants their letters in full by e-mail, or no longer."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid
from engine.keeping_family import keeping_family
from engine.process_engine import ProcessEngine
from engine.store.relatives import Relative, relatives
from engine.store.tables.meetings import mail_agreements
from engine.work import Work

LONGEST: Final = 200


def agree(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, member_id: UUID, agreed_by: str, agreed_on: date
) -> None:
    """Keep that somebody wants letters in full at the e-mail address they have now; `agreed_by` says who said so.

    Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` naming the field: nobody of this family,
    nobody said so, a day to come, no address.
    """
    said = " ".join(agreed_by.split())
    if not said or len(said) > LONGEST:
        raise Invalid(f"Say who agreed to it, in at most {LONGEST} characters", field="agreed_by")
    with keeping_family(engine, actor, case_id) as work:
        to = _member(work, member_id)
        if agreed_on > work.today:
            raise Invalid("Enter a day that is not to come", field="agreed_on")
        if not to.email:
            raise Invalid(f"{to.name} has no e-mail address here", field="agreed_by")
        _end(work, member_id)
        own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": case_id}
        who = {"member_id": member_id, "email": to.email, "recorded_by": actor.practitioner_id}
        kept = {"agreed_by": said, "agreed_on": agreed_on}
        work.connection.execute(sa.insert(mail_agreements).values(**own, **who, **kept))
        work.record("mail_agreed", subject=member_id, payload={"why": f"Agreed by {said}"}, effective_on=agreed_on)


def end(engine: ProcessEngine, *, actor: Actor, case_id: UUID, member_id: UUID) -> None:
    """Keep that somebody's letters do not go in full by e-mail any more. Raises as `agree`; `Conflict` if they do not.
    """
    with keeping_family(engine, actor, case_id) as work:
        to = _member(work, member_id)
        if not _end(work, member_id):
            raise Conflict(f"Letters to {to.name} do not go in full by e-mail")
        work.record("mail_agreement_ended", subject=member_id)


def _member(work: Work, member_id: UUID) -> Relative:
    known = relatives(work.connection, work.case.id)
    found = next((each for each in known if each.member_id == member_id), None)
    if found is None:
        raise Invalid("Choose somebody of this family", field="member")
    return found


def _end(work: Work, member_id: UUID) -> bool:
    current = (mail_agreements.c.case_id == work.case.id) & (mail_agreements.c.member_id == member_id)
    ended = sa.update(mail_agreements).where(current, mail_agreements.c.ended_on.is_(None))
    return work.connection.execute(ended.values(ended_on=work.today)).rowcount > 0
