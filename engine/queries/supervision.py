"""Which open cases had no supervision for how long: by practitioner and case, against the authority's own limit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import oversight, permissions
from engine.casework.permissions import Actor
from engine.errors import Invalid, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.sets import among
from engine.store.tables.oversight import oversight_notes
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, children, lead_professionals

PAGE: Final = 25
MOST_IN_A_FILE: Final = 300_000
WEEKS: Final = ("4", "6", "8", "12")
"""After how many weeks without supervision a board may be asked for cases."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisionRow:
    """An open case and who leads or assesses it (`holder_id` None: nobody); `last_on` is when they last discussed it.

    `days` are the working days since then, or since the case became theirs; `late` tells that the limit is past.
    """

    case_id: UUID
    reference: str
    child_name: str
    born_on: date | None
    holder_id: UUID | None
    holder: str
    last_on: date | None
    by_on: date | None
    days: int
    late: bool


@dataclass(frozen=True, slots=True)
class Supervision:
    """A page of the cases one oversees, the longest without supervision first; `late` of `total` are past the limit.

    `limit` is in working days, None when the authority has set none: then nothing is late. `workers` are whom the cases
    belong to, by name.
    """

    rows: tuple[SupervisionRow, ...]
    total: int
    late: int
    last: int
    more: int
    limit: int | None
    workers: tuple[tuple[UUID, str], ...]


