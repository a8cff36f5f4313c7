"""The common assessment: started with consent, completed with the family's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.forms import jsonable
from engine.operations.family_copies import write_assessment
from engine.operations.reading import day, optional_day, text
from engine.store.tables.record import assessments, case_members
from engine.store.writes import Insertion
from engine.work import Work

_INSERT_MEMBER = Insertion(case_members)


def become_assessor(work: Work, assessor: UUID) -> None:
    """Make somebody the assessor of a new case; they hold the role until a lead is appointed."""
    row = {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "practitioner_id": assessor,
        "role": "assessor",
        "from_on": work.today,
    }
    _INSERT_MEMBER.each(work.connection, [row])
    work.changed()
    work.record("assessor_named", subject=assessor)


def start_assessment(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Open the assessment, from which its working days are counted; one that was opened before stays as it is."""
    started = sa.select(assessments.c.id).where(assessments.c.case_id == work.case.id)
    if work.connection.execute(started).first() is None:
        on = day(answers, "started_on", work.today)
        _keep(work, started_on=on, content={})
        work.record("assessment_started", effective_on=on)
    return {}


def keep_summary(work: Work, content: Mapping[str, Any]) -> None:
    """Keep what another service has found out in the assessment's place: the family is not asked everything again."""
    _keep(work, started_on=work.today, completed_on=work.today, content=jsonable(content))


def agree_reassessment(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep whether the family is assessed again now; gives back `assess_again` as yes or not_now, and `ask_again_on`.

    Raises `Invalid` for a not now without the day on which it is asked again.
    """
    answer, why = text(answers, "assess_again"), text(answers, "why")
    again_on = optional_day(answers, "ask_again_on")
    if answer != "yes" and again_on is None:
        raise Invalid("Enter the day on which you ask again", field="ask_again_on")
    detail = {"answer": answer, "ask_again_on": None if answer == "yes" else again_on}
    work.record("reassessment_agreed", detail=detail, payload={"why": why})
    return {"assess_again": answer, "ask_again_on": again_on}


def complete_reassessment(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep a new version of the assessment beside those before, which stay as they are. The plan goes on.

    Each of the family gets a copy. Raises `Invalid` naming the answer that holds an address kept secret.
    """
    on = day(answers, "completed_on", work.today)
    _keep(work, started_on=on, completed_on=on, content=jsonable(answers))
    copies = write_assessment(work, answers, on)
    work.record("assessed_again", effective_on=on, detail={"copies": copies})
    return {}


def complete_assessment(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Complete the assessment with its answers, opening it first when nobody had; each of the family gets a copy.

    Raises `Invalid` naming the answer that holds an address kept secret.
    """
    start_assessment(work, {}, {})
    on = day(answers, "completed_on", work.today)
    work.connection.execute(
        sa.update(assessments)
        .where(assessments.c.case_id == work.case.id, assessments.c.completed_on.is_(None))
        .values(completed_on=on, content=dict(answers))
    )
    work.changed()
    copies = write_assessment(work, answers, on)
    work.record("assessment_completed", effective_on=on, detail={"copies": copies})
    return {}


def _keep(work: Work, **values: Any) -> None:
    """Keep a new assessment by who acts."""
    own = {"id": work.engine.ids.new(), "authority_id": work.authority.id, "case_id": work.case.id}
    assessor = work.actor.practitioner_id if work.actor else None
    work.connection.execute(sa.insert(assessments).values(**own, assessor_id=assessor, **values))
    work.changed()
