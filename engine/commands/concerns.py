"""Raise a safeguarding concern: from anywhere, at any time, past every gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from engine import telling
from engine.acts import settle
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound, NotPermitted
from engine.guard import Trouble, attempt
from engine.process_engine import ProcessEngine
from engine.protecting import raise_on
from engine.stopping import lies_with_diagram
from engine.store import locking, requests, siblings
from engine.store.requests import Request
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
    on any of them. A diagram that cannot start keeps back no concern: it is recorded and told without, that nobody
    follows it up is told too, and the diagram is an incident that is tried again by itself. Raises `NotFound` for
    another authority's case, `NotPermitted`.
    """
    if not permissions.may_raise_concern(actor):
        raise NotPermitted("Ring social care yourself; your account cannot record a concern here.")
    content = _sent(answers, also, whole_family)
    request = requests.asked(actor, request_key, "raise a concern", about=case_id, content=content)
    raising = partial(_raise, engine, actor, case_id, answers, (also, whole_family), request)
    raised = attempt("starting what follows a concern", raising)
    if not isinstance(raised, Trouble):
        return raised[0]
    if not lies_with_diagram(raised.error):
        raise raised.error
    concern_id, waiting = raising(follow_up=False)
    telling.give(engine, waiting, actor=actor)
    return concern_id


def _raise(
    engine: ProcessEngine,
    actor: Actor,
    case_id: UUID,
    answers: Mapping[str, Any],
    about: tuple[Sequence[UUID], bool],
    request: Request | None,
    *,
    follow_up: bool = True,
) -> tuple[UUID, list[UUID]]:
    """Keep the concern in one act; return its id and, without `follow_up`, of what is to be started later."""
    also, whole_family = about
    with engine.sessions.act() as connection:
        named = [*also, *(siblings.open_cases(connection, case_id) if whole_family else ())]
        lines = locking.cases_of(connection, {case_id, *named})
        if len(lines) < len({case_id, *named}):
            raise NotFound("There is no such case", case_id=case_id)
        at = engine.clock.now()
        work = open_work(engine, connection, lines.pop(case_id), actor=actor, at=at, request=request)
        first = requests.answered(connection, request)
        if first is not None:
            return first.subject_id or first.case_id, []
        work.also.extend(open_work(engine, connection, line, actor=actor, at=at) for line in lines.values())
        everyone = (work, *work.also)
        by = actor.practitioner_id
        opened, waiting = raise_on(everyone, answers, raised_by=by, follow_up=follow_up)
        settle(work)
    return opened[0], waiting


def _sent(answers: Mapping[str, Any], also: Sequence[UUID], whole_family: bool) -> Any:
    """Return what was sent, as it was before a concern could name several children while it names one."""
    return [answers, sorted(map(str, also)), whole_family] if also or whole_family else answers
