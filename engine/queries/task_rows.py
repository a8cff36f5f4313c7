"""Open tasks as a list shows them: what, for whom, why, who has it, by when. A fixed number of queries a page."""

from __future__ import annotations

from collections import defaultdict, namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import starmap
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ElementInfo
from engine.casework.lateness import PROTECTING
from engine.errors import NotFound
from engine.queries import words
from engine.queries.due_states import State
from engine.queries.view import View
from engine.store.pauses import paused_until
from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.store.tables.record import case_members, cases, children, escalations, lead_professionals
from engine.store.tables.running import instances, user_tasks


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """One task. `why` says in a sentence why the person is asked; `days` are working days late or left.

    `queue` is the group whose list it stands on while nobody has it, `groups` all those it is offered to.
    `personal` tells that nobody does it for who has it. `paused_until` is set while the case is paused. `alone`: the
    reader may know of the task as the line manager of who has it, and of nothing else of its case (`without_case`).
    """

    task_id: UUID
    name: str
    element_id: str
    case_id: UUID
    reference: str
    child_name: str
    why: str
    assignee_id: UUID | None
    assignee_name: str | None
    queue: str | None
    groups: frozenset[str]
    personal: bool
    due_on: date | None
    due_state: State
    days: int | None
    opened_at: datetime
    paused_until: date | None
    alone: bool = False


def without_case(row: TaskRow) -> TaskRow:
    """Return what the line manager of who has a task may know of it, whose case is not open to them."""
    may = "only they can answer this" if row.personal else "you may give the task to somebody else"
    why = f"You manage {row.assignee_name}. The case is not open to you; {may}."
    return replace(row, child_name="", why=why, paused_until=None, alone=True)


_assignee, _lead_person = practitioners.alias("assignee"), practitioners.alias("lead_person")
_lead, _assessor = lead_professionals.alias("lead"), case_members.alias("assessor")
_COLUMNS = (
    "id", "instance_id", "case_id", "process_key", "element_id", "name", "assignee_id", "candidate_groups", "queue",
    "due_on", "opened_at", "asked_because", "personal",
)  # fmt: skip
_OF_A_PAGE = ("state", "form_id", "closed_at", "closed_by", "version", "meant_for_id")


def _query(names: Sequence[str]) -> sa.Select[Any]:
    return sa.select(
        *(user_tasks.c[name] for name in names),
        cases.c.reference,
        children.c.given_name,
        children.c.family_name,
        children.c.known_as,
        instances.c.definition_id,
        _assignee.c.name.label("assignee_name"),
        paused_until(),
        # Compared here: to read ids that are only compared costs as much as to read the rest of a row.
        (_lead.c.practitioner_id == user_tasks.c.assignee_id).label("leads"),
        (_assessor.c.practitioner_id == user_tasks.c.assignee_id).label("assesses"),
    ).select_from(
        user_tasks.join(cases, cases.c.id == user_tasks.c.case_id)
        .join(instances, instances.c.id == user_tasks.c.instance_id)
        .outerjoin(children, children.c.id == cases.c.child_id)
        .outerjoin(_assignee, _assignee.c.id == user_tasks.c.assignee_id)
        .outerjoin(_lead, (_lead.c.case_id == cases.c.id) & _lead.c.to_on.is_(None))
        .outerjoin(
            _assessor,
            (_assessor.c.case_id == cases.c.id) & (_assessor.c.role == "assessor") & _assessor.c.to_on.is_(None),
        )
    )


def _row_of(query: sa.Select[Any]) -> Any:
    """Return what holds a row of `query`: SQLAlchemy's own takes seven times as long to give a value by its name."""
    return namedtuple("_Row", query.selected_columns.keys())


Raised = Mapping[tuple[UUID, str], Sequence[str]]
"""Sentences by instance and the diagram of it that deals with what they say; `WHOLE` for the instance's own."""
QUERY = _query((*_COLUMNS, *_OF_A_PAGE))
"""Everything a row needs of one task; one row each, as a case has at most one current lead and one assessor."""
_LIST = _query(_COLUMNS).where(among(user_tasks.c.id))
_Row = _row_of(_LIST)
NEVER_BESIDE: Final = ("immediate_danger", "safeguarding")
"""How serious a concern is. It is not named beside a task of something else: who is asked may not know of it."""
WHOLE: Final = ""
"""Stands for every diagram of an instance."""
_IN_ORDER = (escalations.c.first_true_on, escalations.c.id)
_RAISED = (
    sa.select(
        escalations.c.instance_id, escalations.c.process_key, escalations.c.case_id, escalations.c.sentence,
        escalations.c.ended_on, instances.c.process_key.label("own_process"),
    )
    .join(instances, instances.c.id == escalations.c.instance_id)
    .order_by(*_IN_ORDER)
)
_ESCALATED = _RAISED.where(among(escalations.c.instance_id))
_HOLDING = (
    sa.select(escalations.c.case_id, escalations.c.sentence)
    .where(
        among(escalations.c.case_id), escalations.c.ended_on.is_(None), escalations.c.level.not_in(NEVER_BESIDE)
    )
    .order_by(*_IN_ORDER)
)


_OPEN = (user_tasks.c.case_id == sa.bindparam("case"), user_tasks.c.state == "open")
_OPEN_OF_CASE = QUERY.where(*_OPEN)
_ESCALATED_OF_CASE = _RAISED.where(escalations.c.instance_id.in_(sa.select(user_tasks.c.instance_id).where(*_OPEN)))
BY_CASE: Final = (_OPEN_OF_CASE, _ESCALATED_OF_CASE, _HOLDING)


