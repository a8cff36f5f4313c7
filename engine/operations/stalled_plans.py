"""When a plan stalls: the line manager's discussion, and what follows without the Multi-Agency Group."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.operations.reading import day, optional_day, text
from engine.store import escalations
from engine.store.tables.record import manager_discussions
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
    work.record("anonymous_advice_recorded", payload={"why": text(answers, "advice")})
    return {"next_step_on": optional_day(answers, "next_step_on")}


def end_stalled_plan(work: Work, _inputs: Mapping[str, Any], _variables: Mapping[str, Any]) -> Mapping[str, Any]:
    """End the line manager's stage."""
    end_stage(work)
    work.record("stalled_plan_ended")
    return {}


def end_stage(work: Work) -> None:
    """End the line manager's stage, if it lasts."""
    _keep(work, ended_on=work.today)


def resume_stage(work: Work) -> None:
    """Give the plan back to the line manager as it was: the stage that ended last lasts on, from its first day."""
    latest = (
        sa.select(manager_discussions.c.id)
        .where(manager_discussions.c.case_id == work.case.id)
        .order_by(manager_discussions.c.opened_on.desc(), manager_discussions.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    work.connection.execute(
        sa.update(manager_discussions).where(manager_discussions.c.id == latest).values(ended_on=None)
    )
    work.changed()


def carry_stage(closing: Work, staying: Work) -> None:
    """Let the line manager's stage of a plan that goes into another last on there, from the first day of the earlier.

    The reasons for it go over with their days, and what was said so far; whoever manages the plan that goes on is asked
    what is in the way of one plan, unless somebody deals with that there already.
    """
    begun = closing.connection.execute(sa.select(manager_discussions).where(_current(closing))).first()
    ids = staying.engine.ids
    reasons = escalations.carry(closing.connection, closing.case.id, staying.case.id, process_key=PROCESS, ids=ids)
    if begun is None:
        return
    there = sa.select(manager_discussions.c.opened_on).where(_current(staying))
    since = staying.connection.execute(there).scalar()
    if since is None:
        open_stage(staying)
        _keep(staying, **{name: begun._mapping[name] for name in _SAID})
    _keep(staying, opened_on=min(since or begun.opened_on, begun.opened_on))
    if escalations.running(staying.connection, staying.case.id, PROCESS) is None:
        staying.starts.append((PROCESS, {"reasons": reasons or ["not_progressing"]}))
    staying.record("stalled_plan_carried", detail={"since": begun.opened_on})


_SAID: Final = ("discussed_on", "tried", "decision", "next_step", "next_step_on")


def _current(work: Work) -> sa.ColumnElement[bool]:
    return (manager_discussions.c.case_id == work.case.id) & manager_discussions.c.ended_on.is_(None)


def _keep(work: Work, **values: Any) -> None:
    work.connection.execute(sa.update(manager_discussions).where(_current(work)).values(**values))
    work.changed()
