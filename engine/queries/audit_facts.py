"""What the record itself says of an audit's items, in sentences beside the questions; a person judges all the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Relation
from engine.queries import case_meetings, case_record, words
from engine.queries.case_meetings import Meeting
from engine.queries.case_record import Assessment, Consent, Review
from engine.queries.view import View
from engine.store.tables.oversight import oversight_notes
from engine.store.tables.record import escalations, lead_professionals, plan_actions

_SHARED: Final = ("given", "limited")
_OUTCOMES: Final = {"better": "better", "same": "the same", "worse": "worse"}

Fact = tuple[str, str]
"""The key of an item, and a sentence."""


def of_case(view: View, case_id: UUID) -> dict[str, str]:
    """Return what the record says, by item; nothing for what only a reader can judge. The caller checks who asks."""
    return dict(
        [
            *_of_consent(view, case_record.consent(view, case_id)),
            *_of_assessment(view, case_record.assessed(view, case_id)),
            *_of_plan(view, case_id),
            *_of_meetings(case_meetings.meetings(view, case_id, Relation())),
            *_of_reviews(view, case_record.reviewed(view, case_id)),
            *_of_oversight(view, case_id),
        ]
    )


def _of_consent(view: View, found: Sequence[Consent]) -> Iterator[Fact]:
    sharing = sorted((each for each in found if each.purpose == "sharing"), key=lambda each: each.from_on)
    given = [each for each in sharing if each.answer in _SHARED]
    if not given:
        yield "consent_signed", "No consent to sharing is on record."
        return
    first = given[0]
    yield "consent_signed", f"Given by {first.given_by or 'nobody named'} on {_day(view, first)}."
    if len(sharing) == 1:
        yield "consent_revisited", "There is one answer on record, and none since."
    else:
        yield "consent_revisited", f"{len(sharing)} answers on record, the latest of {_day(view, sharing[-1])}."


def _day(view: View, consent: Consent) -> str:
    return words.day(consent.from_on, today=view.today)


def _of_assessment(view: View, found: Sequence[Assessment]) -> Iterator[Fact]:
    done = [(each, each.completed_on) for each in found if each.completed_on]
    if not done:
        yield "assessment_in_time", "No assessment is complete."
        return
    latest, on = done[0]
    took = view.authority.calendar.working_days_between(latest.started_on, on)
    yield "assessment_in_time", f"It took {took} working days, to {words.day(on, today=view.today)}."
    parts = {"development": "development", "parenting": "parenting", "environment": "family and environment"}
    missing = [said for key, said in parts.items() if not latest.content.get(key)]
    yield "all_parts", f"Nothing is written about {', '.join(missing)}." if missing else "All three are written about."
    for item, key in (("child_heard", "child_comment"), ("parent_heard", "parent_comment")):
        yield item, "Something is written there." if latest.content.get(key) else "Nothing is written there."


def _of_plan(view: View, case_id: UUID) -> Iterator[Fact]:
    number = view.connection.execute(
        sa.select(sa.func.count()).select_from(plan_actions).where(plan_actions.c.case_id == case_id)
    ).scalar_one()
    if number:
        yield "actions_owned", f"{number} {'action' if number == 1 else 'actions'}, each with an owner and a day."
    else:
        yield "actions_owned", "There is no action on the plan."
    lead = view.connection.execute(
        sa.select(lead_professionals.c.from_on, lead_professionals.c.family_wishes).where(
            lead_professionals.c.case_id == case_id, lead_professionals.c.to_on.is_(None)
        )
    ).first()
    if lead is None:
        yield "lead_named", "Nobody leads now."
    else:
        wishes = "with the family’s wishes" if lead.family_wishes else "without the family’s wishes"
        yield "lead_named", f"Somebody leads since {words.day(lead.from_on, today=view.today)}, {wishes} on record."


def _of_meetings(found: Sequence[Meeting]) -> Iterator[Fact]:
    held = [each for each in found if each.held_on]
    came = sum(any(kin.attended for kin in each.family) for each in held)
    said = f"Somebody of the family was at {came} of {len(held)} meetings held."
    yield "family_came", said if held else "No meeting was held."


def _of_reviews(view: View, found: Sequence[Review]) -> Iterator[Fact]:
    held = [each for each in found if each.held_on]
    calendar = view.authority.calendar
    in_time = sum(not calendar.days_overdue(each.due_on, each.held_on) for each in held if each.held_on)
    late = [each for each in found if not each.held_on and view.due(each.due_on).late]
    said = f"{in_time} of {len(held)} reviews were held on time." if held else "No review was held."
    yield "reviews_held", said + (" The next one is late." if late else "")
    outcomes = Counter(_OUTCOMES[each.outcome] for each in held if each.outcome)
    if outcomes:
        said = ", ".join(f"{name} ({number})" for name, number in outcomes.items())
        yield "change_measured", f"They say: {said}."


def _of_oversight(view: View, case_id: UUID) -> Iterator[Fact]:
    notes, last = view.connection.execute(
        sa.select(sa.func.count(), sa.func.max(oversight_notes.c.discussed_on)).where(
            oversight_notes.c.case_id == case_id
        )
    ).one()
    said = f"{notes} on record, the latest of {words.day(last, today=view.today)}." if last else "None is on record."
    yield "oversight_recorded", said
    raised = view.connection.execute(
        sa.select(sa.func.count()).select_from(escalations).where(escalations.c.case_id == case_id)
    ).scalar_one()
    yield "escalated_in_time", f"The rules found {raised} {'reason' if raised == 1 else 'reasons'} to raise it."
