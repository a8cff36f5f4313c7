"""Record that somebody leaves or is away; what follows for their cases and tasks is done in the same act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import leaving, telling
from engine.casework.permissions import Actor, may_cover, may_record_away
from engine.casework.standing import works_no_cases
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.operations.vacancies import AWAY as COUNT_DAYS
from engine.operations.vacancies import UNCOVERED
from engine.process_engine import ProcessEngine
from engine.store import absences, people
from engine.store.tables.people import absences as absence_rows
from engine.work import Work

REASONS: Final = ("planned", "unplanned")
"""All that is asked of why somebody is away: nothing about their health or private life is kept."""
FARTHEST: Final = timedelta(days=731)
"""How far from today a last day or an absence may lie: beyond two years it is a slip of the pen."""
_WHO: Final = "Their line manager, a coordinator or an administrator records who leaves and who is away"


@dataclass(frozen=True, slots=True)
class Leaving:
    """What a leaving led to: `over` tells whether the last day has passed; else it is carried out the night after.

    `cases` had the person in them, of which `vacant` have nobody to lead them now; `tasks` went back.
    """

    over: bool
    cases: int = 0
    vacant: int = 0
    tasks: int = 0


def record_leaving(
    engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, last_day: date, why: str = ""
) -> Leaving:
    """Record somebody's last day; once it is over their account ends and their work goes back, all in one act.

    Open tasks go where the rules say, with the days promised; the lead of a plan stays on record until another is
    appointed, and counts as vacant. Raises `NotFound`, `NotPermitted`, `Conflict`
    for who has left, `Invalid` naming the field.
    """
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, actor.authority_id, actor)
        _require_may(work, actor, practitioner_id)
        _require_near(last_day, work.today, "last_day")
        leaving.require_other_administrator(work, practitioner_id)
        payload = {"why": why.strip()} if why.strip() else None
        work.record("leaving_recorded", subject=practitioner_id, detail={"last_day": last_day}, payload=payload)
        if last_day >= work.today:
            absences.set_last_day(connection, practitioner_id, last_day, over=False)
            work.finish()
            return Leaving(over=False)
        left = leaving.leave(work, practitioner_id, last_day)
        work.finish()
    telling.give(engine, left.messages, actor=actor)
    return Leaving(True, left.cases, left.vacant, left.tasks)


@dataclass(frozen=True, slots=True)
class Staying:
    """What taking a leaving back led to: `was_over` tells that it had been carried out, `reopened` their account.

    `placed` is false when they are in no team now, or their agency has closed meanwhile.
    """

    was_over: bool
    reopened: bool = False
    placed: bool = True


def take_back_leaving(engine: ProcessEngine, *, actor: Actor, practitioner_id: UUID, why: str = "") -> Staying:
    """Record that somebody stays after all; one who has left has their account and roles again.

    Tasks that went back stay where they are. Raises as `record_leaving`, `Conflict` when no last day is recorded,
    `Invalid` without a reason when it is over.
    """
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, actor.authority_id, actor)
        row = _require_may(work, actor, practitioner_id, gone=True)
        last_day = row.left_on or row.leaves_on
        if last_day is None:
            raise Conflict(f"No last day is recorded for {row.name}")
        over, said = row.left_on is not None, why.strip()
        if over and not said:
            raise Invalid(f"Say why: {row.name} has left already, and their account opens again", field="stays_why")
        if over:
            reopened = leaving.stay(work, practitioner_id, last_day)
        else:
            reopened = False
            absences.set_last_day(connection, practitioner_id, None, over=False)
        work.record(
            "leaving_taken_back",
            subject=practitioner_id,
            detail={"last_day": last_day},
            payload={"why": said} if said else None,
        )
        work.finish()
        return Staying(over, reopened, absences.has_place(connection, practitioner_id))


def record_absence(
    engine: ProcessEngine,
    *,
    actor: Actor,
    practitioner_id: UUID,
    from_on: date,
    expected_to_on: date | None = None,
    reason: str = "planned",
    covered_by: UUID | None = None,
) -> UUID:
    """Record that somebody is away from `from_on` to `expected_to_on` (None: not known yet); return the absence's id.

    `covered_by` sees their cases and does their tasks on those days, where the family or a restriction keeps none from
    them (`standing_in.may_stand_in`); open tasks go where the rules say when the absence begins. Without cover, the
    rules count the working days on which nobody covers; who answers for such plans is told, of restricted ones the
    coordinators. `reason` is one of `REASONS`. Raises as `record_leaving`, `Conflict` when they are away then already.
    """
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, actor.authority_id, actor)
        row = _require_may(work, actor, practitioner_id)
        _require_span(work, from_on, expected_to_on, reason)
        _require_free(work, row, from_on, expected_to_on)
        if covered_by is not None:
            _require_cover(work, practitioner_id, covered_by)
        id_, detail = engine.ids.new(), {"from_on": from_on, "expected_to_on": expected_to_on}
        who = {"authority_id": work.authority.id, "practitioner_id": practitioner_id, "covered_by": covered_by}
        connection.execute(sa.insert(absence_rows).values(id=id_, reason=reason, **who, **detail))
        said = {**detail, "covered_by": None if covered_by is None else str(covered_by)}
        work.record("absence_recorded", subject=practitioner_id, detail=said)
        alone = leaving.go_away(work, practitioner_id, said, from_on=from_on, covered_by=covered_by)
        if from_on <= work.today:
            leaving.pass_tasks_on(work, practitioner_id, id_)
        if covered_by is not None:
            _tell_cover(work, covered_by)
        work.send(practitioner_id, subject=AWAY, body=_WHO_COVERS)
        _tell_of_absence(work, practitioner_id, alone)
        for other in leaving.uncover(work, practitioner_id, from_on, expected_to_on):
            _tell_of_absence(work, other, leaving.Uncovered([], restricted=False, others=True))
        messages = telling.queue(work, alone.led, COUNT_DAYS, {"away_from": from_on})
        work.finish()
    telling.give(engine, messages, actor=actor)
    return id_


def end_absence(engine: ProcessEngine, *, actor: Actor, absence_id: UUID, last_day: date | None = None) -> None:
    """Record the last day of an absence, yesterday unless another is given; a day before its first: it never came.

    Raises `NotFound`, `NotPermitted`, `Conflict` when it is over, `Invalid` for a day to come.
    """
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, actor.authority_id, actor)
        row = _absence(work, absence_id)
        if not may_record_away(actor, row.practitioner_id):
            raise NotPermitted(_WHO)
        if row.to_on is not None:
            raise Conflict("This absence is over already")
        on = last_day or work.today - timedelta(days=1)
        if on > work.today:
            raise Invalid("Enter a day that is not still to come", field="last_day")
        leaving.come_back(work, row, on)
        work.finish()


def _require_may(work: Work, actor: Actor, practitioner_id: UUID, *, gone: bool = False) -> Any:
    """Return the row of somebody the actor may record a leaving or an absence of: who is here, or may be `gone`."""
    row = absences.practitioner(work.connection, work.authority.id, practitioner_id)
    if row is None:
        raise NotFound("There is no such person", practitioner_id=practitioner_id)
    if not may_record_away(actor, practitioner_id):
        raise NotPermitted(_WHO)
    if row.left_on is not None and not gone:
        raise Conflict(f"{row.name} has left already", practitioner_id=practitioner_id)
    return row


def _require_near(day: date, today: date, field: str) -> None:
    if abs(day - today) > FARTHEST:
        raise Invalid("Enter a day within two years of today", field=field)


def _require_span(work: Work, from_on: date, to_on: date | None, reason: str) -> None:
    _require_near(from_on, work.today, "from_on")
    if reason not in REASONS:
        raise Invalid("Say whether the absence was planned", field="reason")
    if to_on is None:
        return
    _require_near(to_on, work.today, "expected_to_on")
    if to_on < from_on:
        raise Invalid("Enter a last day that is not before the first", field="expected_to_on")
    if to_on < work.today:
        raise Invalid("This absence is over already. Enter one that lasts or is to come", field="expected_to_on")


def _require_free(work: Work, row: Any, from_on: date, to_on: date | None) -> None:
    for known in absences.lasting(work.connection, row.id):
        ends, begins = known.expected_to_on or date.max, known.from_on
        if from_on <= ends and begins <= (to_on or date.max):
            raise Conflict(f"{row.name} is away from {begins.day} {begins:%B %Y} already. End that absence first")


def _require_cover(work: Work, practitioner_id: UUID, covered_by: UUID) -> None:
    standing = people.standings(work.connection, work.authority.id, [covered_by], today=work.today).get(covered_by)
    if standing is None or covered_by == practitioner_id:
        raise Invalid("Choose somebody else from the list", field="covered_by")
    if refusal := standing.refusal(work.today) or standing.warning(work.today):
        raise Invalid(refusal, field="covered_by")
    needed = may_cover(people.roles_of(work.connection, practitioner_id))
    if not people.has_role(work.connection, covered_by, needed):
        raise Invalid(works_no_cases(standing.name), field="covered_by")


def _absence(work: Work, absence_id: UUID) -> Any:
    row = absences.absence(work.connection, work.authority.id, absence_id)
    if row is None:
        raise NotFound("There is no such absence", absence_id=absence_id)
    return row


def _tell_cover(work: Work, covered_by: UUID) -> None:
    subject = "You cover for somebody who is away"
    body = "Their tasks are on your list on those days, where the case is yours to see. Sign in to see which."
    work.send(covered_by, subject=subject, body=body)


def _tell_of_absence(work: Work, practitioner_id: UUID, alone: leaving.Uncovered) -> None:
    """Tell the line manager where nobody covers, of restricted cases the coordinators alone, who decide about them."""
    manager = people.manager_of(work.connection, practitioner_id)
    coordinators = people.with_role(work.connection, work.authority.id, "coordinator")
    told = ([manager] if manager else coordinators) if alone.others else []
    told += coordinators if alone.restricted else []
    for each in dict.fromkeys(told):
        work.send(each, subject=UNCOVERED, body="Choose who covers, or an interim lead. Sign in to see whose plans.")


AWAY: Final = "You are recorded as away"
_WHO_COVERS: Final = (
    "Who covers for you, if anybody does, sees your cases and does your tasks on these days. If this is not right, "
    "tell your line manager or a coordinator."
)
