"""Who may do a user task, take it, or give it to somebody else."""

from __future__ import annotations

from uuid import UUID

from engine.casework.permissions.cases import kept_by_consent, may_see_case
from engine.casework.permissions.people import (
    GROUP_ROLES,
    MAG_GROUP,
    MANAGERS,
    OVERSIGHT,
    WORK_WITH_CASES,
    Actor,
    Relation,
)


def may_do_task(actor: Actor, *, assignee: UUID | None, groups: frozenset[str], personal: bool = False) -> bool:
    """Tell whether `actor` may complete or draft a task: theirs, of whom they cover, or waiting in their group.

    Nobody does a `personal` one for somebody who is away.
    """
    if assignee is not None:
        return assignee == actor.practitioner_id or (assignee in actor.covers and not personal)
    return bool(groups & actor.groups)


def may_claim(actor: Actor, *, assignee: UUID | None, groups: frozenset[str]) -> bool:
    """Tell whether `actor` may take an unclaimed task offered to one of their groups."""
    return assignee is None and bool(groups & actor.groups)


def may_reassign(actor: Actor, *, assignee: UUID | None, personal: bool = False) -> bool:
    """Tell whether `actor` may give a task to somebody else: its holder, the holder's manager, a coordinator.

    A `personal` one that somebody has is a coordinator's alone to pass on, to record what who was asked has said:
    nobody else can answer it, and they would have it no more.
    """
    if "coordinator" in actor.roles:
        return True
    if assignee is None:
        return "line_manager" in actor.roles
    own = assignee == actor.practitioner_id
    return not personal and (own or assignee in actor.manages or assignee in actor.covers)


def task_takers(groups: frozenset[str]) -> frozenset[str]:
    """Return the roles whose holders may be given a task offered to `groups`: with it they see the whole case.

    Those who work with every case, and the roles of the groups themselves.
    """
    return WORK_WITH_CASES | {role for group, role in GROUP_ROLES.items() if group in groups}


def may_cover(roles: frozenset[str]) -> frozenset[str]:
    """Return the roles of which somebody needs one to cover for who has `roles`, with whose work they see their cases.

    Who works with cases; and for an office that works none, as a safeguarding lead's, whoever holds the same.
    """
    return WORK_WITH_CASES if roles & WORK_WITH_CASES else WORK_WITH_CASES | (roles & OVERSIGHT)


def may_see_task(
    actor: Actor,
    relation: Relation,
    *,
    assignee: UUID | None,
    groups: frozenset[str],
    personal: bool = False,
    closed: bool = False,
) -> bool:
    """Tell whether `actor` may open a task's page; never one of another authority's case.

    Who covers its holder may where they stand in on the case: `relation` says so, as covering alone opens none. One
    that is done or called off is part of the record: it opens with the case alone, whoever had it.
    """
    if not relation.same_authority:
        return False
    if closed:
        return may_see_case(actor, relation)
    if relation.mag_elsewhere:
        groups -= {MAG_GROUP}
    if relation.managed_elsewhere:
        groups -= {MANAGERS}
    if kept_by_consent(relation) and not actor.roles & OVERSIGHT:
        return may_see_case(actor, relation)
    mine = may_do_task(actor, assignee=assignee, groups=groups, personal=personal)
    if assignee in actor.covers and not relation.covers_someone:
        mine = False
    return mine or may_see_case(actor, relation)


def may_put_right(actor: Actor, relation: Relation, *, assignee: UUID | None) -> bool:
    """Tell whether `actor` may know of an open task as the line manager of who has it, on a case that is not theirs.

    They answer for what their own people do, not for the plan: they see what the task is called, the case's reference,
    who has it, since when and by when, and may give it to somebody else. Neither what it asks or was answered, nor
    whom it is about; nothing at all of a restricted case, of one whose family leaves them out, or while sharing rests
    but of what the service itself asks.
    """
    managed = relation.manages_holder and assignee in actor.manages
    return relation.same_authority and managed and not relation.outside


def may_know_of_task(
    actor: Actor, relation: Relation, *, assignee: UUID | None, groups: frozenset[str], personal: bool = False
) -> bool:
    """Tell whether an open task stands on lists of `actor`: who may open its page, or put it right."""
    seen = may_see_task(actor, relation, assignee=assignee, groups=groups, personal=personal)
    return seen or may_put_right(actor, relation, assignee=assignee)
