"""What a review without a meeting found, in writing for each of the family: nobody circulates notes of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import family_letters as texts
from engine.operations.family_letters import occasion, reader, readers, write
from engine.operations.messages import WHO_MAY
from engine.operations.wordings import worded
from engine.store.sibling_meetings import kept_from_family
from engine.store.tables.people import practitioners
from engine.store.tables.record import plan_actions
from engine.work import Work


def write_review(
    work: Work, *, on: date, asked_on: date | None, notes: str, next_on: date | None, outcome: str, step: str
) -> int:
    """Write each of the family who may have it what was found `on` a day, and reported since `asked_on`.

    `outcome` and `step` are answers of the review: how things are, and what happens next. Returns how many copies. All
    are drafts: the family was not in a room when it was written, so the lead looks first. As with notes, nobody reads
    of a brother or sister what they may not be told.
    """
    to = readers(work)
    if not to:
        return 0
    about, reported = occasion(work, on=on), _reported(work, asked_on or on)
    kept = kept_from_family(work.connection, work.case.id)
    for each in to:
        others = [other for other in kept if other.member_id == each.member_id]
        said = texts.NOT_IN_FULL if any(other.named_in(notes) for other in others) else notes
        told = tuple(line for line in reported if not any(other.named_in(line) for other in others))
        filled = texts.review(
            reader(each), about, said=said, reported=told, next_on=next_on, outcome=outcome, step=step
        )  # fmt: skip
        letter = worded(work, "notes", filled)
        if letter.subject == texts.KINDS["notes"]:  # an authority's own words stay
            letter = replace(letter, subject=texts.REVIEWED)
        write(work, each, "notes", letter, draft=True)
    _ask_lead(work)
    return len(to)


def _ask_lead(work: Work) -> None:
    lead = work.facts()["lead_professional"]
    if lead:
        subject = "Look at what the family gets in writing of the review, and send it"
        work.send(UUID(lead), subject=subject, body=WHO_MAY)


def _reported(work: Work, since: date) -> tuple[str, ...]:
    rows = work.connection.execute(_REPORTED, {"case": work.case.id, "since": since})
    return tuple(_line(row) for row in rows)


def _line(row: Any) -> str:
    return f"{row.name}: {row.action.rstrip('.')}. {row.progress}"


_REPORTED: Final = (
    sa.select(practitioners.c.name, plan_actions.c.action, plan_actions.c.progress)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(
        plan_actions.c.case_id == sa.bindparam("case"),
        plan_actions.c.progress_on >= sa.bindparam("since"),
        plan_actions.c.progress != "",
    )
    .order_by(plan_actions.c.due_on, plan_actions.c.id)
)
