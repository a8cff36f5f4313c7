"""What one step of a play does: the same commands that the pages call, by pretend people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from engine.casework.permissions import Actor
from engine.clock import FakeClock
from engine.commands import (
    case_processes,
    cases,
    concerns,
    consents,
    plan_actions,
    played_messages,
    stalled_plans,
    user_tasks,
)
from engine.errors import Invalid, NotFound
from engine.forms import InvalidAnswers
from engine.playing import answers, cast
from engine.playing.stages import Stage
from engine.process_engine import ProcessEngine
from engine.queries import case_starts, played, simulated
from engine.queries.played import PlayedTask
from engine.scenario_files import ALONE, Step
from engine.simulation.answering import Question
from engine.simulation.narratives import Story

_LAST_ASKED: Final = frozenset({"coordinators"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A play under way: its stage, the engine and clock that it is played on, its case, and the step's number."""

    stage: Stage
    engine: ProcessEngine
    clock: FakeClock
    case_id: UUID
    number: int

    @property
    def coordinator(self) -> Actor:
        """Return who sees every case."""
        return self.stage.actors[cast.COORDINATOR]

    def story(self, about: str) -> Story:
        """Return the invented family, whose words repeat for the same step and `about`."""
        return cast.story(self.case_id, self.stage.people, f"{self.number} {about}")

    def named(self, element: str) -> str:
        """Return what an element of some diagram is called there; its id where it has no name, or is none."""
        drawn = played.diagrams(self.engine, self.coordinator)
        return next((each.names[element] for each in drawn if element in each.names), element)

    def lead(self) -> Actor:
        """Return who leads the case, or opened it; the coordinator for who has no account."""
        found = simulated.lead_of(self.engine, self.case_id)
        names = {id_: name for name, id_ in self.stage.people.items()}
        return self.stage.actors.get(names[found] if found else cast.WORKER, self.coordinator)


def open_case(stage: Stage, engine: ProcessEngine, begins: str, diagram: str) -> UUID:
    """Open the invented case: by a pathway, or with nothing but `diagram` on it. Raises `EngineError`."""
    way: Mapping[str, Any] = {"process_key": diagram} if begins == ALONE else {"pathway": begins}
    worker = stage.actors[cast.WORKER]
    return cases.start(engine, actor=worker, child=cast.CHILD, family=cast.FAMILY, **way).case_id


def do_task(scene: Scene, step: Step) -> str:
    """Let somebody do an open task with the answers of the step, and the usual ones for the rest; say who did."""
    task = task_named(scene, step.what, step.whose)
    by = _actor(scene, step.by) if step.by else who_does(scene, task)
    complete_task(scene, task, by, step.answers)
    return f"{by.name} did “{task.name}”"


def complete_task(scene: Scene, task: PlayedTask, by: Actor, said: Mapping[str, Any], *, plainly: bool = False) -> None:
    """Have a task done by `by`, who takes it first, or is given it by the coordinator. Raises `EngineError`."""
    if task.assignee_id is None:
        user_tasks.claim(scene.engine, actor=by, task_id=task.id)
    elif task.assignee_id != by.practitioner_id:
        user_tasks.reassign(
            scene.engine, actor=scene.coordinator, task_id=task.id, to=by.practitioner_id, why="So it was played"
        )
    question = question_of(scene, task)
    given = answers.complete(question, said, scene.story(task.element), plainly=plainly) if question else {}
    user_tasks.complete(scene.engine, actor=by, task_id=task.id, answers=given)


def question_of(scene: Scene, task: PlayedTask) -> Question | None:
    """Return the form of a task as it is put to whoever does it; None for a task without one."""
    found = simulated.task_in_hand(scene.engine, reader=scene.coordinator, task_id=task.id)
    if found is None or found.form is None:
        return None
    return Question(
        form=found.form, options=found.options, known=found.known, variables=found.variables,
        environment=found.environment, today=_today(scene), calendar=scene.stage.calendar,
    )  # fmt: skip


def task_named(scene: Scene, element: str, whose: str = "") -> PlayedTask:
    """Return the open task of an element, of several the one that is `whose`. Raises `NotFound` naming what is open."""
    found = played.open_tasks(scene.engine, scene.case_id)
    fitting = [each for each in found if each.element == element and whose in ("", each.assignee)]
    if fitting:
        return fitting[0]
    names = sorted({each.name for each in found})
    whom = f" for {whose}" if whose else ""
    there = f"open are: {', '.join(names)}" if names else "no task is open"
    raise NotFound(f"The task {scene.named(element)}{whom} is not open; {there}", element=element)


def who_does(scene: Scene, task: PlayedTask) -> Actor:
    """Return who does a task: who has it, else the first of those it is offered to; by telephone the coordinator."""
    if task.assignee_id is not None:
        return scene.stage.actors.get(task.assignee, scene.coordinator)
    manager = next((each for each in scene.stage.actors.values() if scene.lead().practitioner_id in each.manages), None)
    if manager is not None and "line_managers" in task.groups:
        return manager
    groups = task.groups - _LAST_ASKED or task.groups
    return next((each for each in scene.stage.actors.values() if each.groups & groups), scene.coordinator)


