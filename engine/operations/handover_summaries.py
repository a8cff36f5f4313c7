"""What a successor reads before they agree to lead: put together from the record when they are proposed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.child_facts import age_in_words
from engine.casework.consent_cover import HOW_GIVEN
from engine.casework.family_sharing import sentence
from engine.casework.lateness import days_late, last_overdue_day
from engine.casework.terms import localised
from engine.store import meeting_places
from engine.store.handover_summaries import newest
from engine.store.late_tasks import late
from engine.store.relatives import relatives
from engine.store.tables.between_meetings import family_worries, reports_back
from engine.store.tables.changes import contradictions, handover_summaries
from engine.store.tables.consents import consents
from engine.store.tables.meetings import family_invitations, tac_meetings
from engine.store.tables.people import practitioners
from engine.store.tables.record import (
    action_plans,
    children,
    concerns,
    escalations,
    family_members,
    lead_professionals,
    plan_actions,
    plan_outcomes,
    reviews,
)
from engine.store.tables.running import user_tasks
from engine.work import Work

_ANSWERS: Final = {
    "given": "The family agreed to share information",
    "limited": "The family agreed to share some information",
    "refused": "The family did not agree to share information",
    "withdrawn": "The family took back their consent",
    "lapsed": "The time for which the family agreed is over",
}
_OUTCOMES: Final = {"better": "things were better", "same": "things were the same", "worse": "things were worse"}


def write(work: Work, handover_id: UUID, *, note: str) -> None:
    """Keep the first version of a proposal's summary, or the next one, as the record has it now."""
    keep(work, handover_id, composed(work, note), by=None)


def keep(work: Work, handover_id: UUID, sections: Mapping[str, str], *, by: UUID | None) -> int:
    """Keep a version of a proposal's summary, and return its number."""
    of_it = handover_summaries.c.handover_id == handover_id
    newest = work.connection.execute(sa.select(sa.func.max(handover_summaries.c.version)).where(of_it)).scalar()
    own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
    said = {"handover_id": handover_id, "written_by": by, "written_at": work.at, "sections": dict(sections)}
    version = int(newest or 0) + 1
    work.connection.execute(sa.insert(handover_summaries).values(**own, **said, version=version))
    return version


def amend(work: Work, summary_id: UUID, sections: Mapping[str, str]) -> None:
    """Put further words of its writer into a version, while they type."""
    version = sa.update(handover_summaries).where(handover_summaries.c.id == summary_id)
    work.connection.execute(version.values(sections=dict(sections)))


def add_family_view(work: Work, handover_id: UUID, on: date, view: str) -> None:
    """Put what the family said of the successor into the summary, above what they said before."""
    before = newest(work.connection, handover_id)
    if before is not None:
        said = f"On {_day(on)}, about who is to lead next: {view}"
        family = "\n".join(part for part in (said, before.sections.get("family", "")) if part)
        keep(work, handover_id, {**before.sections, "family": family}, by=before.written_by)


def composed(work: Work, note: str) -> dict[str, str]:
    """Return the parts of a summary, by `engine.casework.handover_summaries`, as the record has them today.

    No address is in them, and of a safeguarding concern only when it was raised and what became of it.
    """
    return {
        "note": note,
        "child": "\n".join(_family(work)),
        "consent": _consent(work),
        "family": "\n".join(_last_said(work)),
        "reports": "\n".join(_reported(work)),
        "plan": "\n".join((*_plan(work), *_against_each_other(work))),
        "late": "\n".join(_late(work)) or "Nothing is late.",
        "next": "\n".join(_next(work)) or "Nothing is planned.",
        "concerns": "\n".join(_concerns(work)) or "No concern is open.",
    }


def _family(work: Work) -> Iterable[str]:
    known = relatives(work.connection, work.case.id)
    needs = work.connection.execute(sa.select(*_NEEDS).where(children.c.id == work.case.child_id)).one()
    yield f"{known[0].name}, {_born(needs, work.today)}"
    for column, words in zip(_NEEDS[2:], ("First language", "Interpreter", "Access needs"), strict=True):
        if value := needs._mapping[column.name]:
            yield f"{words}: {value}"
    for each in known[1:]:
        said = sentence(each.sharing) if each.sharing.told != "everything" else ""
        yield f"{each.words}{f': {said}' if said else ''}"


_NEEDS: Final = (
    children.c.born_on, children.c.expected_on, children.c.first_language, children.c.interpreter,
    children.c.access_needs,
)  # fmt: skip


