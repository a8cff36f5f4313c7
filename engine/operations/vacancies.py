"""Whether somebody leads a plan who is here, and word of it to the diagram that asks who leads in between."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.standing import why_led
from engine.errors import Conflict
from engine.operations.other_cases import tell
from engine.store import interim_leads, people, running
from engine.store.escalations import running as running_process
from engine.store.tables.changes import handovers
from engine.work import Work

LED_AGAIN: Final = "led_again"
"""The message to a diagram that asks who leads in between: somebody leads, so nobody is to be named any more."""
LEAD_AWAY: Final = "lead_away"
"""The diagram that counts the days for which who leads is away uncovered, and then asks who leads in between."""
AWAY: Final = "lead_professional_away"
"""The message that starts it, with the day as `away_from`."""
UNCOVERED: Final = "A lead professional is away and nobody covers for them"
AWAY_DAYS: Final = "lead_away_days"
"""The time limit of these days, in working days."""


def tell_if_asked(work: Work) -> None:
    """Queue the word that somebody leads again, where a diagram of the case asks who leads in between."""
    if running.is_awaited(work.connection, work.case.id, LED_AGAIN):
        tell(work, LED_AGAIN, {work.case.id: {}})


def count_absence(work: Work) -> bool:
    """Let the days be counted from the first for which who leads is, or will be, away uncovered; tell whether so."""
    away_from = work.facts()["lead_absent_since"]
    if away_from is not None:
        tell(work, AWAY, {work.case.id: {"away_from": away_from}})
    return away_from is not None


def is_led(work: Work) -> bool:
    """Tell whether somebody leads who is here, covered or waited for, and not in between beyond their time."""
    facts, away = work.facts(), work.facts()["lead_absent_since"]
    here = away is None or away > work.today or _is_waited_for(work)
    over = interim_leads.is_over(work.connection, work.case.id, today=work.today)
    return facts["lead_professional"] is not None and here and not over


def is_to_be_led_today(work: Work) -> bool:
    """Tell whether somebody has accepted to lead from today on, or from a day before."""
    mine = (handovers.c.case_id == work.case.id) & handovers.c.ended_on.is_(None)
    due = handovers.c.accepted_on.is_not(None) & (handovers.c.planned_on <= work.today)
    return work.connection.execute(sa.select(handovers.c.id).where(mine, due)).first() is not None


def _is_waited_for(work: Work) -> bool:
    """Tell whether a diagram counts the days for which the lead is away, and they are not over yet."""
    if running_process(work.connection, work.case.id, LEAD_AWAY) is None:
        return False
    limit = work.engine.library.host(work.connection, work.authority).time_limit(AWAY_DAYS)
    return bool(work.facts()["days_without_lead"] <= limit)


def require_vacant(work: Work, lead: UUID | None) -> None:
    """Raise `Conflict` while `lead`, who leads on record, is here and their time is not over, or nobody has led yet."""
    standing = None
    if lead is not None:
        standing = people.standings(work.connection, work.authority.id, [lead], today=work.today)[lead]
    over = interim_leads.is_over(work.connection, work.case.id, today=work.today)
    was_led = work.facts()["lead_vacant_since"] is not None
    if why := why_led(standing, work.today, is_over=over, was_led=was_led):
        raise Conflict(why)
