"""Play steps on a stage: pretend people do tasks, time passes, things befall the case, one step after another.

A play is nothing but its steps: played again, they come to the same. What they came to is kept a while as an image of
the sandbox, so that one step more does not play the others again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from engine.bootstrap import image_of
from engine.clock import FakeClock
from engine.errors import EngineError
from engine.ids import SeededIds
from engine.playing import acting, expecting, passing
from engine.playing.acting import Scene
from engine.playing.expecting import Unmet
from engine.playing.stages import Kept, Stage
from engine.process_engine import ProcessEngine
from engine.scenario_files import CAF, Step, written_step

A_MOMENT: Final = timedelta(minutes=1)
"""How long after one step the next begins, so that what each did can be told apart."""
_IMAGES_KEPT: Final = 8
_SEED: Final = 1


@dataclass(frozen=True, slots=True)
class Played:
    """How far a play came: `ends` has when each step was over (aware UTC), `notes` what each says of itself.

    `unmet` is what was expected in vain. `stuck` is what kept the step after those of `ends` from being taken, None
    when all were. `since` is when something was last expected: what happened after that is what is looked at next.
    `began` is when the case was open. `acts` counts the steps that do something: what is drawn in one depends on its
    number among them, so that a play that is kept with what it expects comes to the same.
    """

    case_id: UUID
    at: datetime
    since: datetime
    began: datetime
    acts: int = 0
    image: bytes = field(default=b"", repr=False)
    ends: tuple[datetime, ...] = ()
    notes: tuple[str, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    stuck: EngineError | None = None


_IMAGES: Kept[Played] = Kept(_IMAGES_KEPT)
_TAKE: Final[Mapping[str, Callable[[Scene, Step], str]]] = {
    "do": acting.do_task,
    "start": acting.start_on_case,
    "happens": acting.happen,
    "tell": acting.tell,
    "wait": passing.wait,
    "work": passing.work,
    "work until": passing.work_until,
}


def play(stage: Stage, begins: str, diagram: str, steps: Sequence[Step], *, restoring: bool = False) -> Played:
    """Open the invented case and take the steps; return how far that came. Raises `EngineError` when it cannot begin.

    `begins` is a pathway, or `alone` for a case on which only `diagram` runs. With `restoring`, nothing is kept from
    step to step but what the sandbox has stored: each is taken up as another program would.
    """
    run = _Run(stage, (stage.key, begins, diagram), tuple(steps), restoring)
    return run.all_steps(begins, diagram)


def scene_of(stage: Stage, done: Played) -> Scene:
    """Return a scene to look at, or to try a step on, as it was when a play had come so far."""
    clock = FakeClock(done.at)
    number = done.acts + 1
    engine = stage.copy(done.image, clock, f"step {number}")
    return Scene(stage, engine, clock, done.case_id, number)


@dataclass(slots=True)
class _Run:
    stage: Stage
    name: tuple[str, str, str]
    steps: tuple[Step, ...]
    restoring: bool

    def all_steps(self, begins: str, diagram: str) -> Played:
        done = self._longest_kept()
        if done is None:
            scene, done = self._opened(begins, diagram)
        else:
            scene = scene_of(self.stage, done)
        for number in range(len(done.ends), len(self.steps)):
            if number == len(self.steps) - 1:
                done = self._keep(scene, done)
            if self.restoring:
                scene = scene_of(self.stage, replace(done, image=image_of(scene.engine)))
            try:
                done = self._taken(scene, done, number)
            except EngineError as error:
                before = done if done.image else play(self.stage, begins, diagram, self.steps[:number])
                return replace(before, stuck=error)
        return self._keep(scene, done)

    def _opened(self, begins: str, diagram: str) -> tuple[Scene, Played]:
        clock = FakeClock(self.stage.begins_at + A_MOMENT)
        engine = self.stage.copy(self.stage.image, clock, "step 0")
        case_id = acting.open_case(self.stage, engine, begins or CAF, diagram)
        scene = Scene(self.stage, engine, clock, case_id, 0)
        passing.settle(scene)
        return scene, Played(case_id, clock.now(), self.stage.begins_at, clock.now())

    def _taken(self, scene: Scene, done: Played, number: int) -> Played:
        step = self.steps[number]
        if step.verb == "expect":
            unmet = (*done.unmet, *expecting.unmet(scene, step.expects, number + 1, since=done.since))
            return replace(
                done, since=done.at, ends=(*done.ends, done.at), notes=(*done.notes, ""), unmet=unmet, image=b""
            )
        scene.clock.set(done.at + A_MOMENT)
        act = done.acts + 1
        here = replace(scene, engine=_numbered(scene.engine, scene.clock, act), number=act)
        note = _TAKE[step.verb](here, step)
        passing.settle(here)
        at = scene.clock.now()
        return replace(done, at=at, acts=act, ends=(*done.ends, at), notes=(*done.notes, note), image=b"")

    def _keep(self, scene: Scene, done: Played) -> Played:
        found = done if done.image else replace(done, image=image_of(scene.engine))
        return found if self.restoring else _IMAGES.put(self._key(len(done.ends)), found)

    def _longest_kept(self) -> Played | None:
        if self.restoring:
            return None
        kept = (_IMAGES.get(self._key(number)) for number in range(len(self.steps), -1, -1))
        return next((found for found in kept if found is not None), None)

    def _key(self, number: int) -> tuple[object, ...]:
        return (*self.name, *(repr(written_step(step)) for step in self.steps[:number]))


def _numbered(engine: ProcessEngine, clock: FakeClock, number: int) -> ProcessEngine:
    """Return the engine making ids that depend on nothing but the step: played again it makes the same."""
    return replace(engine, ids=SeededIds(clock, _SEED, f"step {number}"))
