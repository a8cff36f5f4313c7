"""What a decision may see of a case: the raw facts kept in the record, and the ages they give on a day.

`RecordedFacts` depends on the record alone, so it is stored with valid-from and valid-to and stays true until
somebody acts. `derive` adds what depends on the day. Both are flat; every name a rule may use is in `FACTS`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Final

from engine.calendar import WorkingCalendar
from engine.errors import Invalid

FACTS: Final[Mapping[str, str]] = {
    # people: practitioner ids; null when there is none
    "lead_professional": "string",
    "assessor": "string",
    "line_manager": "string",
    "child": "string",
    # the case
    "authority": "string",
    "pathway": "string",
    "open_months": "number",
    "months_since_assessment": "number",
    "months_since_consultation": "number",
    "consent": "string",
    "mag_consent": "string",
    "concern_open": "boolean",
    "immediate_danger": "boolean",
    "family_not_found": "boolean",
    "linked_plan": "string",
    "disagreement_stage": "string",
    "closed": "boolean",
    "paused": "boolean",
    # dates; null when it has not happened
    "opened_on": "date",
    "assessment_started_on": "date",
    "assessment_completed_on": "date",
    "first_tac_on": "date",
    "first_tac_held_on": "date",
    "next_tac_on": "date",
    "plan_agreed_on": "date",
    "next_review_on": "date",
    "review_met_on": "date",
    "last_review_on": "date",
    "lead_vacant_since": "date",
    "lead_absent_since": "date",
    "interim_until_on": "date",
    "interim_first_until_on": "date",
    "lead_declined_since": "date",
    "disagreement_since": "date",
    "manager_stage_since": "date",
    "last_progress_on": "date",
    "plan_changed_on": "date",
    "reassessed_on": "date",
    "consulted_on": "date",
    "paused_until": "date",
    # ages, counts and states; never null, so that a rule may compare them without asking first
    "consent_has_end": "boolean",
    "days_to_consent_end": "number",
    "consent_lapsed_days": "number",
    "assessment_days": "number",
    "days_since_assessment": "number",
    "weeks_since_assessment": "number",
    "tac_date_fixed": "boolean",
    "tac_held": "boolean",
    "plan_agreed": "boolean",
    "review_date_set": "boolean",
    "closing_agreed": "boolean",
    "days_to_review": "number",
    "invitations_sent": "boolean",
    "review_overdue_days": "number",
    "review_unwritten_days": "number",
    "reviews_missed": "number",
    "reviews_held": "number",
    "reviews_without_progress": "number",
    "reviews_since_consultation": "number",
    "plan_changed": "boolean",
    "outcomes_met": "boolean",
    "open_actions": "number",
    "overdue_actions": "number",
    "oldest_action_overdue_days": "number",
    "actions_overdue_past_review": "boolean",
    "lead_vacant": "boolean",
    "days_without_lead": "number",
    "led_in_between": "boolean",
    "lead_declined": "boolean",
    "lead_declined_days": "number",
    "disagreement_days": "number",
    "manager_stage_days": "number",
    "days_silent": "number",
    "agency_meetings_missed": "number",
    "absent_agency": "string",
}
"""Every fact's name and FEEL type. Ages are in working days unless `derive` says otherwise."""

