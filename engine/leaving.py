"""What follows for cases and tasks when somebody leaves, is away or comes back; inside the act that records it.

The authority's own chain is locked first and then each case in the order of their ids, so that two of these acts
queue and never stand in each other's way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import telling
from engine.calling_off import call_off_invitations
from engine.casework.permissions import Actor
from engine.errors import Invalid
from engine.operations import handing_on, handovers, other_cases
from engine.operations.consent_cover import covered
from engine.operations.vacancies import count_absence, tell_if_asked
from engine.process_engine import ProcessEngine
from engine.routing import give_back, pass_on
from engine.store import absences, administration, confining, locking, people, standing_in
from engine.store.tables.people import absences as absence_rows
from engine.work import Work, open_work

LEFT: Final = "lead_professional_left"
"""The message to the diagrams of each case somebody leads: they may wait for it, or start with it."""
_MAYBE_ALONE: Final = ("lead_uncovered", "lead_stays")
"""Events after which somebody who is away may have nobody who covers."""
_GONE: Final = "They have left"
_AGAIN: Final = "They are part of the plan again, with the actions that they had. The case says who it is."
_LOOK: Final = "Sign in to see which. This message holds no details on purpose."


@dataclass(frozen=True, slots=True)
class Left:
    """What a leaving led to: cases that had the person in them, how many of them nobody leads now, tasks given back.

    `messages` are queued for the diagrams of the cases that nobody leads, to be given once the act is committed.
    """

    cases: int
    vacant: int
    tasks: int
    messages: list[UUID]


def open_staff_work(engine: ProcessEngine, connection: sa.Connection, authority_id: UUID, actor: Actor | None) -> Work:
    """Begin an act about the people of an authority, on the authority's own chain. Raises `NotFound`."""
    chain = administration.lock(connection, authority_id)
    return open_work(engine, connection, chain, actor=actor, at=engine.clock.now())


def _hold_cases(work: Work, practitioner_id: UUID) -> None:
    """Lock every case that an act about somebody may write on, in one order: theirs, and of those whom they cover."""
    connection = work.connection
    found: set[UUID] = set()
    for each in [practitioner_id, *absences.covered_by(connection, practitioner_id)]:
        found.update(absences.cases_with_tasks_meant_for(connection, each))
        found.update(absences.open_cases_of(connection, each))
    if found:
        locking.cases_of(connection, found)


def leave(work: Work, practitioner_id: UUID, last_day: date) -> Left:
    """Carry out a leaving whose last day is over: accounts, teams, cases, tasks. `work` is on the authority's chain."""
    connection = work.connection
    _hold_cases(work, practitioner_id)
    absences.set_last_day(connection, practitioner_id, last_day, over=True)
    absences.end_accounts(connection, practitioner_id, at=work.at)
    uncovered = absences.covered_by(connection, practitioner_id)
    absences.leave_teams(connection, practitioner_id, on=last_day)
    ended = absences.end_absences(connection, practitioner_id, on=last_day)
    manager = people.manager_of(connection, practitioner_id)
    found = absences.open_cases_of(connection, practitioner_id)
    tasks = sum(_leave_case(work, case_id, practitioner_id, parts, last_day) for case_id, parts in found.items())
    for other in uncovered:
        _mark_led(work, other, "lead_uncovered", {})
    vacant = [case_id for case_id, parts in found.items() if "lead_professional" in parts]
    worked = any(parts != {absences.SUCCESSOR} for parts in found.values())
    _tell_of_leaving(work, practitioner_id, manager, anything=worked)
    detail = {
        "cases": len(found),
        "tasks": tasks,
        "absences": [str(each) for each in ended],
        "places": [str(case_id) for case_id, parts in found.items() if "member" in parts],
    }
    work.record("left", subject=practitioner_id, effective_on=last_day, detail=detail)
    return Left(len(found), len(vacant), tasks, telling.queue(work, vacant, LEFT))


def stay(work: Work, practitioner_id: UUID, left_on: date) -> bool:
    """Undo a leaving that was carried out, as far as nobody has gone on from it; tell whether an account opened again.

    The account has its roles and the person their teams, absences and places around children, and leads and assesses
    where nobody else was appointed. Tasks that went back and whom they cover stay as they are: others may count on
    them.
    """
    ended = absences.last_leaving(work.connection, practitioner_id)
    places = [UUID(id_) for id_ in ended.get("places", ())]
    locking.cases_of(work.connection, {*places, *absences.open_cases_of(work.connection, practitioner_id)})
    absences.set_last_day(work.connection, practitioner_id, None, over=False)
    reopened = absences.open_accounts_again(work.connection, practitioner_id)
    absences.return_to_teams(work.connection, practitioner_id, left_on=left_on)
    absences.resume(work.connection, [UUID(id_) for id_ in ended.get("absences", ())])
    for case_id in places:
        _return_to_case(work, case_id, practitioner_id, left_on)
    _mark_led(work, practitioner_id, "lead_stays", {})
    return reopened > 0


