"""Who may: pure answers from who somebody is and how they stand to a case. Denied unless named here."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final
from uuid import UUID

ROLES: Final = (
    "case_worker",
    "line_manager",
    "coordinator",
    "mag_member",
    "safeguarding_lead",
    "senior_officer",
    "designer",
    "administrator",
)

GROUP_ROLES: Final = {
    "case_workers": "case_worker",
    "line_managers": "line_manager",
    "coordinators": "coordinator",
    "mag_members": "mag_member",
    "safeguarding_leads": "safeguarding_lead",
    "senior_officers": "senior_officer",
    "administrators": "administrator",
}
"""Which role makes somebody a member of each candidate group that a diagram may name."""

MAG_GROUP: Final = "mag_members"
"""The candidate group whose members each sit on some multi-agency groups and not on others."""

WORK_WITH_CASES: Final = frozenset({"case_worker", "line_manager", "coordinator"})
"""The roles that work with a case from its beginning, before anybody has consented to more."""

RULE_APPROVERS: Final = ("safeguarding_lead",)
"""The roles under whose approval a rule file may put its rows."""

OVERSIGHT: Final = frozenset(
    {"line_manager", "coordinator", "mag_member", "safeguarding_lead", "senior_officer", "administrator"}
)
"""The roles whose questions are the service's own, and no part of what a family lets be shared with a team."""

STARTERS: Final = frozenset(
    {"lead", "assessor", "member", "line_manager", "coordinator", "safeguarding_lead", "mag_member"}
)
"""Who a diagram may name as those who start it on a case: how somebody stands to it, or a role of theirs."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in person. `manages` holds the ids of the practitioners they are line manager of.

    `covers` holds those who are away today and whose work is theirs meanwhile. `password_once` tells that they signed
    in with a password somebody else gave them, which they have to change first; `factor_due` that their role asks for
    a second factor, which they have to set up first. `opened` holds the cases whose record they opened in an emergency
    and may read for now.
    """

    account_id: UUID
    practitioner_id: UUID
    authority_id: UUID
    name: str
    roles: frozenset[str]
    team_ids: frozenset[UUID] = field(default=frozenset())
    manages: frozenset[UUID] = field(default=frozenset())
    covers: frozenset[UUID] = field(default=frozenset())
    password_once: bool = False
    factor_due: bool = False
    opened: frozenset[UUID] = field(default=frozenset())

    @property
    def groups(self) -> frozenset[str]:
        """The candidate groups this person belongs to."""
        return frozenset(group for group, role in GROUP_ROLES.items() if role in self.roles)


@dataclass(frozen=True, slots=True)
class Relation:
    """How a person stands to one case. `manages_someone` is the line manager of who leads or assesses.

    `manages_holder` is the line manager of somebody who has an open task on it: they may have to give it to another.
    `mag_open`: it waits for a multi-agency group they sit on; `mag_elsewhere`: for one they do not sit on.
    `covers_someone` stands in for who leads, assesses or has an open task, while they are away; `covers_close` for who
    leads or assesses. `outside`: the family's limited consent leaves this person out. `emergency`: they opened the
    record in an emergency, within the hour. `restricted`: nobody reads the case by their office (`confined`).
    """

    same_authority: bool = False
    leads: bool = False
    assesses: bool = False
    member: bool = False
    manages_someone: bool = False
    manages_holder: bool = False
    covers_someone: bool = False
    holds_task: bool = False
    mag_open: bool = False
    concern_open: bool = False
    mag_elsewhere: bool = False
    covers_close: bool = False
    outside: bool = False
    emergency: bool = False
    restricted: bool = False


def confined(relation: Relation) -> Relation:
    """Return what is left of a relation to a restricted case: what somebody is by their own work on it.

    Who manages its people, or sits on the group it waits for, has nothing by that; nor has an emergency. Who leads,
    assesses, is of the team, has a task of their own or stands in for one of these goes on; a safeguarding lead while
    a concern is open; and the coordinators, who decide about it.
    """
    return replace(relation, manages_someone=False, manages_holder=False, mag_open=False, emergency=False)


def may_see_case(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may read a case's record; never of another authority's.

    Whom the family's limited consent leaves out may not, however they came to stand to the case, unless they lead or
    assess it, manage or cover who does, or oversee the work with every case. A concern needs no consent.
    """
    if not relation.same_authority:
        return False
    if relation.leads or relation.assesses or relation.manages_someone or relation.covers_close:
        return True
    if "coordinator" in actor.roles:
        return True
    if not relation.outside and (relation.member or relation.manages_holder or relation.covers_someone):
        return True
    if relation.holds_task and (not relation.outside or actor.roles & OVERSIGHT):
        return True
    if relation.mag_open and "mag_member" in actor.roles:
        return True
    return relation.concern_open and "safeguarding_lead" in actor.roles


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


def may_ask_index(actor: Actor) -> bool:
    """Tell whether `actor` may ask whether a child is known: who may begin to work with one, or answers a concern."""
    return bool(actor.roles & (WORK_WITH_CASES | {"safeguarding_lead"}))


def may_open_in_emergency(actor: Actor, relation: Relation) -> bool:
    """Tell whether `actor` may open a record that is closed to them: in their own authority, never a restricted case.

    Whoever needs to know of a restricted case in an emergency rings a coordinator or the safeguarding lead, who decide.
    """
    return relation.same_authority and not relation.restricted and may_ask_index(actor)


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
    """Tell whether `actor` answers reports and the family's worries and writes to the team.

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


def may_do_task(actor: Actor, *, assignee: UUID | None, groups: frozenset[str]) -> bool:
    """Tell whether `actor` may complete or draft a task: theirs, of whom they cover, or waiting in their group."""
    if assignee is not None:
        return assignee == actor.practitioner_id or assignee in actor.covers
    return bool(groups & actor.groups)


def may_claim(actor: Actor, *, assignee: UUID | None, groups: frozenset[str]) -> bool:
    """Tell whether `actor` may take an unclaimed task offered to one of their groups."""
    return assignee is None and bool(groups & actor.groups)


def may_reassign(actor: Actor, *, assignee: UUID | None) -> bool:
    """Tell whether `actor` may give a task to somebody else: its holder, the holder's manager, a coordinator."""
    if assignee == actor.practitioner_id or "coordinator" in actor.roles:
        return True
    if assignee is None:
        return "line_manager" in actor.roles
    return assignee in actor.manages or assignee in actor.covers


def task_takers(groups: frozenset[str]) -> frozenset[str]:
    """Return the roles whose holders may be given a task offered to `groups`: with it they see the whole case.

    Those who work with every case, and the roles of the groups themselves.
    """
    return WORK_WITH_CASES | {role for group, role in GROUP_ROLES.items() if group in groups}


def may_see_task(actor: Actor, relation: Relation, *, assignee: UUID | None, groups: frozenset[str]) -> bool:
    """Tell whether `actor` may open a task's page; never one of another authority's case."""
    if not relation.same_authority:
        return False
    if relation.mag_elsewhere:
        groups -= {MAG_GROUP}
    if relation.outside and not actor.roles & OVERSIGHT:
        return may_see_case(actor, relation)
    return may_do_task(actor, assignee=assignee, groups=groups) or may_see_case(actor, relation)


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


def may_deploy(actor: Actor) -> bool:
    """Tell whether `actor` may deploy diagrams, rules and forms."""
    return "designer" in actor.roles


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
