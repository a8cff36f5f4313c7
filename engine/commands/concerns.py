"""Raise a safeguarding concern: from anywhere, at any time, past every gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.operations import concerns
from engine.process_engine import ProcessEngine
from engine.stopping import undone_told
from engine.store import locking, requests, siblings
from engine.work import open_work


def raise_concern(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    answers: Mapping[str, Any],
    also: Sequence[UUID] = (),
    whole_family: bool = False,
    request_key: str | None = None,
) -> UUID:
    """Keep a concern about the child of a case and start its process; return the concern's id.

    It names the children of the cases `also`, and with `whole_family` those of every open case of the family: each of
    these cases keeps it and has a process of its own, in the same act. A child who has no case is named in the answer
    `other_children`. Nothing in `answers` is required and the cases may even be closed; who may raise one need not be
    on any of them. Raises `NotFound` for another authority's case, `NotPermitted`.
    """
    if not permissions.may_raise_concern(actor):
        raise NotPermitted("Ring social care yourself; your account cannot record a concern here.")
    content = _sent(answers, also, whole_family)
    request = requests.asked(actor, request_key, "raise a concern", about=case_id, content=content)
    with (
        undone_told(engine, authority_id=actor.authority_id, case_id=case_id),
        engine.sessions.act() as connection,
    ):
        named = [*also, *(siblings.open_cases(connection, case_id) if whole_family else ())]
        lines = locking.cases_of(connection, {case_id, *named})
        if len(lines) < len({case_id, *named}):
            raise NotFound("There is no such case", case_id=case_id)
        at = engine.clock.now()
        work = open_work(engine, connection, lines.pop(case_id), actor=actor, at=at, request=request)
        first = requests.answered(connection, request)
        if first is not None:
            return first.subject_id or first.case_id
        work.also.extend(open_work(engine, connection, line, actor=actor, at=at) for line in lines.values())
        everyone = (work, *work.also)
        opened = concerns.open_for_all(everyone, answers, raised_by=actor.practitioner_id)
        danger = answers.get("immediate_danger") in (True, "yes", "true")
        for each, concern_id in zip(everyone, opened, strict=True):
            concerns.begin(each, concern_id, danger=danger)
        settle(work)
    return opened[0]


def _sent(answers: Mapping[str, Any], also: Sequence[UUID], whole_family: bool) -> Any:
    """Return what was sent, as it was before a concern could name several children while it names one."""
    return [answers, sorted(map(str, also)), whole_family] if also or whole_family else answers
