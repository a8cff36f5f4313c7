"""The cases a person works on, and finding one of them. What they may not see is never found, nor counted."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases as case_table
from engine.store.tables.record import children, lead_professionals
from engine.store.tables.running import user_tasks

LONGEST_LIST = 200


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case on a list; `next` says what is waited for, empty when nothing is."""

    case_id: UUID
    reference: str
    child_name: str
    lead_name: str | None
    opened_on: date
    closed_on: date | None
    next: str


def cases(engine: ProcessEngine, *, actor: Actor, search: str | None = None) -> tuple[CaseRow, ...]:
    """Return the open cases the actor may see, by the child's name; at most 200.

    `search` finds, also among closed ones, those whose names or reference hold all its words, whatever their
    accents and capitals.
    """
    with viewing(engine, actor) as view:
        found = _searched(view, search) if search and search.strip() else _open(view)
        seen = visibility.visible(view, [row.id for row in found])
        shown = [row for row in found if row.id in seen]
        waiting = _waiting(view, [row.id for row in shown if row.closed_on is None])
        return tuple(_row(row, waiting.get(row.id, "")) for row in shown)


def may_open(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> bool:
    """Tell whether the actor may open a case's page: their last task on it may have been all that let them."""
    with viewing(engine, actor) as view:
        return case_id in visibility.visible(view, [case_id])


_FIELDS = (
    case_table.c.id,
    case_table.c.reference,
    case_table.c.opened_on,
    case_table.c.closed_on,
    children.c.given_name,
    children.c.family_name,
    children.c.known_as,
    practitioners.c.name.label("lead_name"),
)
_ORDER = (children.c.family_name, children.c.given_name, case_table.c.id)


def _query(view: View) -> sa.Select[Any]:
    return (
        sa.select(*_FIELDS)
        .select_from(
            case_table.join(children, children.c.id == case_table.c.child_id)
            .outerjoin(
                lead_professionals,
                (lead_professionals.c.case_id == case_table.c.id) & lead_professionals.c.to_on.is_(None),
            )
            .outerjoin(practitioners, practitioners.c.id == lead_professionals.c.practitioner_id)
        )
        .where(visibility.within_reach(view.actor))
    )


def _open(view: View) -> Sequence[Any]:
    query = _query(view).where(case_table.c.closed_on.is_(None)).order_by(*_ORDER).limit(LONGEST_LIST)
    return view.connection.execute(query).all()


def _searched(view: View, search: str) -> Sequence[Any]:
    """Match in Python: SQLite folds only the capitals of English, and neither database folds accents."""
    wanted = _folded(search).split()
    found = []
    for row in view.connection.execute(_query(view).order_by(case_table.c.closed_on.is_not(None), *_ORDER)):
        text = _folded(f"{row.given_name} {row.family_name} {row.known_as} {row.reference}")
        if all(word in text or word in text.replace("-", "") for word in wanted):
            found.append(row)
        if len(found) == LONGEST_LIST:
            break
    return found


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text)
    return "".join(each for each in plain if not unicodedata.combining(each)).casefold()


def _waiting(view: View, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return, by case, its soonest open task in words."""
    rows = view.connection.execute(
        sa.select(user_tasks.c.case_id, user_tasks.c.name, user_tasks.c.due_on).where(
            user_tasks.c.case_id.in_(case_ids), user_tasks.c.state == sa.literal_column("'open'")
        )
    )
    found: dict[UUID, str] = {}
    for row in sorted(rows, key=lambda each: each.due_on or date.max):
        by = f", by {words.day(row.due_on, today=view.today)}" if row.due_on else ""
        found.setdefault(row.case_id, f"{row.name}{by}")
    return found


def _row(row: Any, following: str) -> CaseRow:
    name = words.child_name(row.given_name, row.family_name, row.known_as)
    return CaseRow(row.id, row.reference, name, row.lead_name, row.opened_on, row.closed_on, following)
