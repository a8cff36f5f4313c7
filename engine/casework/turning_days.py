"""The next day on which the facts of a case, left alone, come to something the rules look at.

Only the facts of `DAILY` move by themselves. Each is told by arithmetic on the calendar from what is recorded, so a
plan that nobody has touched need not be judged each day to find out that nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.casework.facts import RecordedFacts, interim_end, without_lead_since

A_WEEK: Final = 7


@dataclass(frozen=True, slots=True)
class Watch:
    """What to look for from `today` on, when the facts of today are `now` (see `facts.derive`)."""

    recorded: RecordedFacts
    now: Mapping[str, Any]
    today: date
    calendar: WorkingCalendar

    def next_value(self, name: str, steps: Sequence[int] | None) -> int | None:
        """Return the next value of a growing fact that matters; None when there is none."""
        value: int = self.now[name]
        return value + 1 if steps is None else next((step for step in steps if step > value), None)


def next_turn(
    recorded: RecordedFacts,
    now: Mapping[str, Any],
    *,
    today: date,
    calendar: WorkingCalendar,
    steps: Mapping[str, Sequence[int]],
    whole: AbstractSet[str],
) -> date | None:
    """Return the first day after `today` on which something the rules look at is different; None when none comes.

    `now` are the facts of today (`facts.derive`). `steps` maps a fact to the whole numbers at which it begins to matter
    differently, `whole` are the facts of which any change matters. Facts in neither do not matter.
    """
    watch = Watch(recorded, now, today, calendar)
    first: date | None = None
    for name, turn in DAILY.items():
        if name in whole:
            day = turn(watch, None)
        elif name in steps:
            day = turn(watch, steps[name])
        else:
            continue
        if day is not None and (first is None or day < first):
            first = day
    return first


_Turn = Callable[[Watch, Sequence[int] | None], date | None]
"""Gives the first day after today on which a fact passes one of the steps, or changes at all when they are None."""


def _aging(name: str, since: Callable[[RecordedFacts], date | None]) -> _Turn:
    """Follow an age in working days since a day."""

    def turn(watch: Watch, steps: Sequence[int] | None) -> date | None:
        began = since(watch.recorded)
        value = None if began is None else watch.next_value(name, steps)
        return None if began is None or value is None else watch.calendar.add_working_days(began, value)

    return turn


def _assessing(recorded: RecordedFacts) -> date | None:
    return None if recorded.assessment_completed_on else recorded.assessment_started_on


def _waiting(recorded: RecordedFacts) -> date | None:
    return None if recorded.first_tac_held_on else recorded.assessment_completed_on


def _quiet_since(recorded: RecordedFacts) -> date:
    moved = (recorded.opened_on, recorded.plan_agreed_on, recorded.last_progress_on)
    return max(day for day in moved if day is not None)


def _weeks(watch: Watch, steps: Sequence[int] | None) -> date | None:
    began, value = _waiting(watch.recorded), watch.next_value("weeks_since_assessment", steps)
    if began is not None and value is not None:
        return began + timedelta(days=A_WEEK * value)
    return None


def _months(name: str, since: Callable[[RecordedFacts], date]) -> _Turn:
    """Follow an age in whole calendar months since a day."""

    def turn(watch: Watch, steps: Sequence[int] | None) -> date | None:
        value = watch.next_value(name, steps)
        return None if value is None else _months_after(since(watch.recorded), value)

    return turn


def _months_after(day: date, months: int) -> date:
    """Return the first day that is `months` whole months after `day`: one month after 31 January is 1 March."""
    years, month = divmod(day.month - 1 + months, 12)
    try:
        return day.replace(year=day.year + years, month=month + 1)
    except ValueError:
        return date(day.year + years, month + 2, 1)


def _to_go(name: str, until: Callable[[RecordedFacts], date | None]) -> _Turn:
    """Follow the days that are left to a day, which fall: a step is passed downwards."""

    def turn(watch: Watch, steps: Sequence[int] | None) -> date | None:
        left: int = watch.now[name]
        passed = left if steps is None else max((step for step in steps if step <= left), default=None)
        if until(watch.recorded) is not None and passed is not None:
            return watch.calendar.add_working_days(watch.today, left - passed + 1)
        return None

    return turn


def _late(watch: Watch, due: date, days: int = 1) -> date:
    """Return the first day on which a promise for `due` is `days` working days late."""
    return watch.calendar.add_working_days(watch.calendar.next_working_day(due), days)


def _review_late(watch: Watch, steps: Sequence[int] | None) -> date | None:
    promised = watch.recorded.review_first_due_on or watch.recorded.next_review_on
    value = watch.next_value("review_overdue_days", steps)
    if promised is not None and value is not None and watch.recorded.review_met_on is None:
        return _late(watch, promised, value)
    return None


def _review_missed(watch: Watch, steps: Sequence[int] | None) -> date | None:
    due, missed = watch.recorded.next_review_on, watch.recorded.reviews_missed + 1
    met = watch.recorded.review_met_on is not None
    if due is None or met or watch.now["reviews_missed"] == missed or (steps is not None and missed not in steps):
        return None
    return _late(watch, due)


def _actions_late(watch: Watch, steps: Sequence[int] | None) -> date | None:
    value, dues = watch.next_value("overdue_actions", steps), sorted(watch.recorded.open_actions_due)
    if value is not None and value <= len(dues):
        return _late(watch, dues[value - 1])
    return None


def _oldest_action(watch: Watch, steps: Sequence[int] | None) -> date | None:
    value = watch.next_value("oldest_action_overdue_days", steps)
    if watch.recorded.open_actions_due and value is not None:
        return _late(watch, min(watch.recorded.open_actions_due), value)
    return None


def _action_past_review(watch: Watch, _steps: Sequence[int] | None) -> date | None:
    if watch.now["actions_overdue_past_review"] or not watch.recorded.open_actions_due:
        return None
    due, held = min(watch.recorded.open_actions_due), watch.recorded.last_review_on
    planned = watch.recorded.next_review_on
    if held is not None and held > due:
        return _late(watch, due)
    if planned is not None and planned > due:
        return max(_late(watch, due), planned + timedelta(days=1))
    return None


def _interim_over(watch: Watch, _steps: Sequence[int] | None) -> date | None:
    until = interim_end(watch.recorded)
    return None if watch.now["lead_vacant"] or until is None else until + timedelta(days=1)


DAILY: Final[Mapping[str, _Turn]] = {
    "days_to_consent_end": _to_go("days_to_consent_end", lambda facts: facts.consent_until_on),
    "consent_lapsed_days": _aging("consent_lapsed_days", lambda facts: facts.consent_lapsed_since),
    "assessment_days": _aging("assessment_days", _assessing),
    "days_since_assessment": _aging("days_since_assessment", _waiting),
    "weeks_since_assessment": _weeks,
    "open_months": _months("open_months", lambda facts: facts.opened_on),
    "months_since_assessment": _months(
        "months_since_assessment", lambda facts: facts.reassessed_on or facts.opened_on
    ),
    "months_since_consultation": _months(
        "months_since_consultation", lambda facts: facts.consulted_on or facts.opened_on
    ),
    "days_to_review": _to_go("days_to_review", lambda facts: facts.next_review_on),
    "review_overdue_days": _review_late,
    "review_unwritten_days": _aging("review_unwritten_days", lambda facts: facts.review_met_on),
    "reviews_missed": _review_missed,
    "overdue_actions": _actions_late,
    "oldest_action_overdue_days": _oldest_action,
    "actions_overdue_past_review": _action_past_review,
    "lead_vacant": _interim_over,
    "days_without_lead": _aging("days_without_lead", without_lead_since),
    "lead_declined_days": _aging("lead_declined_days", lambda facts: facts.lead_declined_since),
    "disagreement_days": _aging("disagreement_days", lambda facts: facts.disagreement_since),
    "manager_stage_days": _aging("manager_stage_days", lambda facts: facts.manager_stage_since),
    "days_silent": _aging("days_silent", _quiet_since),
}
"""Each fact that changes though nothing is recorded, and the day on which it next passes a step."""
