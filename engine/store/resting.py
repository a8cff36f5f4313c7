"""Who may have work on a case on which sharing rests: the family said no, cannot be reached, or is not asked yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import GROUP_ROLES, MANAGERS, NARROWED, OVERSIGHT
from engine.store import consent_cover, relations
from engine.store.people import roles_of, roles_of_many
from engine.store.sets import among
from engine.store.strangers import has_strangers, strangers
from engine.store.tables.record import cases
from engine.store.tables.running import user_tasks


def shut_out(
    connection: sa.Connection,
    case_id: UUID,
    task_id: UUID,
    groups: frozenset[str],
    people: Mapping[UUID, frozenset[str]],
    *,
    today: date,
) -> frozenset[UUID]:
    """Return those of `people` (id -> roles) who may not have a task offered to `groups`, as sharing rests.

    Nobody while it does not; before the family is asked, somebody of another agency. Who leads or assesses, their line
    manager, a coordinator and who stands in for one of these may. So may the office that the task is meant for; line
    managers of others only where nobody manages who leads or assesses.
    """
    strange = {each.id for each in strangers(connection, case_id, list(people), today=today)}
    offices = {GROUP_ROLES[group] for group in groups - NARROWED if group in GROUP_ROLES}
    offices &= OVERSIGHT
    managers = MANAGERS in groups
    return frozenset(
        who
        for who in strange
        if not people[who] & offices
        and not (managers and "line_manager" in people[who] and relations.is_asked(connection, task_id, who))
    )


def shut_out_of(connection: sa.Connection, task: Any, people: Sequence[UUID], *, today: date) -> frozenset[UUID]:
    """Return `shut_out` for one task, a row of `user_tasks`, by the roles that `people` have."""
    if not has_strangers(connection, task.case_id):
        return frozenset()
    roles = roles_of_many(connection, people)
    return shut_out(connection, task.case_id, task.id, frozenset(task.candidate_groups), roles, today=today)


def among_cases(connection: sa.Connection, case_ids: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of `case_ids` on which sharing rests."""
    return (
        frozenset(connection.execute(_RESTING, {"ids": sorted(set(case_ids))}).scalars()) if case_ids else frozenset()
    )


def among_tasks(connection: sa.Connection, task_ids: Sequence[UUID], who: UUID) -> frozenset[UUID]:
    """Return those of `task_ids` whose case consent may keep from `who`, who has them or is offered them."""
    asked = {"ids": list(task_ids), "who": who}
    return frozenset(connection.execute(_MAY_BE_KEPT, asked).scalars()) if task_ids else frozenset()


_MAY_BE_KEPT = sa.select(user_tasks.c.id).where(
    among(user_tasks.c.id),
    consent_cover.may_be_kept_from(user_tasks.c.case_id, sa.bindparam("who", type_=sa.Uuid)),
)
_RESTING = sa.select(cases.c.id).where(among(cases.c.id), consent_cover.rests(cases.c.id))


def is_kept_from(
    connection: sa.Connection, case_id: UUID, holder: UUID, *, today: date, groups: frozenset[str] = frozenset()
) -> bool:
    """Tell whether a case on which sharing rests is none of who has an action of it, or a task offered to `groups`."""
    strange = strangers(connection, case_id, [holder], today=today)
    offices = {GROUP_ROLES[group] for group in groups if group in GROUP_ROLES} & OVERSIGHT
    return bool(strange) and not roles_of(connection, holder) & offices


def given(connection: sa.Connection, case_id: UUID) -> Sequence[Any]:
    """Return who has each open task of a case that can be given to others: `id`, `assignee_id`, `delegated_by`.

    Not what is asked of one person alone, as whether they come to a meeting.
    """
    found = connection.execute(_GIVEN, {"case": case_id})
    return [row for row in found if row.candidate_groups]


_GIVEN = (
    sa.select(user_tasks.c.id, user_tasks.c.assignee_id, user_tasks.c.delegated_by, user_tasks.c.candidate_groups)
    .where(
        user_tasks.c.case_id == sa.bindparam("case", type_=sa.Uuid),
        user_tasks.c.state == sa.literal_column("'open'"),
        user_tasks.c.assignee_id.is_not(None),
        user_tasks.c.personal.is_(False),
    )
    .order_by(user_tasks.c.id)
)
