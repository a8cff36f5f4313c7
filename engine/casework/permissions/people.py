"""Who somebody is and how they stand to a case: the roles, and what a permission is asked of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import lru_cache
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
MANAGERS: Final = "line_managers"
NARROWED: Final = frozenset({MAG_GROUP, MANAGERS})
"""The groups of whom an offer asks only some: who sits on the group it waits for; who manages those who lead or assess.

Where nobody manages them, or the rules found none of them, it asks every line manager."""
"""The candidate group whose members each sit on some multi-agency groups and not on others."""

WORK_WITH_CASES: Final = frozenset({"case_worker", "line_manager", "coordinator"})
"""The roles that work with a case from its beginning, before anybody has consented to more."""

LEADS_CASES: Final = frozenset({"case_worker"})
"""The roles of who may lead a plan, for good or in between."""

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
    and may read for now; `looks_into` those of which they said, as a coordinator, what they read them for.
    `authority_version` is which version of their authority a page is shown by, as it was when the request began; None:
    the one there is.
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
    looks_into: frozenset[UUID] = field(default=frozenset())
    authority_version: int | None = field(default=None, compare=False)

    @property
    def groups(self) -> frozenset[str]:
        """The candidate groups this person belongs to."""
        return _groups_of(self.roles)


@lru_cache(500)
def _groups_of(roles: frozenset[str]) -> frozenset[str]:
    return frozenset(group for group, role in GROUP_ROLES.items() if role in roles)


@dataclass(frozen=True, slots=True)
class Relation:
    """How a person stands to one case. `manages_someone` is the line manager of who leads or assesses.

    `manages_holder` is the line manager of somebody who has an open task on it: they may have to give it to another,
    and see that task alone, not the case (`may_put_right`).
    `managed_elsewhere`: others are line managers of who leads or assesses it, and they are not.
    `mag_open`: it waits for a multi-agency group they sit on; `mag_elsewhere`: what is asked of such a group is not for
    them, as they do not sit on the one it waits for, or as sharing rests.
    `covers_someone` stands in for who leads, assesses or has an open task, while they are away and where the case may
    be theirs (`engine.store.standing_in.may_stand_in`); `covers_close` for who leads or assesses. Nobody stands in on
    a closed case. `outside`: the family's limited consent leaves this person out. `rests`: nothing is shared, as
    the family said no or nobody can reach it. `elsewhere`: the family has not been asked yet, and this person is of
    another agency than who leads or assesses. `emergency`: they opened the record in an emergency, within the hour.
    `restricted`: nobody reads the case by their office (`confined`).
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
    managed_elsewhere: bool = False
    covers_close: bool = False
    outside: bool = False
    rests: bool = False
    elsewhere: bool = False
    emergency: bool = False
    restricted: bool = False


def confined(relation: Relation) -> Relation:
    """Return what is left of a relation to a restricted case: what somebody is by their own work on it.

    Who manages its people, or sits on the group it waits for, has nothing by that; nor has an emergency. Who leads,
    assesses, is of the team or has a task of their own goes on, also for one of these who is away; a safeguarding lead
    while a concern is open; and the coordinators, who decide about it. Covering somebody alone opens no such case: the
    record says of nobody else that they stand in there (`engine.store.standing_in.may_stand_in`).
    """
    return replace(relation, manages_someone=False, manages_holder=False, mag_open=False, emergency=False)
