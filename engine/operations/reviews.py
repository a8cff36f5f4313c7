"""Reviews: planned for a date, held, and what they found."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.concerns import put_concern
from engine.operations.consents import require_sharing
from engine.operations.reading import as_id, as_person, day, optional_day, rows, text
from engine.operations.review_agreements import keep_both
from engine.operations.review_copies import write_review
from engine.store.tables.record import lead_professionals, plan_actions, reviews
from engine.store.writes import Change, Insertion
from engine.work import Work

WEEKS_WHEN_NOTHING_SAYS = 6
"""Lewisham and Derbyshire review every six weeks; used only when neither person nor table gave a date."""

STEP_UP = "step_up"
UPDATES = "updates"


def plan_review(work: Work, on: date) -> None:
    """Fix the next review for `on`; a date in force that has passed counts as missed, its first date stays.

    The day that is fixed already is not fixed again: history says each date once.
    """
    own = {"case_id": work.case.id, "due_on": on}
    before = work.connection.execute(_DUE_ON, {"case": work.case.id}).scalar()
    if before == on:
        return
    if before is not None:
        _MOVE.each(work.connection, [{"case": work.case.id, "on": on, "today": work.today}])
    else:
        own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
        _PLAN.each(work.connection, [{**own, "due_on": on, "first_due_on": on}])
    work.changed()
    work.record("review_planned", detail={"due_on": on})


_COMING = (reviews.c.case_id == sa.bindparam("case")) & reviews.c.held_on.is_(None)
_ASKED = sa.select(reviews.c.way, reviews.c.asked_on).where(_COMING)
_DUE_ON = sa.select(reviews.c.due_on).where(_COMING)
_PASSED = sa.case((reviews.c.due_on < sa.bindparam("today"), 1), else_=0)
_MOVE = Change(sa.update(reviews).where(_COMING).values(missed=reviews.c.missed + _PASSED, due_on=sa.bindparam("on")))
_PLAN = Insertion(reviews)
_ASK = Change(sa.update(reviews).where(_COMING, reviews.c.asked_on.is_(None)).values(asked_on=sa.bindparam("on")))


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
    Gives back `lead_due` too: whether the time for which somebody leads is over by the day of the review.
    Raises `Invalid` while the family lets nothing be shared.
    """
    require_sharing(work, "way")
    owners = take_way(work, text(answers, "way"))
    work.record("review_way_chosen", detail={"way": text(answers, "way"), "asked": len(owners)})
    return {"way": text(answers, "way"), "owners": owners, "lead_due": _lead_due(work)}


def take_way(work: Work, way: str) -> list[str]:
    """Keep the way, "meeting" or "updates", of the coming review; return whom to ask for an update, ids as text."""
    work.connection.execute(sa.update(reviews).where(coming_review(work)).values(way=way))
    work.changed()
    if way != UPDATES:
        return []
    ask_for_review(work)
    return [str(id_) for id_ in _owners(work)]


def coming_review(work: Work) -> sa.ColumnElement[bool]:
    """Return what tells the review that is still to be held."""
    return (reviews.c.case_id == work.case.id) & reviews.c.held_on.is_(None)


def _lead_due(work: Work) -> bool:
    """Tell whether somebody leads for a time that ends by the day of the coming review, or has ended."""
    ends = sa.select(lead_professionals.c.planned_end_on).where(
        lead_professionals.c.case_id == work.case.id,
        lead_professionals.c.to_on.is_(None),
        lead_professionals.c.interim.is_(False),
    )
    ends_on = work.connection.execute(ends).scalar()
    due_on = work.connection.execute(_DUE_ON, {"case": work.case.id}).scalar()
    return ends_on is not None and ends_on <= max(work.today, due_on or work.today)


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
    _ASK.each(work.connection, [{"case": work.case.id, "on": work.today}])


def give_update(work: Work, answers: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what somebody reports of each of their actions; the variable `owner` says whose they are.

    Raises `Invalid` naming the row for an action that is not theirs. One finished since keeps what was said last.
    """
    owner, given = as_person(variables.get("owner"), "owner"), rows(answers, "updates")
    own = (plan_actions.c.case_id == work.case.id) & (plan_actions.c.owner_id == owner)
    mine = set(work.connection.execute(sa.select(plan_actions.c.id).where(own)).scalars())
    reported = 0
    for number, row in enumerate(given):
        action = as_id(row.get("action_id"), f"updates[{number}].action_id")
        if action not in mine:
            raise Invalid("This action is not yours to report on", field=f"updates[{number}].action_id")
        reported += work.connection.execute(
            sa.update(plan_actions)
            .where(plan_actions.c.id == action, plan_actions.c.closed_on.is_(None))
            .values(progress=text(row, "progress"), progress_on=work.today)
        ).rowcount
    work.changed()
    work.record("update_given", subject=owner, detail={"actions": reported}, payload=dict(answers))
    return {}


def hold_review(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what a review found; gives back `outcome`, `next_step` and `next_review_on`, when stepping up `concern`.

    What its meeting agreed is never lost: where it is written up otherwise, both are kept (`keep_both`). Asked whether
    the lead is still the right one, gives back the answer as `lead_still_right`; with a yes they lead
    until the `lead_until` that was agreed. Without a meeting, a letter to each of the family is drafted; not where
    social care is asked: who tells the family what, and when, is settled with them.
    """
    on, outcome, step = day(answers, "held_on", work.today), text(answers, "outcome"), text(answers, "next_step")
    asked = work.connection.execute(_ASKED, {"case": work.case.id}).first()
    notes = keep_both(work, answers)
    held = {"held_on": on, "outcome": outcome, "next_step": step, "notes": notes}
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
    if asked is not None and asked.way == UPDATES and step != STEP_UP:
        next_on = optional_day(answers, "next_review_on")
        found = {"notes": notes, "outcome": outcome, "step": step}
        write_review(work, on=on, asked_on=asked.asked_on, next_on=next_on, **found)
    routing = {
        "outcome": outcome,
        "next_step": step,
        "next_review_on": optional_day(answers, "next_review_on"),
        "lead_still_right": _lead_confirmed(work, answers),
    }
    return routing | {"concern": put_concern(work, text(answers, "notes"), answers)} if step == STEP_UP else routing


def _lead_confirmed(work: Work, answers: Mapping[str, Any]) -> str | None:
    """Keep whether the lead goes on, and until when; return "yes", "no", or None when it was not asked."""
    answer = text(answers, "lead_still_right")
    if not answer:
        return None
    until = optional_day(answers, "lead_until")
    if answer == "yes":
        leads = (lead_professionals.c.case_id == work.case.id) & lead_professionals.c.to_on.is_(None)
        work.connection.execute(sa.update(lead_professionals).where(leads).values(planned_end_on=until))
    work.record("lead_term_reviewed", detail={"goes_on": answer == "yes", "until": until if answer == "yes" else None})
    return answer
