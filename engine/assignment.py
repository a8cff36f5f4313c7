"""Who is asked to do a task, and by when: the diagram's expressions over the case's facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from engine.bpmn import ElementInfo
from engine.casework.facts import FACT_NAMES
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES
from engine.errors import Invalid
from engine.feel import Environment, Expression, compile_expression, to_plain
from engine.store import people
from engine.store.facts import PEOPLE
from engine.work import Work

FALLBACK_GROUP: Final = "coordinators"
"""Who gets a task that nobody could be found for: never nobody."""

_FACTS: Final = frozenset(FACT_NAMES)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who has a task, who may take it, and its dates (local working-day promises)."""

    assignee: UUID | None
    groups: frozenset[str]
    due_on: date | None
    follow_up_on: date | None

    @property
    def queue(self) -> str | None:
        """The group whose list it stands on while nobody has it."""
        return min(self.groups, default=None) if self.assignee is None else None


def assign(work: Work, info: ElementInfo, variables: Mapping[str, Any]) -> Assignment:
    """Work out an opened task's assignment; `variables` are those the task sees.

    A task whose assignee is unknown and that names no group goes to the coordinators, and history says so. One for
    somebody who has left or cannot sign in goes to its groups, else to who leads, else to the line manager.
    Raises `Invalid` naming the element when an expression gives no date.
    """
    assignee = _practitioner(info, _evaluate(work, info.assignee, variables))
    groups = _groups(_evaluate(work, info.candidate_groups, variables))
    if assignee is not None and not _is_told_by_facts(info.assignee):
        assignee = _reached(work, info, assignee, groups)
    if assignee is None and not groups:
        groups = frozenset({FALLBACK_GROUP})
        work.record("nobody_to_ask", detail={"element": info.id, "given_to": FALLBACK_GROUP})
    return Assignment(
        assignee=assignee,
        groups=groups,
        due_on=_day(work, info, _evaluate(work, info.due_date, variables)),
        follow_up_on=_day(work, info, _evaluate(work, info.follow_up_date, variables)),
    )


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """Return an expression of a diagram, compiled once."""
    return compile_expression(text, functions=HOST_FUNCTIONS)


def _evaluate(work: Work, text: str | None, variables: Mapping[str, Any]) -> Any:
    if text is None:
        return None
    expression = compiled(text)
    # An answer may have a person's name for its key; who leads today is for the record to say, not for an old answer.
    wanted = (expression.names_used & _FACTS) - (variables.keys() - PEOPLE)
    known = work.some_facts(wanted)
    scope = {**variables, **{name: known[name] for name in wanted}}
    environment = Environment(now=work.at, zone=work.authority.zone, warnings=[], host=work.host)
    return to_plain(expression.evaluate(scope, environment))


def _practitioner(info: ElementInfo, value: Any) -> UUID | None:
    if value in (None, ""):
        return None
    try:
        return UUID(str(value))
    except ValueError as error:
        raise Invalid(f"{info.id}: the assignee '{value}' is not a practitioner", element=info.id) from error


def _is_told_by_facts(text: str | None) -> bool:
    """Tell whether a person comes from the facts alone, which name nobody who has left."""
    return text is not None and compiled(text).names_used <= PEOPLE


def _reached(work: Work, info: ElementInfo, chosen: UUID, groups: frozenset[str]) -> UUID | None:
    standing = people.standings(work.connection, work.authority.id, [chosen], today=work.today).get(chosen)
    if standing is not None and not standing.refusal(work.today):
        return chosen
    facts = {} if groups else work.some_facts(PEOPLE)
    instead = facts.get("lead_professional") or facts.get("line_manager")
    if groups or instead:
        given_to = instead or min(groups)
        work.record("asked_instead", subject=chosen, detail={"element": info.id, "given_to": given_to})
    return UUID(instead) if instead else None


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
