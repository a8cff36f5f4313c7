"""Copies of assessment, notes and plan for each of the family who may have one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework import family_letters as texts
from engine.errors import Invalid
from engine.operations.family_letters import occasion, reader, readers, write
from engine.operations.reading import text
from engine.operations.wordings import worded
from engine.store.letter_warnings import warning
from engine.store.relatives import with_elsewhere
from engine.store.sibling_meetings import KeptFrom, kept_from_family
from engine.store.tables.meetings import meeting_actions, tac_meetings
from engine.store.tables.people import practitioners
from engine.store.tables.record import action_plans, invitations, plan_actions, plan_outcomes, reviews
from engine.work import Work


def latest_held(work: Work) -> UUID | None:
    """Return the id of the meeting that was held last, or None."""
    return work.connection.execute(_LATEST_HELD, {"case": work.case.id}).scalar()


_LATEST_HELD = (
    sa.select(tac_meetings.c.id)
    .where(tac_meetings.c.case_id == sa.bindparam("case"), tac_meetings.c.held_on.is_not(None))
    .order_by(tac_meetings.c.held_on.desc(), tac_meetings.c.id.desc())
    .limit(1)
)


def write_notes(work: Work, meeting: UUID) -> int:
    """Write each of the family who may have it the notes of a meeting that was held; return how many copies.

    Who may not be told everything of a brother or sister gets nothing that names them, and where they were spoken of
    too, or the notes name them, only what was agreed for this child; the lead looks at that copy before it goes.
    """
    to = readers(work)
    if not to:
        return 0
    held = work.connection.execute(sa.select(tac_meetings).where(tac_meetings.c.id == meeting)).one()
    about = occasion(work, on=held.held_on)
    agreed = _agreed(work, meeting_actions, meeting_actions.c.meeting_id == meeting)
    kept = kept_from_family(work.connection, work.case.id, meeting)
    came = _came(work, meeting)
    for each in to:
        others = [other for other in kept if other.member_id == each.member_id]
        in_part = any(other.met or other.named_in(held.notes) for other in others)
        said, told = texts.NOT_IN_FULL if in_part else held.notes, _without(others, agreed)
        notes = texts.notes(reader(each), about, said=said, agreed=told, next_on=held.next_on, came=came)
        letter = worded(work, "notes", notes)
        write(work, each, "notes", letter, meeting=meeting, draft=bool(others))
    return len(to)


def _came(work: Work, meeting: UUID) -> tuple[str, ...]:
    """Name each practitioner who was at a meeting, and who came in whose place."""
    rows = work.connection.execute(_THERE, {"meeting": meeting})
    return tuple(_there(row) for row in rows)


def _there(row: Any) -> str:
    own = f"{row.name}, {row.job_title}" if row.job_title else row.name
    return f"{row.substitute}, in place of {row.name}" if row.reply == "substitute" and row.substitute else own


_THERE = (
    sa.select(practitioners.c.name, practitioners.c.job_title, invitations.c.reply, invitations.c.substitute)
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .where(invitations.c.meeting_id == sa.bindparam("meeting"), invitations.c.attended)
    .order_by(practitioners.c.name, practitioners.c.id)
)


def write_plan(work: Work) -> int:
    """Write each of the family who may have it the plan as it is now; return how many copies.

    As with notes, nothing names a brother or sister of whom its reader may not be told everything, and the lead looks
    at that copy before it goes: a line may tell of them without a name.
    """
    to = readers(work)
    if not to:
        return 0
    aims = work.connection.execute(
        sa.select(plan_outcomes.c.outcome)
        .join(action_plans, action_plans.c.id == plan_outcomes.c.plan_id)
        .where(
            action_plans.c.case_id == work.case.id,
            action_plans.c.ended_on.is_(None),
            plan_outcomes.c.met_on.is_(None),
            plan_outcomes.c.dropped_on.is_(None),
        )
        .order_by(plan_outcomes.c.id)
    ).scalars()
    still_open = (plan_actions.c.case_id == work.case.id) & plan_actions.c.closed_on.is_(None)
    known, agreed = tuple(aims), _agreed(work, plan_actions, still_open)
    about, next_on = occasion(work, on=work.today), _next_review(work)
    kept = kept_from_family(work.connection, work.case.id)
    for each in to:
        others = [other for other in kept if other.member_id == each.member_id]
        aimed, told = _without(others, known), _without(others, agreed)
        plan = texts.plan(reader(each), about, aims=aimed, agreed=told, next_on=next_on)
        write(work, each, "plan", worded(work, "plan", plan), draft=bool(others))
    return len(to)


def _without(others: Sequence[KeptFrom], lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the lines that name none of `others`."""
    return tuple(line for line in lines if not any(other.named_in(line) for other in others))


def write_assessment(work: Work, answers: Mapping[str, Any], on: date) -> int:
    """Write each of the family who may have it the assessment that was completed `on`; return how many copies.

    The guidance gives a copy to the family. Raises `Invalid` naming the answer that holds an address kept secret.
    """
    said = {key: text(answers, key) for key in texts.ASSESSED}
    family, elsewhere = with_elsewhere(work.connection, work.case.id)
    for key, answer in said.items():
        if (found := warning(answer, (*family, *elsewhere))) is not None and found.sure:
            raise Invalid(found.said, field=key)
    to = readers(work, family)
    if not to:
        return 0
    about = occasion(work, on=on)
    for each in to:
        letter = worded(work, "assessment", texts.assessment(reader(each), about, said=said))
        write(work, each, "assessment", letter, draft=True)
    return len(to)


def _next_review(work: Work) -> date | None:
    coming = (reviews.c.case_id == work.case.id) & reviews.c.held_on.is_(None)
    return work.connection.execute(sa.select(reviews.c.due_on).where(coming)).scalar()


def _agreed(work: Work, table: sa.Table, which: sa.ColumnElement[bool]) -> tuple[str, ...]:
    rows = work.connection.execute(
        sa.select(table.c.action, table.c.due_on, practitioners.c.name)
        .join(practitioners, practitioners.c.id == table.c.owner_id)
        .where(which)
        .order_by(table.c.due_on, table.c.id)
    )
    return tuple(f"{row.name}: {row.action.rstrip('.')}, by {row.due_on.day} {row.due_on:%B %Y}" for row in rows)