def _return_to_case(work: Work, case_id: UUID, practitioner_id: UUID, left_on: date) -> None:
    """Give somebody their place around a child again; what they had to do goes to who leads if the family says no."""
    own = _on_case(work, case_id)
    if own is None:
        return
    keeper = handing_on.keeper(own)
    if covered(own, [practitioner_id]):
        absences.return_to_case(own.connection, case_id, practitioner_id, left_on=left_on)
        own.record("member_stays", subject=practitioner_id)
        if keeper not in (None, practitioner_id):
            own.send(keeper, subject="Somebody who had left a team stays after all", body=_AGAIN)
    elif keeper is not None:
        handing_on.pass_on(own, practitioner_id, to=keeper)
    _finish_if_any(own)


def require_other_administrator(work: Work, practitioner_id: UUID) -> None:
    """Raise `Invalid` when somebody is the only administrator who stays: nobody could then open an account."""
    if people.lasting_administrators(work.connection, work.authority.id) == [practitioner_id]:
        raise Invalid("This is the only administrator. Make somebody else an administrator first", field="person")


@dataclass(frozen=True, slots=True)
class Uncovered:
    """The open cases that somebody away leads and on which nobody stands in for them; whom it concerns besides.

    `restricted` tells that such a case is restricted, `others` that one is not: of those they lead or, where somebody
    covers the rest, of those they assess or have a task on too.
    """

    led: list[UUID]
    restricted: bool
    others: bool


def go_away(
    work: Work, practitioner_id: UUID, detail: Mapping[str, Any], *, from_on: date, covered_by: UUID | None
) -> Uncovered:
    """Write on each open case somebody leads, or assesses, that they are away, and who covers where the case is theirs.

    On a case that the family or a restriction keeps from who covers, nobody does (`standing_in.may_stand_in`).
    """
    _hold_cases(work, practitioner_id)
    parts = absences.open_cases_of(work.connection, practitioner_id)
    held = frozenset(case_id for case_id, found in parts.items() if found & {"lead_professional", "assessor", "task"})
    alone = held
    if covered_by is not None:
        alone = standing_in.not_covered(work.connection, covered_by, practitioner_id, sorted(held))
    led = []
    for who, where in ((covered_by, held - alone), (None, alone)):
        said = {**detail, "covered_by": None if who is None else str(who)}
        led = _mark_led(work, practitioner_id, "lead_away", said, effective_on=from_on, only=where)
    told = frozenset(led) if covered_by is None else alone
    kept = confining.among_cases(work.connection, sorted(told))
    return Uncovered(led, bool(kept), bool(told - kept))


def pass_tasks_on(work: Work, practitioner_id: UUID, absence_id: UUID) -> int:
    """Give the open tasks of somebody whose absence has begun to whom the rules name; return how many went."""
    absences.begin(work.connection, absence_id, on=work.today)
    went = 0
    for case_id, parts in absences.open_cases_of(work.connection, practitioner_id).items():
        if "task" in parts and (own := _on_case(work, case_id)) is not None:
            held = absences.held_tasks(work.connection, case_id, practitioner_id)
            went += sum(pass_on(own, task, kind="task_passed_on") for task in held)
            _finish_if_any(own)
    return went


def _give_tasks_back(work: Work, practitioner_id: UUID) -> None:
    """Give somebody who is back the tasks that others were asked to do for them and have not begun."""
    for case_id in absences.cases_with_tasks_meant_for(work.connection, practitioner_id):
        own = _on_case(work, case_id)
        if own is None:
            continue
        for task in absences.tasks_meant_for(work.connection, case_id, practitioner_id):
            if not absences.is_begun(work.connection, task):
                give_back(own, task, to=practitioner_id)
        _finish_if_any(own)


def _pass_on_to(work: Work, cover: UUID, practitioner_id: UUID) -> None:
    """Ask the rules again about the tasks of somebody who is away, now that who covers is here; not what is begun."""
    connection = work.connection
    stands = people.standings(connection, work.authority.id, [practitioner_id], today=work.today)[practitioner_id]
    if not stands.is_away(work.today) or stands.cover.id != cover:
        return
    parts = absences.open_cases_of(connection, practitioner_id)
    own_tasks = {case_id for case_id, found in parts.items() if "task" in found}
    for case_id in sorted(own_tasks.union(absences.cases_with_tasks_meant_for(connection, practitioner_id))):
        own = _on_case(work, case_id)
        if own is None:
            continue
        waiting = absences.held_tasks(connection, case_id, practitioner_id)
        for task in [*waiting, *absences.tasks_meant_for(connection, case_id, practitioner_id)]:
            if not absences.is_begun(connection, task):
                pass_on(own, task, kind="task_passed_on")
        _finish_if_any(own)


