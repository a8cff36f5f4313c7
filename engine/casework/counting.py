"""From which day a fact that is an age or a lateness was counted, in words: the arithmetic behind a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.casework.facts import whole_months

Count = Callable[[WorkingCalendar, date, date], int]
"""Counts from a day to today as `facts.derive` does."""


@dataclass(frozen=True, slots=True)
class Counted:
    """How a fact is counted: the facts that may hold its day (the first that is set does), the words, the count."""

    since: tuple[str, ...]
    words: str
    count: Count


def _working(calendar: WorkingCalendar, day: date, today: date) -> int:
    return max(0, calendar.working_days_between(day, today))


def _until(calendar: WorkingCalendar, day: date, today: date) -> int:
    return calendar.working_days_between(today, day)


def _overdue(calendar: WorkingCalendar, day: date, today: date) -> int:
    return calendar.days_overdue(day, today)


def _weeks(calendar: WorkingCalendar, day: date, today: date) -> int:
    return max(0, (today - day).days // 7)


def _months(calendar: WorkingCalendar, day: date, today: date) -> int:
    return whole_months(day, today)


COUNTED: Final[Mapping[str, Counted]] = {
    "days_to_consent_end": Counted(("consent_until_on",), "until the last day they agreed to,", _until),
    "consent_lapsed_days": Counted(("consent_lapsed_since",), "since it no longer holds, from", _working),
    "assessment_days": Counted(("assessment_started_on",), "since the assessment was begun on", _working),
    "days_since_assessment": Counted(("assessment_completed_on",), "since the assessment on", _working),
    "weeks_since_assessment": Counted(("assessment_completed_on",), "since the assessment on", _weeks),
    "days_to_review": Counted(("next_review_on",), "until the review on", _until),
    "review_overdue_days": Counted(
        ("review_first_due_on", "next_review_on"), "since the review was due on", _overdue
    ),
    "review_unwritten_days": Counted(("review_met_on",), "since the team met on", _working),
    "open_months": Counted(("opened_on",), "since the case was opened on", _months),
    "months_since_assessment": Counted(("reassessed_on", "opened_on"), "since", _months),
    "months_since_consultation": Counted(("consulted_on", "opened_on"), "since", _months),
    "days_without_lead": Counted(
        ("lead_vacant_since", "lead_absent_since", "interim_first_until_on", "interim_until_on"), "since", _working
    ),
    "lead_declined_days": Counted(("lead_declined_since",), "since they declined on", _working),
    "disagreement_days": Counted(("disagreement_since",), "since", _working),
    "manager_stage_days": Counted(("manager_stage_since",), "since it went to the manager on", _working),
    "days_silent": Counted(("last_progress_on", "plan_agreed_on", "opened_on"), "since the last news on", _working),
}
"""Fact -> how it is counted."""


def counted_from(
    name: str, value: Any, facts: Mapping[str, Any], *, today: date, calendar: WorkingCalendar
) -> tuple[str, date] | None:
    """Return the words and the day from which the fact `name` was counted to `value`.

    None when the fact is no age, or the day is not among `facts`, or counting from it gives another number: better
    nothing than a sum that does not come out.
    """
    how = COUNTED.get(name)
    for each in how.since if how is not None else ():
        day = facts.get(each)
        if how is not None and type(day) is date and how.count(calendar, day, today) == value:
            return how.words, day
    return None
