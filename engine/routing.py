"""Who is asked to do a task when the person it is meant for is away, has left or is nobody: the deployed rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import lru_cache
from typing import Any, Final, Literal
from uuid import UUID

from engine import decisions
from engine.bpmn import ElementInfo
from engine.casework.feel_functions import HOST_FUNCTIONS
from engine.casework.permissions import GROUP_ROLES
from engine.casework.standing import Standing
from engine.feel import Expression, compile_expression, to_plain
from engine.store import absences, own_work, people, standing_in
from engine.store.absences import HeldTask
from engine.store.facts import PEOPLE
from engine.work import Work

DECISION: Final = "task_routing"
Given = Literal["task_passed_on", "task_returned", "task_given_back"]
"""The events of a task that goes from one person to another without either of them having asked."""
CASE_ROLES: Final = ("lead_professional", "assessor", "line_manager")
"""Those a diagram asks by their part in the case; whoever else it names is asked as a member of the team."""
FALLBACK_GROUP: Final = "coordinators"
"""Who gets a task that nobody could be found for: never nobody."""
_MOST_TRIES: Final = 4
_NOT_KNOWN: Final = 9999
_NO_ACCOUNT: Final = " cannot sign in"
_HERE: Final = Standing(name="")
_LOOK: Final = "It is the first of theirs today: there may be others, on other cases."


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a task is meant for: their role in the words of the rules, who that is, the groups it is offered to."""

    role: str
    person: UUID | None
    groups: frozenset[str]
    by_facts: bool = False
    """Whether the case's facts name them, which name nobody who has left."""
    personal: bool = False
    """Whether nobody else may answer in their place."""


@dataclass(frozen=True, slots=True)
class Route:
    """Who is asked: `to`, or any of `groups` (with neither, nobody was found).

    When it is not who was meant, `because` says why in a sentence that goes on after "because", and `meant_for` is who
    was (None: there was nobody).
    """

    to: UUID | None
    groups: frozenset[str]
    meant_for: UUID | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class _Answer:
    ask: str
    tell: str | None
    reason: str


@lru_cache(maxsize=4096)
def compiled(text: str) -> Expression:
    """Return an expression of a diagram, compiled once."""
    return compile_expression(text, functions=HOST_FUNCTIONS)


def asked_by(info: ElementInfo | None, person: UUID | None, groups: frozenset[str]) -> Asked:
    """Say whom an element asks: by the facts that its assignee names, else by who may take the task."""
    names = frozenset() if info is None or info.assignee is None else compiled(info.assignee).names_used
    role = next((role for role in CASE_ROLES if role in names), "member")
    if not names and groups:
        role = GROUP_ROLES[min(groups)]
    personal = info is not None and info.personal
    return Asked(role, person, groups, by_facts=bool(names) and names <= PEOPLE, personal=personal)


def route(work: Work, element_id: str, asked: Asked) -> Route:
    """Ask the rules who does a task; about whoever is asked instead as well, until somebody is here.

    Somebody who is here is asked without a statement where the facts name them and nobody of the case is away. Without
    deployed rules a task stays with who is meant, or waits for its groups. No rule gives away what is personal.
    """
    if asked.personal:
        return _themselves(work, asked)
    (role, person), because = _held_by(work, asked), list[str]()
    tried: set[UUID | None] = set()
    while person not in tried and len(tried) < _MOST_TRIES:
        here = asked.by_facts and person is not None and not tried and not work.people_away()
        stands = _HERE if here else _standing(work, person)
        tried.add(person)
        said = _answered(work, element_id, role, person, stands)
        _tell(work, said, person)
        if said.ask == "same":
            return _routed(asked, person, because)
        because.append(said.reason)
        if said.ask == "cover":
            return _routed(asked, stands.cover.id if stands else None, because)
        role, person = _next(work, said.ask, person, away=stands is not None and stands.is_away(work.today))
        if person is None:
            break
    return _routed(asked, None, because)