FACT_NAMES: Final = tuple(FACTS)
CONSENTS: Final = ("given", "limited", "refused", "withdrawn", "lapsed", "not_asked")
LINKED_PLANS: Final = (
    "none", "disability", "sen", "looked_after", "youth_offending", "child_protection", "child_in_need",
)  # fmt: skip
"""The kinds of plan that lead where a child has one."""
DISAGREEMENT_STAGES: Final = ("none", "practitioners", "managers", "senior_officers")
MAG_CONSENTS: Final = ("yes", "no", "not_asked", "no_answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedFacts:
    """The facts of one case as recorded; nothing here depends on today.

    People are practitioner ids. `line_manager` is the lead professional's, or the assessor's while nobody leads.
    `open_actions_due` holds the due date of every open action, in any order. `reviews_missed` counts review dates
    that passed and were replaced with no review held, since the last one held; the date in force is not counted.
    `reviews_without_progress` counts the latest reviews in a row that found things the same or worse.
    `closing_agreed` is true when the last review agreed to close and no further one is planned.
    `review_first_due_on` is the first date set for the review now awaited: lateness counts from it, so that moving
    the date never makes a review less late. `review_met_on` is the day of its meeting once that is written up: the
    review is then no longer late, but to be written up itself. `invitations_sent_on` is about the next meeting, or the
    next review.
    `outcomes_open` is None while there is no plan. `last_progress_on` is the latest action update, report back or
    contact with the family. `agency_meetings_missed` is the most meetings in a row that one agency missed without a
    report, `absent_agency` its name (several joined by "and"), empty while none is missed.

    `consent_until_on` is the last day that the family set for the consent to sharing in force, `consent_lapsed_since`
    the first on which such a consent no longer held, until they agree again.
    `family_not_found` is true from the day somebody records that the family cannot be reached until they are found.
    `linked_plan`, one of `LINKED_PLANS`, says which other plan leads for the child. `lead_declined_since` is the day
    the last person asked to lead declined, until somebody accepts. `interim_until_on` is the day until which whoever
    leads now was named to lead in between, `interim_first_until_on` the earliest such day since somebody last led for
    good: naming somebody again makes a plan without a lead no less late. `disagreement_stage`, one of
    `DISAGREEMENT_STAGES`, and `disagreement_since`, the day it was reached, are those of the open disagreement
    between professionals. `plan_changed_on` is the latest day on which lead and family looked at the plan anew,
    `reassessed_on` that of the latest assessment after the first (of any, where support began without the common
    assessment), `consulted_on` that on which social care was last asked for advice, and `reviews_since_consultation`
    counts the reviews held since then. `paused_until` is set while the work with the family rests.
    """

    authority: str
    opened_on: date
    pathway: str = "caf"
    consent: str = "not_asked"
    mag_consent: str = "not_asked"
    consent_until_on: date | None = None
    consent_lapsed_since: date | None = None
    closed: bool = False
    concern_open: bool = False
    immediate_danger: bool = False
    family_not_found: bool = False
    linked_plan: str = "none"
    lead_professional: str | None = None
    assessor: str | None = None
    line_manager: str | None = None
    child: str | None = None
    assessment_started_on: date | None = None
    assessment_completed_on: date | None = None
    first_tac_on: date | None = None
    first_tac_held_on: date | None = None
    next_tac_on: date | None = None
    invitations_sent_on: date | None = None
    plan_agreed_on: date | None = None
    next_review_on: date | None = None
    review_first_due_on: date | None = None
    review_met_on: date | None = None
    last_review_on: date | None = None
    reviews_held: int = 0
    reviews_missed: int = 0
    reviews_without_progress: int = 0
    reviews_since_consultation: int = 0
    closing_agreed: bool = False
    outcomes_open: int | None = None
    open_actions_due: tuple[date, ...] = ()
    last_progress_on: date | None = None
    plan_changed_on: date | None = None
    reassessed_on: date | None = None
    consulted_on: date | None = None
    lead_vacant_since: date | None = None
    lead_absent_since: date | None = None
    interim_until_on: date | None = None
    interim_first_until_on: date | None = None
    lead_declined_since: date | None = None
    disagreement_stage: str = "none"
    disagreement_since: date | None = None
    manager_stage_since: date | None = None
    agency_meetings_missed: int = 0
    absent_agency: str = ""
    paused_until: date | None = None

    def as_json(self) -> dict[str, Any]:
        """Return every field as JSON values, dates in ISO form; equal facts give equal results."""
        return {name: _to_json(getattr(self, name)) for name in _FIELDS}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RecordedFacts:
        """Read what `as_json` gave. Fields of later versions are ignored. Raises `Invalid` when it cannot be read."""
        try:
            known = {name: stored[name] for name in _KNOWN & stored.keys()}
            for name in _DATES & known.keys():
                if known[name] is not None:
                    known[name] = date.fromisoformat(known[name])
            known["open_actions_due"] = tuple(map(date.fromisoformat, known.get("open_actions_due", ())))
            return cls(**known)
        except (TypeError, ValueError) as error:
            raise Invalid(f"Stored facts cannot be read: {error}") from error


_FIELDS: Final = tuple(field.name for field in fields(RecordedFacts))
_KNOWN: Final = frozenset(_FIELDS)
_DATES: Final = frozenset(name for name in _FIELDS if name.endswith(("_on", "_since", "_until")))
_COPIED: Final = tuple(name for name in FACT_NAMES if name in _FIELDS)


def derive(recorded: RecordedFacts, *, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    """Return every fact of `FACTS` as it is on `today`, in the authority's `calendar`.

    Ages are working days, except `weeks_since_assessment` (whole calendar weeks), and in whole calendar months
    `open_months`, `months_since_assessment` (the latest after the first) and `months_since_consultation`; the last
    two count from the day the case was opened until it has happened. Numbers and booleans are never None: the age
    of something that is not going on is 0. `days_to_consent_end` counts (below zero once passed) while a consent
    for a time is in force, which `consent_has_end` tells, `consent_lapsed_days` since one lapsed. `assessment_days`
    counts while an assessment is open, `days_since_assessment` and `weeks_since_assessment` from its completion
    until the first TAC meeting is held, `days_to_review` (below zero once passed) and `review_overdue_days` while a
    review date is set and nobody met for it, `review_unwritten_days` since they did until the review is written up,
    `days_without_lead` while nobody leads, the lead is away uncovered or the time of an interim lead is over or was
    prolonged (`lead_vacant` too from the day after its first end), `lead_declined_days` since the last person asked
    declined, `disagreement_days` since a disagreement reached its stage, `manager_stage_days` while a manager holds the
    plan. `led_in_between` tells whether an interim lead was named last, with an end, `plan_changed` whether the plan
    was looked at anew since the last review.
    """
    facts: dict[str, Any] = {name: getattr(recorded, name) for name in _COPIED}
    facts["paused"] = recorded.paused_until is not None
    facts["open_months"] = whole_months(recorded.opened_on, today)
    facts["months_since_assessment"] = whole_months(recorded.reassessed_on or recorded.opened_on, today)
    facts["months_since_consultation"] = whole_months(recorded.consulted_on or recorded.opened_on, today)
    facts.update(_consent_ages(recorded, today, calendar))
    facts.update(_assessment_ages(recorded, today, calendar))
    facts.update(_review_ages(recorded, today, calendar))
    facts.update(_action_ages(recorded, today, calendar))
    facts.update(_people_ages(recorded, today, calendar))
    return facts


def _consent_ages(recorded: RecordedFacts, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    until = recorded.consent_until_on
    return {
        "consent_has_end": until is not None,
        "days_to_consent_end": 0 if until is None else calendar.working_days_between(today, until),
        "consent_lapsed_days": _age(recorded.consent_lapsed_since, today, calendar),
    }


def _assessment_ages(recorded: RecordedFacts, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    started, completed = recorded.assessment_started_on, recorded.assessment_completed_on
    waiting = None if recorded.first_tac_held_on else completed
    return {
        "assessment_days": _age(None if completed else started, today, calendar),
        "days_since_assessment": _age(waiting, today, calendar),
        "weeks_since_assessment": 0 if waiting is None else max(0, (today - waiting).days // 7),
        "tac_date_fixed": recorded.first_tac_on is not None,
        "tac_held": recorded.first_tac_held_on is not None,
    }


def _review_ages(recorded: RecordedFacts, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    due = recorded.next_review_on
    promised, met = recorded.review_first_due_on or due, recorded.review_met_on
    passed = due is not None and met is None and calendar.days_overdue(due, today) > 0
    return {
        "plan_agreed": recorded.plan_agreed_on is not None,
        "review_date_set": due is not None,
        "days_to_review": 0 if due is None else calendar.working_days_between(today, due),
        "review_overdue_days": 0 if promised is None or met else calendar.days_overdue(promised, today),
        "review_unwritten_days": _age(met, today, calendar),
        "invitations_sent": recorded.invitations_sent_on is not None,
        "reviews_missed": recorded.reviews_missed + passed,
        "outcomes_met": recorded.outcomes_open == 0,
        "plan_changed": _changed_since_review(recorded),
    }


def _changed_since_review(recorded: RecordedFacts) -> bool:
    changed, held = recorded.plan_changed_on, recorded.last_review_on
    return changed is not None and (held is None or changed >= held)


def _action_ages(recorded: RecordedFacts, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    late = [days for due in recorded.open_actions_due if (days := calendar.days_overdue(due, today))]
    past_review = bool(late) and _review_passed_since(min(recorded.open_actions_due), recorded, today)
    return {
        "open_actions": len(recorded.open_actions_due),
        "overdue_actions": len(late),
        "oldest_action_overdue_days": max(late, default=0),
        "actions_overdue_past_review": past_review,
    }


def _review_passed_since(due: date, recorded: RecordedFacts, today: date) -> bool:
    """Tell whether a review was held, or fell due, after an action was `due` and before `today`."""
    held, planned = recorded.last_review_on, recorded.next_review_on
    return (held is not None and held > due) or (planned is not None and due < planned < today)


def _people_ages(recorded: RecordedFacts, today: date, calendar: WorkingCalendar) -> dict[str, Any]:
    moved = (recorded.opened_on, recorded.plan_agreed_on, recorded.last_progress_on)
    quiet_since = max(day for day in moved if day is not None)
    ends = interim_end(recorded)
    return {
        "lead_vacant": recorded.lead_vacant_since is not None or (ends is not None and ends < today),
        "led_in_between": ends is not None,
        "days_without_lead": _age(without_lead_since(recorded), today, calendar),
        "lead_declined": recorded.lead_declined_since is not None,
        "lead_declined_days": _age(recorded.lead_declined_since, today, calendar),
        "disagreement_days": _age(recorded.disagreement_since, today, calendar),
        "manager_stage_days": _age(recorded.manager_stage_since, today, calendar),
        "days_silent": _age(quiet_since, today, calendar),
    }


def without_lead_since(recorded: RecordedFacts) -> date | None:
    """Return the day from which a case is without a lead, or will be when the time of its interim lead is over."""
    alone = (recorded.lead_vacant_since, recorded.lead_absent_since, interim_end(recorded))
    return min((day for day in alone if day is not None), default=None)


def interim_end(recorded: RecordedFacts) -> date | None:
    """Return the day by which a lead for good should have followed the interim lead, None when nobody is one."""
    return recorded.interim_first_until_on or recorded.interim_until_on


def _age(since: date | None, today: date, calendar: WorkingCalendar) -> int:
    return 0 if since is None else max(0, calendar.working_days_between(since, today))


def whole_months(since: date, today: date) -> int:
    """Count whole calendar months; 31 January to 28 February is none, to 1 March one."""
    months = 12 * (today.year - since.year) + today.month - since.month
    return max(0, months - (today.day < since.day))


def _to_json(value: Any) -> Any:
    if isinstance(value, tuple):
        return sorted(day.isoformat() for day in value)
    return value.isoformat() if isinstance(value, date) else value
