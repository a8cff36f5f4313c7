"""Who leads: one current lead professional or a shown vacancy, with dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.operations.consent_cover import draw_back
from engine.operations.messages import tell_line_manager
from engine.operations.reading import day, optional_day, person, text
from engine.operations.team_parts import end_of_leading, led_until_now
from engine.operations.vacancies import UNCOVERED, count_absence, tell_if_asked
from engine.store.tables.changes import handovers
from engine.store.tables.record import case_members, lead_professionals
from engine.store.writes import Change, Insertion
from engine.work import Work


def appoint_lead_professional(
    work: Work, answers: Mapping[str, Any], _variables: Mapping[str, Any], *, stays: bool = False
) -> Mapping[str, Any]:
    """Make somebody the current lead professional; the one before ends the same day, the assessor's role too.

    With `interim` they stand in until one is appointed for good. Who led leaves the team as `end_of_leading` says,
    unless it was decided that everybody `stays`; whom the family's consent covered only as they led or assessed gives
    their actions and tasks to who leads now (`draw_back`). For one who is away uncovered the days are counted and
    their line manager is told, as when a lead goes away.
    """
    chosen, on = person(work, answers, "lead_professional"), day(answers, "from_on", work.today)
    interim, kept = answers.get("interim") is True, _keepers(work, but=chosen)
    for ended in (_END_LEAD, _END_ASSESSOR):
        ended.each(work.connection, [{"case": work.case.id, "on": on}])
    before = [] if stays else led_until_now(work, interim=interim)
    row = {
        "id": work.engine.ids.new(),
        "authority_id": work.authority.id,
        "case_id": work.case.id,
        "practitioner_id": chosen,
        "from_on": on,
        "interim": interim,
        "planned_end_on": optional_day(answers, "planned_end_on"),
        "family_wishes": text(answers, "family_wishes"),
        "reasons": text(answers, "reasons"),
    }
    _APPOINT.each(work.connection, [row])
    if kept:
        work.changed()
        draw_back(work, kept)
    end_of_leading(work, before)
    settle_refusals(work)
    if interim:
        work.record("interim_lead_appointed", subject=chosen, effective_on=on)
    else:
        work.record("lead_professional_appointed", subject=chosen, effective_on=on)
        if before or stays:
            tell_if_asked(work)
    if count_absence(work):
        tell_line_manager(work, {"subject": UNCOVERED}, {})
    part = "interim lead professional" if interim else "lead professional"
    work.send(
        chosen,
        subject=f"You are now {part}",
        body=f"You have been asked to be {part} for a child. The case says what is next.",
    )
    return {"lead_professional": str(chosen)}


def _keepers(work: Work, *, but: UUID) -> list[UUID]:
    """Return who leads and who assesses, of those who have not left."""
    known = work.some_facts({"lead_professional", "assessor"})
    found = dict.fromkeys((known["lead_professional"], known["assessor"]))
    return [UUID(who) for who in found if who not in (None, str(but))]


_END_LEAD = Change(
    sa.update(lead_professionals)
    .where(lead_professionals.c.case_id == sa.bindparam("case"), lead_professionals.c.to_on.is_(None))
    .values(to_on=sa.bindparam("on"))
)
_END_ASSESSOR = Change(
    sa.update(case_members)
    .where(
        case_members.c.case_id == sa.bindparam("case"),
        case_members.c.to_on.is_(None),
        case_members.c.role == "assessor",
    )
    .values(to_on=sa.bindparam("on"))
)
_APPOINT = Insertion(lead_professionals)


def settle_refusals(work: Work) -> None:
    """Let those who declined to lead until now count no longer: somebody leads, or it was agreed who goes on."""
    _SETTLE.each(work.connection, [{"case": work.case.id, "on": work.today}])
    work.changed()


_SETTLE = Change(
    sa.update(handovers)
    .where(
        handovers.c.case_id == sa.bindparam("case"),
        handovers.c.declined_on.is_not(None),
        handovers.c.settled_on.is_(None),
    )
    .values(settled_on=sa.bindparam("on"))
)
