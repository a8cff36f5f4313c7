"""What a task about the plan as a whole is about: the disagreement, the family's answer, the plan that leads now."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.consent_cover import NOT_ASKED, NOT_FOUND, STOPPED
from engine.operations.merge_conditions import under_way
from engine.queries import case_advice, words
from engine.queries.case_links import leading_plan
from engine.queries.view import View
from engine.store import confining, merge_matters
from engine.store.consent_cover import is_limited, why_not_shared
from engine.store.overlapping_cases import ANSWERABLE, led_by, overlapping_cases
from engine.store.tables.changes import case_pauses, consultations, disagreement_answers, disagreements, transfers
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, lead_professionals, reviews
from engine.store.tables.running import user_tasks

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


def merging(view: View, row: Any) -> Subject:
    """Say which two cases of the child are to become one, and who leads each."""
    return tuple((label, said) for label, said, _ in _merging(view, row))


def merge_to_decide(view: View, row: Any) -> Subject:
    """Say the same for who decides, with what runs on each and how far its family's consent goes."""
    return tuple((label, f"{said}{_runs_on(view, case_id)}") for label, said, case_id in _merging(view, row))


def _merging(view: View, row: Any) -> tuple[tuple[str, str, UUID], ...]:
    given = view.connection.execute(sa.select(user_tasks.c.variables).where(user_tasks.c.id == row.id)).scalar() or {}
    own = view.connection.execute(_REFERENCE.where(cases.c.id == row.case_id)).one()
    found = overlapping_cases(view.connection, view.actor.authority_id, row.case_id)
    other = next((each for each in found if str(each.id) == given.get("other_case")), None)
    if other is None:
        return ()
    led = led_by(own.name if own.leads else None, own.name)
    return (
        ("This case", f"{own.reference}, {led}", row.case_id),
        ("The other case", f"{other.child_name}, {other.reference}, {other.led}", other.id),
    )


def _runs_on(view: View, case_id: UUID) -> str:
    """Say in sentences what somebody must know before a case closes into another, or goes on for it."""
    connection = view.connection
    said = [_SHARING.get(why_not_shared(connection, case_id), "")]
    if connection.execute(sa.select(is_limited(sa.literal(case_id, sa.Uuid)))).scalar():
        said.append("Its family limits what is shared, or with whom")
    if since := merge_matters.stalled_since(connection, case_id):
        said.append(f"Its plan has not moved: the line manager has it since {words.day(since, today=view.today)}")
    if confining.among_cases(connection, [case_id]):
        said.append("It is restricted: if it goes on, nobody who works only on the other comes into it")
    if left := under_way(connection, case_id, view.process):
        said.append(f"Under way on it: {words.listed(left)}")
    return "".join(f". {each}" for each in said if each)


_SHARING: Final = {
    **dict.fromkeys(STOPPED, "Its family does not agree to information being shared"),
    NOT_FOUND: "Its family cannot be reached",
    NOT_ASKED: "Its family has not been asked about sharing yet",
}


_REFERENCE: Final = (
    sa.select(cases.c.reference, practitioners.c.name, lead_professionals.c.id.is_not(None).label("leads"))
    .outerjoin(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None))
    .outerjoin(practitioners, practitioners.c.id == ANSWERABLE)
)


def paused(view: View, row: Any) -> Subject:
    """Say until when the work rests, and why."""
    now = view.connection.execute(
        sa.select(case_pauses.c.paused_on, case_pauses.c.until_on, case_pauses.c.reason).where(
            case_pauses.c.case_id == row.case_id, case_pauses.c.ended_on.is_(None)
        )
    ).first()
    if now is None:
        return ()
    said = (words.day(day, today=view.today) for day in (now.paused_on, now.until_on))
    return ("Paused", f"{next(said)} until {next(said)}"), ("Why", now.reason)


def moving(view: View, row: Any) -> Subject:
    """Say where the family moves, and when; once papers have gone, which, to whom and when."""
    now = view.connection.execute(
        sa.select(transfers)
        .where(transfers.c.case_id == row.case_id)
        .order_by(transfers.c.id.desc())
        .limit(1)
    ).first()
    if now is None:
        return ()
    moves = ("Moves to", now.area), ("On", words.day(now.moves_on, today=view.today) if now.moves_on else "")
    if now.sent_on is None:
        return moves
    went = words.listed([SENT.get(each, each) for each in now.sent_what.split(", ") if each])
    return (
        *moves,
        ("Papers went to", f"{now.sent_to}, {words.day(now.sent_on, today=view.today)}"),
        ("What went", went[:1] + went[1:].lower()),
    )


SENT: Final = MappingProxyType(
    {
        "assessment": "The assessment",
        "plan": "The action plan",
        "minutes": "Notes of meetings",
        "chronology": "The chronology",
    }
)
"""What may be sent to another area, as the form that says what was sent names it."""


def papers(view: View, row: Any) -> Subject:
    """Say where the family moves, and that its papers are to be had from the record, for people to read."""
    return (*moving(view, row), (PAPERS, _FOR_PEOPLE))


_FOR_PEOPLE: Final = (
    "One paper, with a cover and the parts that the family agreed to, to be printed or saved as a PDF. A person reads "
    "it: the other area’s service does not take it in by itself, so somebody there enters what it needs"
)


PAPERS: Final = "The papers"
"""Beside this name a page links to what can be sent."""