def board(
    engine: ProcessEngine, *, actor: Actor, worker: UUID | None = None, only_late: bool = False, page: int = 1
) -> Supervision:
    """Return which open cases had no supervision for longest: of whom the actor manages; for coordinators of all.

    A case counts for whoever leads it, or assesses it while nobody leads; when it changes hands, it counts anew.
    Raises `NotPermitted`.
    """
    _require_may(actor)
    if not 1 <= page <= 10_000:
        raise Invalid("There is no such page", field="page")
    with viewing(engine, actor) as view:
        limit = oversight.supervision_days(view.authority.profile)
        late_by = _late_by(view, limit)
        found = _cases(view).subquery()
        chosen = [] if worker is None else [found.c.holder_id == worker]
        late = found.c.since <= late_by if late_by else sa.false()
        total, number = view.connection.execute(
            sa.select(sa.func.count(), sa.func.count().filter(late)).select_from(found).where(*chosen)
        ).one()
        shown = sa.select(found).where(*chosen, *([late] if only_late else [])).order_by(*_longest_first(found))
        rows = view.connection.execute(shown.offset((page - 1) * PAGE).limit(PAGE)).all()
        listed = number if only_late else total
        last, more = max(1, -(-listed // PAGE)), max(0, listed - (page - 1) * PAGE - len(rows))
        shown_rows = tuple(_row(view, each, late_by) for each in rows)
        return Supervision(shown_rows, total, number, last, more, limit, _workers(view))


def every_row(engine: ProcessEngine, *, actor: Actor) -> Iterator[SupervisionRow]:
    """Give every case of `board`, for a file. Raises `NotPermitted`."""
    _require_may(actor)
    with viewing(engine, actor) as view:
        late_by = _late_by(view, oversight.supervision_days(view.authority.profile))
        found = _cases(view).subquery()
        query = sa.select(found).order_by(*_longest_first(found)).limit(MOST_IN_A_FILE)
        for row in view.connection.execution_options(yield_per=500).execute(query):
            yield _row(view, row, late_by)


def _require_may(actor: Actor) -> None:
    if not oversight.may_see_supervision(actor):
        raise NotPermitted("Line managers and coordinators see who has had supervision")


def _late_by(view: View, limit: int | None) -> date | None:
    """Return the latest day from which more working days than the limit have passed, None without a limit."""
    if limit is None:
        return None
    calendar, day = view.authority.calendar, view.authority.calendar.add_working_days(view.today, -limit)
    while calendar.working_days_between(day, view.today) <= limit:
        day -= timedelta(days=1)
    return day


_LEAD = (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
_ASSESSOR: Final = (
    sa.select(case_members.c.practitioner_id)
    .where(case_members.c.case_id == cases.c.id, case_members.c.role == "assessor", case_members.c.to_on.is_(None))
    .order_by(case_members.c.from_on, case_members.c.id)
    .limit(1)
    .correlate(cases)
    .scalar_subquery()
)
_HOLDER: Final = sa.func.coalesce(lead_professionals.c.practitioner_id, _ASSESSOR)
_HELD: Final = (
    sa.select(
        cases.c.id, cases.c.authority_id, cases.c.reference, cases.c.child_id, cases.c.opened_on,
        _HOLDER.label("holder_id"),
        sa.func.coalesce(lead_professionals.c.from_on, cases.c.opened_on).label("held_since"),
    )
    .select_from(cases.outerjoin(lead_professionals, _LEAD))
    .where(cases.c.closed_on.is_(None), cases.c.child_id.is_not(None))
)  # fmt: skip
_LAST: Final = sa.select(
    oversight_notes.c.case_id,
    oversight_notes.c.discussed_with,
    sa.func.max(oversight_notes.c.discussed_on).label("last_on"),
    sa.func.max(oversight_notes.c.by_on).label("by_on"),
).group_by(oversight_notes.c.case_id, oversight_notes.c.discussed_with)


def overseen(view: View) -> sa.Select[Any]:
    """Return the open cases that a manager's people have, for a coordinator all: never one that they may not see."""
    own = _HELD.where(cases.c.authority_id == view.actor.authority_id, visibility.seen(view)(cases.c.id))
    if permissions.sees_whole_authority(view.actor):
        return own
    return own.where(_HOLDER.in_(sorted(view.actor.manages)))


@dataclass(frozen=True, slots=True)
class Supervised:
    """When a case was last discussed with whoever has it (None: not yet), and how many working days ago, or theirs."""

    last_on: date | None
    days: int
    late: bool


def of_cases(view: View, ids: Sequence[UUID]) -> dict[UUID, Supervised]:
    """Return the supervision of open cases that somebody leads or assesses, for who may see it; else nothing."""
    if not ids or not oversight.may_see_supervision(view.actor):
        return {}
    late_by = _late_by(view, oversight.supervision_days(view.authority.profile))
    rows = view.connection.execute(_OF_CASES, {"ids": list(ids)})
    return {row.id: Supervised(row.last_on, _days(view, row), _is_late(row, late_by)) for row in rows}


def none_for(view: View, weeks: int) -> sa.Select[Any]:
    """Return the open cases that whoever has them has not discussed for `weeks` weeks; what nobody has is not asked."""
    found = _dated(_HELD.where(cases.c.authority_id == view.actor.authority_id)).subquery()
    long_ago = found.c.since <= view.today - timedelta(weeks=weeks)
    return sa.select(found.c.id).where(long_ago, found.c.holder_id.is_not(None))


def _cases(view: View) -> sa.Select[Any]:
    """Return the open cases that the asker oversees, each with who has it and when they last discussed it."""
    return _dated(overseen(view))


def _dated(which: sa.Select[Any], discussed: sa.Select[Any] = _LAST) -> sa.Select[Any]:
    held, last = which.subquery(), discussed.subquery()
    theirs = (last.c.case_id == held.c.id) & (last.c.discussed_with == held.c.holder_id)
    return sa.select(
        held.c.id,
        held.c.reference,
        held.c.holder_id,
        practitioners.c.name.label("holder"),
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        children.c.born_on,
        last.c.last_on,
        last.c.by_on,
        sa.func.coalesce(last.c.last_on, held.c.held_since).label("since"),
    ).select_from(
        held.join(children, children.c.id == held.c.child_id)
        .outerjoin(practitioners, practitioners.c.id == held.c.holder_id)
        .outerjoin(last, theirs)
    )


def _of_cases() -> sa.Select[Any]:
    last = _LAST.where(among(oversight_notes.c.case_id))
    found = _dated(_HELD.where(among(cases.c.id)), last).subquery()
    return sa.select(found.c.id, found.c.last_on, found.c.since).where(found.c.holder_id.is_not(None))


_OF_CASES: Final = _of_cases()


def _longest_first(found: sa.Subquery) -> tuple[sa.ColumnElement[Any], ...]:
    return found.c.since, found.c.last_on.is_not(None), found.c.id


def _row(view: View, row: Any, late_by: date | None) -> SupervisionRow:
    return SupervisionRow(
        case_id=row.id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as),
        born_on=row.born_on,
        holder_id=row.holder_id,
        holder=row.holder or "",
        last_on=row.last_on,
        by_on=row.by_on,
        days=_days(view, row),
        late=_is_late(row, late_by),
    )


def _days(view: View, row: Any) -> int:
    return max(0, view.authority.calendar.working_days_between(row.since, view.today))


def _is_late(row: Any, late_by: date | None) -> bool:
    return late_by is not None and row.since <= late_by


def _workers(view: View) -> tuple[tuple[UUID, str], ...]:
    found = _cases(view).subquery()
    query = sa.select(found.c.holder_id, found.c.holder).where(found.c.holder_id.is_not(None)).distinct()
    rows = view.connection.execute(query.order_by(found.c.holder, found.c.holder_id))
    return tuple((row.holder_id, row.holder) for row in rows)
