"""Reminders before a review: who has not said how their actions go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations.consent_cover import may_hear
from engine.operations.reading import as_person
from engine.operations.reviews import coming_review
from engine.store.tables.record import plan_actions, reviews
from engine.work import Work

SUBJECT: Final = "A review waits for you to say how your actions go"


def chase_updates(work: Work, inputs: Mapping[str, Any], variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Remind everybody of the variable `owners` who has an open action and has said nothing since they were asked.

    The lead hears that some are silent. The diagram's property `subject` is what those who are silent read. Nobody is
    reminded of a case that consent keeps from them (`may_hear`).
    """
    asked = {as_person(owner, "owners") for owner in variables.get("owners") or ()}
    silent = may_hear(work, [owner for owner in _silent(work) if owner in asked])
    for owner in silent:
        work.send(owner, subject=str(inputs.get("subject") or SUBJECT))
    lead = work.facts()["lead_professional"]
    if lead and silent:
        work.send(UUID(lead), subject="Not everybody has said how their actions go: ring them")
    work.record("updates_chased", detail={"silent": len(silent)})
    return {}


def _silent(work: Work) -> list[UUID]:
    """Return who has open actions, none of them reported on since people were asked to the coming review."""
    since = sa.select(reviews.c.asked_on).where(coming_review(work)).scalar_subquery()
    heard = sa.func.max(sa.case((plan_actions.c.progress_on >= since, 1), else_=0))
    open_actions = (plan_actions.c.case_id == work.case.id) & plan_actions.c.closed_on.is_(None)
    found = sa.select(plan_actions.c.owner_id).where(open_actions).group_by(plan_actions.c.owner_id).having(heard == 0)
    return list(work.connection.execute(found.order_by(plan_actions.c.owner_id)).scalars())
