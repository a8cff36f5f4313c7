"""The cases a person works on, and finding one of them. What they may not see is never found, nor counted.

A list goes on after a case, named by its id: the names it is sorted by must not stand in an address.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store import relations
from engine.store.folding import folded
from engine.store.pauses import paused_until
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases as case_table
from engine.store.tables.record import children, lead_professionals, reviews
from engine.store.tables.running import user_tasks

LONGEST_LIST: Final = 200
MOST_WORDS: Final = 10
"""How many words of a search are looked for; nobody has more names than that."""


@dataclass(frozen=True, slots=True)
class CaseRow:
    """A case on a list; `paused_until` is set while it rests.

    `next` says what is waited for, or when the review is, empty when nothing is.
    `key_worker` coordinates another service's plan that leads for the child, as was written down; empty when none does.
    """

    case_id: UUID
    reference: str
    child_name: str
    lead_name: str | None
    opened_on: date
    closed_on: date | None
    next: str
    born_on: date | None = None
    paused_until: date | None = None
    key_worker: str = ""


@dataclass(frozen=True, slots=True)
class CasePage:
    """A page of cases by the child's name. `next` is the case that the page after starts after; None at the end."""

    rows: tuple[CaseRow, ...]
    next: UUID | None


def cases(engine: ProcessEngine, *, actor: Actor, search: str | None = None) -> tuple[CaseRow, ...]:
    """Return the first 200 cases of `case_page`."""
    return case_page(engine, actor=actor, search=search).rows


def case_page(
    engine: ProcessEngine,
    *,
    actor: Actor,
    search: str | None = None,
    after: UUID | None = None,
    limit: int = LONGEST_LIST,
) -> CasePage:
    """Return a page of the open cases the actor may see, by the child's name.

    `search` finds, also among closed ones (after the open ones), those whose names or reference hold all its words,
    whatever their accents and capitals. Raises `Invalid` for a limit beyond 1 to 200 and a page that is not there.
    """
    if not 1 <= limit <= LONGEST_LIST:
        raise Invalid(f"A page holds 1 to {LONGEST_LIST} cases", field="limit")
    with viewing(engine, actor) as view:
        found = _found(view, _words(search), after, limit + 1)
        shown = found[:limit]
        seen = visibility.visible(view, [row.id for row in shown])
        rows = [row for row in shown if row.id in seen]
        waiting = _waiting(view, [row.id for row in rows if row.closed_on is None])
        following = shown[-1].id if len(found) > limit else None
        return CasePage(tuple(_row(row, waiting.get(row.id) or _review(view, row)) for row in rows), following)


