"""Work that is shared out in one go: the plan, who could do it, and each piece done or refused once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.errors import Conflict, NotFound
from engine.store import consent_cover
from engine.store.running import OPEN_AS_READ
from engine.store.sets import among
from engine.store.tables.batches import batch_items, batches
from engine.store.tables.people import absences, account_roles, accounts, practitioners
from engine.store.tables.record import cases, lead_professionals
from engine.store.tables.running import instances, task_drafts, user_tasks
from engine.store.writes import Change, Insertion

_INSERT = Insertion(batches)
_INSERT_ITEMS = Insertion(batch_items)
OPEN: Final[sa.ColumnElement[str]] = sa.literal_column("'open'")
_WAITING: Final[sa.ColumnElement[bool]] = batch_items.c.state == sa.literal_column("'waiting'")
MOVED_ON: Final = "This was stopped, or done by another, a moment ago"


def insert(connection: sa.Connection, row: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> None:
    """Write a batch and its items; each of these has the same columns."""
    _INSERT.each(connection, [row])
    _INSERT_ITEMS.each(connection, items)


def read(connection: sa.Connection, authority_id: UUID, batch_id: UUID, *, lock: bool = False) -> sa.Row[Any]:
    """Return a batch's row, locked if asked. Raises `NotFound`."""
    query = sa.select(batches).where(batches.c.id == batch_id, batches.c.authority_id == authority_id)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound("There is no such batch", batch_id=batch_id)
    return row


def running(connection: sa.Connection) -> list[sa.Row[Any]]:
    """Return the batches that are to go on, of all authorities, the one that began first at first."""
    return list(connection.execute(_RUNNING))


_RUNNING = (
    sa.select(batches)
    .where(batches.c.state == sa.literal_column("'running'"))
    .order_by(batches.c.begun_at, batches.c.id)
)


def set_state(
    connection: sa.Connection, batch_id: UUID, *, was: tuple[str, ...], now: str, at: datetime | None = None
) -> bool:
    """Move a batch on to the state `now`; False unless it is in one of `was`. `at` is when it begins or ends."""
    values: dict[str, Any] = {"state": now}
    if was == ("planned",):
        values["begun_at"] = at
    if now == "done":
        values["ended_at"] = at
    moved = sa.update(batches).where(batches.c.id == batch_id, batches.c.state.in_(was))
    return connection.execute(moved.values(**values)).rowcount == 1


def remove(connection: sa.Connection, batch_id: UUID) -> None:
    """Take away a batch of which nothing was done."""
    connection.execute(sa.delete(batch_items).where(batch_items.c.batch_id == batch_id))
    connection.execute(sa.delete(batches).where(batches.c.id == batch_id))


def left_planned(connection: sa.Connection, account_id: UUID, *, before: datetime) -> list[UUID]:
    """Return the batches that somebody planned before an instant and never began."""
    own = (batches.c.account_id == account_id) & (batches.c.state == "planned") & (batches.c.planned_at < before)
    return list(connection.execute(sa.select(batches.c.id).where(own)).scalars())


def waiting_cases(connection: sa.Connection, batch_id: UUID, *, limit: int) -> list[UUID]:
    """Return cases with items that wait, in the order of their ids."""
    return list(connection.execute(_WAITING_CASES, {"batch": batch_id, "limit": limit}).scalars())


