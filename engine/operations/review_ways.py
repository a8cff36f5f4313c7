"""A review that takes the other way after all: updates instead of a meeting, or a meeting instead of updates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.meeting_days import call_off_meetings
from engine.operations.reading import text
from engine.operations.reviews import UPDATES, coming_review, take_way
from engine.store.tables.record import reviews
from engine.work import Work


def change_review_way(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Take the coming review another way, and keep why; its day stays. A meeting arranged for it is called off.

    Gives back `way` and `owners`, as choosing the way does. Raises `Invalid` when no review is under way, or when it
    is that way already.
    """
    way, why = text(answers, "way"), text(answers, "why")
    before = work.connection.execute(sa.select(reviews.c.way).where(coming_review(work))).scalar()
    if before is None:
        raise Invalid("No review is under way: the way is chosen when it opens", field="way")
    if before == way:
        raise Invalid("The review is to be held this way already: choose the other one", field="way")
    if way == UPDATES:
        call_off_meetings(work, why=why)
    owners = take_way(work, way)
    work.record("review_way_changed", detail={"way": way, "asked": len(owners)}, payload={"why": why})
    return {"way": way, "owners": owners}
