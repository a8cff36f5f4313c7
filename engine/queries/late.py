"""What is late on cases, and why, in sentences: open escalations, tasks and actions past their day. Set-wise."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.lateness import PROTECTING
from engine.casework.severity import HARM, VACANT, escalation_state, harm_of
from engine.queries import words
from engine.queries.due_states import Due, State, last_overdue_day, worst
from engine.queries.view import View
from engine.store import late_tasks
from engine.store.escalations import LATE_SINCE
from engine.store.sets import among
from engine.store.tables.people import practitioners
from engine.store.tables.record import cases, escalations, plan_actions, reviews
from engine.store.tables.running import user_tasks

_ACTION: Final = "action"
_VACANCY: Final = "vacancy"
_REASONS: Final = {
    "assessment_late": "assessment", "assessment_very_late": "assessment",
    "review_late": "review", "review_very_late": "review", "other_plan_review_late": "review",
    "review_not_written": "review", "review_long_not_written": "review",
    "action_late": _ACTION, "action_past_review": _ACTION,
    **dict.fromkeys(VACANT, _VACANCY),
}  # fmt: skip
_ELEMENTS: Final = {"complete_assessment": "assessment", "hold_review": "review"}
"""What the shipped rules' reasons and the shipped diagrams' tasks are about, where both say the same delay."""


@dataclass(frozen=True, slots=True)
class Late:
    """One reason why a case needs somebody. Its sentence is put together when asked for: most are only ranked."""

    state: State
    days: int
    _tell: Callable[[], str]
    about: str = ""
    """What is delayed, where several may say the same delay; empty when nothing else can."""
    by_rules: bool = False
    """Whether the escalation rules say it."""
    harm: int = len(HARM)
    """How far a child's safety is from it: 0 for danger now."""

    @property
    def pressing(self) -> tuple[int, int]:
        """What reasons are sorted by, the most pressing first: a child's safety, then how long it has been late."""
        return self.harm, -self.days

    @property
    def sentence(self) -> str:
        """The reason in words."""
        return self._tell()


def of_case(view: View, case_id: UUID) -> list[Late]:
    """Return what is late on one case, a child's safety first, then the latest; nothing once it is closed."""
    return _gathered(view, BY_CASE, {"case": case_id}).get(case_id, [])


def of_cases(
    view: View, where: sa.ColumnElement[bool], values: Mapping[str, Any] | None = None
) -> dict[UUID, list[Late]]:
    """Return, by case id, what is late on the authority's open cases that satisfy `where`, a condition on `cases`.

    `values` are those of its parameters.
    """
    # Repeated on the tasks themselves: it is what their index of due days begins with.
    own_tasks = where & (user_tasks.c.authority_id == _AUTHORITY)
    return _gathered(view, [_ESCALATIONS.where(where), _TASKS.where(own_tasks), _ACTIONS.where(where)], values or {})


def asked_with(view: View) -> dict[str, Any]:
    """Return the values of the parameters of what is late today: whose cases, the last day that is, and today."""
    until = last_overdue_day(view.today, view.authority.calendar)
    return {"authority": view.actor.authority_id, "until": until, "today": view.today}


