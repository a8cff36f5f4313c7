"""Who is asked to do a task, and by when: the diagram's expressions over the case's facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from engine.bpmn import ElementInfo
from engine.casework.facts import FACT_NAMES
from engine.casework.permissions import GROUP_ROLES
from engine.decisions import warn_of_expressions
from engine.errors import Invalid
from engine.feel import Environment, FeelWarning, to_plain
from engine.progress import StepWarning
from engine.routing import FALLBACK_GROUP, Route, asked_by, compiled, confined, route
from engine.store.facts import PEOPLE
from engine.work import Work

_FACTS: Final = frozenset(FACT_NAMES)
NOBODY_LEADS: Final = "A plan that nobody leads needs you"


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has a task, who may take it, and its dates (local working-day promises).

    `because` says why somebody else is asked than `meant_for`, who would be.
    """

    assignee: UUID | None
    groups: frozenset[str]
    meant_for: UUID | None
    because: str
    due_on: date | None
    follow_up_on: date | None

    @property
    def queue(self) -> str | None:
        """The group whose list it stands on while nobody has it."""
        return min(self.groups, default=None) if self.assignee is None else None


def assign(work: Work, info: ElementInfo, variables: Mapping[str, Any]) -> Assignment:
    """Work out an opened task's assignment; `variables` are those the task sees.

    Whoever is away, has left or is nobody is asked by the rules' word (`engine.routing`); a task that nobody is found
    for goes to the coordinators, and history says so. Raises `Invalid` naming the element when an expression gives no
    date.
    """
    groups = _groups(_asked(work, info, info.candidate_groups, variables))
    found = Route(None, groups)
    if info.assignee is not None:
        person = _practitioner(info, _asked(work, info, info.assignee, variables))
        found = route(work, info.id, asked_by(info, person, groups))
        if person is not None and found.to != person:
            given_to = found.to or min(found.groups, default=FALLBACK_GROUP)
            work.record("asked_instead", subject=person, detail={"element": info.id, "given_to": str(given_to)})
    found = confined(work, found)
    if info.assignee is not None and found.meant_for is None and found.because and found.to is not None:
        key = f"nobody_leads:{work.case.id}:{work.today}:{found.to}"
        work.send(found.to, subject=NOBODY_LEADS, body=f"You are asked because {found.because}", key=key)
    groups = found.groups
    if found.to is None and not groups:
        groups = frozenset({FALLBACK_GROUP})
        work.record("nobody_to_ask", detail={"element": info.id, "given_to": FALLBACK_GROUP})
    return Assignment(
        assignee=found.to,
        groups=groups,
        meant_for=found.meant_for,
        because=found.because,
        due_on=_day(work, info, _asked(work, info, info.due_date, variables)),
        follow_up_on=_day(work, info, _asked(work, info, info.follow_up_date, variables)),
    )


def due_day(work: Work, info: ElementInfo, variables: Mapping[str, Any]) -> date | None:
    """Return the day by which a task opened at the instant of `work` is due. Raises `Invalid` for no date.

    For what would have been asked: an expression that warns opens no incident, as it does when the task is opened.
    """
    return _day(work, info, _evaluate(work, info.due_date, variables, []))


def _asked(work: Work, info: ElementInfo, text: str | None, variables: Mapping[str, Any]) -> Any:
    warnings: list[FeelWarning] = []
    value = _evaluate(work, text, variables, warnings)
    if warnings:
        warn_of_expressions(work, [StepWarning(info.id, text or "", each.message) for each in warnings])
    return value


def _evaluate(work: Work, text: str | None, variables: Mapping[str, Any], warnings: list[FeelWarning]) -> Any:
    """Return an expression's value, adding to `warnings`."""
    if text is None:
        return None
    expression = compiled(text)
    # An answer may have a person's name for its key; who leads today is for the record to say, not for an old answer.
    wanted = (expression.names_used & _FACTS) - (variables.keys() - PEOPLE)
    known = work.some_facts(wanted)
    scope = {**variables, **{name: known[name] for name in wanted}}
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=warnings, host=work.host)
    return to_plain(expression.evaluate(scope, environment))


def _practitioner(info: ElementInfo, value: Any) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Invalid(f"{info.id}: the assignee '{value}' is not a practitioner", element=info.id) from error


def _groups(value: Any) -> frozenset[str]:
    if value in (None, ""):
        return frozenset()
    named = value if isinstance(value, list) else str(value).split(",")
    return frozenset(name.strip() for name in named) & GROUP_ROLES.keys()


def _day(work: Work, info: ElementInfo, value: Any) -> date | None:
    if value is None:
        return None
    if isinstance(value, timedelta):
        return work.authority.calendar.next_working_day(work.today + value)
    if hasattr(value, "astimezone"):
        return value.astimezone(work.authority.zone).date()  # type: ignore[no-any-return]
    if isinstance(value, date):
        return value
    raise Invalid(f"{info.id}: '{value}' is not a date", element=info.id)
