"""The overdue board: one row a child in four groups, every reason on it, the most pressing first."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.severity import STATES, State
from engine.errors import Invalid, NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import late, late_answers, standing_rows, supervision, visibility, words
from engine.queries.case_links import LeadingPlan, leading_plan
from engine.queries.choice import Choice
from engine.queries.kept_figures import kept
from engine.queries.late import Late
from engine.queries.late_answers import LateAnswer
from engine.queries.standing_rows import Ranked
from engine.queries.supervision import Supervised
from engine.queries.view import View, viewing
from engine.store.covers import COVER, cover_of, with_cover
from engine.store.pauses import paused_until
from engine.store.sets import among
from engine.store.standing_in import may_stand_in
from engine.store.tables.people import absences, practitioners
from engine.store.tables.record import cases, children, lead_professionals, manager_discussions

PAGE: Final = 20
LONGEST_PAGE: Final = 200
FARTHEST_PAGE: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueRow:
    """A child whose plan needs somebody, or will. `doing` is what is being done, empty when nobody has said.

    `leading_plan` is another service's plan that leads for the child: whom the family rings first is its key worker.
    `days` is how many working days the longest of its reasons has lasted, `since` the day it began. `reasons` say what
    is late and why; where nothing is, they say what comes next. `signals` outrank days: nobody leads, things get
    worse, no contact. `answer` is what somebody said on the board. `paused_until` is set while the plan rests: it stays
    here all the same. `supervision` is when the case was last discussed with who has it, for who may see that.
    `lead_away` tells that who leads is away today, `covered_by` who covers them, empty when nobody does: `cover_away`
    says when that is because who covers is away too, or the case is none of theirs.
    """

    case_id: UUID
    reference: str
    child_name: str
    born_on: date | None
    state: State
    days: int
    since: date | None
    reasons: tuple[str, ...]
    signals: tuple[str, ...]
    stage: str
    lead_name: str | None
    lead_away: bool
    covered_by: str
    cover_away: str
    leading_plan: LeadingPlan | None
    doing: str
    answer: LateAnswer | None
    paused_until: date | None
    supervision: Supervised | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group of the board: how many children are in it, and on which page it begins."""

    state: State
    number: int
    page: int


@dataclass(frozen=True, slots=True)
class Board:
    """A page of the children one may see, those who need somebody most first; `more` come after it.

    `last` is the last page there is. `groups` count all of them, whatever group was chosen, and nobody whom the asker
    may not see. They were counted at `counted_at`: now, or for very many a little before
    (`engine.queries.kept_figures`).
    """

    rows: tuple[OverdueRow, ...]
    more: int
    page: int
    last: int
    groups: tuple[Group, ...]
    counted_at: datetime


def board(
    engine: ProcessEngine, *, actor: Actor, choice: Choice | None = None, page: int = 1, limit: int = PAGE
) -> Board:
    """Return a page of the open cases the actor may see: the worst group first, in it what outranks days, then days.

    Among the worst a child in danger or a concern about harm stands above what has only been late for longer.
    Raises `NotPermitted` for roles that have no board, `Invalid` for a page or a limit that is none.
    """
    with viewing(engine, actor) as view:
        return board_in(view, choice or Choice(), page=page, limit=limit)


