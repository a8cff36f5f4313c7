"""Practitioners who are asked to a meeting and have no account: they answer on a private page, or tell the lead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor, may_keep_family
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility
from engine.queries.view import viewing
from engine.store import relations
from engine.store.tables.meetings import invitations, letters, tac_meetings
from engine.store.tables.people import accounts, agencies, practitioners


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """Who is asked and cannot sign in; `reply` as an invitation has it, `letter_id` their newest letter, if any."""

    name: str
    job_title: str
    agency: str
    reply: str
    letter_id: UUID | None


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Guest, ...]:
    """Return who is asked to the meeting to come and has no account that works, by name.

    Raises `NotFound`, `NotPermitted` for who does not keep the family.
    """
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        if not may_keep_family(actor, relations.of(view.connection, actor, case_id)):
            raise NotPermitted("Who leads or assesses, their line manager or a coordinator reads the family's letters")
        return tuple(Guest(**row._mapping) for row in view.connection.execute(_GUESTS, {"case": case_id}))


_NEWEST: Final = (
    sa.select(letters.c.id)
    .where(
        letters.c.meeting_id == invitations.c.meeting_id,
        letters.c.practitioner_id == invitations.c.practitioner_id,
        letters.c.kind == "invitation",
    )
    .order_by(letters.c.written_on.desc(), letters.c.id.desc())
    .limit(1)
    .correlate(invitations)
    .scalar_subquery()
)
_SIGNS_IN: Final = sa.exists().where(
    accounts.c.practitioner_id == invitations.c.practitioner_id, accounts.c.disabled_at.is_(None)
)
_GUESTS: Final = (
    sa.select(
        practitioners.c.name,
        practitioners.c.job_title,
        sa.func.coalesce(agencies.c.name, "").label("agency"),
        invitations.c.reply,
        _NEWEST.label("letter_id"),
    )
    .select_from(invitations)
    .join(tac_meetings, tac_meetings.c.id == invitations.c.meeting_id)
    .join(practitioners, practitioners.c.id == invitations.c.practitioner_id)
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(
        tac_meetings.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        tac_meetings.c.held_on.is_(None),
        tac_meetings.c.called_off_on.is_(None),
        invitations.c.called_off_on.is_(None),
        ~_SIGNS_IN,
    )
    .order_by(practitioners.c.name, invitations.c.id)
)
