"""Who may see a case and act on it: by how they stand to it."""

from __future__ import annotations

from uuid import UUID

from engine.casework.permissions.offices import may_ask_index
from engine.casework.permissions.people import OVERSIGHT, Actor, Relation


def may_see_case(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may read a case's record; never of another authority's.

    Whom the family's limited consent leaves out may not, however they came to stand to the case, unless they lead or
    assess it, manage or cover who does, or oversee the work with every case. While sharing rests a task shows it to
    nobody else either, nor to another agency before the family is asked. A concern needs no consent. The line manager
    of who merely has a task on it, or an action, sees that and not the case (`may_put_right`).
    Coordinators may, of every case: diagrams ask them on any (closures, referrals, two CAFs made one), and they audit.
    """
    if not relation.same_authority:
        return False
    if relation.leads or relation.assesses or relation.manages_someone or relation.covers_close:
        return True
    if "coordinator" in actor.roles:
        return True
    if not relation.outside and (relation.member or relation.covers_someone):
        return True
    if relation.holds_task and (not kept_by_consent(relation) or actor.roles & OVERSIGHT):
        return True
    if relation.mag_open and "mag_member" in actor.roles:
        return True
    return relation.concern_open and "safeguarding_lead" in actor.roles


def kept_by_consent(relation: Relation) -> bool:
    """Tell whether a task alone shows this person nothing of a case, unless the question is one of their office."""
    return relation.outside or relation.rests or relation.elsewhere


def may_read_case(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may read a case's record: who may see it, and for its hour who opened it in an emergency.

    An emergency lets nobody write.
    """
    return may_see_case(actor, relation) or (relation.same_authority and relation.emergency)


def reads_as_team(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` sees a case for no other reason than being of its team: as far as the consent goes."""
    if relation.emergency:
        return False
    close = relation.leads or relation.assesses or relation.manages_someone or relation.covers_close
    if close or "coordinator" in actor.roles:
        return False
    if relation.mag_open and "mag_member" in actor.roles:
        return False
    if relation.concern_open and "safeguarding_lead" in actor.roles:
        return False
    return not (relation.holds_task and actor.roles & OVERSIGHT)


def has_to_say_why(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may read a case's record for no other reason than coordinating: they say what for, each day.

    Nothing is asked of who works on the case, has a task on it, covers who does, or manages who leads or assesses.
    """
    if "coordinator" not in actor.roles or relation.emergency:
        return False
    close = relation.leads or relation.assesses or relation.manages_someone or relation.covers_close
    task = relation.holds_task or relation.covers_someone
    waits = (relation.mag_open and "mag_member" in actor.roles) or (
        relation.concern_open and "safeguarding_lead" in actor.roles
    )
    return relation.same_authority and not (close or task or waits or relation.member)


def may_open_in_emergency(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may open a record that is closed to them: in their own authority, never a restricted case.

    Whoever needs to know of a restricted case in an emergency rings a coordinator or the safeguarding lead, who decide.
    """
    return relation.same_authority and not relation.restricted and may_ask_index(actor)


def may_record_withdrawal(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may record that the family withdrew consent: who leads, assesses, manages, coordinates."""
    close = relation.leads or relation.assesses or relation.manages_someone
    return relation.same_authority and (close or "coordinator" in actor.roles)


def may_report_stalled(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may say that a plan is stuck: who leads it, a line manager of its people, a coordinator."""
    if not relation.same_authority:
        return False
    return relation.leads or relation.manages_someone or "coordinator" in actor.roles


def may_correct_dates(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may correct a date of the record: who leads or assesses, a line manager, a coordinator."""
    return may_report_stalled(actor, relation) or (relation.same_authority and relation.assesses)


def may_correct_answers(actor: Actor, relation: Relation, *, given_by: UUID | None, protecting: bool) -> bool:
    """Tell whether `actor` may correct an answer: who gave it, as for dates; one that protects a child only who did."""
    mine = actor.practitioner_id == given_by
    return may_see_case(actor, relation) and (mine or (not protecting and may_report_stalled(actor, relation)))


def may_keep_family(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may keep who is of a child's family and what each may be told: as for dates."""
    return may_correct_dates(actor, relation)


def may_keep_in_touch(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` answers reports and the family's worries, writes to the team and takes somebody out of it.

    As for the family, and who stands in for who leads or assesses: an answer does not wait until they are back.
    """
    return may_keep_family(actor, relation) or (relation.same_authority and relation.covers_close)


def may_start_on_case(actor: Actor, relation: Relation, starters: frozenset[str]) -> bool:
    """Tell whether `actor`, who sees the case, is one of `starters` (of `STARTERS`); denied unless they are listed."""
    stands = {
        "lead": relation.leads,
        "assessor": relation.assesses,
        "member": relation.member,
        "line_manager": relation.manages_someone,
        "coordinator": "coordinator" in actor.roles,
        "safeguarding_lead": "safeguarding_lead" in actor.roles,
        "mag_member": relation.mag_open and "mag_member" in actor.roles,
    }
    return may_see_case(actor, relation) and any(stands.get(name, False) for name in starters)


def may_see_readers(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may see who looked at a case's record: who answers a family that asks.

    The line manager of who leads or assesses it, a coordinator, an administrator.
    """
    answers = relation.manages_someone or bool(actor.roles & {"coordinator", "administrator"})
    return relation.same_authority and answers


def may_remove_file(actor: Actor, *, added_by: UUID) -> bool:
    """Tell whether `actor`, who sees the case, may take a file away: who added it, or a coordinator."""
    return added_by == actor.practitioner_id or "coordinator" in actor.roles


def may_appoint_interim(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may appoint an interim lead: a line manager of its people, a coordinator."""
    return relation.same_authority and (relation.manages_someone or "coordinator" in actor.roles)


def may_bring_message(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may tell a case that something has come from outside which its diagram waits for.

    A line manager of its people, a coordinator.
    """
    return may_see_case(actor, relation) and (relation.manages_someone or "coordinator" in actor.roles)
