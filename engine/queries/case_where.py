"""Where a case is: its processes, each with the steps that are done and the step it stands at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa

from engine.bpmn import ProcessDefinition
from engine.queries import next_steps
from engine.queries.view import View
from engine.store.tables.keeping import history
from engine.store.tables.running import instances

MOST_MOVES = 200
"""How many moves of a running process are read, the latest: more than a case makes in years."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a diagram that people take, or where a case waits."""

    element_id: str
    name: str
    here: bool
    done: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CalledView:
    """A diagram that a process on a case stands in: called by it, or by one that it calls. Fields as `InstanceView`."""

    definition_id: UUID
    process_key: str
    name: str
    current: tuple[Step, ...]
    at: tuple[Step, ...]
    done: tuple[str, ...]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceView:
    """A process on a case. `called` are the diagrams inside it at which it stands, the outer ones first.

    `current` are the steps it stands at, `done` the ids of elements it has left behind. `at` are those of `current`
    that call no other diagram: where a called diagram stands is its own step's to say, often by the same name.

    Of a process that has made more than `MOST_MOVES` moves, `done` holds what the latest of them left behind.
    `end` says how it ended: "completed", "cancelled" ...
    """

    instance_id: UUID
    definition_id: UUID
    process_key: str
    name: str
    started_at: datetime
    ended: bool
    ended_at: datetime | None
    end: str
    current: tuple[Step, ...]
    at: tuple[Step, ...]
    done: tuple[str, ...]
    steps: tuple[Step, ...]
    called: tuple[CalledView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One diagram that a case stands in, to be shown. `inside` names the process that it is part of, "" if it is one.

    `at` are the steps of `current` that are its own, `calls` those that another drawing shows further. `done` are ids.
    """

    definition_id: UUID
    name: str
    inside: str
    at: tuple[Step, ...]
    calls: tuple[Step, ...]
    done: tuple[str, ...]
    steps: tuple[Step, ...]

    @property
    def current(self) -> tuple[Step, ...]:
        """Where it stands, in its own steps and in what they call."""
        return self.at + self.calls


def drawings(found: Iterable[InstanceView], asked: Sequence[str]) -> tuple[Drawing, ...]:
    """Return the diagrams that a case stands in, the one where the work is now first, the others as they come.

    `asked` are the elements of the open tasks, the most pressing first: the work is where the first of them is, by
    the innermost diagram that has it. While nobody is asked, it is in the innermost diagram of the process that began
    first: what the case itself waits for, not what runs beside it.
    """
    running = [list(_drawn(instance)) for instance in found if not instance.ended]
    all_ = [drawing for drawn in running for drawing in drawn]
    places = {step.element_id: number for number, drawing in enumerate(all_) for step in drawing.at}
    oldest = len(all_) - len(running[-1]) if running else 0
    waits = next((number for number, drawing in enumerate(all_) if drawing.at and number >= oldest), 0)
    first = next((places[element] for element in asked if element in places), waits)
    return tuple(all_[first : first + 1] + all_[:first] + all_[first + 1 :])


def _drawn(instance: InstanceView) -> Iterator[Drawing]:
    further = {step.element_id for inner in instance.called for step in inner.current}
    own = [step for step in instance.current if step.element_id not in further]
    yield _drawing(instance, "", own)
    for inner in instance.called:
        yield _drawing(inner, instance.name, inner.current)


def _drawing(shown: InstanceView | CalledView, inside: str, current: Sequence[Step]) -> Drawing:
    at = {step.element_id for step in shown.at}
    return Drawing(
        definition_id=shown.definition_id,
        name=shown.name,
        inside=inside,
        at=tuple(step for step in current if step.element_id in at),
        calls=tuple(step for step in current if step.element_id not in at),
        done=shown.done,
        steps=shown.steps,
    )


def processes(view: View, case_id: UUID) -> tuple[InstanceView, ...]:
    """Return the processes of a case, those that run first, then the latest first."""
    rows = view.connection.execute(_INSTANCES, {"case": case_id}).all()
    trails = _trails(view, case_id)
    # Of one diagram many have ended in the course of years: their steps are put together once.
    left = {each: _steps(view.process(each), (), ()) for each in {row.definition_id for row in rows if row.ended_at}}
    return tuple(
        _instance(view, row, trails.get(row.id, _Trail())) if row.ended_at is None else _ended(view, row, left)
        for row in rows
    )


_INSTANCES = (
    sa.select(
        *(
            instances.c[name]
            for name in ("id", "definition_id", "process_key", "current", "started_at", "ended_at", "end")
        )
    )
    .where(instances.c.case_id == sa.bindparam("case"))
    .order_by(instances.c.ended_at.is_not(None), instances.c.started_at.desc(), instances.c.id.desc())
)


@dataclass(frozen=True, slots=True)
class _Trail:
    """Which elements the latest moves of a process entered, and which flows they took."""

    entered: set[str] = field(default_factory=set)
    flows: set[str] = field(default_factory=set)

    def passed(self, definition: ProcessDefinition) -> set[str]:
        """Return every element of a diagram that a token has come to, and what was entered besides."""
        passed = set(self.entered)
        for flow_id in self.flows & definition.flows.keys():
            flow = definition.flows[flow_id]
            passed.update((flow.source, flow.target))
        return passed


def asked_with() -> dict[str, int]:
    """Return the values of `BY_CASE` besides the case."""
    return {"most": MOST_MOVES}


def _trails(view: View, case_id: UUID) -> Mapping[UUID, _Trail]:
    """Return the trail of each running instance."""
    found: dict[UUID, _Trail] = defaultdict(_Trail)
    for row in view.connection.execute(_MOVES, {"case": case_id, **asked_with()}):
        trail = found[row.subject_id]
        trail.entered.update(row.detail.get("entered") or ())
        trail.flows.update(row.detail.get("flows") or ())
    return found


_LATEST = (
    # Counted for each instance, as one that moves often must not push the moves of another out.
    sa.select(
        history.c.id,
        sa.func.row_number().over(partition_by=history.c.subject_id, order_by=history.c.seq.desc()).label("back"),
    )
    .where(
        history.c.case_id == sa.bindparam("case"),
        history.c.kind.in_(("process_started", "process_moved")),
        history.c.subject_id.in_(
            sa.select(instances.c.id).where(instances.c.case_id == sa.bindparam("case"), instances.c.ended_at.is_(None))
        ),
    )
    .subquery()
)
_MOVES = (
    sa.select(history.c.subject_id, history.c.detail)
    .join(_LATEST, _LATEST.c.id == history.c.id)
    .where(_LATEST.c.back <= sa.bindparam("most"))
)
BY_CASE: Final = (_INSTANCES, _MOVES)


def _instance(view: View, row: Any, trail: _Trail) -> InstanceView:
    definition = view.process(row.definition_id)
    here = list(dict.fromkeys(row.current))
    done = trail.passed(definition) - set(here)
    current = tuple(Step(id_, next_steps.name_of(definition, id_), True, False) for id_ in here)
    return InstanceView(
        instance_id=row.id,
        definition_id=row.definition_id,
        process_key=row.process_key,
        name=definition.name,
        started_at=row.started_at,
        ended=False,
        ended_at=None,
        end=row.end,
        current=current,
        at=_own(definition, current),
        done=tuple(sorted(done)),
        steps=_steps(definition, here, done),
        called=tuple(_called(view, row.definition_id, here, trail)),
    )


def _ended(view: View, row: Any, left: Mapping[UUID, tuple[Step, ...]]) -> InstanceView:
    return InstanceView(
        instance_id=row.id,
        definition_id=row.definition_id,
        process_key=row.process_key,
        name=view.process(row.definition_id).name,
        started_at=row.started_at,
        ended=True,
        ended_at=row.ended_at,
        end=row.end,
        current=(),
        at=(),
        done=(),
        steps=left[row.definition_id],
    )


def _called(view: View, definition_id: UUID, here: Sequence[str], trail: _Trail) -> Iterator[CalledView]:
    """Give the called diagrams that a token stands in, each once, those that call another of them before it."""
    found: dict[UUID, ProcessDefinition] = {}
    waiting = [definition_id]
    while waiting:
        for id_ in view.engine.library.calls(view.connection, waiting.pop(0)).values():
            definition = view.process(id_)
            if definition.elements.keys() & set(here):
                found.pop(id_, None)
                found[id_] = definition
                waiting.append(id_)
    return (_called_view(id_, definition, here, trail) for id_, definition in found.items())


def _called_view(id_: UUID, definition: ProcessDefinition, here: Sequence[str], trail: _Trail) -> CalledView:
    within = [element for element in here if element in definition.elements]
    done = trail.passed(definition) & definition.elements.keys() - set(within)
    current = tuple(Step(each, next_steps.name_of(definition, each), True, False) for each in within)
    return CalledView(
        definition_id=id_,
        process_key=definition.key,
        name=definition.name,
        current=current,
        at=_own(definition, current),
        done=tuple(sorted(done)),
        steps=_steps(definition, within, done),
    )


def _own(definition: ProcessDefinition, current: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(step for step in current if not next_steps.is_call(definition, step.element_id))


def _steps(definition: ProcessDefinition, here: Collection[str], done: Collection[str]) -> tuple[Step, ...]:
    found = next_steps.steps(definition)
    return tuple(Step(each.id, str(each.name), each.id in here, each.id in done) for each in found)
