"""Batches as people look at them: what is to be moved from whom to whom, how far it is, what came of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotFound
from engine.planning import UNDONE_WITHIN
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.people import names_in
from engine.queries.view import View, viewing
from engine.queries.workload import loads_in, require_may, too_much
from engine.store.sets import among
from engine.store.tables.batches import batch_items, batches
from engine.store.tables.changes import handovers
from engine.store.tables.people import accounts, practitioners
from engine.store.tables.record import cases, children, lead_professionals
from engine.store.tables.running import user_tasks

SHOWN: Final = 500
LATELY: Final = 30
"""How many batches the list of them shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """A batch in figures. `kind` is `tasks`, `interim` or `handovers`; `undoes_id` what it takes back, `undone_by` by
    what it was taken back itself; `may_undo` whether the asker still can.
    """

    batch_id: UUID
    kind: str
    state: str
    why: str
    who: str
    planned_at: datetime
    ended_at: datetime | None
    waiting: int
    done: int
    refused: int
    undoes_id: UUID | None
    undone_by: UUID | None
    may_undo: bool

    @property
    def number(self) -> int:
        """How many pieces of work it holds."""
        return self.waiting + self.done + self.refused


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchItem:
    """A piece of work of a batch. `case_id` and `child_name` are empty on a case that the asker may not see.

    `what` is a task's name, empty for a plan to be led. `said` is why it was refused, or how a handover stands.
    """

    item_id: UUID
    task_id: UUID | None
    case_id: UUID | None
    child_name: str
    what: str
    holder: str
    to: str
    due_on: date | None
    state: str
    said: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Somebody to whom work of a batch is to go: how many open tasks, or plans to lead, they have and would have.

    `weekly_hours` is what they promised to this work, None when nobody has said. `too_much` tells that they would have
    more than twice as much for their hours as the middle of the asker's list.
    """

    name: str
    has: int
    would_have: int
    weekly_hours: int | None
    too_much: bool


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A batch with its items, at most `SHOWN`: what was refused first.

    `receivers` says, until it begins, what each would have after it: the fullest first.
    """

    summary: BatchSummary
    items: tuple[BatchItem, ...]
    receivers: tuple[Receiver, ...]


def lately(engine: ProcessEngine, *, actor: Actor) -> tuple[BatchSummary, ...]:
    """Return the newest batches of the actor, of everybody for who sees the whole authority. Raises `NotPermitted`."""
    require_may(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_batches(view).limit(LATELY)).all()
        return _summaries(view, rows)


def one(engine: ProcessEngine, *, actor: Actor, batch_id: UUID, whole: bool = False) -> BatchPage:
    """Return a batch of the actor's own, anybody's for who sees the whole authority; `whole` with all of its items.

    Raises `NotFound`.
    """
    require_may(actor)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_batches(view).where(batches.c.id == batch_id)).all()
        if not rows:
            raise NotFound("There is no such batch", batch_id=batch_id)
        (summary,) = _summaries(view, rows)
        items = _items(view, rows[0], summary.number if whole else SHOWN)
        return BatchPage(summary, items, tuple(_receivers(view, rows[0]) if summary.state == "planned" else ()))


def _receivers(view: View, batch: Any) -> list[Receiver]:
    """Return who would get something, counting what the asker may see: no number betrays a case."""
    going = {row.to_id: row.number for row in view.connection.execute(_GOING, {"batch": batch.id})}
    who, case_id = (
        (user_tasks.c.assignee_id, user_tasks.c.case_id) if batch.kind == "tasks"
        else (lead_professionals.c.practitioner_id, lead_professionals.c.case_id)
    )  # fmt: skip
    now, is_seen = user_tasks.c.state == sa.literal_column("'open'"), visibility.seen(view)
    held = (
        sa.select(who, sa.func.count())
        .where(among(who), now if batch.kind == "tasks" else lead_professionals.c.to_on.is_(None))
        .where(is_seen.tasks if batch.kind == "tasks" else is_seen(case_id))
        .group_by(who)
    )
    has = {row[0]: row[1] for row in view.connection.execute(held, {"ids": sorted(going)})} if going else {}
    names = names_in(view, set(going))
    loads = loads_in(view)
    found = [
        Receiver(
            name=names.get(each, ""), has=has.get(each, 0), would_have=has.get(each, 0) + number,
            weekly_hours=loads[each].weekly_hours if each in loads else None, too_much=too_much(loads, each, number),
        )
        for each, number in going.items()
    ]  # fmt: skip
    return sorted(found, key=lambda each: (-each.would_have, each.name))


_GOING = (
    sa.select(batch_items.c.to_id, sa.func.count().label("number"))
    .where(
        batch_items.c.batch_id == sa.bindparam("batch"),
        batch_items.c.state == sa.literal_column("'waiting'"),
        batch_items.c.to_id.is_not(None),
    )
    .group_by(batch_items.c.to_id)
)


