"""Which other children a safeguarding concern names, as far as the reader may see their cases."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.queries import visibility, words
from engine.queries.view import View
from engine.store import relations
from engine.store.tables.record import cases, children, concerns


@dataclass(frozen=True, slots=True)
class Named:
    """The other children of one concern, by name; `words_kept` when what was written is not for this reader."""

    names: tuple[str, ...] = ()
    words_kept: bool = False


ALONE: Final = Named()
"""A concern about one child."""


def of_case(view: View, case_id: UUID) -> Mapping[UUID, Named]:
    """Return whom the concerns on a case name besides its child, by the id of each one's first row.

    Those about one child are left out. The words of a concern are kept from who is only of the team here, and may not
    see the case on which they were written.
    """
    first = sa.func.coalesce(concerns.c.raised_with, concerns.c.id)
    here = sa.select(first).where(concerns.c.case_id == case_id)
    rows = view.connection.execute(
        sa.select(first.label("first"), concerns.c.raised_with, *_CHILD)
        .join(cases, cases.c.id == concerns.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
        .where(first.in_(here), concerns.c.case_id != case_id)
        .order_by(children.c.born_on, cases.c.id)
    ).all()
    if not rows:
        return {}
    seen = visibility.visible(view, [row.case_id for row in rows])
    of_team = permissions.reads_as_team(view.actor, relations.of(view.connection, view.actor, case_id))
    names: dict[UUID, list[str]] = defaultdict(list)
    kept: set[UUID] = set()
    for row in rows:
        if row.case_id in seen:
            names[row.first].append(_name(row))
        elif row.raised_with is None and of_team:
            kept.add(row.first)
    return {first: Named(tuple(names.get(first, ())), first in kept) for first in {row.first for row in rows}}


def of_cases(view: View, case_ids: Iterable[Any]) -> dict[str, str]:
    """Return the children's names of those of `case_ids` (as text) that the reader may see, by case id."""
    seen = visibility.visible(view, [UUID(str(each)) for each in case_ids])
    if not seen:
        return {}
    rows = view.connection.execute(
        sa.select(*_CHILD).join(children, children.c.id == cases.c.child_id).where(cases.c.id.in_(sorted(seen)))
    )
    return {str(row.case_id): _name(row) for row in rows}


_CHILD: Final = (
    cases.c.id.label("case_id"), children.c.given_name, children.c.family_name, children.c.known_as,
)  # fmt: skip


def _name(row: Any) -> str:
    return words.child_name(row.given_name, row.family_name, row.known_as)
