"""Say why something is late on a case, or what is being done about it: it stays late, nobody is kept from anything."""

from __future__ import annotations

from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_see_overdue
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.store import locking, requests
from engine.store.tables.boards import late_answers
from engine.work import open_work, require_on_case

LONGEST: Final = 1_000


def answer(
    engine: ProcessEngine,
    *,
    actor: Actor,
    case_id: UUID,
    said: str,
    by_on: date | None = None,
    request_key: str | None = None,
) -> None:
    """Keep what is being done about what is late on an open case; the history has what was said before, too.

    `by_on` is the local day by which it should be put right. Nothing is cleared by it: what is late stays on the board
    until it is done. A repeated `request_key` keeps it once. Raises `NotFound`, `NotPermitted` for roles without a
    board, `Conflict` for a closed case, `Invalid` (field `said` or `by_on`) for nothing, too much, a day that is over.
    """
    said = said.strip()
    if not may_see_overdue(actor):
        raise NotPermitted("Your role does not include the overdue board")
    if not said:
        raise Invalid("Say why it is late, or what is being done about it", field="said")
    if len(said) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="said")
    request = requests.asked(actor, request_key, "answer what is late", about=case_id, content=[said, by_on])
    with engine.sessions.act() as connection:
        case = locking.case(connection, case_id)
        work = open_work(engine, connection, case, actor=actor, at=engine.clock.now(), request=request)
        require_on_case(work)
        if requests.answered(connection, request) is not None:
            return
        if by_on is not None and by_on < work.today:
            raise Invalid("Enter today or a day still to come", field="by_on")
        event_id = work.record("lateness_answered", detail={"by_on": by_on}, payload={"why": said})
        work.finish()
        before = (late_answers.c.case_id == case_id) & late_answers.c.replaced_on.is_(None)
        connection.execute(sa.update(late_answers).where(before).values(replaced_on=work.today))
        kept = {"case_id": case_id, "practitioner_id": actor.practitioner_id, "event_id": event_id}
        own = {"id": engine.ids.new(), "authority_id": actor.authority_id}
        said_on = {"written_on": work.today, "by_on": by_on}
        connection.execute(sa.insert(late_answers).values(**own, **kept, **said_on))
