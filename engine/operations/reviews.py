"""Reviews: planned for a date, held, and what they found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.operations.concerns import put_concern
from engine.operations.consents import require_sharing
from engine.operations.reading import as_person, day, optional_day, text
from engine.store.tables.record import lead_professionals, plan_actions, reviews
from engine.work import Work

WEEKS_WHEN_NOTHING_SAYS = 6
"""Lewisham and Derbyshire review every six weeks; used only when neither person nor table gave a date."""

STEP_UP = "step_up"


def plan_review(work: Work, on: date) -> None:
    """Fix the next review for `on`; a date in force that has passed counts as missed, its first date stays.

    The day that is fixed already is not fixed again: history says each date once.
    """
    current = (reviews.c.case_id == work.case.id) & reviews.c.held_on.is_(None)
    before = work.connection.execute(sa.select(reviews.c.due_on).where(current)).scalar()
    if before == on:
        return
    if before is not None:
        passed = sa.case((reviews.c.due_on < work.today, 1), else_=0)
        work.connection.execute(
            sa.update(reviews).where(current).values(missed=reviews.c.missed + passed, due_on=on)
        )
    else:
        work.connection.execute(
            sa.insert(reviews).values(
                id=work.engine.ids.new(),
                authority_id=work.authority.id,
                case_id=work.case.id,
                due_on=on,
                first_due_on=on,
            )
        )
    work.changed()
    work.record("review_planned", detail={"due_on": on})


def set_next_review(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Fix the next review from `next_review_on`, else in `review_weeks` weeks; always a working day.

    Gives back `next_review_on`.
    """
    known = {**variables, **inputs}
    chosen = optional_day(known, "next_review_on")
    if chosen is None or chosen <= work.today:
        weeks = int(known.get("review_weeks") or WEEKS_WHEN_NOTHING_SAYS)
        chosen = work.authority.calendar.next_working_day(work.today + timedelta(weeks=weeks))
    plan_review(work, chosen)
    return {"next_review_on": chosen}


def choose_review(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep how the plan is to be reviewed; gives back `way`, and `owners`: ids of whom to ask for an update.

    Those are the people with open actions, without the lead, who puts the updates together; nobody for a meeting.
    Raises `Invalid` while the family lets nothing be shared.
    """
    require_sharing(work, "way")
    way = text(answers, "way")
    owners = _owners(work) if way == "updates" else []
    if way == "updates":
        ask_for_review(work)
    work.changed()
    work.record("review_way_chosen", detail={"way": way, "asked": len(owners)})
    return {"way": way, "owners": [str(id_) for id_ in owners]}


def _owners(work: Work) -> list[UUID]:
    lead = sa.select(lead_professionals.c.practitioner_id).where(
        lead_professionals.c.case_id == work.case.id, lead_professionals.c.to_on.is_(None)
    )
    found = sa.select(plan_actions.c.owner_id).where(
        plan_actions.c.case_id == work.case.id, plan_actions.c.closed_on.is_(None), plan_actions.c.owner_id.not_in(lead)
    )
    return list(work.connection.execute(found.distinct().order_by(plan_actions.c.owner_id)).scalars())


def ask_for_review(work: Work) -> None:
    """Keep that people have been asked to the coming review, once; nothing happens when none is planned."""
    coming = (reviews.c.case_id == work.case.id) & reviews.c.held_on.is_(None) & reviews.c.asked_on.is_(None)
    work.connection.execute(sa.update(reviews).where(coming).values(asked_on=work.today))


def give_update(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what somebody reports of their open actions; the variable `owner` says whose they are."""
    owner = as_person(variables.get("owner"), "owner")
    kept = work.connection.execute(
        sa.update(plan_actions)
        .where(
            plan_actions.c.case_id == work.case.id,
            plan_actions.c.owner_id == owner,
            plan_actions.c.closed_on.is_(None),
        )
        .values(progress=text(answers, "update"), progress_on=work.today)
    )
    work.changed()
    work.record("update_given", subject=owner, detail={"actions": kept.rowcount}, payload=dict(answers))
    return {}


def hold_review(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a review found; gives back `outcome`, `next_step` and `next_review_on`, when stepping up `concern`."""
    on, outcome, step = day(answers, "held_on", work.today), text(answers, "outcome"), text(answers, "next_step")
    held = {"held_on": on, "outcome": outcome, "next_step": step, "notes": text(answers, "notes")}
    kept = work.connection.execute(
        sa.update(reviews).where(reviews.c.case_id == work.case.id, reviews.c.held_on.is_(None)).values(**held)
    )
    if kept.rowcount == 0:
        work.connection.execute(
            sa.insert(reviews).values(
                id=work.engine.ids.new(),
                authority_id=work.authority.id,
                case_id=work.case.id,
                due_on=on,
                first_due_on=on,
                **held,
            )
        )
    work.changed()
    work.record("review_held", detail={"outcome": outcome, "next_step": step}, effective_on=on)
    routing = {"outcome": outcome, "next_step": step, "next_review_on": optional_day(answers, "next_review_on")}
    return routing | {"concern": put_concern(work, text(answers, "notes"))} if step == STEP_UP else routing
