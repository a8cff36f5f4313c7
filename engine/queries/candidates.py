"""Who might lead a child's plan, with what the record knows of the six factors: the start of the choosing form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid, NotFound
from engine.queries.view import View
from engine.store.people_offered import people_offered
from engine.store.tables.people import practitioners
from engine.store.tables.record import assessments, case_members, plan_actions

ROLE_WEEKS: Final = "lead_role_weeks"
"""The time limit for which somebody leads unless another end is agreed, in calendar weeks."""
MOST: Final = 6
"""How many candidates the form begins with: those round the child; more can be added."""


def known(view: View, case_id: UUID) -> Mapping[str, Any]:
    """Return what the form of the choice can begin with.

    The candidates are the people round the child who lead cases; how much their agency is involved is counted from the
    team and the open actions. What the family wishes was asked with the assessment. The planned end is the authority's.
    """
    near = [each.id for each in people_offered(view.connection, view.actor.authority_id, case_id)
            if each.near and each.leads_cases]
    involved = _involvement(view, case_id)
    rows = [{"person": str(id_), **_agency(involved, id_)} for id_ in near[:MOST]]
    return {"candidates": rows, "family_wishes": _wishes(view, case_id), "planned_end_on": _end(view)}


def _agency(involved: Mapping[UUID, str], person: UUID) -> Mapping[str, str]:
    return {"agency_involvement": involved[person]} if person in involved else {}


def _involvement(view: View, case_id: UUID) -> Mapping[UUID, str]:
    """Say of each agency's people "most" or "some", when one agency has more members and actions than every other."""
    team = sa.select(case_members.c.practitioner_id.label("who")).where(
        case_members.c.case_id == case_id, case_members.c.to_on.is_(None)
    )
    owners = sa.select(plan_actions.c.owner_id.label("who")).where(
        plan_actions.c.case_id == case_id, plan_actions.c.closed_on.is_(None)
    )
    parts = sa.union_all(team, owners).subquery()
    rows = view.connection.execute(
        sa.select(practitioners.c.id, practitioners.c.agency_id).join(parts, parts.c.who == practitioners.c.id)
    ).all()
    counted = Counter(row.agency_id for row in rows if row.agency_id is not None)
    ranked = counted.most_common(2)
    if len(ranked) < 2 or ranked[0][1] == ranked[1][1]:
        return {}
    most = ranked[0][0]
    return {row.id: "most" if row.agency_id == most else "some" for row in rows if row.agency_id is not None}


def _wishes(view: View, case_id: UUID) -> str:
    """Return whom the family said, with the assessment, that it would like and trusts."""
    content = view.connection.execute(
        sa.select(assessments.c.content)
        .where(assessments.c.case_id == case_id, assessments.c.completed_on.is_not(None))
        .order_by(assessments.c.completed_on.desc(), assessments.c.id.desc())
        .limit(1)
    ).scalar()
    return str((content or {}).get("wanted_lead") or "")


def _end(view: View) -> str:
    try:
        weeks = view.engine.library.host(view.connection, view.authority).time_limit(ROLE_WEEKS)
    except (Invalid, NotFound):
        # An authority's own table of limits need not have this one, nor be there.
        return ""
    return (view.today + timedelta(weeks=int(weeks))).isoformat()