def _held_by(work: Work, asked: Asked) -> tuple[str, UUID | None]:
    """Return whom a task is meant for: until somebody leads, the assessor holds what the lead would be asked."""
    if asked.role == "lead_professional" and asked.person is None:
        assessor = _fact(work, "assessor")
        return ("assessor", assessor) if assessor else (asked.role, None)
    return asked.role, asked.person


def _themselves(work: Work, asked: Asked) -> Route:
    """Ask the person meant, who is waited for while they are away; its groups once they can answer no more."""
    stands = _standing(work, asked.person)
    here = _availability(work, stands)
    if here == "away":
        _tell_that_it_waits(work, asked.person)
    if stands is None or here in ("left", "no_account"):
        why = "nobody is named" if stands is None else stands.name + (" has left" if here == "left" else _NO_ACCOUNT)
        return _routed(asked, None, [f"{why}, and only they could have answered."])
    return _routed(asked, asked.person, [])


def _tell_that_it_waits(work: Work, person: UUID | None) -> None:
    """Tell who leads, or assesses, that something waits for one who is away; the line manager where that is them."""
    known = [_fact(work, name) for name in CASE_ROLES]
    other = next((each for each in known if each not in (None, person)), None)
    if other is not None:
        _tell_of(work, [other], person)


def confined(work: Work, found: Route) -> Route:
    """Keep a restricted case among those who work on it: whoever else would be asked, the coordinators decide instead.

    A task shows the case to whom it is given, so on such a case somebody has to choose them.
    """
    if not work.case.restricted:
        return found
    if found.to is not None and own_work.works_on(work.connection, work.case.id, found.to):
        return replace(found, groups=frozenset({FALLBACK_GROUP}))
    return replace(found, to=None, groups=frozenset({FALLBACK_GROUP}))


def pass_on(work: Work, task: HeldTask, *, kind: Given) -> bool:
    """Ask the rules again who does an open, locked task, and give it there; False when it stays where it is.

    It is about whom the task was meant for, when somebody else had it for them. `kind` is the event's. Dates stay.
    """
    definition = work.engine.library.process(work.connection, task.definition_id)
    info = definition.element(task.process_key, task.element_id)
    asked = asked_by(info, task.meant_for or task.holder, task.groups)
    found = confined(work, route(work, task.element_id, replace(asked, by_facts=False)))
    groups = found.groups or (frozenset() if found.to else frozenset({FALLBACK_GROUP}))
    if found.to == task.holder and (found.to is not None or groups == task.groups):
        return False
    absences.give_task(
        work.connection, task, to=found.to, groups=groups, meant_for=found.meant_for, because=found.because
    )
    record_given(work, task, kind, to=found.to, groups=groups)
    return True


def give_back(work: Work, task: HeldTask, *, to: UUID) -> None:
    """Give a locked task that nobody has begun back to whom it was meant for."""
    absences.give_task(work.connection, task, to=to, groups=task.groups)
    record_given(work, task, "task_given_back", to=to, groups=task.groups)


def record_given(work: Work, task: HeldTask, kind: Given, *, to: UUID | None, groups: frozenset[str]) -> None:
    """Write that an open task went from who had it to somebody else, or to the queue of the first of `groups`."""
    detail = {"from": _text(task.holder), "to": _text(to), "group": min(groups, default=None)}
    work.record(kind, subject=task.id, detail=detail)


def _answered(work: Work, element_id: str, role: str, person: UUID | None, stands: Standing | None) -> _Answer:
    """Ask the rules about `person`, who `stands` like this (None: there is nobody)."""
    asked = _inputs(work, role, person, stands)
    if ("decision", DECISION) not in work.authority.latest:
        return _Answer("same" if asked["availability"] in ("here", "away") else "group", None, "")
    rules_id, model = work.engine.library.decision(work.connection, work.authority, DECISION)
    result = decisions.evaluate(work, model, DECISION, asked)
    if result.warnings:
        decisions.warn(work, DECISION, element_id, result)
    said: Mapping[str, Any] = to_plain(result.value) or {"ask": "group", "tell": None, "reason": ""}
    if said["ask"] != "same":
        decisions.keep(work, rules_id, DECISION, result)
    return _Answer(said["ask"] if stands or said["ask"] != "same" else "group", said["tell"], said["reason"] or "")


