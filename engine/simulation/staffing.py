"""What is recorded of the people themselves: that somebody is away for long, or leaves."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from engine.commands import practitioners
from engine.errors import Conflict
from engine.simulation.town import Town

AWAY, LEAVING = "away", "leaving"


def plan_day(town: Town, day: date) -> None:
    """Enter for a working day what is to be recorded on it."""
    away, calendar = town.behaviours.away, town.office.calendar
    for practitioner, diary in town.office.diaries.items():
        spell = diary.spell_from(day)
        if spell is not None and calendar.working_days_between(*spell) >= away.recorded_from:
            town.agenda.put(town.at_work(day), AWAY, practitioner)
        if diary.left_on is not None and calendar.add_working_days(diary.left_on, -away.notice) == day:
            town.agenda.put(town.at_work(day), LEAVING, practitioner)


def record_absence(town: Town, practitioner: UUID) -> None:
    """Let the manager record that somebody is away from today, and until when, often with who covers."""
    spell = town.office.diaries[practitioner].spell_from(town.today)
    if spell is None:
        return
    cover = None
    if town.chance.happens(town.behaviours.away.covered):
        cover = town.office.cover_for(practitioner, town.today, town.chance)
    try:
        practitioners.record_absence(
            town.engine,
            actor=town.office.who_reassigns(practitioner, town.today),
            practitioner_id=practitioner,
            from_on=town.today,
            expected_to_on=spell[1] - timedelta(days=1),
            covered_by=cover.practitioner_id if cover else None,
        )
    except Conflict:
        town.done["met somebody else's act"] += 1
    else:
        town.done["absences recorded"] += 1


def record_leaving(town: Town, practitioner: UUID) -> None:
    """Let the manager record somebody's last day some time before it."""
    left_on = town.office.diaries[practitioner].left_on
    if left_on is None:
        return
    actor = town.office.who_reassigns(practitioner, town.today)
    last_day = left_on - timedelta(days=1)
    practitioners.record_leaving(town.engine, actor=actor, practitioner_id=practitioner, last_day=last_day)
    town.done["leavings recorded"] += 1
