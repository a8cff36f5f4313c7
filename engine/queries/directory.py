"""The practitioner directory: who works with children here, for which agency, how to reach them, and who is away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.casework.standing import Cover
from engine.errors import Invalid
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store.covers import COVER, cover_of, with_cover
from engine.store.folding import folded
from engine.store.tables.people import absences, agencies, practitioners

PAGE: Final = 40
LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """Somebody of the authority. `away_from` is set while they are away, `back_on` when its end is known.

    `covered_by` has their work meanwhile, empty when nobody has: `cover_away` says so where who covers is away too.
    `leaves_on` is their last day, if one is known.
    """

    practitioner_id: UUID
    name: str
    job_title: str
    agency: str
    phone: str
    email: str
    away_from: date | None
    back_on: date | None
    covered_by: str
    cover_away: str
    leaves_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Directory:
    """Those who were asked for, by name, and all `agencies` and `job_titles` that there are to choose from.

    They are those of one `page` of `last`; `more` come after it.
    """

    colleagues: tuple[Colleague, ...]
    agencies: tuple[str, ...]
    job_titles: tuple[str, ...]
    page: int
    last: int
    more: int


def read(
    engine: ProcessEngine,
    *,
    actor: Actor,
    words: str = "",
    agency: str = "",
    job_title: str = "",
    page: int = 1,
    limit: int | None = PAGE,
) -> Directory:
    """Return who has not left and whose name holds `words`, of one agency and with one job title where these are given.

    A page holds `limit` of them, and one past the end is the last there is; a file asks for all, with no limit.

    How to reach a colleague is open to everybody who works here. Raises `Invalid` for a limit past `LONGEST`.
    """
    if limit is not None and not 1 <= limit <= LONGEST:
        raise Invalid(f"A directory page holds 1 to {LONGEST} people", field="limit")
    with viewing(engine, actor) as view:
        everybody = view.connection.execute(_PEOPLE, {"authority": actor.authority_id, "today": view.today}).all()
        away = _away(view)
        sought = folded(words)
        found = [
            row
            for row in everybody
            if sought in folded(row.name) and agency in ("", row.agency) and job_title in ("", row.job_title)
        ]
        size = limit or max(1, len(found))
        last = max(1, -(-len(found) // size))
        first = (min(page, last) - 1) * size
        return Directory(
            colleagues=tuple(_colleague(row, away.get(row.id)) for row in found[first : first + size]),
            agencies=_distinct([row.agency for row in everybody]),
            job_titles=_distinct([row.job_title for row in everybody]),
            page=min(page, last),
            last=last,
            more=max(0, len(found) - first - size),
        )


def _colleague(row: Any, away: Any) -> Colleague:
    cover = cover_of(away) if away else Cover()
    return Colleague(
        practitioner_id=row.id,
        name=row.name,
        job_title=row.job_title,
        agency=row.agency or "",
        phone=row.phone,
        email=row.email,
        away_from=away.from_on if away else None,
        back_on=away.expected_to_on if away else None,
        covered_by=cover.here,
        cover_away=cover.away,
        leaves_on=row.leaves_on,
    )


def _distinct(names: Sequence[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))


def _away(view: View) -> dict[UUID, Any]:
    """Return today's absences by who is away."""
    rows = view.connection.execute(
        sa.select(absences, *COVER)
        .select_from(with_cover(absences))
        .where(
            absences.c.authority_id == view.actor.authority_id,
            absences.c.to_on.is_(None),
            absences.c.from_on <= view.today,
            sa.func.coalesce(absences.c.expected_to_on, view.today) >= view.today,
        )
        .order_by(absences.c.from_on),
        {"today": view.today},
    )
    return {row.practitioner_id: row for row in rows}


_PEOPLE: Final = (
    sa.select(practitioners, agencies.c.name.label("agency"))
    .outerjoin(agencies, agencies.c.id == practitioners.c.agency_id)
    .where(
        practitioners.c.authority_id == sa.bindparam("authority", type_=sa.Uuid),
        sa.or_(practitioners.c.left_on.is_(None), practitioners.c.left_on >= sa.bindparam("today", type_=sa.Date)),
    )
    .order_by(practitioners.c.name, practitioners.c.id)
)