def _batches(view: View) -> sa.Select[Any]:
    later = batches.alias("later")
    undone_by = sa.select(later.c.id).where(later.c.undoes_id == batches.c.id).scalar_subquery()
    query = (
        sa.select(batches, practitioners.c.name.label("who"), undone_by.label("undone_by"))
        .join(accounts, accounts.c.id == batches.c.account_id)
        .join(practitioners, practitioners.c.id == accounts.c.practitioner_id)
        # Cases that move to another version stand on the page of their rehearsal.
        .where(batches.c.authority_id == view.actor.authority_id, batches.c.kind != "versions")
        .order_by(batches.c.planned_at.desc(), batches.c.id.desc())
    )
    if permissions.sees_whole_authority(view.actor):
        return query
    return query.where(batches.c.account_id == view.actor.account_id)


def _summaries(view: View, rows: Sequence[Any]) -> tuple[BatchSummary, ...]:
    numbers = _numbers(view, [row.id for row in rows])
    return tuple(_summary(view, row, numbers.get(row.id, {})) for row in rows)


def _summary(view: View, row: Any, numbers: Mapping[str, int]) -> BatchSummary:
    lately = row.ended_at is not None and view.now - row.ended_at <= UNDONE_WITHIN
    never = row.undone_by is None and row.undoes_id is None
    return BatchSummary(
        batch_id=row.id, kind=row.kind, state=row.state, why=row.why, who=row.who, planned_at=row.planned_at,
        ended_at=row.ended_at, waiting=numbers.get("waiting", 0), done=numbers.get("done", 0),
        refused=numbers.get("refused", 0), undoes_id=row.undoes_id, undone_by=row.undone_by,
        may_undo=lately and never and numbers.get("done", 0) > 0,
    )  # fmt: skip


def _numbers(view: View, ids: Sequence[UUID]) -> Mapping[UUID, Mapping[str, int]]:
    found: dict[UUID, dict[str, int]] = {}
    for row in view.connection.execute(_NUMBERS, {"ids": list(ids)}) if ids else ():
        found.setdefault(row.batch_id, {})[row.state] = row.number
    return found


_NUMBERS = (
    sa.select(batch_items.c.batch_id, batch_items.c.state, sa.func.count().label("number"))
    .where(among(batch_items.c.batch_id))
    .group_by(batch_items.c.batch_id, batch_items.c.state)
)


def _items(view: View, batch: Any, most: int) -> tuple[BatchItem, ...]:
    rows = view.connection.execute(_ITEMS, {"batch": batch.id, "most": most}).all()
    seen = visibility.visible(view, sorted({row.case_id for row in rows}))
    names = names_in(view, {who for row in rows for who in (row.from_id, row.to_id) if who is not None})
    stands = _handovers(view, batch, [row.case_id for row in rows if row.case_id in seen])
    return tuple(_item(view, row, names, stands, known=row.case_id in seen) for row in rows)


_ITEMS = (
    sa.select(
        batch_items, user_tasks.c.name.label("task"), user_tasks.c.due_on,
        children.c.given_name, children.c.family_name, children.c.known_as,
    )
    .outerjoin(user_tasks, user_tasks.c.id == batch_items.c.task_id)
    .join(cases, cases.c.id == batch_items.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .where(batch_items.c.batch_id == sa.bindparam("batch"))
    .order_by(sa.case((batch_items.c.state == "refused", 0), else_=1), batch_items.c.number)
    .limit(sa.bindparam("most"))
)  # fmt: skip


def _item(
    view: View, row: Any, names: Mapping[UUID, str], stands: Mapping[tuple[UUID, UUID], str], *, known: bool
) -> BatchItem:
    kept = (row.particulars or {}).get("kept") if row.state == "done" else None
    said = stands.get((row.case_id, row.to_id), "") if row.state == "done" and not row.said else row.said
    if kept:
        said = f"{kept} task{'' if kept == 1 else 's'} stayed where they are: done or begun since"
    return BatchItem(
        item_id=row.id, task_id=row.task_id, case_id=row.case_id if known else None,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as) if known else "",
        what=view.said(row.task or ""), holder=names.get(row.from_id, ""), to=names.get(row.to_id, ""),
        due_on=row.due_on, state=row.state, said=said,
    )  # fmt: skip


def _handovers(view: View, batch: Any, case_ids: Sequence[UUID]) -> Mapping[tuple[UUID, UUID], str]:
    """Say how each handover that a batch proposed stands, by the case and the successor; the newest counts."""
    if batch.kind != "handovers" or batch.undoes_id is not None or not case_ids:
        return {}
    query = sa.select(handovers).where(among(handovers.c.case_id)).order_by(handovers.c.proposed_on, handovers.c.id)
    rows = view.connection.execute(query, {"ids": list(case_ids)})
    return {(row.case_id, row.successor_id): _stands(view, row) for row in rows}


def _stands(view: View, row: Any) -> str:
    """Say how one handover stands."""
    if row.declined_on is not None:
        by = "The family does not agree" if row.declined_by == "family" else "Declined"
        return f"{by} ({words.day(row.declined_on, today=view.today)}): the line managers confer"
    if row.accepted_on is not None and row.ended_on is not None:
        return f"Handed over on {words.day(row.ended_on, today=view.today)}"
    if row.accepted_on is not None:
        return f"Accepted; leads from {words.day(row.planned_on, today=view.today)}"
    if row.ended_on is not None:
        return "Called off"
    if row.family_told_on is not None:
        return f"The family knows since {words.day(row.family_told_on, today=view.today)}; waits for the successor"
    return "The family is to be told first"
