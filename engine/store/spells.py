"""Whose part of a case the closing ended: a day has no hour, so it is read from what came after."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.tables.record import lead_professionals


def held_at_the_close(held: sa.FromClause, closed_on: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """Return the condition that a spell of leading, or of being of a case, ended as the case closed.

    Not when somebody else began to lead after it: appointing them ended it, on whichever day the case closed, both for
    who led and for who assessed.
    """
    after = lead_professionals.alias("after")
    began = sa.tuple_(after.c.from_on, after.c.id) > sa.tuple_(held.c.from_on, held.c.id)
    followed = sa.exists().where(after.c.case_id == held.c.case_id, began).correlate_except(after)
    ends = sa.not_(followed)
    if "role" in held.c:
        ends = sa.or_(held.c.role != "assessor", ends)
    return sa.and_(held.c.to_on == closed_on, ends)


def held_until_now(held: sa.FromClause, closed_on: sa.ColumnElement[object]) -> sa.ColumnElement[bool]:
    """Return the condition that such a spell is under way, or ended as the case closed."""
    return sa.or_(held.c.to_on.is_(None), held_at_the_close(held, closed_on))
