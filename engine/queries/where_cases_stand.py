"""Where cases stand now: how many wait at each activity, how many late, how old, and at which stage. Figures, no names.

What is counted is what the asker may see. For who sees the whole authority the figures of very many cases are kept
and say of when they are (`engine.queries.kept_figures`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition
from engine.bpmn.subprocesses import called_by
from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.casework.stages import CLOSED, ORDER
from engine.clock import local_day
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries import standing_rows, visibility
from engine.queries.choice import ONLY, Choice
from engine.queries.kept_figures import kept
from engine.queries.view import View, viewing
from engine.store.late_tasks import late_on
from engine.store.tables.running import user_tasks

OLD_AFTER: Final = 10
"""Working days after which a task that waits counts as old: two weeks, as for a review before the manager is told."""
_HEATS: Final = ((0.5, 3), (0.25, 2), (0.0, 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A step of a diagram at which tasks wait: `live` in all, `overdue` of them, `old` those for over ten working days.

    `oldest_on` is the local day since which the oldest waits. `heat` is 0 (none is old) to 3 (half of them or more).
    """

    process_key: str
    diagram: str
    element_id: str
    name: str
    live: int
    overdue: int
    old: int
    oldest_on: date

    @property
    def pressing(self) -> bool:
        """Whether something here is overdue or old."""
        return self.overdue > 0 or self.old > 0

    @property
    def heat(self) -> int:
        """How much of what waits here is old."""
        return next((heat for least, heat in _HEATS if self.old and self.old / self.live >= least), 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A step of a diagram that calls another: what waits in `called`, and in what that calls in turn."""

    process_key: str
    element_id: str
    called: str
    live: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageNow:
    """A stage, how many open cases are at it and how many of them are overdue or worse."""

    stage: str
    said: str
    live: int
    overdue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How cases stand: by activity, diagram by diagram, and by stage; as of `counted_at`.

    `diagrams` maps the keys of the diagrams at which something waits to the definition that draws each, `names` to
    their names; `calls` are the steps that call a diagram in which something waits. `forgotten` holds what a board may
    show `only`, in words, with how many cases it is.
    """

    activities: tuple[Activity, ...]
    stages: tuple[StageNow, ...]
    calls: tuple[Call, ...]
    diagrams: dict[str, UUID]
    names: dict[str, str]
    forgotten: tuple[tuple[str, str, int], ...]
    counted_at: datetime


def require_figures(actor: Actor) -> None:
    """Raise `NotPermitted` for who answers for nobody's cases."""
    if not permissions.may_see_figures(actor):
        raise NotPermitted("Your role does not include how cases stand")


def now(engine: ProcessEngine, *, actor: Actor) -> Now:
    """Return how the open cases that the actor may see stand. Raises `NotPermitted`."""
    require_figures(actor)
    with viewing(engine, actor) as view:
        return kept(view, "now", _now, lambda _, found: sum(each.live for each in found.stages))


def _now(view: View) -> Now:
    activities = tuple(sorted(_activities(view), key=lambda each: (each.diagram, -each.live, each.element_id)))
    calls = tuple(_calls(view, activities))
    keys = dict.fromkeys((*(each.process_key for each in activities), *(each.process_key for each in calls)))
    latest = {key: view.authority.latest.get(("process", key)) for key in keys}
    diagrams = {key: id_ for key, id_ in latest.items() if id_ is not None}
    names = {key: view.process(id_).name for key, id_ in diagrams.items()}
    return Now(activities=activities, stages=tuple(_stages(view)), calls=calls, diagrams=diagrams, names=names,
               forgotten=_forgotten(view), counted_at=view.now)  # fmt: skip


def _forgotten(view: View) -> tuple[tuple[str, str, int], ...]:
    return tuple(
        (only, said, sum(standing_rows.read(view, Choice(only=only)).counts().values())) for only, said in ONLY.items()
    )


def _activities(view: View) -> Iterator[Activity]:
    calendar = view.authority.calendar
    old = calendar.start_of_day(calendar.add_working_days(view.today, -OLD_AFTER))
    late = sa.func.sum(sa.case((late_on(view.today, calendar), 1), else_=0))
    aged = sa.func.sum(sa.case((user_tasks.c.opened_at < old, 1), else_=0))
    counted = (sa.func.count().label("live"), late.label("late"), aged.label("old"))
    where = (user_tasks.c.process_key, user_tasks.c.element_id)
    rows = view.connection.execute(
        sa.select(*where, *counted, sa.func.min(user_tasks.c.opened_at).label("oldest"))
        .where(
            user_tasks.c.authority_id == view.actor.authority_id,
            user_tasks.c.state == sa.literal_column("'open'"),
            visibility.seen(view)(user_tasks.c.case_id),
        )
        .group_by(*where)
    )
    for row in rows:
        definition = _definition(view, row.process_key)
        info = definition.elements.get(row.element_id) if definition else None
        yield Activity(
            process_key=row.process_key,
            diagram=definition.name if definition else row.process_key,
            element_id=row.element_id,
            name=(info.name if info else None) or row.element_id.replace("_", " "),
            live=row.live,
            overdue=row.late,
            old=row.old,
            oldest_on=local_day(row.oldest, view.authority.zone),
        )


def _calls(view: View, activities: tuple[Activity, ...]) -> Iterator[Call]:
    """Give every step that calls a diagram in which something waits."""
    keys = [key for kind, key in view.authority.latest if kind == "process"]
    called = {key: called_by(found.spec) for key in sorted(keys) if (found := _definition(view, key)) is not None}

    def inside(key: str, around: frozenset[str]) -> frozenset[str]:
        further = set(called.get(key, {}).values()) - around
        return frozenset({key}).union(*(inside(each, around | {key}) for each in further))

    for key, steps in called.items():
        for element_id, callee in steps.items():
            own = [each for each in activities if each.process_key in inside(callee, frozenset({key}))]
            if own:
                live, overdue = (sum(getattr(each, name) for each in own) for name in ("live", "overdue"))
                yield Call(process_key=key, element_id=element_id, called=callee, live=live, overdue=overdue)


def _definition(view: View, key: str) -> ProcessDefinition | None:
    id_ = view.authority.latest.get(("process", key))
    return view.process(id_) if id_ is not None else None


def _stages(view: View) -> Iterator[StageNow]:
    found: dict[str, list[int]] = {}
    for stage, severity, number in standing_rows.read(view, Choice()).by_stage():
        counts = found.setdefault(stage, [0, 0])
        counts[0] += number
        counts[1] += number if severity <= 1 else 0
    for stage in ORDER:
        if stage != CLOSED:
            live, overdue = found.get(stage, (0, 0))
            yield StageNow(stage=stage, said=view.said(stage), live=live, overdue=overdue)
