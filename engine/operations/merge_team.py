"""Who of a case that closes into another has a part in the plan that goes on, and what the others hear of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Invalid
from engine.operations import handovers
from engine.operations.consent_cover import covered
from engine.operations.team import join_team
from engine.operations.team_parts import end_of_leading
from engine.store import people
from engine.store.tables.record import case_members, lead_professionals
from engine.work import Work

_ONE_PLAN: Final = "the case becomes one with another of the child"
_HAS_BECOME_ONE: Final = "A case you work on has become one with another of the same child"
_WHOM_TO_RING: Final = (
    "Your tasks on it are gone, and one plan goes on: ring {whom}, who may need to hear what you know."
)
_NOT_TO_LEAD: Final = "You are not to lead a plan after all: it has become one with another of the same child"
_HANDOVER_OFF: Final = "The handover to you is off, and there is nothing to answer. Ring {whom} if you have a question."
_STAYED_OUT: Final = "Two plans have become one, and who worked on the other has no part in yours"
_LET_IN: Final = (
    "Yours is a restricted case, so nobody was let in by that. What they had to do is yours: invite to the next "
    "meeting whom the child needs, and no more."
)
_NOT_OF_IT: Final = (
    "Few may know of the plan that goes on. Choose somebody who works on it already to lead it; it can be handed over "
    "to another afterwards"
)


def lead_of(work: Work) -> UUID | None:
    """Return who leads a case now, or None."""
    current = (lead_professionals.c.case_id == work.case.id) & lead_professionals.c.to_on.is_(None)
    return work.connection.execute(sa.select(lead_professionals.c.practitioner_id).where(current)).scalar()


def require_of_it(staying: Work, lead: UUID) -> None:
    """Raise `Invalid` for a lead who does not work yet on a restricted case that is to go on."""
    if staying.case.restricted and lead not in _of_it(staying):
        raise Invalid(_NOT_OF_IT, field="merged_lead")


def may_join(staying: Work, practitioners: Sequence[UUID]) -> list[UUID]:
    """Return those of `practitioners` who may have a part in the plan that goes on, in order.

    Whom its family's consent covers; of a restricted case only who works on it already, so that nobody who was taken
    out of it, or never let in, comes into it by this.
    """
    given = covered(staying, practitioners)
    here = _of_it(staying) if staying.case.restricted else set(given)
    return [each for each in given if each in here]


def end_handover(closing: Work) -> UUID | None:
    """End the proposal that is open on the case that closes; return who was to lead, whom the caller tells.

    Whoever came into the team by saying yes to it alone leaves it, so that they do not come into the other.
    """
    proposed = handovers.current(closing)
    if proposed is None:
        return None
    handovers.keep(closing, ended_on=closing.today)
    closing.record("handover_called_off", subject=proposed.successor_id, why=_ONE_PLAN)
    if proposed.accepted_on is not None:
        end_of_leading(closing, [proposed.successor_id], told=True)
    return proposed.successor_id  # type: ignore[no-any-return]


def join(closing: Work, staying: Work, owners: Sequence[UUID], chosen: UUID) -> None:
    """Make the `owners` of what came over, the team and who led until now part of the team that goes on, who may be."""
    led = [lead_of(closing), *([lead_of(staying)] if lead_of(staying) != chosen else [])]
    theirs = covered(closing, [*_team(closing), *(each for each in led if each is not None)])
    join_team(staying, may_join(staying, [*owners, *theirs]), checked=True)


def tell_who_stays_behind(closing: Work, staying: Work, successor: UUID | None) -> int:
    """Tell whoever has a part in the case that closes and none in the other; return how many these are.

    The `successor`, who was to lead the one that closes, hears so too. Who leads a restricted case that goes on hears
    that nobody was let in.
    """
    here = {lead_of(staying), *covered(staying, _team(staying))}
    whom = ("" if staying.case.restricted else people.contact(staying.connection, lead_of(staying))) or "a coordinator"
    if successor not in (None, lead_of(staying)):
        closing.send(successor, subject=_NOT_TO_LEAD, body=_HANDOVER_OFF.format(whom=whom))
    assessor = closing.facts()["assessor"]
    theirs = [lead_of(closing), *([UUID(assessor)] if assessor else []), *_team(closing)]
    worked = covered(closing, list(dict.fromkeys(each for each in theirs if each is not None)))
    behind = [each for each in worked if each not in here]
    for each in behind:
        if each != successor:
            closing.send(each, subject=_HAS_BECOME_ONE, body=_WHOM_TO_RING.format(whom=whom))
    told = list(dict.fromkeys([*behind, *([successor] if successor is not None and successor not in here else [])]))
    if told:
        closing.record("members_told", detail={"members": len(told), "who": told})
    lead = lead_of(staying)
    if behind and staying.case.restricted and lead is not None:
        staying.send(lead, subject=_STAYED_OUT, body=_LET_IN)
    return len(behind)


def _of_it(work: Work) -> set[UUID]:
    assessor, lead = work.facts()["assessor"], lead_of(work)
    return {*([] if lead is None else [lead]), *([UUID(assessor)] if assessor else []), *_team(work)}


def _team(work: Work) -> list[UUID]:
    team = sa.select(case_members.c.practitioner_id).where(
        case_members.c.case_id == work.case.id, case_members.c.role == "member", case_members.c.to_on.is_(None)
    )
    return list(work.connection.execute(team.order_by(case_members.c.id)).scalars())
