"""Raise a safeguarding concern: from anywhere, at any time, past every gate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from engine.acts import settle, start_process
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.operations import concerns
from engine.operations.messages import alert_manager
from engine.process_engine import ProcessEngine
from engine.stopping import undone_starts_told
from engine.store import locking, requests
from engine.work import open_work

PROCESS = "safeguarding_concern"


def raise_concern(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    answers: Mapping[str, Any],
    request_key: str | None = None,
) -> UUID:
    """Keep a concern about the child of a case and start its process; return the concern's id.

    Nothing in `answers` is required and the case may even be closed; who may raise one need not be on the
    case. Raises `NotFound` for another authority's case, `NotPermitted`.
    """
    if not permissions.may_raise_concern(actor):
        raise NotPermitted("Ring social care yourself; your account cannot record a concern here.")
    request = requests.asked(actor, request_key, "raise a concern", about=case_id, content=answers)
    with (
        undone_starts_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        first = requests.answered(connection, request)
        if first is not None:
            return first.subject_id or first.case_id
        concern_id = concerns.open_concern(work, answers, raised_by=actor.practitioner_id)
        danger = answers.get("immediate_danger") in (True, "yes", "true")
        facts = work.facts()
        beside = bool(facts["plan_agreed"] and not facts["closed"])
        given = {"concern": str(concern_id), "immediate_danger": danger, "beside_plan": beside}
        start_process(work, PROCESS, given)
        alert_manager(work, {"subject": "Urgent: a concern about a child has been raised"}, {})
        settle(work)
    return concern_id
