"""A family cannot be reached: what was tried, and what the line manager decides for the child.

While a search is open sharing rests: the team and the Multi-Agency Group see nothing until the family is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from engine.errors import Conflict
from engine.operations.closures import refuse_at_risk
from engine.operations.concerns import put_concern
from engine.operations.reading import optional_day, text
from engine.operations.resting import let_rest
from engine.store.tables.changes import family_searches
from engine.work import Work


def report_family_missing(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep that the family cannot be found. Raises `Conflict` while a search is open."""
    if work.connection.execute(sa.select(family_searches.c.id).where(_open(work))).first() is not None:
        raise Conflict("The family is being looked for already", case_id=work.case.id)
    seen = optional_day(answers, "last_contact_on")
    work.connection.execute(
        sa.insert(family_searches).values(
            id=work.engine.ids.new(),
            authority_id=work.authority.id,
            case_id=work.case.id,
            opened_on=work.today,
            last_contact_on=seen,
            tried=text(answers, "tried"),
        )
    )
    work.changed()
    work.record("family_not_found", detail={"last_contact_on": seen}, payload={"why": text(answers, "tried")})
    let_rest(work)
    return {}


def record_search(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what was tried since; gives back `found` as yes or no."""
    row = work.connection.execute(sa.select(family_searches.c.tried).where(_open(work))).first()
    tried = "\n".join(part for part in (row.tried if row else "", text(answers, "tried")) if part)
    if text(answers, "found") == "yes":
        _keep(work, tried=tried, found_on=work.today, ended_on=work.today)
        work.record("family_found", payload={"why": text(answers, "tried")})
        return {"found": "yes"}
    _keep(work, tried=tried)
    work.record("family_looked_for", payload={"why": text(answers, "tried")})
    return {"found": "no"}


def decide_on_missing(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep the manager's decision; gives back `missing_decision`, `look_again_on`, and the `concern` opened.

    Raises `Invalid` for closing while a concern or a check for harm is open.
    """
    decision, why = text(answers, "missing_decision"), text(answers, "why")
    if decision == "close":
        refuse_at_risk(work, "missing_decision")
    # Social care's answer finds nobody: the search, and with it the rest of sharing, ends with the family or the case.
    over = {"ended_on": work.today} if decision == "close" else {}
    _keep(work, decision=decision, reason=why, **over)
    work.record("missing_family_decided", detail={"decision": decision}, payload={"why": why})
    opened = {"concern": put_concern(work, why, answers)} if decision == "concern" else {}
    return {"missing_decision": decision, "look_again_on": optional_day(answers, "look_again_on"), **opened}


def _open(work: Work) -> sa.ColumnElement[bool]:
    return (family_searches.c.case_id == work.case.id) & family_searches.c.ended_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(family_searches).where(_open(work)).values(**values))
    work.changed()
