"""The dates of a case that may be corrected, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from engine import corrections
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.corrections import KINDS
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import view_on
from engine.store import locking
from engine.work import open_work


@dataclass(frozen=True, slots=True)
class CorrectableDate:
    """A date as the record has it, and what it says in words."""

    kind: str
    recorded_id: UUID
    words: str
    on: date


def correctable(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[CorrectableDate, ...]:
    """Return the dates that the actor may correct, the latest first, after keeping that the record was read.

    Raises `NotFound` when the actor may not see the case, `NotPermitted` for who corrects none.
    """
    with engine.sessions.act() as connection:
        view = view_on(engine, connection, actor)
        relation = visibility.require_case(view, case_id)
        if not permissions.may_correct_dates(actor, relation):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator corrects a date")
        visibility.keep_read(view, case_id, "the dates")
        work = open_work(engine, connection, locking.case(connection, case_id), actor=actor, at=view.now)
        return tuple(
            CorrectableDate(each.kind, each.id, view.said(KINDS[each.kind].words), each.on)
            for each in corrections.recorded(work)
        )
