"""What a task about the plan as a whole is about: the disagreement, the family's answer, the plan that leads now."""

from __future__ import annotations

from typing import Any, Final

import sqlalchemy as sa

from engine.queries import case_advice, words
from engine.queries.case_links import leading_plan
from engine.queries.view import View
from engine.store.tables.changes import consultations, disagreement_answers, disagreements
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, reviews

Subject = tuple[tuple[str, str], ...]
_ANSWERS: Final = {
    "yes": "Yes: you may name them",
    "no": "No: ask without anything that could identify them",
    "not_asked": "They were not asked: ask without anything that could identify them",
}


def disagreement(view: View, row: Any) -> Subject:
    """Say what is disagreed about, between whom, and what each side has said so far."""
    now = next(iter(case_advice.disagreed(view, row.case_id)), None)
    if now is None:
        return ()
    wanted = view.connection.execute(
        sa.select(disagreements.c.wanted)
        .where(disagreements.c.case_id == row.case_id, disagreements.c.settled_on.is_(None))
        .limit(1)
    ).scalar()
    return (
        ("What is disagreed about", now.about),
        ("Between", " and ".join(name for name in (now.raised_by, now.other_side) if name)),
        ("What who raised it wants", wanted or ""),
        *_said(view, row),
    )


def _said(view: View, row: Any) -> Subject:
    rows = view.connection.execute(
        sa.select(disagreement_answers.c.outcome, disagreement_answers.c.answered_on, practitioners.c.name)
        .join(disagreements, disagreements.c.id == disagreement_answers.c.disagreement_id)
        .outerjoin(practitioners, practitioners.c.id == disagreement_answers.c.answered_by)
        .where(disagreements.c.case_id == row.case_id, disagreements.c.settled_on.is_(None))
        .order_by(disagreement_answers.c.id)
    )
    return tuple(
        (f"{each.name or 'One side'}, {words.day(each.answered_on, today=view.today)}", each.outcome) for each in rows
    )


def agreed_after_advice(view: View, row: Any) -> Subject:
    """Return what was to be done after social care's advice, and by when."""
    last = view.connection.execute(
        sa.select(consultations.c.next_step, consultations.c.next_step_on, consultations.c.advice)
        .where(consultations.c.case_id == row.case_id, consultations.c.asked_on.is_not(None))
        .order_by(consultations.c.asked_on.desc(), consultations.c.id.desc())
        .limit(1)
    ).first()
    if last is None:
        return ()
    by = words.day(last.next_step_on, today=view.today) if last.next_step_on else ""
    return ("What was agreed", last.next_step), ("By", by), ("What social care advised", last.advice)


def consultation(view: View, row: Any) -> Subject:
    """Say whether the family may be named."""
    now = next((each for each in case_advice.consulted(view, row.case_id) if each.asked_on is None), None)
    return () if now is None else (("May the family be named?", _ANSWERS[now.consent]),)


def plan_to_change(view: View, row: Any) -> Subject:
    """Say what the last review found."""
    last = view.connection.execute(
        sa.select(reviews.c.held_on, reviews.c.notes)
        .where(reviews.c.case_id == row.case_id, reviews.c.held_on.is_not(None))
        .order_by(reviews.c.held_on.desc(), reviews.c.id.desc())
        .limit(1)
    ).first()
    return () if last is None else ((f"The review of {words.day(last.held_on, today=view.today)}", last.notes),)


def plan_that_leads(view: View, row: Any) -> Subject:
    """Say which other plan leads, and who its key worker is."""
    leads = leading_plan(view.connection.execute(sa.select(cases).where(cases.c.id == row.case_id)).one())
    return () if leads is None else (("What leads now", leads.plan.capitalize()), ("Key worker", leads.key_worker))
