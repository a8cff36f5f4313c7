"""Two actions of a plan that work against each other: somebody says so, and how it was settled."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import locking, relations, requests
from engine.store.tables.changes import contradictions
from engine.store.tables.record import plan_actions
from engine.work import Work, open_work, require_on_case

LONGEST: Final = 10_000
_NOT_YOURS: Final = "Who does one of the two actions says this, or who leads, their line manager or a coordinator"


def mark(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    action_id: UUID,
    other_id: UUID,
    note: str,
    request_key: str | None = None,
) -> UUID:
    """Keep that two open actions of a case work against each other, and how (`note`); return the entry's id.

    Who does one of them may, and who is close to the case (`permissions.may_keep_in_touch`). The others whom it
    concerns are written to, without the words. Raises `NotFound`, `NotPermitted`, `Invalid` (fields `other_id`,
    `note`), `Conflict` for a closed case and for two that are marked already.
    """
    said, pair = _said(note, "note", "Say how the two work against each other"), sorted((action_id, other_id))
    request = requests.asked(actor, request_key, "mark a contradiction", about=case_id, content=[*pair, said])
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        first = requests.answered(connection, request)
        if first is not None and first.subject_id is not None:
            return first.subject_id
        owners = _owners(work, pair)
        if action_id not in owners:
            raise NotFound("There is no such open action on this case", action_id=action_id)
        if len(owners) < 2:
            raise Invalid("Choose the other action", field="other_id")
        _require_concerned(work, actor, owners.values())
        entry = _insert(work, actor, pair, said)
        work.record("action_contradiction_marked", subject=entry, payload={"note": said})
        _tell(work, actor, owners.values(), "Two actions of a plan may work against each other")
        work.finish()
    return entry


def settle(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    contradiction_id: UUID,
    how: str,
    request_key: str | None = None,
) -> None:
    """Keep how two actions that work against each other were settled; the plan then says nothing of it any more.

    Raises `NotFound`, `NotPermitted`, `Invalid` (field `how`), `Conflict` for a closed case and when it is settled.
    """
    said = _said(how, "how", "Say how it was settled")
    sent = [contradiction_id, said]
    request = requests.asked(actor, request_key, "settle a contradiction", about=case_id, content=sent)
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        row = _row(work, contradiction_id)
        owners = _owners(work, [row.first_action_id, row.second_action_id]).values()
        _require_concerned(work, actor, owners)
        if row.settled_on is not None:
            raise Conflict("This was settled already", contradiction_id=contradiction_id)
        values = {"settled_by": actor.practitioner_id, "settled_on": work.today, "settled_how": said}
        connection.execute(sa.update(contradictions).where(contradictions.c.id == contradiction_id).values(**values))
        work.record("action_contradiction_settled", subject=contradiction_id, payload={"how": said})
        _tell(work, actor, owners, "Two actions of a plan do not work against each other any more")
        work.finish()


def _insert(work: Work, actor: Actor, pair: list[UUID], note: str) -> UUID:
    both = (contradictions.c.first_action_id == pair[0]) & (contradictions.c.second_action_id == pair[1])
    known = sa.select(contradictions.c.id).where(both, contradictions.c.settled_on.is_(None))
    if work.connection.execute(known).first() is not None:
        raise Conflict("Somebody has said already that these two work against each other", case_id=work.case.id)
    entry = work.engine.ids.new()
    row = {"id": entry, "authority_id": work.authority.id, "case_id": work.case.id, "note": note}
    row |= {"first_action_id": pair[0], "second_action_id": pair[1]}
    row |= {"marked_by": actor.practitioner_id, "marked_on": work.today}
    work.connection.execute(sa.insert(contradictions).values(**row))
    return entry


def _owners(work: Work, pair: list[UUID]) -> dict[UUID, UUID]:
    """Return who does each of two actions, as far as they are open ones of the case."""
    mine = plan_actions.c.id.in_(pair) & (plan_actions.c.case_id == work.case.id) & plan_actions.c.closed_on.is_(None)
    rows = work.connection.execute(sa.select(plan_actions.c.id, plan_actions.c.owner_id).where(mine))
    return {row.id: row.owner_id for row in rows}


def _require_concerned(work: Work, actor: Actor, owners: Any) -> None:
    close = permissions.may_keep_in_touch(actor, relations.of(work.connection, actor, work.case.id))
    if not close and actor.practitioner_id not in owners:
        raise NotPermitted(_NOT_YOURS)


def _tell(work: Work, actor: Actor, owners: Any, subject: str) -> None:
    leads = work.facts()["lead_professional"]
    concerned = {*owners, *([UUID(str(leads))] if leads else [])} - {actor.practitioner_id}
    for who in sorted(concerned):
        work.send(who, subject=subject)


def _row(work: Work, contradiction_id: UUID) -> Any:
    mine = (contradictions.c.id == contradiction_id) & (contradictions.c.case_id == work.case.id)
    found = work.connection.execute(sa.select(contradictions).where(mine)).first()
    if found is None:
        raise NotFound("There is no such entry on this case", contradiction_id=contradiction_id)
    return found


def _said(text: str, field: str, wanted: str) -> str:
    said = text.strip()
    if not said:
        raise Invalid(wanted, field=field)
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field=field)
    return said