def read(view: View, task_ids: Sequence[UUID]) -> list[TaskRow]:
    """Return the rows of `task_ids`, in their order."""
    if not task_ids:
        return []
    found = {row.id: row for row in starmap(_Row, view.connection.execute(_LIST, {"ids": list(task_ids)}))}
    return build(view, [found[id_] for id_ in task_ids if id_ in found])


def open_of_case(view: View, case_id: UUID) -> list[TaskRow]:
    """Return the open tasks of a case, soonest first."""
    rows = view.connection.execute(_OPEN_OF_CASE, {"case": case_id}).all()
    raised = _told(view, view.connection.execute(_ESCALATED_OF_CASE, {"case": case_id}))
    soonest = sorted(rows, key=lambda row: (row.due_on or date.max, row.id))
    return [TaskRow(**fields(view, row, raised)) for row in soonest]


def build(view: View, rows: Sequence[Any]) -> list[TaskRow]:
    """Make rows of what `QUERY` found."""
    raised = _escalated(view, {row.instance_id for row in rows})
    return [TaskRow(**fields(view, row, raised)) for row in rows]


def fields(view: View, row: Any, raised: Raised | None = None) -> dict[str, Any]:
    """Return the values of a `TaskRow` for one row of `QUERY`."""
    if raised is None:
        raised = _escalated(view, {row.instance_id})
    due = view.due(row.due_on, protecting=row.process_key in PROTECTING)
    return {
        "task_id": row.id,
        "name": view.said(row.name),
        "element_id": row.element_id,
        "case_id": row.case_id,
        "reference": row.reference,
        "child_name": words.child_name(row.given_name or "", row.family_name or "", row.known_as or ""),
        "why": _why(view, row, _of_task(row, raised)),
        "assignee_id": row.assignee_id,
        "assignee_name": row.assignee_name,
        "queue": row.queue,
        "groups": frozenset(row.candidate_groups),
        "personal": row.personal,
        "due_on": row.due_on,
        "due_state": due.state,
        "days": due.days,
        "opened_at": row.opened_at,
        "paused_until": row.paused_until,
    }


def element(view: View, row: Any) -> ElementInfo | None:
    """Return what the diagram says about a task's element; None when the diagram no longer has it."""
    try:
        definition = view.process(row.definition_id)
        return definition.element(row.process_key, row.element_id)
    except NotFound:
        return None


def _of_task(row: Any, raised: Raised) -> Sequence[str]:
    """Return what was raised for the diagram that a task is of: by the whole instance's own, or that one alone."""
    if not raised:
        return ()
    whole = raised.get((row.instance_id, WHOLE), ())
    return whole or raised.get((row.instance_id, row.process_key), ())


def _escalated(view: View, instance_ids: set[UUID]) -> Raised:
    return _told(view, view.connection.execute(_ESCALATED, {"ids": list(instance_ids)})) if instance_ids else {}


def _told(view: View, rows: Iterable[Any]) -> Raised:
    """Return, by instance and the diagram in it that deals with them, the sentences of escalations that still hold.

    Where none of them holds any more, that is said, and what holds on the case now. What set a called diagram going
    says nothing about the steps of the diagram that called it, which go on long after.
    """
    found: dict[tuple[UUID, str], list[str]] = defaultdict(list)
    past: dict[tuple[UUID, str], Any] = {}
    for row in rows:
        deals = (row.instance_id, WHOLE if row.process_key == row.own_process else row.process_key)
        if row.ended_on is None:
            found[deals].append(_sentence(view, row))
        else:
            past[deals] = row
    ended = {deals: row for deals, row in past.items() if deals not in found}
    holding = _holding(view, {row.case_id for row in ended.values()})
    for deals, row in ended.items():
        day = words.day(row.ended_on, today=view.today)
        # What the sentence then says to do is over too.
        began = words.first_sentence(_sentence(view, row))
        over = f"This began with: “{began}” That was over on {day}, but what is asked here is still to be done."
        found[deals] = [over, *holding[row.case_id]]
    return found


def _holding(view: View, case_ids: set[UUID]) -> Mapping[UUID, list[str]]:
    """Return, by case, the sentences of the escalations that hold, but for a concern."""
    found: dict[UUID, list[str]] = defaultdict(list)
    if case_ids:
        for row in view.connection.execute(_HOLDING, {"ids": list(case_ids)}):
            found[row.case_id].append(_sentence(view, row))
    return found


def _sentence(view: View, row: Any) -> str:
    return words.sentence(view.said(row.sentence))


def _why(view: View, row: Any, raised: Sequence[str]) -> str:
    """Say why somebody is asked: instead of whom, what was raised about the plan, else their part in it or the step's.

    What the rules said when the task went to somebody else than it was meant for comes first.
    """
    me = row.assignee_id == view.actor.practitioner_id
    who, does = ("You", "") if me else (row.assignee_name, "s")
    if row.asked_because:
        asked = f"{who} {'are' if me else 'is'}" if row.assignee_id else f"The {words.groups(row.candidate_groups)} are"
        raised = [f"{asked} asked because {row.asked_because}", *raised]
    if raised:
        return " ".join(raised)
    if me and row.personal:
        return "You were asked by name, and only you can answer."
    if row.leads:
        return f"{who} lead{does} this plan."
    if row.assesses:
        return f"{who} {'are' if me else 'is'} assessing."
    if row.queue is not None:
        return f"It waits for one of the {words.groups(row.candidate_groups)}."
    info = element(view, row)
    return words.first_sentence(info.documentation or "") if info else ""