def _born(row: Any, today: date) -> str:
    if row.born_on is None:
        return f"expected on {_day(row.expected_on)}"
    return f"born on {_day(row.born_on)} ({age_in_words(row.born_on, today)})"


def _consent(work: Work) -> str:
    current = (consents.c.case_id == work.case.id) & (consents.c.purpose == "sharing") & consents.c.to_on.is_(None)
    row = work.connection.execute(sa.select(consents).where(current)).first()
    if row is None:
        return "The family has not been asked yet."
    said = _ANSWERS.get(row.answer, "The family was asked about sharing information")
    if row.whose == "young_person":
        said = said.replace("The family", "The young person", 1)
    by = ", ".join(filter(None, (row.given_by, HOW_GIVEN.get(row.how_given, ""))))
    by = f" ({by})" if by else ""
    until = f", until {_day(row.until_on)}" if row.until_on else ""
    return f"{said}{by}, since {_day(row.from_on)}{until}.{f' {row.scope}' if row.scope else ''}"


def _last_said(work: Work) -> Iterable[str]:
    """Say what the family last wrote or said: to the latest meeting, and what worries them and has no answer."""
    views = (
        sa.select(family_invitations.c.views, tac_meetings.c.planned_on, family_members.c.name)
        .join(tac_meetings, tac_meetings.c.id == family_invitations.c.meeting_id)
        .outerjoin(family_members, family_members.c.id == family_invitations.c.member_id)
        .where(family_invitations.c.case_id == work.case.id, family_invitations.c.views != "")
        .order_by(tac_meetings.c.planned_on.desc(), family_invitations.c.id)
        .limit(_FEW)
    )
    for row in work.connection.execute(views):
        yield f"For the meeting on {_day(row.planned_on)}, {row.name or 'the child'}: {row.views}"
    worries = (
        sa.select(family_worries, family_members.c.name)
        .outerjoin(family_members, family_members.c.id == family_worries.c.member_id)
        .where(family_worries.c.case_id == work.case.id)
        .order_by(family_worries.c.said_on.desc(), family_worries.c.id.desc())
        .limit(_FEW)
    )
    for row in work.connection.execute(worries):
        answered = f"answered on {_day(row.answered_on)}" if row.answered_on else "not answered yet"
        yield f"On {_day(row.said_on)}, {row.name or 'the child'}: {row.worry} ({answered})"


_FEW: Final = 3
"""Of what the family said and the team reported: the latest."""


def _reported(work: Work) -> Iterable[str]:
    """Say what the team last reported, and all that waits for an answer of who leads."""
    rows = work.connection.execute(
        sa.select(reports_back, practitioners.c.name)
        .join(practitioners, practitioners.c.id == reports_back.c.written_by)
        .where(reports_back.c.case_id == work.case.id)
        .order_by(reports_back.c.written_at.desc(), reports_back.c.id.desc())
    ).all()
    for number, row in enumerate(rows):
        if number < _FEW or row.seen_at is None:
            on = _day(row.written_at.astimezone(work.authority.zone).date())
            needs = f" They need: {_whole(row.needs)}" if row.needs else ""
            seen = f" Answered: {_whole(row.answer)}" if row.answer else "" if row.seen_at else " Not read yet."
            yield f"On {on}, {row.name}: {_whole(row.report)}{needs}{seen}"


def _plan(work: Work) -> Iterable[str]:
    rows = work.connection.execute(_OPEN_ACTIONS, {"case": work.case.id}).all()
    if not rows:
        yield "No action is open."
    heading = None
    for row in rows:
        if row.outcome != heading:
            heading = row.outcome
            yield f"{_whole(heading or 'Other actions')}"
        progress = f" Last said: {_whole(row.progress)}" if row.progress else ""
        yield f"- {row.action.rstrip('.')}: {row.name}, by {_day(row.due_on)}.{progress}"


_OPEN_ACTIONS: Final = (
    sa.select(plan_actions, plan_outcomes.c.outcome, practitioners.c.name)
    .join(action_plans, action_plans.c.id == plan_actions.c.plan_id)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .outerjoin(plan_outcomes, plan_outcomes.c.id == plan_actions.c.outcome_id)
    .where(
        plan_actions.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        plan_actions.c.closed_on.is_(None),
        action_plans.c.ended_on.is_(None),
    )
    .order_by(plan_outcomes.c.id, plan_actions.c.due_on, plan_actions.c.id)
)