def board_in(view: View, choice: Choice, *, page: int = 1, limit: int = PAGE) -> Board:
    """Return the same on a view that is open."""
    require_board(view.actor)
    if not 1 <= limit <= LONGEST_PAGE:
        raise Invalid(f"A page holds 1 to {LONGEST_PAGE} children", field="limit")
    if not 1 <= page <= FARTHEST_PAGE:
        raise Invalid("There is no such page", field="page")
    found = standing_rows.read(view, choice)
    first = (page - 1) * limit
    if permissions.sees_whole_authority(view.actor):
        ranked = found.ranked(first=first, limit=limit)
        counts, counted_at = _counted(view, found, choice)
    else:
        (ranked, counts), counted_at = found.page(first=first, limit=limit), view.now
    rows = _rows(view, ranked)
    total = counts[choice.state] if choice.state else sum(counts.values())  # type: ignore[index]
    more = max(0, total - first - len(rows)) if rows else 0
    last = max(1, -(-total // limit))
    return Board(tuple(rows), more, page, last, tuple(_groups(counts, choice, limit)), counted_at)


def require_board(actor: Actor) -> None:
    """Raise `NotPermitted` for roles that have no board."""
    if not permissions.may_see_overdue(actor):
        raise NotPermitted("Your role does not include the overdue board")


def every_row(engine: ProcessEngine, *, actor: Actor, choice: Choice, at_a_time: int = 500) -> Iterator[OverdueRow]:
    """Give every row of a choice in the board's order, a few held at a time: for files. Raises `NotPermitted`."""
    require_board(actor)
    with viewing(engine, actor) as view:
        for ranked in standing_rows.read(view, choice).each(at_a_time=at_a_time):
            yield from _rows(view, ranked)


def _counted(view: View, found: standing_rows.Standings, choice: Choice) -> tuple[Mapping[State, int], datetime]:
    """Return the counts of a whole authority and when they were made."""

    def count(when: View) -> tuple[Mapping[State, int], datetime]:
        return (found if when is view else standing_rows.read(when, choice)).counts(), when.now

    return kept(view, ("board", choice), count, lambda _, counted: sum(counted[0].values()))


def _groups(counts: Mapping[State, int], choice: Choice, limit: int) -> Iterator[Group]:
    before = 0
    for state in STATES:
        yield Group(state=state, number=counts[state], page=1 if choice.state else before // limit + 1)
        before += counts[state]


def _rows(view: View, ranked: Sequence[Ranked]) -> list[OverdueRow]:
    ids = standing_rows.names(ranked)
    if not ids:
        return []
    about = {row.id: row for row in view.connection.execute(_ABOUT, {"ids": ids, "today": view.today})}
    reasons = late.of_cases(view, among(cases.c.id), {"ids": ids})
    coming = late.coming(view, [case_id for case_id in ids if case_id not in reasons])
    answers, supervised = late_answers.of_cases(view, ids), supervision.of_cases(view, ids)
    return [
        replace(
            _row(view, about[each.case_id], each, reasons.get(each.case_id, []), coming),
            answer=answers.get(each.case_id),
            supervision=supervised.get(each.case_id),
        )
        for each in ranked
        if each.case_id in about
    ]


_TODAY: Final = sa.bindparam("today", type_=sa.Date)
_ABOUT = (
    sa.select(
        cases.c.id,
        cases.c.reference,
        cases.c.linked_plan,
        cases.c.key_worker,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        children.c.born_on,
        practitioners.c.name.label("lead_name"),
        absences.c.id.label("absence_id"),
        *COVER,
        may_stand_in(cases.c.id, absences.c.covered_by, absences.c.practitioner_id).label("stands_in"),
        manager_discussions.c.next_step,
        manager_discussions.c.next_step_on,
        paused_until(),
    )
    .select_from(
        with_cover(
            cases.join(children, children.c.id == cases.c.child_id)
            .outerjoin(
                lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None)
            )
            # Whoever has left leads nothing, though nobody has followed them yet.
            .outerjoin(
                practitioners,
                (practitioners.c.id == lead_professionals.c.practitioner_id) & practitioners.c.left_on.is_(None),
            )
            .outerjoin(
                absences,
                (absences.c.practitioner_id == practitioners.c.id)
                & absences.c.to_on.is_(None)
                & (absences.c.from_on <= _TODAY)
                & (sa.func.coalesce(absences.c.expected_to_on, _TODAY) >= _TODAY),
            )
            .outerjoin(
                manager_discussions,
                (manager_discussions.c.case_id == cases.c.id) & manager_discussions.c.ended_on.is_(None),
            )
        )
    )
    .where(among(cases.c.id))
)


def _row(view: View, row: Any, ranked: Ranked, reasons: Sequence[Late], coming: Mapping[UUID, str]) -> OverdueRow:
    cover = replace(cover_of(row), kept_out=row.cover_id is not None and not row.stands_in)
    by = f", {words.by(row.next_step_on, today=view.today)}" if row.next_step_on else ""
    return OverdueRow(
        case_id=row.id,
        reference=row.reference,
        child_name=words.child_name(row.given_name, row.family_name, row.known_as),
        born_on=row.born_on,
        state=ranked.state,
        days=max((reason.days for reason in reasons), default=0),
        since=ranked.since if reasons and ranked.since <= view.today else None,
        reasons=tuple(reason.sentence for reason in reasons) or ((coming[row.id],) if row.id in coming else ()),
        signals=ranked.signals,
        stage=view.said(ranked.stage),
        lead_name=row.lead_name,
        lead_away=row.absence_id is not None,
        covered_by=cover.here,
        cover_away=cover.away,
        leading_plan=leading_plan(row),
        doing=f"{row.next_step.rstrip('. ') if by else row.next_step}{by}" if row.next_step else "",
        answer=None,
        paused_until=row.paused_until,
        supervision=None,
    )


def one(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> OverdueRow:
    """Return the row of one open case. Raises `NotPermitted` for roles without a board, `NotFound`."""
    require_board(actor)
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        found = standing_rows.one(view, case_id)
        rows = _rows(view, [found] if found else [])
    if not rows:
        raise NotFound("There is no such case on the board", case_id=case_id)
    return rows[0]
