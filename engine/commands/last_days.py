"""Carry out, in the night, what the last day of is over: leavings, absences, consents for a time, interim leads."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from engine import leaving, telling
from engine.acts import send_message, settle
from engine.calling_off import call_off_referral
from engine.guard import MOST_TRIES, attempt, report
from engine.operations import consents
from engine.operations.messages import remind_lead
from engine.process_engine import ProcessEngine
from engine.store import absences, authorities, births, consent_cover, interim_leads, locking
from engine.store.consent_cover import Ending
from engine.store.incidents import resolve_authority_wide
from engine.store.tables.consents import consents as consent_rows
from engine.work import Work, open_work

_INCIDENT = "step"
INTERIM_OVER: Final = "interim_over"
"""The message by which a diagram learns that somebody was to lead in between until today."""


@dataclass(frozen=True, slots=True)
class Turned:
    """How many last days were over and absences began; `failed` are incidents, `left` are still to be done."""

    over: int
    failed: int = 0
    left: int = 0


def turn_day(engine: ProcessEngine, *, authority_id: UUID) -> Turned:
    """Carry out the leavings of an authority whose last day is over, begin and end its absences, let consents lapse.

    Where the time of an interim lead is over, the diagram that names one begins, unless it runs already. Where a baby
    was expected by now, who leads or assesses is asked once to record the birth, or another day.

    One that fails, or meets other writers again and again, is an incident and is tried again the next night; the
    incident closes once all of them are done. One that finds no database is left for the next tick. Run before the
    night's sweep, which sees it.
    """
    now = engine.clock.now()
    with engine.sessions.read() as connection:
        zone = authorities.zone_name(connection, authority_id)
        today = now.astimezone(ZoneInfo(zone)).date()
        turning = absences.turning(connection, authority_id, today=today)
        lapsed = consent_cover.ending(connection, authority_id, before=today)
        interim = interim_leads.over(connection, authority_id, today=today)
        babies = births.overdue(connection, authority_id, today=today)
    acts = [partial(_carry_out, engine, authority_id, practitioner_id) for practitioner_id in turning.leavers]
    acts += [partial(_begin_by_itself, engine, authority_id, absence_id) for absence_id in turning.begun]
    acts += [partial(_end_by_itself, engine, authority_id, absence_id) for absence_id in turning.over]
    acts += [partial(_let_lapse, engine, each) for each in lapsed]
    acts += [partial(_ask_who_leads, engine, case_id) for case_id in interim]
    acts += [partial(_ask_for_birth, engine, case_id) for case_id in babies]
    results = [_guarded(engine, authority_id, act, now=now) for act in acts]
    turned = Turned(len(acts), failed=results.count(False), left=results.count(None))
    if not (turned.failed or turned.left):
        with engine.sessions.act() as connection:
            resolve_authority_wide(connection, authority_id, kind=_INCIDENT, at=now)
    return turned


def _carry_out(engine: ProcessEngine, authority_id: UUID, practitioner_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.practitioner(connection, authority_id, practitioner_id)
        last_day = None if row is None else row.left_on or row.leaves_on
        if last_day is None or last_day >= work.today:
            return
        left = leaving.leave(work, practitioner_id, last_day)
        work.finish()
    telling.give(engine, left.messages)


def _begin_by_itself(engine: ProcessEngine, authority_id: UUID, absence_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.absence(connection, authority_id, absence_id)
        if row is None or row.to_on is not None or row.begun_on is not None or row.from_on > work.today:
            return
        went = leaving.pass_tasks_on(work, row.practitioner_id, absence_id)
        work.record("absence_begun", subject=row.practitioner_id, detail={"tasks": went})
        work.finish()


def _end_by_itself(engine: ProcessEngine, authority_id: UUID, absence_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = leaving.open_staff_work(engine, connection, authority_id, None)
        row = absences.absence(connection, authority_id, absence_id)
        if row is None or row.to_on is not None or row.expected_to_on is None or row.expected_to_on >= work.today:
            return
        leaving.come_back(work, row, row.expected_to_on)
        work.finish()


def _let_lapse(engine: ProcessEngine, ending: Ending) -> None:
    with engine.sessions.act() as connection:
        work = _on_case(engine, connection, ending)
        if work is not None:
            agreed_to_mag = work.facts()["mag_consent"] == "yes"
            consents.let_lapse(work, ending.until_on)
            if agreed_to_mag:
                call_off_referral(work, answer="not_asked", why="")
            settle(work)


def _ask_who_leads(engine: ProcessEngine, case_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=None, at=engine.clock.now())
        if not work.case.closed and interim_leads.is_over(connection, case_id, today=work.today):
            send_message(work, INTERIM_OVER, {})
            settle(work)


def _ask_for_birth(engine: ProcessEngine, case_id: UUID) -> None:
    with engine.sessions.act() as connection:
        work = open_work(engine, connection, locking.case(connection, case_id), actor=None, at=engine.clock.now())
        expected_on = births.was_expected(connection, work.authority.id, case_id, today=work.today)
        if expected_on is not None:
            work.record("birth_asked_for", effective_on=expected_on)
            remind_lead(work, {"subject": "A baby was expected by now: record the birth, or another day"}, {})
            settle(work)


def _on_case(engine: ProcessEngine, connection: sa.Connection, ending: Ending) -> Work | None:
    """Begin an act on the case of a consent that ends; None when the family has said something else meanwhile."""
    work = open_work(engine, connection, locking.case(connection, ending.case_id), actor=None, at=engine.clock.now())
    current = (consent_rows.c.id == ending.id) & consent_rows.c.to_on.is_(None)
    still = connection.execute(sa.select(consent_rows.c.until_on).where(current)).scalar() == ending.until_on
    return work if still and not work.case.closed else None


def _guarded(engine: ProcessEngine, authority_id: UUID, act: Callable[[], None], *, now: datetime) -> bool | None:
    """Carry out one of them: True when it is done, False when it failed, None to be done at the next tick."""
    trouble = attempt("a last day that is over", act, tries=MOST_TRIES)
    if trouble is None:
        return True
    if trouble.down:
        return None
    said = "A leaving, an absence or a consent that is over could not be carried out"
    report(engine, trouble, said=said, kind=_INCIDENT, at=now, authority_id=authority_id)
    return False