def start_question(scene: Scene, by: Actor, process_key: str) -> Question | None:
    """Return the form that a diagram asks before it starts on the case; None for none. Raises `EngineError`."""
    asked = case_starts.page(scene.engine, actor=by, case_id=scene.case_id, process_key=process_key)
    if asked.form is None:
        return None
    own = str(by.practitioner_id)
    options = {source: [each for each in found if each.value != own] for source, found in asked.options.items()}
    return Question(
        form=asked.form, options=options, known=asked.known, variables=asked.shown,
        environment=simulated.environment_of(scene.engine, by), today=_today(scene), calendar=scene.stage.calendar,
    )  # fmt: skip


def start_on_case(scene: Scene, step: Step) -> str:
    """Let somebody start a diagram on the case because something has changed."""
    by = _actor(scene, step.by) if step.by else who_starts(scene, step.what)
    question = start_question(scene, by, step.what)
    given = answers.complete(question, step.answers, scene.story(step.what)) if question else {}
    case_processes.start(scene.engine, actor=by, case_id=scene.case_id, process_key=step.what, answers=given)
    return f"{by.name} started {step.what}"


def who_starts(scene: Scene, process_key: str) -> Actor:
    """Return who starts a diagram on the case: the lead where they may, else the first of the cast who may."""
    asked = (scene.lead(), *scene.stage.actors.values())
    for actor in asked:
        try:
            offered = case_starts.startable(scene.engine, actor=actor, case_id=scene.case_id)
        except NotFound:
            continue
        if any(each.process_key == process_key and not each.under_way for each in offered):
            return actor
    raise Invalid(f"Nobody may start {process_key} on the case now", element=process_key)


def happen(scene: Scene, step: Step) -> str:
    """Let something befall the case that is nobody's task."""
    return _HAPPENINGS[step.what](scene, step)


def _concern(scene: Scene, step: Step) -> str:
    by, story = _by(scene, step), scene.story("concern")
    usual = {"harm": "Possible neglect", "what_happened": story.write("concern_neglect"), "immediate_danger": False}
    concerns.raise_concern(scene.engine, actor=by, case_id=scene.case_id, answers={**usual, **step.answers})
    return f"{by.name} raised a safeguarding concern"


def _withdrawal(scene: Scene, step: Step) -> str:
    by = _by(scene, step)
    why = str(step.answers.get("why") or scene.story("withdrawal").write("withdrawn"))
    consents.withdraw(scene.engine, actor=by, case_id=scene.case_id, why=why)
    return f"The family withdrew consent; {by.name} recorded it"


def _stuck(scene: Scene, step: Step) -> str:
    by = _by(scene, step)
    reason = str(step.answers.get("reason") or stalled_plans.REASONS[0])
    why = str(step.answers.get("why") or scene.story("stuck").write("stuck"))
    stalled_plans.report(scene.engine, actor=by, case_id=scene.case_id, reason=reason, why=why)
    return f"{by.name} said that the plan is stuck"


def _action_done(scene: Scene, step: Step) -> str:
    found = played.open_actions(scene.engine, scene.case_id)
    if not found:
        raise NotFound("The plan has no open action")
    action_id, owner, _ = found[0]
    names = {id_: name for name, id_ in scene.stage.people.items()}
    by = _actor(scene, step.by) if step.by else scene.stage.actors.get(names.get(owner, ""), scene.lead())
    told = str(step.answers.get("progress") or scene.story("done").write("done"))
    plan_actions.report(scene.engine, actor=by, action_id=action_id, progress=told, done=True)
    return f"{by.name} did an action of the plan"


_HAPPENINGS: Final[Mapping[str, Callable[[Scene, Step], str]]] = {
    "concern": _concern,
    "consent withdrawn": _withdrawal,
    "plan stuck": _stuck,
    "action done": _action_done,
}


def tell(scene: Scene, step: Step) -> str:
    """Give a message to whatever waits for it on the case, as something outside would."""
    played_messages.send(scene.engine, actor=scene.coordinator, case_id=scene.case_id, message=step.what)
    return f"The message {step.what} came"


def _by(scene: Scene, step: Step) -> Actor:
    return _actor(scene, step.by) if step.by else scene.lead()


def _actor(scene: Scene, name: str) -> Actor:
    found = scene.stage.actors.get(name)
    if found is None:
        raise NotFound(f"Nobody who plays is called {name}; there are {', '.join(scene.stage.actors)}")
    return found


def _today(scene: Scene) -> Any:
    return scene.clock.now().astimezone(scene.stage.calendar.zone).date()


__all__ = [
    "InvalidAnswers", "Scene", "complete_task", "do_task", "happen", "open_case", "question_of", "start_on_case",
    "start_question", "task_named", "tell", "who_does", "who_starts",
]  # fmt: skip