def may_open(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> bool:
    """Tell whether the actor may open a case's page as they stand: their last task may have been all that let them.

    Not for a coordinator who would first be asked what for.
    """
    with engine.sessions.read() as connection:
        relation = relations.of(connection, actor, case_id)
    asked = permissions.has_to_say_why(actor, relation) and case_id not in actor.looks_into
    return permissions.may_read_case(actor, relation) and not asked


_CHILDS = case_table.join(children, children.c.id == case_table.c.child_id)
_PLACE = (case_table.c.closed_on.is_not(None), children.c.folded_name, case_table.c.id)
"""The order of a list: open cases first, then by name."""


def _found(view: View, wanted: Sequence[str], after: UUID | None, limit: int) -> Sequence[Any]:
    """Find the next cases, then read what their rows show: the rest is only sorted."""
    ids = sa.select(case_table.c.id).select_from(_CHILDS).where(visibility.within_reach(view.actor))
    # Repeated on the children: it is what the index of their names begins with.
    ids = ids.where(children.c.authority_id == view.actor.authority_id, *(_holds(word) for word in wanted))
    if not wanted:
        ids = ids.where(case_table.c.closed_on.is_(None))
    if after is not None:
        ids = ids.where(_beyond(view, after, open_only=not wanted))
    ids = ids.order_by(*(_PLACE if wanted else _PLACE[1:])).limit(limit)
    chosen = case_table.c.id.in_(sa.select(ids.subquery().c.id))
    return view.connection.execute(_ROWS.where(chosen).order_by(*_PLACE)).all()


def _beyond(view: View, after: UUID, *, open_only: bool) -> sa.ColumnElement[bool]:
    last = view.connection.execute(
        sa.select(*_PLACE)
        .select_from(_CHILDS)
        .where(case_table.c.id == after, case_table.c.authority_id == view.actor.authority_id)
    ).first()
    if last is None:
        raise Invalid("This page of the list is not there any more; start again from the top", field="after")
    first = 1 if open_only else 0
    place = [sa.literal(value, column.type) for value, column in zip(last, _PLACE, strict=True)]
    return sa.tuple_(*_PLACE[first:]) > sa.tuple_(*place[first:])


def matching(search: str | None) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions on a case and its child that hold for what `case_page` finds by `search`."""
    return tuple(_holds(word) for word in _words(search))


def _words(search: str | None) -> list[str]:
    return folded(search or "").split()[:MOST_WORDS]


def _holds(word: str) -> sa.ColumnElement[bool]:
    """Return the condition that a name or the reference holds a word, with its hyphens or without."""
    texts = (children.c.folded_name, sa.func.lower(case_table.c.reference))
    spellings = (spelling for text in texts for spelling in (text, sa.func.replace(text, "-", "")))
    return sa.or_(*(spelling.contains(word, autoescape=True) for spelling in spellings))


_ROWS = sa.select(
    case_table.c.id,
    case_table.c.reference,
    case_table.c.opened_on,
    case_table.c.closed_on,
    case_table.c.key_worker,
    children.c.given_name,
    children.c.family_name,
    children.c.known_as,
    children.c.born_on,
    practitioners.c.name.label("lead_name"),
    paused_until(),
    sa.select(reviews.c.due_on)
    .where(reviews.c.case_id == case_table.c.id, reviews.c.held_on.is_(None))
    .scalar_subquery()
    .label("review_on"),
).select_from(
    _CHILDS.outerjoin(
        lead_professionals,
        (lead_professionals.c.case_id == case_table.c.id) & lead_professionals.c.to_on.is_(None),
    ).outerjoin(
        # Whoever has left leads no open case, though nobody has followed them yet.
        practitioners,
        (practitioners.c.id == lead_professionals.c.practitioner_id)
        & (practitioners.c.left_on.is_(None) | case_table.c.closed_on.is_not(None)),
    )
)


def _waiting(view: View, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return, by case, its soonest open task in words."""
    rows = view.connection.execute(
        sa.select(user_tasks.c.case_id, user_tasks.c.name, user_tasks.c.due_on).where(
            user_tasks.c.case_id.in_(case_ids), user_tasks.c.state == sa.literal_column("'open'")
        )
    )
    found: dict[UUID, str] = {}
    for row in sorted(rows, key=lambda each: each.due_on or date.max):
        name, by = view.said(row.name), ""
        if row.due_on:
            by = f"{'was due' if row.due_on < view.today else 'by'} {words.day(row.due_on, today=view.today)}"
        found.setdefault(row.case_id, f"{name}{' ' if name.endswith('?') else ', '}{by}" if by else name)
    return found


def _review(view: View, row: Any) -> str:
    """Say when a case is reviewed next on which no task waits; empty when no review is to come."""
    if row.review_on is None or row.closed_on is not None:
        return ""
    due = "was due" if row.review_on < view.today else "on"
    return f"Review, {due} {words.day(row.review_on, today=view.today)}"


def _row(row: Any, following: str) -> CaseRow:
    name = words.child_name(row.given_name, row.family_name, row.known_as)
    return CaseRow(
        row.id, row.reference, name, row.lead_name, row.opened_on, row.closed_on, following, row.born_on,
        row.paused_until, row.key_worker,
    )  # fmt: skip
