"""Who was asked to lead a plan, or to do an action of it, and would not: how often, when and why; who found nobody."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.process_engine import ProcessEngine
from engine.queries import visibility, words
from engine.queries.view import View, viewing
from engine.store.tables.changes import handovers
from engine.store.tables.keeping import history, history_payloads
from engine.store.tables.people import practitioners

DECLINED_ACTION: Final = "action_declined"
NO_REASON: Final = "No reason was written"
_TIMES: Final = {1: "", 2: " twice"}


@dataclass(frozen=True, slots=True)
class Declined:
    """What one person would not do, or the family would not have, or that nobody was found: `said` with how often.

    `reasons` are a day with a reason for each time, the first first.
    """

    said: str
    reasons: tuple[tuple[date, str], ...]


def read(engine: ProcessEngine, *, actor: Actor, case_id: UUID) -> tuple[Declined, ...]:
    """Return who declined what on a case, as `of_case`. Raises `NotFound` as for the case."""
    with viewing(engine, actor) as view:
        visibility.require_case(view, case_id)
        return of_case(view, case_id)


def of_case(view: View, case_id: UUID) -> tuple[Declined, ...]:
    """Return who declined to lead, whom the family would not have, that nobody was found, then who declined actions."""
    lead = view.connection.execute(_LEAD, {"case": case_id}).all()
    told = [_Event(row) for row in view.connection.execute(_EVENTS, {"case": case_id})]
    return (
        *_grouped([row for row in lead if row.declined_by != "family"], "{name} declined{times}"),
        *_grouped([row for row in lead if row.declined_by == "family"], "The family would not have {name}{times}"),
        *_grouped([row for row in told if row.kind != DECLINED_ACTION], "Nobody was found{times}"),
        *_grouped([row for row in told if row.kind == DECLINED_ACTION], "{name} declined an action{times}"),
    )


def of_action(view: View, case_id: UUID, action_id: UUID) -> tuple[Declined, ...]:
    """Return who declined one action of a plan."""
    rows = [_Event(row) for row in view.connection.execute(_EVENTS, {"case": case_id})]
    return tuple(_grouped([row for row in rows if row.action == str(action_id)], "{name} declined{times}"))


def in_words(view: View, declined: Iterable[Declined]) -> tuple[tuple[str, str], ...]:
    """Return the same as names and values: what was declined, and every day with its reason."""
    return tuple(
        (
            each.said,
            "; ".join(f"{words.day(on, today=view.today)}. {why.strip().rstrip('.')}" for on, why in each.reasons),
        )
        for each in declined
    )


def _grouped(rows: list[Any], said: str) -> list[Declined]:
    found = defaultdict[tuple[UUID | None, str], list[tuple[date, str]]](list)
    for row in rows:
        found[row.id, row.name].append((row.on, row.why or NO_REASON))
    return [
        Declined(said.format(name=name, times=_TIMES.get(len(times), f" {len(times)} times")), tuple(times))
        for (_, name), times in found.items()
    ]


class _Event:
    """An event that is told with a reason, read as a row of `_LEAD`; by whom is no matter where nobody was found."""

    def __init__(self, row: Any) -> None:
        self.kind, self.on, self.why = row.kind, row.on, str((row.body or {}).get("why") or "")
        whose = row.kind == DECLINED_ACTION
        self.action = str((row.detail or {}).get("action")) if whose else ""
        self.id: UUID | None = row.id if whose else None
        self.name: str = row.name or "" if whose else ""


_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
_LEAD: Final = (
    sa.select(
        practitioners.c.id,
        practitioners.c.name,
        handovers.c.declined_by,
        handovers.c.declined_on.label("on"),
        handovers.c.decline_reason.label("why"),
    )
    .join(practitioners, practitioners.c.id == handovers.c.successor_id)
    .where(handovers.c.case_id == _CASE, handovers.c.declined_on.is_not(None))
    .order_by(handovers.c.declined_on, handovers.c.id)
)
_EVENTS: Final = (
    sa.select(
        practitioners.c.id, practitioners.c.name, history.c.kind, history.c.effective_on.label("on"),
        history.c.detail, history_payloads.c.body,
    )
    .outerjoin(practitioners, practitioners.c.id == history.c.subject_id)
    .outerjoin(history_payloads, history_payloads.c.event_id == history.c.id)
    .where(history.c.case_id == _CASE, history.c.kind.in_((DECLINED_ACTION, "no_successor_found", "lead_not_found")))
    .order_by(history.c.effective_on, history.c.id)
)  # fmt: skip
