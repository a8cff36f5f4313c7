"""The family changes its mind: consent is withdrawn, and sharing stops at once; or only the yes to one group."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from engine import telling
from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Conflict, Invalid, NotPermitted
from engine.guard import Trouble, attempt
from engine.operations import consents
from engine.process_engine import ProcessEngine
from engine.protecting import take_back_mag, withdraw_on
from engine.stopping import lies_with_diagram, undone_told
from engine.store import case_messages, escalations, locking, relations, requests
from engine.store.requests import Answered, Request
from engine.work import Work, open_work, require_on_case


def withdraw(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    why: str,
    taken_back_by: str = "",
    request_key: str | None = None,
) -> UUID | None:
    """Record that the family has withdrawn consent: the process stops sharing in this act and asks for a harm check.

    `taken_back_by` (of `WHOSE`) must be the young person when the consent is their own; else it may be left out.

    Returns the id of the running process; a second time joins it, and what was said is kept too. A stalled plan's way
    to the Multi-Agency Group ends, and a meeting that was arranged is called off. A diagram that cannot start keeps
    nothing shared: sharing stops without it, the managers are told that nobody checks for harm yet, and it is an
    incident that is tried again by itself; then None is returned. A repeated `request_key` gives the first answer
    again. Raises `NotFound`, `NotPermitted`, `Conflict` for a closed case, `Invalid` when nothing is said, or somebody
    else takes back what only the young person can.
    """
    if not why.strip():
        raise Invalid("Say who withdrew consent, and how", field="why")
    request = requests.asked(actor, request_key, "withdraw consent", about=case_id, content=[why, taken_back_by])
    withdrawing = partial(_withdraw, engine, actor, case_id, (why.strip(), taken_back_by), request)
    withdrawn = attempt("starting what follows a withdrawal of consent", withdrawing)
    if not isinstance(withdrawn, Trouble):
        return withdrawn[0]
    if not lies_with_diagram(withdrawn.error):
        raise withdrawn.error
    with undone_told(engine, authority_id=actor.authority_id, case_id=case_id):
        _, waiting = withdrawing(follow_up=False)
    telling.give(engine, waiting, actor=actor)
    return None


def _withdraw(
    engine: ProcessEngine,
    actor: Actor,
    case_id: UUID,
    said: tuple[str, str],
    request: Request | None,
    *,
    follow_up: bool = True,
) -> tuple[UUID | None, list[UUID]]:
    """Record it in one act; return the running process or, without `follow_up`, what is to be started later."""
    why, taken_back_by = said
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        first = requests.answered(connection, request)
        if first is not None:
            return _led_to(work, first), []
        consents.require_theirs_to_take_back(work, taken_back_by)
        running = escalations.running(connection, case_id, consents.WITHDRAWAL)
        waits = running is None and case_messages.start_waits(connection, case_id, consents.WITHDRAWAL)
        joined = {"joined": str(running)} if running is not None else {}
        later = {"waits": True} if waits or not follow_up else {}
        theirs = {"whose": taken_back_by} if taken_back_by else {}
        work.record("consent_withdrawal_told", detail={**joined, **later, **theirs}, payload={"why": why})
        if running is not None or waits:
            work.finish()
            return running, []
        started, waiting = withdraw_on(work, follow_up=follow_up)
        settle(work)
    return started, waiting


def withdraw_mag(
    engine: ProcessEngine, *, actor: Actor, case_id: UUID, why: str, request_key: str | None = None
) -> None:
    """Record that the family takes back its yes to the Multi-Agency Group, and to nothing else.

    A referral that waits ends without a decision, and the plan is the line manager's again, stalled as long as
    before. Where the stalled plan's diagram cannot go on it hears of it later, and it is an incident that is tried
    again by itself. A second time changes nothing. Raises as `withdraw`, and `Conflict` when the family has not said
    yes.
    """
    if not why.strip():
        raise Invalid("Say who took it back, and how", field="why")
    request = requests.asked(actor, request_key, "withdraw consent to the group", about=case_id, content=why)
    taking = partial(_withdraw_mag, engine, actor, case_id, why.strip(), request)
    taken = attempt("taking back a yes to the group", taking)
    if not isinstance(taken, Trouble):
        return
    if not lies_with_diagram(taken.error):
        raise taken.error
    with undone_told(engine, authority_id=actor.authority_id, case_id=case_id):
        waiting = taking(follow_up=False)
    telling.give(engine, waiting, actor=actor)


def _withdraw_mag(
    engine: ProcessEngine, actor: Actor, case_id: UUID, why: str, request: Request | None, *, follow_up: bool = True
) -> list[UUID]:
    """Record it in one act; return, without `follow_up`, what waits to be given to the diagram."""
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if not permissions.may_record_withdrawal(actor, relations.of(connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator records this")
        if requests.answered(connection, request) is not None:
            return []
        if work.facts()["mag_consent"] != "yes":
            raise Conflict("The family has not agreed to the multi-agency group", case_id=case_id)
        waiting = take_back_mag(work, why=why, follow_up=follow_up)
        settle(work)
    return waiting


def _led_to(work: Work, first: Answered) -> UUID | None:
    """Return the process that this very request has started, or joined; None when it was left for later."""
    told = requests.next_event(work.connection, first, "consent_withdrawal_told")
    if told.detail.get("waits"):
        return None
    if "joined" in told.detail:
        return UUID(told.detail["joined"])
    return requests.next_event(work.connection, first, "process_started").subject_id  # type: ignore[no-any-return]