_BATCH: sa.BindParameter[UUID] = sa.bindparam("batch", type_=sa.Uuid)
_WAITING_CASES = (
    sa.select(batch_items.c.case_id)
    .where(batch_items.c.batch_id == _BATCH, _WAITING)
    .group_by(batch_items.c.case_id)
    .order_by(batch_items.c.case_id)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


def waiting_items(connection: sa.Connection, batch_id: UUID, case_id: UUID) -> list[sa.Row[Any]]:
    """Return the items of a locked case that wait, in order, with how each task is held.

    `limited` tells that the family's consent leaves somebody out.
    """
    return list(connection.execute(_WAITING_ITEMS, {"batch": batch_id, "case": case_id}))


_LIMITED = consent_cover.may_be_kept_from(batch_items.c.case_id, batch_items.c.to_id)
_WAITING_ITEMS = (
    sa.select(
        batch_items, _LIMITED.label("limited"), user_tasks.c.meant_for_id, user_tasks.c.asked_because,
        user_tasks.c.delegated_by, user_tasks.c.delegated_on,
    )
    .outerjoin(user_tasks, user_tasks.c.id == batch_items.c.task_id)
    .where(
        batch_items.c.batch_id == _BATCH, _WAITING, batch_items.c.case_id == sa.bindparam("case", type_=sa.Uuid)
    )
    .order_by(batch_items.c.number)
)  # fmt: skip


def finish_item(
    connection: sa.Connection, item_id: UUID, *, version: int, particulars: Any, at: datetime
) -> None:
    """Keep that an item is done; raise `Conflict`, now or before the commit, unless it waited in a running batch."""
    row = {"id_": item_id, "version_": version, "particulars_": particulars, "at_": at}
    _FINISH.each(connection, [row], otherwise=Conflict(MOVED_ON))


def refuse_item(connection: sa.Connection, item_id: UUID, *, said: str) -> None:
    """Keep why an item was refused; raise `Conflict` as `finish_item` does."""
    _REFUSE.each(connection, [{"id_": item_id, "said_": said}], otherwise=Conflict(MOVED_ON))


_OF_RUNNING = sa.exists().where(
    batches.c.id == batch_items.c.batch_id, batches.c.state == sa.literal_column("'running'")
)
_FINISH = Change(
    sa.update(batch_items)
    .where(batch_items.c.id == sa.bindparam("id_"), _WAITING, _OF_RUNNING)
    .values(
        state="done",
        version=sa.bindparam("version_"),
        particulars=sa.bindparam("particulars_"),
        done_at=sa.bindparam("at_"),
    )
)
_REFUSE = Change(
    sa.update(batch_items)
    .where(batch_items.c.id == sa.bindparam("id_"), _WAITING, _OF_RUNNING)
    .values(state="refused", said=sa.bindparam("said_"))
)


def refuse_waiting(connection: sa.Connection, batch_id: UUID, *, said: str) -> None:
    """Refuse whatever still waits in a batch."""
    waits = (batch_items.c.batch_id == batch_id) & _WAITING
    connection.execute(sa.update(batch_items).where(waits).values(state="refused", said=said))


def items(connection: sa.Connection, batch_id: UUID, *, state: str = "") -> list[sa.Row[Any]]:
    """Return the items of a batch in order, all or those of one state."""
    query = sa.select(batch_items).where(batch_items.c.batch_id == batch_id).order_by(batch_items.c.number)
    return list(connection.execute(query.where(batch_items.c.state == state) if state else query))


def moved(connection: sa.Connection, batch_id: UUID) -> list[sa.Row[Any]]:
    """Return how many pieces of work went from whom (`from_id`) to whom (`to_id`) in a batch."""
    done = (batch_items.c.batch_id == batch_id) & (batch_items.c.state == "done")
    pair = (batch_items.c.from_id, batch_items.c.to_id)
    return list(connection.execute(sa.select(*pair, sa.func.count().label("number")).where(done).group_by(*pair)))


def put_back(
    connection: sa.Connection, task_id: UUID, *, was: int, to: UUID | None, queue: str | None, before: Mapping[str, Any]
) -> None:
    """Give an open task at version `was` back as it was `before`; raise `Conflict` when somebody was faster."""
    delegated_on = before.get("delegated_on")
    row = {
        "id_": task_id, "was": was, "to": to, "queue_": queue,
        "for": _id(before.get("meant_for")), "because": before.get("because") or "",
        "by": _id(before.get("delegated_by")), "on": date.fromisoformat(delegated_on) if delegated_on else None,
    }  # fmt: skip
    _PUT_BACK.each(connection, [row], otherwise=Conflict("Somebody changed this task a moment ago"))


def _id(text: str | None) -> UUID | None:
    return UUID(text) if text else None


_PUT_BACK = Change(
    sa.update(user_tasks)
    .where(*OPEN_AS_READ)
    .values(
        assignee_id=sa.bindparam("to"),
        queue=sa.bindparam("queue_"),
        meant_for_id=sa.bindparam("for"),
        asked_because=sa.bindparam("because"),
        delegated_by=sa.bindparam("by"),
        delegated_on=sa.bindparam("on"),
        version=sa.bindparam("was") + 1,
    )
)


def as_held(row: Any) -> Mapping[str, Any]:
    """Say how an open task (a row of `waiting_items`) is held beside its assignee, to be put back."""
    return {
        "meant_for": str(row.meant_for_id) if row.meant_for_id else None,
        "because": row.asked_because,
        "delegated_by": str(row.delegated_by) if row.delegated_by else None,
        "delegated_on": row.delegated_on.isoformat() if row.delegated_on else None,
    }


def is_begun(connection: sa.Connection, task_id: UUID, who: UUID) -> bool:
    """Tell whether somebody has saved something of a task."""
    return connection.execute(_BEGUN, {"task": task_id, "who": who}).first() is not None


_BEGUN = (
    sa.select(task_drafts.c.id)
    .where(task_drafts.c.task_id == sa.bindparam("task"), task_drafts.c.practitioner_id == sa.bindparam("who"))
    .limit(1)
)


def open_tasks(connection: sa.Connection, authority_id: UUID, ids: Sequence[UUID]) -> list[sa.Row[Any]]:
    """Return those of `ids` that are open tasks of the authority, with their holder's agency, the soonest due first."""
    return list(connection.execute(_OPEN_TASKS, {"ids": list(ids), "authority": authority_id}))


_OPEN_TASKS = (
    sa.select(
        user_tasks.c.id, user_tasks.c.case_id, user_tasks.c.element_id, user_tasks.c.assignee_id,
        user_tasks.c.candidate_groups, user_tasks.c.version, user_tasks.c.due_on, practitioners.c.agency_id,
        user_tasks.c.process_key, user_tasks.c.personal, instances.c.definition_id,
    )
    .join(instances, instances.c.id == user_tasks.c.instance_id)
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .join(cases, cases.c.id == user_tasks.c.case_id)
    .where(
        among(user_tasks.c.id),
        user_tasks.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        user_tasks.c.state == OPEN,
        cases.c.closed_on.is_(None),
    )
    .order_by(user_tasks.c.due_on.is_(None), user_tasks.c.due_on, user_tasks.c.id)
)  # fmt: skip


def helpers(connection: sa.Connection, authority_id: UUID, *, today: date) -> list[sa.Row[Any]]:
    """Return who can sign in, has no last day and is not away today: one row for each role, with agency and hours."""
    return list(connection.execute(_HELPERS, {"authority": authority_id, "today": today}))


_TODAY: sa.BindParameter[date] = sa.bindparam("today", type_=sa.Date)
_AWAY = (
    sa.exists()
    .where(
        absences.c.practitioner_id == practitioners.c.id,
        absences.c.to_on.is_(None),
        absences.c.from_on <= _TODAY,
        sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY,
    )
    .correlate(practitioners)
)
_HELPERS = (
    sa.select(
        practitioners.c.id, practitioners.c.name, practitioners.c.agency_id, practitioners.c.weekly_hours,
        account_roles.c.role,
    )
    .join(accounts, accounts.c.practitioner_id == practitioners.c.id)
    .join(account_roles, account_roles.c.account_id == accounts.c.id)
    .where(
        practitioners.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        accounts.c.disabled_at.is_(None),
        account_roles.c.to_on.is_(None),
        practitioners.c.left_on.is_(None),
        practitioners.c.leaves_on.is_(None),
        ~_AWAY,
    )
    .order_by(practitioners.c.name, practitioners.c.id)
)  # fmt: skip


def covering(connection: sa.Connection, authority_id: UUID, *, today: date) -> list[sa.Row[Any]]:
    """Return who covers whom today: a row of `covered_by` and `practitioner_id` for each absence that has cover."""
    return list(connection.execute(_COVERING, {"authority": authority_id, "today": today}))


_COVERING = sa.select(absences.c.covered_by, absences.c.practitioner_id).where(
    absences.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
    absences.c.covered_by.is_not(None),
    absences.c.to_on.is_(None),
    absences.c.from_on <= _TODAY,
    sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY,
)


def leads_of(connection: sa.Connection, authority_id: UUID, case_ids: Sequence[UUID]) -> Mapping[UUID, UUID | None]:
    """Return who leads each of those of `case_ids` that are open cases of the authority."""
    rows = connection.execute(_LEADS_OF, {"ids": list(case_ids), "authority": authority_id})
    return {row.id: row.practitioner_id for row in rows}


_LEADS_OF = (
    sa.select(cases.c.id, lead_professionals.c.practitioner_id)
    .outerjoin(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None))
    .where(
        among(cases.c.id),
        cases.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        cases.c.child_id.is_not(None),
        cases.c.closed_on.is_(None),
    )
    .order_by(cases.c.id)
)


