"""When a plan stalls: the line manager's discussion, then the Multi-Agency Group with the family's consent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations.reading import day, optional_day, text
from engine.store.tables.record import mag_referrals, manager_discussions
from engine.work import Work

PROCESS = "stalled_plan"


def open_stage(work: Work) -> None:
    """Begin the line manager's stage, from which its working days are counted; once while it lasts."""
    begun = work.connection.execute(sa.select(manager_discussions.c.id).where(_current(work))).first()
    if begun is None:
        manager = work.facts()["line_manager"]
        work.connection.execute(
            sa.insert(manager_discussions).values(
                id=work.engine.ids.new(),
                authority_id=work.authority.id,
                case_id=work.case.id,
                manager_id=UUID(manager) if manager else None,
                opened_on=work.today,
            )
        )
        work.changed()


def record_manager_discussion(
    work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Keep what line manager and lead discussed; gives back `manager_decision`."""
    decision = text(answers, "decision")
    open_stage(work)
    _keep(
        work,
        discussed_on=day(answers, "discussed_on", work.today),
        tried=text(answers, "tried"),
        decision=decision,
        next_step=text(answers, "next_step"),
        next_step_on=optional_day(answers, "next_step_on"),
    )
    work.record("manager_discussion_recorded", detail={"decision": decision})
    return {"manager_decision": decision}


def record_anonymous_advice(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep advice that was asked without naming the family, and the dated next step the manager holds."""
    _keep(work, next_step=text(answers, "next_step"), next_step_on=optional_day(answers, "next_step_on"))
    work.record("anonymous_advice_recorded")
    return {"next_step_on": optional_day(answers, "next_step_on")}


def refer_to_mag(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refer the case to the Multi-Agency Group; the lead stays lead, the line manager's stage is over.

    A referral that waits for its decision is joined. Raises `Invalid` without the family's consent.
    """
    facts = work.facts()
    if facts["mag_consent"] != "yes" or facts["consent"] in ("refused", "withdrawn"):
        raise Invalid("The family has not agreed that the multi-agency group looks at this plan. Ask them first.")
    _keep(work, ended_on=work.today)
    waiting = sa.select(mag_referrals.c.id).where(
        mag_referrals.c.case_id == work.case.id, mag_referrals.c.decided_on.is_(None)
    )
    if (referral := work.connection.execute(waiting).scalar()) is not None:
        work.record("referred_to_mag", subject=referral)
        return {}
    id_ = work.engine.ids.new()
    work.connection.execute(
        sa.insert(mag_referrals).values(
            id=id_,
            authority_id=work.authority.id,
            case_id=work.case.id,
            referred_on=work.today,
            reason=text(answers, "reason"),
            tried=text(answers, "tried"),
            papers_sent_on=optional_day(answers, "papers_sent_on"),
        )
    )
    work.changed()
    work.record("referred_to_mag", subject=id_)
    return {}


def record_mag_decision(work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """Keep what the Multi-Agency Group decided."""
    on, decision = day(answers, "decided_on", work.today), text(answers, "decision")
    work.connection.execute(
        sa.update(mag_referrals)
        .where(mag_referrals.c.case_id == work.case.id, mag_referrals.c.decided_on.is_(None))
        .values(decided_on=on, decision=decision, actions=text(answers, "actions"))
    )
    work.changed()
    work.record("mag_decided", effective_on=on)
    return {"mag_decision": decision}


def end_stalled_plan(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the line manager's stage."""
    _keep(work, ended_on=work.today)
    work.record("stalled_plan_ended")
    return {}


def _current(work: Work) -> sa.ColumnElement[bool]:
    return (manager_discussions.c.case_id == work.case.id) & manager_discussions.c.ended_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(manager_discussions).where(_current(work)).values(**values))
    work.changed()