def _inputs(work: Work, role: str, person: UUID | None, stands: Standing | None) -> dict[str, Any]:
    here = _availability(work, stands)
    away = here == "away" and stands is not None
    return {
        "asked": role,
        "availability": here,
        "cover": away and _has_cover(work, person, stands),
        "days_away": _days_away(work, stands) if away else 0,
        "urgent": here != "here" and bool(work.facts()["concern_open"]),
        "who": stands.name if stands else None,
        "until": stands.until() if stands else "",
    }


def _availability(work: Work, stands: Standing | None) -> str:
    if stands is None:
        return "nobody"
    if stands.has_left(work.today):
        return "left"
    if not stands.has_account:
        return "no_account"
    return "away" if stands.is_away(work.today) else "here"


def _has_cover(work: Work, person: UUID | None, stands: Standing | None) -> bool:
    """Tell whether who covers somebody away is here, and stands in for them on this very case."""
    cover = _standing(work, stands.cover.id) if stands else None
    if person is None or stands is None or stands.cover.id is None or cover is None:
        return False
    here = _availability(work, cover) == "here"
    return here and standing_in.stands_in(work.connection, work.case.id, stands.cover.id, person)


def _days_away(work: Work, stands: Standing | None) -> int:
    if stands is None or stands.away_to is None:
        return _NOT_KNOWN
    return work.authority.calendar.working_days_between(work.today, stands.away_to + timedelta(days=1))


def _standing(work: Work, person: UUID | None) -> Standing | None:
    if person is None:
        return None
    return people.standings(work.connection, work.authority.id, [person], today=work.today).get(person)


def _next(work: Work, ask: str, person: UUID | None, *, away: bool) -> tuple[str, UUID | None]:
    """Return whom the rules mean by `ask` about `person`, and in which role; nobody for a group.

    An absence opens no case to the line manager of who merely has a task on it: who leads, or assesses, is asked.
    """
    if ask in ("line_manager", "managers_manager"):
        manager = people.manager_of(work.connection, person) if person else _fact(work, "line_manager")
        if ask == "managers_manager" and person is None and manager is not None:
            manager = people.manager_of(work.connection, manager)
        if away and person and manager and standing_in.sees_task_alone(work.connection, work.case.id, manager, person):
            return next(((role, who) for role in CASE_ROLES[:2] if (who := _fact(work, role))), ("line_manager", None))
        return "line_manager", manager
    return (ask, _fact(work, ask)) if ask == "lead_professional" else (ask, None)


def _fact(work: Work, name: str) -> UUID | None:
    known = work.some_facts(PEOPLE)[name]
    return None if known is None else UUID(known)


def _tell(work: Work, said: _Answer, person: UUID | None) -> None:
    """Tell whom the rules name besides, once a day for one who is away."""
    told: list[UUID] = []
    if said.tell == "line_manager" and person is not None:
        manager = people.manager_of(work.connection, person)
        told = [manager] if manager else []
    elif said.tell == "safeguarding_leads":
        told = people.with_role(work.connection, work.authority.id, "safeguarding_lead")
    _tell_of(work, told, person)


def _tell_of(work: Work, told: list[UUID], person: UUID | None) -> None:
    for each in told:
        key = f"away:{person or work.case.id}:{work.today}:{each}"
        work.send(each, subject="A task waits for somebody who is away", body=_LOOK, key=key)


def _routed(asked: Asked, to: UUID | None, because: list[str]) -> Route:
    if to is not None and to == asked.person:
        return Route(to, asked.groups)
    groups = asked.groups or frozenset(group for group, role in GROUP_ROLES.items() if role == asked.role)
    return Route(to, asked.groups if to else groups, asked.person, " ".join(because))


def _text(person: UUID | None) -> str | None:
    return None if person is None else str(person)