def roles_once_held(connection: sa.Connection, people: Sequence[UUID]) -> list[sa.Row[Any]]:
    """Return the roles that each of `people` has or, where they have left, had: a row for each."""
    return list(connection.execute(_ONCE_HELD, {"ids": list(people)}))


_ONCE_HELD = (
    sa.select(accounts.c.practitioner_id, account_roles.c.role)
    .join(account_roles, account_roles.c.account_id == accounts.c.id)
    .where(among(accounts.c.practitioner_id), account_roles.c.to_on.is_(None))
)


def work_of(connection: sa.Connection, people: Sequence[UUID]) -> Mapping[UUID, int]:
    """Return how much each of `people` has: plans they lead and open tasks, added up."""
    found = dict.fromkeys(people, 0)
    for query in (_HELD, _LED):
        for who, number in connection.execute(query, {"ids": list(people)}):
            found[who] += number
    return found


_HELD = (
    sa.select(user_tasks.c.assignee_id, sa.func.count())
    .where(among(user_tasks.c.assignee_id), user_tasks.c.state == OPEN)
    .group_by(user_tasks.c.assignee_id)
)
_LED = (
    sa.select(lead_professionals.c.practitioner_id, sa.func.count())
    .where(among(lead_professionals.c.practitioner_id), lead_professionals.c.to_on.is_(None))
    .group_by(lead_professionals.c.practitioner_id)
)
