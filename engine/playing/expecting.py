"""What a scenario expects at a point, and what there is instead.

`open` and `not open` are tasks by their element (`for` whom, `due` when), `waits` a timer by its element (`due`),
`happened` a timer that fired or a kind of event, `sent` and `letter` words of a subject (`for` whom), `rule` a
decision with the row that matched, `ended` a process or where it ended, `trouble` what the service could not do, `case`
is open or closed. What happened counts since something was last expected.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Final

from engine.playing.acting import Scene
from engine.queries import played
from engine.queries.played import Happened, PlayedTask
from engine.scenario_files import Expectation


@dataclass(frozen=True, slots=True)
class Unmet:
    """Something that was expected of step `step` (1 for the first) in vain, and what there was instead, in words."""

    step: int
    expected: str
    got: str


def unmet(scene: Scene, expected: Sequence[Expectation], number: int, *, since: datetime) -> list[Unmet]:
    """Return what of the expectations is not so."""
    found, point = [], _Point(scene, since)
    for each in expected:
        got = _CHECKS[each.kind](point, each)
        if got is not None:
            named = replace(each, what=scene.named(each.what)) if each.kind in _ELEMENTS else each
            found.append(Unmet(number, named.words(), got))
    return found


class _Point:
    """A point of a play: what is open, and what happened since; looked up once."""

    def __init__(self, scene: Scene, since: datetime) -> None:
        self.scene, self._since = scene, since
        self.asked = scene.engine, scene.coordinator, scene.case_id

    @cached_property
    def tasks(self) -> list[PlayedTask]:
        """The open tasks."""
        return played.open_tasks(self.scene.engine, self.scene.case_id)

    @cached_property
    def events(self) -> list[Happened]:
        """What happened since something was last expected."""
        return played.happened(*self.asked, after=self._since)


def _is_open(point: _Point, each: Expectation) -> str | None:
    tasks = point.tasks
    same = [task for task in tasks if task.element == each.what]
    whose = [task for task in same if each.whom in ("", task.assignee, *task.groups)]
    if any(each.due in ("", str(task.due_on)) for task in whose):
        return None
    if whose:
        return "it is due on " + _listed(str(task.due_on) for task in whose)
    if same:
        return "it is for " + _listed(task.assignee or _listed(sorted(task.groups)) for task in same)
    return "open are " + _listed(sorted({task.name for task in tasks}))


def _is_not_open(point: _Point, each: Expectation) -> str | None:
    tasks = point.tasks
    there = any(task.element == each.what and each.whom in ("", task.assignee) for task in tasks)
    return "it is open" if there else None


def _waits(point: _Point, each: Expectation) -> str | None:
    waiting = played.waiting_timers(*point.asked)
    same = [timer for timer in waiting if timer.element == each.what]
    if any(each.due in ("", str(_local(point.scene, timer.due_at))) for timer in same):
        return None
    if same:
        return "it is due on " + _listed(str(_local(point.scene, timer.due_at)) for timer in same)
    return "what waits is " + _listed(sorted({timer.name for timer in waiting}))


def _did(*kinds: str) -> Callable[[_Point, Expectation], str | None]:
    def check(point: _Point, each: Expectation) -> str | None:
        after = [event for event in point.events if event.kind in kinds]
        same = [event for event in after if _names(event, each.what)]
        if any(each.whom in ("", event.whom) for event in same):
            return None
        if same:
            return "it is for " + _listed(event.whom for event in same)
        return "there was " + _listed(dict.fromkeys(_short(event) for event in after))

    return check


def _ruled(point: _Point, each: Expectation) -> str | None:
    after = [event.key for event in point.events if event.kind == "rule"]
    if any(key == each.what or key.split(" ")[0] == each.what for key in after):
        return None
    return "what matched was " + _listed(dict.fromkeys(after))


def _ended(point: _Point, each: Expectation) -> str | None:
    done = played.ended(*point.asked)
    if any(each.what in (one.process_key, *one.last) for one in done):
        return None
    return "ended are " + _listed(one.process_key for one in done)


def _case(point: _Point, each: Expectation) -> str | None:
    found = "closed" if played.is_closed(point.scene.engine, point.scene.case_id) else "open"
    return None if found == each.what else f"it is {found}"


_ELEMENTS: Final = ("open", "not open", "waits", "happened")
"""What is expected of these is an element of a diagram, which people know by its name."""
_CHECKS: Final[Mapping[str, Callable[[_Point, Expectation], str | None]]] = {
    "open": _is_open,
    "not open": _is_not_open,
    "waits": _waits,
    "happened": _did("timer", "record"),
    "sent": _did("sent"),
    "letter": _did("letter"),
    "rule": _ruled,
    "ended": _ended,
    "trouble": _did("trouble"),
    "case": _case,
}


def _names(event: Happened, said: str) -> bool:
    return event.key == said or said.lower() in event.what.lower()


def _short(event: Happened) -> str:
    return event.key if event.kind == "record" and event.key else event.what


def _local(scene: Scene, at: datetime) -> date:
    return at.astimezone(scene.stage.calendar.zone).date()


def _listed(found: Iterable[str]) -> str:
    return ", ".join(found) or "nothing"
