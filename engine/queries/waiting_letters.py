"""How many letters are to be sent, or held back: of one case, or of those that somebody leads or still assesses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries.letters import WAITING, replaced, still_waits, with_meeting_and_sharing
from engine.queries.view import View, viewing
from engine.store import letter_warnings
from engine.store.spells import held_until_now
from engine.store.tables.keeping import history
from engine.store.tables.meetings import letter_pages, letters
from engine.store.tables.record import case_members, cases, children, lead_professionals


@dataclass(frozen=True, slots=True)
class Waiting:
    """A case with letters to look at: the child as one calls them, `count` to be sent, `held` back since they were."""

    case_id: UUID
    child: str
    count: int
    held: int


def mine(engine: ProcessEngine, *, actor: Actor) -> tuple[Waiting, ...]:
    """Return the cases that the actor leads, or assesses before anybody leads, with letters to look at.

    Of closed ones those alone that call off a meeting whose day is still to come: somebody waits for them.
    """
    with viewing(engine, actor) as view:
        rows = view.connection.execute(_MINE, {"me": actor.practitioner_id, "today": view.today}).all()
        old = replaced(rows)
        waits = [row for row in rows if still_waits(row, today=view.today, is_replaced=row.id in old)]
        back = [row for row in rows if _is_held(row, old)]
    counts, held = Counter(row.case_id for row in waits), Counter(row.case_id for row in back)
    named = (*waits, *back)
    names = {row.case_id: f"{row.known_as or row.given_name or 'The baby'} {row.family_name}".strip() for row in named}
    found = (Waiting(id_, name, counts[id_], held[id_]) for id_, name in names.items())
    return tuple(sorted(found, key=lambda each: each.child))


def of_case(view: View, case_id: UUID) -> tuple[int, int, int]:
    """Return how many letters of a case were written, how many of them are to be sent, and how many are held back."""
    rows = view.connection.execute(_OF_CASE, {"case": case_id, "today": view.today}).all()
    old = replaced(rows)
    return len(rows), len(_waiting(rows, view.today)), sum(_is_held(row, old) for row in rows)


def _is_held(row: Any, old: Set[UUID]) -> bool:
    """Tell whether a letter was sent and is held back since, while its private page would still be there."""
    return row.sent_on is not None and bool(row.held) and row.id not in old


def ids(connection: sa.Connection, case_id: UUID, *, today: date) -> tuple[UUID, ...]:
    """Return the letters of a case that are to be sent, the latest first."""
    return _waiting(connection.execute(_OF_CASE, {"case": case_id, "today": today}).all(), today)


def _waiting(rows: Sequence[Any], today: date) -> tuple[UUID, ...]:
    old = replaced(rows)
    return tuple(row.id for row in rows if still_waits(row, today=today, is_replaced=row.id in old))


_SAID_LAST: Final = (
    sa.select(history.c.kind)
    .where(
        history.c.case_id == letter_pages.c.case_id,
        history.c.subject_id == letter_pages.c.letter_id,
        history.c.kind.in_(("letter_held_back", "letter_let_go", letter_warnings.OVERRULED)),
    )
    .order_by(history.c.seq.desc())
    .limit(1)
    .correlate(letter_pages)
    .scalar_subquery()
)
# Of the few that can still be read on a private page alone: each asks the whole history of its case.
_HELD: Final = (
    sa.exists()
    .where(
        letter_pages.c.letter_id == letters.c.id,
        letter_pages.c.revoked_at.is_(None),
        letter_pages.c.ends_on >= sa.bindparam("today", type_=sa.Date),
        _SAID_LAST == "letter_held_back",
    )
    .correlate(letters)
    .label("held")
)
_OF_CASE: Final = (
    sa.select(*WAITING, _HELD)
    .select_from(with_meeting_and_sharing(letters))
    .where(letters.c.case_id == sa.bindparam("case"))
    .order_by(letters.c.written_on.desc(), letters.c.id.desc())
)
BY_CASE: Final = (_OF_CASE,)
_LED: Final = (
    sa.select(lead_professionals.c.case_id)
    .join(cases, cases.c.id == lead_professionals.c.case_id)
    .where(
        lead_professionals.c.practitioner_id == sa.bindparam("me"),
        held_until_now(lead_professionals, cases.c.closed_on),
    )
)
_ASSESSED: Final = sa.select(case_members.c.case_id).where(
    case_members.c.practitioner_id == sa.bindparam("me"),
    case_members.c.role == "assessor",
    case_members.c.to_on.is_(None),
    ~sa.exists().where(lead_professionals.c.case_id == case_members.c.case_id, lead_professionals.c.to_on.is_(None)),
)
_MINE: Final = (
    sa.select(*WAITING, _HELD, children.c.known_as, children.c.given_name, children.c.family_name)
    .select_from(
        with_meeting_and_sharing(letters)
        .join(cases, cases.c.id == letters.c.case_id)
        .join(children, children.c.id == cases.c.child_id)
    )
    .where(
        letters.c.case_id.in_(sa.union(_LED, _ASSESSED)),
        sa.or_(cases.c.closed_on.is_(None), letters.c.kind == "called_off"),
    )
    .order_by(letters.c.written_on.desc(), letters.c.id.desc())
)