def coming(view: View, case_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return, by case, what is to be done next in words, where something has a day."""
    if not case_ids:
        return {}
    found: dict[UUID, str] = {}
    for row in view.connection.execute(_COMING, {"ids": list(case_ids)}):
        who = f"with {row.who}" if row.who else "nobody has taken it"
        said = f"Next: “{view.said(row.name)}”, due {words.day(row.due_on, today=view.today)} ({who})."
        found.setdefault(row.case_id, said)
    without = [case_id for case_id in case_ids if case_id not in found]
    for row in view.connection.execute(_PLANNED, {"ids": without}) if without else ():
        on = words.day(row.due_on, today=view.today)
        action = f"Next: {row.who}’s action “{row.action}”, due {on}."
        found.setdefault(row.case_id, action if row.action else f"Next: the review, due {on}.")
    return found


_COMING = (
    sa.select(user_tasks.c.case_id, user_tasks.c.name, user_tasks.c.due_on, practitioners.c.name.label("who"))
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(
        among(user_tasks.c.case_id),
        user_tasks.c.state == sa.literal_column("'open'"),
        user_tasks.c.due_on.is_not(None),
    )
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
)

# What is planned and no task yet: the promised actions, and the review.
_PLANNED = sa.union_all(
    sa.select(
        plan_actions.c.case_id, plan_actions.c.due_on, plan_actions.c.action, practitioners.c.name.label("who"),
        plan_actions.c.id,
    )
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(among(plan_actions.c.case_id), plan_actions.c.closed_on.is_(None)),
    sa.select(reviews.c.case_id, reviews.c.due_on, sa.literal(""), sa.literal(""), reviews.c.id).where(
        among(reviews.c.case_id), reviews.c.held_on.is_(None)
    ),
).order_by("due_on", "id")  # fmt: skip


def _gathered(view: View, queries: Sequence[sa.Select[Any]], values: Mapping[str, Any]) -> dict[UUID, list[Late]]:
    found: dict[UUID, list[Late]] = defaultdict(list)
    asked_with_too = {**values, **asked_with(view)}
    for query, say in zip(queries, (_escalation, _task, _action), strict=True):
        for row in view.connection.execute(query, asked_with_too):
            found[row.case_id].append(say(view, row))
    return {case_id: sorted(_once(reasons), key=lambda each: each.pressing) for case_id, reasons in found.items()}


def _once(reasons: Sequence[Late]) -> list[Late]:
    """Keep one line for each delay: the rules' sentence, or the oldest action's; as pressing as the worst of them.

    Who is to find a lead is asked one after another: that is one line, which says what each was asked.
    """
    alone = [each for each in reasons if not each.about]
    groups: dict[str, list[Late]] = defaultdict(list)
    for each in reasons:
        if each.about:
            groups[each.about].append(each)
    actions = groups.pop(_ACTION, [])
    vacancy = groups.pop(_VACANCY, [])
    if vacancy:
        alone.append(_merged(replace(vacancy[0], _tell=partial(_joined, vacancy)), vacancy))
    for group in groups.values():
        alone.append(_merged(group[0], group))
    said = [each for each in actions if not each.by_rules]
    return [*alone, *([_merged(said[0], actions), *said[1:]] if said else actions)]


def _joined(group: Sequence[Late]) -> str:
    """Say once what is the matter, as the latest of a group does, then what each of them asks for."""
    told = [each.sentence.partition(". ") for each in group]
    asked = dict.fromkeys(rest for _, _, rest in told if rest)
    return " ".join([f"{told[-1][0].rstrip('.')}.", *asked])


def _merged(said: Late, group: Sequence[Late]) -> Late:
    return replace(said, state=worst([each.state for each in group]), days=max(each.days for each in group))


_AUTHORITY: Final = sa.bindparam("authority", type_=sa.Uuid)
_OWN = (cases.c.authority_id == _AUTHORITY, cases.c.closed_on.is_(None))
_UNTIL: Final = sa.bindparam("until", type_=sa.Date)
_TODAY: Final = sa.bindparam("today", type_=sa.Date)
_ESCALATIONS = (
    sa.select(
        escalations.c.case_id,
        escalations.c.reason,
        escalations.c.sentence,
        escalations.c.level,
        LATE_SINCE.label("since_on"),
    )
    .join(cases, cases.c.id == escalations.c.case_id)
    .where(escalations.c.ended_on.is_(None), *_OWN)
    .order_by(escalations.c.first_true_on, escalations.c.id)
)
_TASKS = (
    sa.select(
        user_tasks.c.case_id,
        user_tasks.c.process_key,
        user_tasks.c.element_id,
        user_tasks.c.name,
        user_tasks.c.due_on,
        practitioners.c.name.label("who"),
    )
    .join(cases, cases.c.id == user_tasks.c.case_id)
    .outerjoin(practitioners, practitioners.c.id == user_tasks.c.assignee_id)
    .where(
        user_tasks.c.state == sa.literal_column("'open'"),
        late_tasks.late(_TODAY, _UNTIL),
        *_OWN,
    )
    .order_by(user_tasks.c.due_on, user_tasks.c.id)
)
_ACTIONS = (
    sa.select(
        plan_actions.c.case_id,
        plan_actions.c.action,
        plan_actions.c.due_on,
        plan_actions.c.first_due_on,
        practitioners.c.name.label("who"),
    )
    .join(cases, cases.c.id == plan_actions.c.case_id)
    .join(practitioners, practitioners.c.id == plan_actions.c.owner_id)
    .where(plan_actions.c.closed_on.is_(None), plan_actions.c.first_due_on <= _UNTIL, *_OWN)
    .order_by(plan_actions.c.first_due_on, plan_actions.c.id)
)
_CASE: Final = sa.bindparam("case", type_=sa.Uuid)
BY_CASE: Final = (
    _ESCALATIONS.where(escalations.c.case_id == _CASE),
    _TASKS.where(user_tasks.c.case_id == _CASE),
    _ACTIONS.where(plan_actions.c.case_id == _CASE),
)


def _escalation(view: View, row: Any) -> Late:
    days = max(0, view.authority.calendar.working_days_between(row.since_on, view.today))
    return Late(escalation_state(row.reason, row.level), days, partial(words.sentence, view.said(row.sentence)),
                _REASONS.get(row.reason, ""), by_rules=True, harm=harm_of(row.reason, row.level))  # fmt: skip


def _task(view: View, row: Any) -> Late:
    due = view.due(row.due_on, protecting=row.process_key in PROTECTING)
    return Late(due.state, due.days or 0, partial(_of_task, view, row, due), _ELEMENTS.get(row.element_id, ""))


def _of_task(view: View, row: Any, due: Due) -> str:
    who = f"with {row.who}" if row.who else "nobody has taken it"
    was = words.day(row.due_on, today=view.today)
    return f"“{view.said(row.name)}” was due {was}, {words.working_days(due.days or 0)} ago ({who})."


def _action(view: View, row: Any) -> Late:
    """Count from the first date: moving a date does not make an action less late."""
    due = view.due(row.first_due_on)
    return Late(due.state, due.days or 0, partial(_of_action, view, row, due), _ACTION)


def _of_action(view: View, row: Any, due: Due) -> str:
    was = words.day(row.first_due_on, today=view.today)
    moved = f"; its date is now {words.day(row.due_on, today=view.today)}" if row.due_on != row.first_due_on else ""
    return f"{row.who}'s action “{row.action}” was due {was}, {words.working_days(due.days or 0)} ago{moved}."
