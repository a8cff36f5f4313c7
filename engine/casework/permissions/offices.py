"""What a role lets its holder do, whatever the case: boards, people, the authority, diagrams and rules."""

from __future__ import annotations

from uuid import UUID

from engine.casework.permissions.people import RULE_APPROVERS, WORK_WITH_CASES, Actor


def may_ask_index(actor: Actor) -> bool:
    """Tell whether `actor` may ask whether a child is known: who may begin to work with one, or answers a concern."""
    return bool(actor.roles & (WORK_WITH_CASES | {"safeguarding_lead"}))


def may_restrict(actor: Actor) -> bool:
    """Tell whether `actor` may make a case one that nobody reads by their office, and undo it."""
    return "coordinator" in actor.roles


def may_check_access(actor: Actor) -> bool:
    """Tell whether `actor` may see who opened records in an emergency: of everybody, or of those they manage."""
    return "coordinator" in actor.roles or bool(actor.manages)


def may_start_case(actor: Actor) -> bool:
    """Tell whether `actor` may open a CAF episode."""
    return bool(actor.roles & {"case_worker", "line_manager", "coordinator"})


def may_raise_concern(actor: Actor) -> bool:
    """Tell whether `actor` may raise a safeguarding concern: everybody who works with children."""
    return bool(actor.roles & (WORK_WITH_CASES | {"mag_member", "safeguarding_lead", "senior_officer"}))


def may_see_overdue(actor: Actor) -> bool:
    """Tell whether `actor` may open the overdue board (its rows are still theirs alone)."""
    return bool(actor.roles & {"case_worker", "line_manager", "coordinator"})


def may_see_mag_queue(actor: Actor) -> bool:
    """Tell whether `actor` may open the list of what waits for the multi-agency groups: members, coordinators."""
    return bool(actor.roles & {"mag_member", "coordinator"})


def may_keep_mag_seats(actor: Actor) -> bool:
    """Tell whether `actor` may say who sits on which multi-agency group."""
    return bool(actor.roles & {"coordinator", "administrator"})


def sees_whole_authority(actor: Actor) -> bool:
    """Tell whether `actor` sees every case of the authority on boards."""
    return "coordinator" in actor.roles


def may_see_people(actor: Actor) -> bool:
    """Tell whether `actor` may open the list of people: who keeps accounts, coordinates or manages somebody."""
    return bool(actor.manages) or bool(actor.roles & {"line_manager", "coordinator", "administrator"})


def may_record_away(actor: Actor, practitioner: UUID) -> bool:
    """Tell whether `actor` may record that somebody leaves or is away: never of themselves."""
    if practitioner == actor.practitioner_id:
        return False
    return practitioner in actor.manages or bool(actor.roles & {"coordinator", "administrator"})


def may_keep_accounts(actor: Actor) -> bool:
    """Tell whether `actor` may add people, set roles, end accounts and give new passwords."""
    return "administrator" in actor.roles


def may_keep_authority(actor: Actor) -> bool:
    """Tell whether `actor` may change the authority's profile and its local closures."""
    return "administrator" in actor.roles


def may_keep_guidance(actor: Actor) -> bool:
    """Tell whether `actor` may add the authority's own guides, and see who asked for printed ones."""
    return bool(actor.roles & {"coordinator", "administrator"})


def may_record_training(actor: Actor, practitioner: UUID) -> bool:
    """Tell whether `actor` may record a course that somebody has done: of themselves too."""
    return practitioner == actor.practitioner_id or may_record_away(actor, practitioner)


def may_read_closing_words(actor: Actor) -> bool:
    """Tell whether `actor` may read what was said of plans that have ended: counts and words, nobody's name."""
    return bool(actor.roles & {"line_manager", "coordinator", "senior_officer"})


def may_erase(actor: Actor) -> bool:
    """Tell whether `actor` may erase what is personal in a past event."""
    return "administrator" in actor.roles


def may_deploy(actor: Actor) -> bool:
    """Tell whether `actor` may deploy diagrams, rules and forms."""
    return "designer" in actor.roles


def may_word_letters(actor: Actor) -> bool:
    """Tell whether `actor` may word the letters that the service writes."""
    return bool(actor.roles & {"designer", "administrator"})


def may_approve_changes(actor: Actor) -> bool:
    """Tell whether `actor` may be the second person who approves a change of diagrams, rules or forms."""
    return bool(actor.roles & {"designer", "coordinator"})


def may_see_rehearsals(actor: Actor) -> bool:
    """Tell whether `actor` may see in figures what a release makes of running cases."""
    return may_approve_changes(actor) or may_see_figures(actor)


def may_only_approve_changes(actor: Actor) -> bool:
    """Tell whether `actor` may approve changes without being a process designer, who finds them where they draw."""
    return may_approve_changes(actor) and not may_deploy(actor)


def may_approve_rules(actor: Actor) -> bool:
    """Tell whether `actor` may agree to changes of the rows that rule files put under a role's approval."""
    return bool(actor.roles & set(RULE_APPROVERS))


def may_let_examples_be(actor: Actor) -> bool:
    """Tell whether `actor` may be the second person who lets rules come into force that an example speaks against."""
    return may_deploy(actor) or may_approve_rules(actor)


def may_try_rules(actor: Actor) -> bool:
    """Tell whether `actor` may try rules out on the caseload, and see what that comes to in figures."""
    return may_let_examples_be(actor) or may_see_tried_cases(actor)


def may_see_tried_cases(actor: Actor) -> bool:
    """Tell whether `actor` may be told for which of the cases they may see rules that are tried out differ.

    That is who answers for cases, never a designer as such.
    """
    return bool(actor.roles & {"line_manager", "coordinator"})


def may_see_figures(actor: Actor) -> bool:
    """Tell whether `actor` may see in figures how the cases they may see stand: who answers for the work of others."""
    return bool(actor.roles & {"line_manager", "coordinator"})


def may_operate(actor: Actor) -> bool:
    """Tell whether `actor` may see and retry incidents."""
    return bool(actor.roles & {"administrator", "coordinator"})