def _against_each_other(work: Work) -> Iterable[str]:
    """Say which actions somebody said work against each other, while that is not settled."""
    first, second = plan_actions.alias("first"), plan_actions.alias("second")
    rows = work.connection.execute(
        sa.select(contradictions.c.note, first.c.action, second.c.action.label("other"))
        .join(first, first.c.id == contradictions.c.first_action_id)
        .join(second, second.c.id == contradictions.c.second_action_id)
        .where(contradictions.c.case_id == work.case.id, contradictions.c.settled_on.is_(None))
        .order_by(contradictions.c.marked_on, contradictions.c.id)
    )
    for row in rows:
        yield f"These work against each other: “{row.action}” and “{row.other}”. {_whole(row.note)}"


def _late(work: Work) -> Iterable[str]:
    begun = (escalations.c.case_id == work.case.id) & escalations.c.ended_on.is_(None)
    told = sa.select(escalations.c.sentence).where(begun, escalations.c.sentence != "").order_by(escalations.c.id)
    yield from map(_whole, work.connection.execute(told).scalars())
    for row in work.connection.execute(_OPEN_ACTIONS, {"case": work.case.id}):
        if days_late(row.due_on, today=work.today, calendar=work.authority.calendar):
            yield f"{row.action.rstrip('.')}: {row.name}, was due on {_day(row.due_on)}."
    for name, row in _leads_tasks(work, late=True):
        yield f"The task “{name}”: {row.who}, was due on {_day(row.due_on)}."


_IS_LATE: Final = late(sa.bindparam("today", type_=sa.Date), sa.bindparam("last", type_=sa.Date))
_LEADS_TASKS: Final = (
    sa.select(
        user_tasks.c.name, user_tasks.c.due_on, practitioners.c.name.label("who"),
        sa.case((_IS_LATE, True), else_=False).label("late"),
    )
    .join(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .join(lead_professionals, lead_professionals.c.practitioner_id == user_tasks.c.assignee_id)
    .where(
        user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        user_tasks.c.state == "open",
        lead_professionals.c.case_id == user_tasks.c.case_id,
        lead_professionals.c.to_on.is_(None),
    )
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
)  # fmt: skip
"""What waits for whoever leads, late or not: it goes to the successor with the lead."""


def _leads_tasks(work: Work, *, late: bool) -> Iterable[tuple[str, Any]]:
    """Return the names and rows of what waits for whoever leads, late or still to come."""
    last = last_overdue_day(work.today, work.authority.calendar)
    for row in work.connection.execute(_LEADS_TASKS, {"case": work.case.id, "today": work.today, "last": last}):
        if bool(row.late) == late:
            yield localised(row.name, work.authority.term), row


def _next(work: Work) -> Iterable[str]:
    coming = (
        (tac_meetings.c.case_id == work.case.id)
        & tac_meetings.c.held_on.is_(None)
        & tac_meetings.c.called_off_on.is_(None)
    )
    for row in work.connection.execute(sa.select(tac_meetings).where(coming).order_by(tac_meetings.c.planned_on)):
        place = meeting_places.told(work.connection, work.case.id, row.venue)
        yield f"{work.authority.term} meeting on {_day(row.planned_on)}{f', {place}' if place else ''}."
    for row in work.connection.execute(sa.select(reviews).where(reviews.c.case_id == work.case.id)):
        if row.held_on is None:
            yield f"The review is due on {_day(row.due_on)}."
    for name, row in _leads_tasks(work, late=False):
        yield f"The task “{name}”{f', by {_day(row.due_on)}' if row.due_on else ''}."
    held = sa.select(reviews).where(reviews.c.case_id == work.case.id, reviews.c.held_on.is_not(None))
    last = work.connection.execute(held.order_by(reviews.c.held_on.desc()).limit(1)).first()
    if last is not None:
        yield f"At the last review, on {_day(last.held_on)}, {_OUTCOMES[last.outcome]}. {last.next_step}".strip()


def _concerns(work: Work) -> Iterable[str]:
    still = (concerns.c.case_id == work.case.id) & concerns.c.ended_on.is_(None)
    for row in work.connection.execute(sa.select(concerns).where(still).order_by(concerns.c.raised_at)):
        raised = _day(row.raised_at.astimezone(work.authority.zone).date())
        answer = "social care has acknowledged it" if row.acknowledged_at else "social care has not answered yet"
        yield f"A concern raised on {raised} is open: {answer}."


def _day(on: date) -> str:
    return f"{on.day} {on:%B} {on.year}"


def _whole(text: str) -> str:
    said = text.strip()
    return said if said.endswith((".", "!", "?")) else f"{said}."
