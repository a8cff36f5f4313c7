"""Open tasks that the asker may give to others: of somebody, of nobody, or of the children that a board shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine import planning
from engine.casework.lateness import PROTECTING
from engine.casework.permissions import Actor, task_takers
from engine.casework.severity import State
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import standing_rows, visibility, words
from engine.queries.choice import NOBODY, Choice
from engine.queries.view import View, viewing
from engine.queries.workload import AHEAD, require_may
from engine.store.late_tasks import late_on
from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, children
from engine.store.tables.running import user_tasks

MOST: Final = 2_000
"""How many tasks one list holds, and one batch may."""
SHOWN: Final = 300
DUE: Final = ("", "late", "month")
"""Which tasks: all, those overdue, those due within four weeks and overdue ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shareable:
    """An open task that may be given to somebody else; `child_name` is empty on a case that the asker may not see."""

    task_id: UUID
    name: str
    case_id: UUID
    child_name: str
    reference: str
    holder: str | None
    due_on: date | None
    due_state: State
    days: int | None


@dataclass(frozen=True, slots=True)
class Found:
    """The tasks of a choice, the soonest due first: `ids` of all of them up to `MOST`, `rows` of the first `SHOWN`.

    `holder` is whose they are, empty unless somebody was chosen. `takers` are the roles of which somebody
    needs one to be given any of them.
    """

    rows: tuple[Shareable, ...]
    ids: tuple[UUID, ...]
    holder: str
    takers: frozenset[str]


def read(engine: ProcessEngine, *, actor: Actor, choice: Choice, holder: str = "", due: str = "") -> Found:
    """Return the tasks of a choice that the actor may give to others.

    `holder` is somebody's id as text, `NOBODY` for tasks in a queue; `choice` chooses the children, as on the board.
    Raises `NotPermitted`, `Invalid`.
    """
    require_may(actor)
    if due not in DUE:
        raise Invalid("There is no such choice", field="due")
    whose = _whose(holder)
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_query(view, choice, whose, due), _given(view, choice)).all()
        chosen = planning.chosen(view.connection, actor, [row.id for row in rows], today=view.today)
        may = {row.id: row.candidate_groups for row in chosen.rows if chosen.may_give(row)}
        ids = tuple(row.id for row in rows if row.id in may)
        name = view.connection.execute(_NAME, {"who": whose}).scalar() if isinstance(whose, UUID) else None
        takers = task_takers(frozenset().union(*may.values()))
        return Found(_rows(view, ids[:SHOWN], chosen), ids, name or "", takers)


def of_ids(engine: ProcessEngine, *, actor: Actor, ids: Sequence[UUID]) -> tuple[Shareable, ...]:
    """Return those of `ids` that are open tasks the actor may give to others, as the list shows them."""
    require_may(actor)
    with viewing(engine, actor) as view:
        chosen = planning.chosen(view.connection, actor, ids, today=view.today)
        return _rows(view, [row.id for row in chosen.rows if chosen.may_give(row)], chosen)


_NAME = sa.select(practitioners.c.name).where(practitioners.c.id == sa.bindparam("who", type_=sa.Uuid))


def _whose(holder: str) -> UUID | str:
    if holder in ("", NOBODY):
        return holder
    try:
        return UUID(holder)
    except ValueError as error:
        raise Invalid("There is no such person to choose", field="holder") from error


def _query(view: View, choice: Choice, whose: UUID | str, due: str) -> sa.Select[Any]:
    query = sa.select(user_tasks.c.id).where(
        user_tasks.c.authority_id == view.actor.authority_id,
        user_tasks.c.state == sa.literal_column("'open'"),
        visibility.seen(view).tasks,
    )
    if whose:
        query = query.where(
            user_tasks.c.assignee_id == whose if isinstance(whose, UUID) else user_tasks.c.assignee_id.is_(None)
        )
    if choice != Choice():
        query = query.where(among(user_tasks.c.case_id))
    if choice.step:
        query = query.where(user_tasks.c.element_id == choice.step)
    if due == "late":
        query = query.where(late_on(view.today, view.authority.calendar))
    if due == "month":
        query = query.where(user_tasks.c.due_on <= view.today + AHEAD)
    return query.order_by(user_tasks.c.due_on.is_(None), user_tasks.c.due_on, user_tasks.c.id).limit(MOST)


def _given(view: View, choice: Choice) -> dict[str, Any]:
    if choice == Choice():
        return {}
    return {"ids": standing_rows.names(standing_rows.read(view, choice).ranked(first=0, limit=MOST))}


def _rows(view: View, ids: Sequence[UUID], chosen: planning.Chosen) -> tuple[Shareable, ...]:
    found = {row.id: row for row in view.connection.execute(_ROWS, {"ids": list(ids)})} if ids else {}
    return tuple(_row(view, found[id_], known=chosen.reads(found[id_].case_id)) for id_ in ids)


_ROWS = (
    sa.select(
        user_tasks.c.id, user_tasks.c.name, user_tasks.c.case_id, user_tasks.c.due_on, user_tasks.c.process_key,
        cases.c.reference,
        practitioners.c.name.label("holder"), children.c.given_name, children.c.family_name, children.c.known_as,
    )
    .join(cases, cases.c.id == user_tasks.c.case_id)
    .join(children, children.c.id == cases.c.child_id)
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(among(user_tasks.c.id))
)  # fmt: skip


def _row(view: View, row: Any, *, known: bool) -> Shareable:
    due = view.due(row.due_on, protecting=row.process_key in PROTECTING)
    return Shareable(
        task_id=row.id, name=view.said(row.name), case_id=row.case_id,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as) if known else "",
        reference=row.reference, holder=row.holder,
        due_on=row.due_on, due_state=due.state, days=due.days,
    )  # fmt: skip
