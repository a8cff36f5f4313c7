"""What a task about closing a case is about: what was written and sent back, and why it must not close yet."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations.closures import CHECK_OPEN, CONCERN_OPEN, GOES_ON, checked_for_harm
from engine.queries import ends_with_case, words
from engine.queries.event_sentences import CLOSED
from engine.queries.view import View
from engine.store.tables.changes import closures
from engine.store.tables.keeping import history
from engine.store.tables.people import practitioners
from engine.store.tables.record import action_plans, concerns, plan_outcomes
from engine.store.tables.running import user_tasks

Subject = tuple[tuple[str, str], ...]
_TOLD: Final = {"yes": "Yes", "not_reached": "No, they could not be reached"}


def closing(view: View, row: Any) -> Subject:
    """Say why a closure was sent back, and what stands against closing now."""
    back = view.connection.execute(
        sa.select(closures.c.return_reason, closures.c.returned_on, practitioners.c.name)
        .outerjoin(practitioners, practitioners.c.id == closures.c.answered_by)
        .where(closures.c.case_id == row.case_id, closures.c.returned_on.is_not(None))
        .order_by(closures.c.returned_on.desc(), closures.c.id.desc())
        .limit(1)
    ).first()
    said = () if back is None else ((f"Sent back by {back.name or 'the service'}", back.return_reason),)
    return (*said, *_goes_on(view, row), *not_yet(view, row), *ends_with_case.of_task(view, row))


def _goes_on(view: View, row: Any) -> Subject:
    """Say that it was agreed since the task opened that the plan goes on after all, beside social care's."""
    since = (
        sa.select(history.c.detail)
        .join(user_tasks, (user_tasks.c.id == row.id) & (history.c.recorded_at >= user_tasks.c.opened_at))
        .where(history.c.case_id == row.case_id, history.c.kind == "plan_with_social_care")
        .order_by(history.c.seq.desc())
        .limit(1)
    )
    said = view.connection.execute(since).scalar()
    return (("Agreed since", words.sentence(GOES_ON)),) if said and said.get("closing") else ()


def not_yet(view: View, row: Any) -> Subject:
    """Say why the case must not close yet: a concern waits for its answer, or a check for harm is open."""
    waiting = sa.select(concerns.c.id).where(concerns.c.case_id == row.case_id, concerns.c.ended_on.is_(None))
    if view.connection.execute(waiting.limit(1)).first():
        return (("Not yet", words.sentence(CONCERN_OPEN)),)
    if checked_for_harm(view.connection, row.case_id, view.process):
        return (("Not yet", words.sentence(CHECK_OPEN)),)
    return ()


def closure(view: View, row: Any) -> Subject:
    """Say what whoever closes the case has written, and which outcomes are met and which not."""
    closure = view.connection.execute(
        sa.select(closures, practitioners.c.name)
        .outerjoin(practitioners, practitioners.c.id == closures.c.agreed_by)
        .where(closures.c.case_id == row.case_id, closures.c.signed_on.is_(None), closures.c.returned_on.is_(None))
    ).first()
    if closure is None:
        return _goes_on(view, row)
    return (
        ("Why it closes", words.sentence(CLOSED.get(closure.reason, words.plain(closure.reason)))),
        ("What has changed", closure.summary),
        *_outcomes(view, row.case_id),
        ("Family told", _TOLD.get(closure.family_told, "")),
        ("Help they still have", closure.next_support),
        ("Who wrote it", closure.name or ""),
        *not_yet(view, row),
        *ends_with_case.of_task(view, row),
    )


def _outcomes(view: View, case_id: UUID) -> Subject:
    rows = view.connection.execute(
        sa.select(plan_outcomes.c.outcome, plan_outcomes.c.met_on)
        .join(action_plans, action_plans.c.id == plan_outcomes.c.plan_id)
        .where(
            action_plans.c.case_id == case_id, action_plans.c.ended_on.is_(None), plan_outcomes.c.dropped_on.is_(None)
        )
        .order_by(plan_outcomes.c.id)
    ).all()
    met = [row.outcome.rstrip(".") for row in rows if row.met_on]
    unmet = [row.outcome.rstrip(".") for row in rows if not row.met_on]
    return ("Outcomes met", "; ".join(met) or ("None" if rows else "")), ("Outcomes not met", "; ".join(unmet))