def _finish_if_any(work: Work) -> None:
    if work.events or work.letters:
        work.finish()


def uncover(work: Work, practitioner_id: UUID, from_on: date, to_on: date | None) -> list[UUID]:
    """Write on each open case of those whom somebody covers that nobody does on these days; return who has such cases.

    Not even the cover's own cover, who sees only the work of whom they were asked to cover.
    """
    covered = absences.covered_by(work.connection, practitioner_id, from_on=from_on, to_on=to_on)
    return [each for each in covered if _mark_led(work, each, "lead_uncovered", {}, effective_on=from_on)]


def _mark_led(
    work: Work,
    practitioner_id: UUID,
    kind: str,
    detail: Mapping[str, Any],
    *,
    effective_on: date | None = None,
    only: frozenset[UUID] | None = None,
) -> list[UUID]:
    """Write an event on each case, or each of `only`, which is so judged anew."""
    led = []
    for case_id, parts in absences.open_cases_of(work.connection, practitioner_id).items():
        if only is not None and case_id not in only:
            continue
        if parts & {"lead_professional", "assessor"} and (own := _on_case(work, case_id)) is not None:
            own.record(kind, subject=practitioner_id, detail=detail, effective_on=effective_on)
            tell_if_asked(own)
            if kind in _MAYBE_ALONE and "lead_professional" in parts:
                count_absence(own)
            own.finish()
            led += [case_id] if "lead_professional" in parts else []
    return led


def come_back(work: Work, absence: Any, last_day: date) -> None:
    """End an absence (its row) with `last_day`; write on their cases that they are back, and cover again.

    Tasks that others were asked to do for them go back, unless they are begun; those of whom they cover come to them
    as they would have.
    """
    connection = work.connection
    _hold_cases(work, absence.practitioner_id)
    connection.execute(sa.update(absence_rows).where(absence_rows.c.id == absence.id).values(to_on=last_day))
    detail = {"last_day": last_day}
    work.record("absence_ended", subject=absence.practitioner_id, detail=detail)
    _mark_led(work, absence.practitioner_id, "lead_back", detail)
    _give_tasks_back(work, absence.practitioner_id)
    began, ends = absence.from_on, absence.expected_to_on
    for other in absences.covered_by(connection, absence.practitioner_id, from_on=began, to_on=ends):
        _mark_led(work, other, "lead_covered", {})
        _pass_on_to(work, absence.practitioner_id, other)


def _on_case(work: Work, case_id: UUID) -> Work | None:
    """Begin the part of an act that concerns one case; None when it has been closed meanwhile."""
    case = locking.case(work.connection, case_id)
    return None if case.closed else open_work(work.engine, work.connection, case, actor=work.actor, at=work.at)


def _leave_case(work: Work, case_id: UUID, practitioner_id: UUID, parts: set[str], last_day: date) -> int:
    own = _on_case(work, case_id)
    if own is None:
        return 0
    if "member" in parts:
        absences.leave_case(work.connection, case_id, practitioner_id, on=last_day)
        own.record("member_left", subject=practitioner_id, effective_on=last_day)
    call_off_invitations(own, [practitioner_id], why=_GONE)
    if handovers.end_for_who_left(own, practitioner_id):
        other_cases.tell(own, handovers.SUCCESSOR_LEFT, {case_id: {}})
    tasks = absences.held_tasks(work.connection, case_id, practitioner_id)
    for task in tasks:
        pass_on(own, task, kind="task_returned")
    if "lead_professional" in parts:
        own.record("lead_professional_left", subject=practitioner_id, effective_on=last_day)
    if "assessor" in parts:
        own.record("assessor_left", subject=practitioner_id, effective_on=last_day)
    own.finish()
    return len(tasks)


def _tell_of_leaving(work: Work, practitioner_id: UUID, manager: UUID | None, *, anything: bool) -> None:
    """Tell the line manager of what came back, and the coordinators when nobody manages the leaver or their team."""
    leaderless = absences.reports_of(work.connection, practitioner_id) > 0
    if not (anything or leaderless):
        return
    coordinators = people.with_role(work.connection, work.authority.id, "coordinator")
    told = [manager] if manager else coordinators
    told += coordinators if leaderless else []
    for each in dict.fromkeys(told):
        work.send(
            each,
            subject="Work has come back from somebody who left",
            body="Plans need a new lead professional, tasks somebody to do them, or a team a new manager. " + _LOOK,
        )
