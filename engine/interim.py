"""Who leads a plan in between, while its lead professional has left or is away; inside the act that appoints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.acts import send_message
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.giving import not_a_lead
from engine.operations.consent_cover import require_covered, require_known
from engine.operations.handovers import why_missing
from engine.operations.lead_professionals import appoint_lead_professional
from engine.operations.lead_tasks import take_over_tasks
from engine.operations.vacancies import is_led, require_vacant
from engine.store import people, relations, standing_in
from engine.store.tables.record import lead_professionals
from engine.work import Work, require_on_case

NAMED: Final = "interim_lead_named"
"""The message by which a diagram that asks for an interim lead learns that one was appointed elsewhere."""


@dataclass(frozen=True, slots=True)
class Appointed:
    """How many `tasks` went to the interim lead; `message` is what diagrams that asked for one are to be told."""

    tasks: int
    message: dict[str, Any]


def appoint(
    work: Work, actor: Actor, practitioner_id: UUID, *, reasons: str = "", planned_end_on: date | None = None
) -> Appointed:
    """Make somebody the interim lead of a plan from today and give them the tasks of who led it.

    There is still one current lead: the one before ends today. An interim lead whose time is over may be followed by
    another, or go on. Raises `NotFound`, `NotPermitted`, `Conflict` when somebody leads the plan who is here,
    `Invalid` for somebody who cannot do it or whom the family's consent leaves out, for somebody of another agency
    while nothing is shared with it, or for an end in the past; all of it before anything is written.
    """
    require_on_case(work)
    if not permissions.may_appoint_interim(actor, relations.of(work.connection, actor, work.case.id)):
        raise NotPermitted("The line manager or a coordinator appoints an interim lead")
    before = leading(work)
    require_vacant(work, before)
    _require_able(work, practitioner_id, planned_end_on)
    require_covered(work, [practitioner_id], "practitioner_id")
    require_known(work, {"practitioner_id": practitioner_id}, to_lead_between=True)
    answers = {
        "lead_professional": practitioner_id,
        "interim": True,
        "reasons": reasons,
        "planned_end_on": planned_end_on,
    }
    cause = why_missing(work)
    appoint_lead_professional(work, answers, {})
    moved = 0 if before in (None, practitioner_id) else take_over_tasks(work, before, practitioner_id)
    return Appointed(moved, {"cause": cause})


def end_vacancy(work: Work, name: str, told: Mapping[str, Any]) -> None:
    """Give the word that somebody leads again, if it is still so."""
    if is_led(work):
        send_message(work, name, told)


def leading(work: Work) -> UUID | None:
    """Return who leads the plan on record, who may have left; None when nobody does."""
    return work.connection.execute(
        sa.select(lead_professionals.c.practitioner_id).where(
            lead_professionals.c.case_id == work.case.id, lead_professionals.c.to_on.is_(None)
        )
    ).scalar()


def _require_able(work: Work, practitioner_id: UUID, planned_end_on: date | None) -> None:
    found = people.standings(work.connection, work.authority.id, [practitioner_id], today=work.today)
    standing = found.get(practitioner_id)
    if standing is None:
        raise Invalid("Choose a person from the list", field="practitioner_id")
    here = standing_in.on_case(work.connection, work.case.id, practitioner_id, standing, today=work.today)
    if refusal := standing.refusal(work.today) or here.warning(work.today):
        raise Invalid(refusal, field="practitioner_id")
    if not people.has_role(work.connection, practitioner_id, permissions.LEADS_CASES):
        raise Invalid(not_a_lead(standing.name), field="practitioner_id")
    if planned_end_on is not None and planned_end_on <= work.today:
        raise Invalid("Enter an end that is still to come", field="planned_end_on")
