"""Time passes in a play: nothing but timers and nights, or with the pretend people at their usual work meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from engine.commands import case_messages, escalation, plan_actions, timers
from engine.errors import EngineError, Invalid
from engine.forms import InvalidAnswers
from engine.playing.acting import Scene, complete_task, who_does
from engine.queries import played
from engine.queries.played import PlayedTask
from engine.scenario_files import NEXT_TIMER, Span, Step, span
from engine.simulation.behaviours import TIMINGS

NIGHT: Final = time(2, 35)
"""Shortly after the sweep of the night is due."""
MORNING: Final = time(9)
NOON: Final = time(12)
LONGEST_WORK: Final = timedelta(days=400)
_MOST_ACTS: Final = 600


def wait(scene: Scene, step: Step) -> str:
    """Let time pass while nobody does anything; say until when."""
    until = _end(scene, step.what)
    pass_until(scene, until)
    return f"It is {_day(scene):%A %-d %B %Y}"


def work(scene: Scene, step: Step) -> str:
    """Let time pass while everybody does what is asked of them, as usual."""
    done = _working(scene, _end(scene, step.what), lambda: False)
    return f"It is {_day(scene):%A %-d %B %Y}; {done}"


def work_until(scene: Scene, step: Step) -> str:
    """Let everybody work until a step's task is open, or a diagram is begun. Raises `Invalid` when that never comes."""

    def come() -> bool:
        found = played.open_tasks(scene.engine, scene.case_id)
        if any(each.element == step.what for each in found):
            return True
        return step.what in played.entered(scene.engine, scene.case_id)

    done = _working(scene, scene.clock.now() + LONGEST_WORK, come)
    if not come():
        open_now = sorted({each.element for each in played.open_tasks(scene.engine, scene.case_id)})
        said = f"open are: {', '.join(open_now)}" if open_now else "nothing is open"
        raise Invalid(f"{step.what} does not come as people usually work; after that {said}", element=step.what)
    return f"It is {_day(scene):%A %-d %B %Y}; {done}"


def pass_until(scene: Scene, until: datetime) -> None:
    """Move the clock to `until` (aware UTC), from one moment at which something is due to the next."""
    while scene.clock.now() < until:
        _move_on(scene, [until])


def settle(scene: Scene, *, night: bool = False) -> None:
    """Do what the service does by itself at this moment: fire what is due, judge the case when it moved or by night.

    Of all that a tick of the scheduler does, only what an invented case can feel: a year has hundreds.
    """
    engine = scene.engine
    while timers.fire_due(engine).fired or case_messages.give_due(engine):
        continue
    if scene.stage.judged:
        escalation.check_changed(engine)
    if night and scene.stage.judged and escalation.check_nightly(engine, authority_id=scene.stage.authority_id).judged:
        settle(scene)


def _end(scene: Scene, text: str) -> datetime:
    length = span(text)
    if length is None:
        due = played.next_timer(scene.engine, scene.case_id)
        if due is None:
            raise Invalid(f"No timer waits, so there is no “{NEXT_TIMER}” to wait for")
        return max(due, scene.clock.now())
    if isinstance(length, Span):
        return _at(scene, _after(scene, length), MORNING)
    end = _at(scene, length, MORNING)
    if end <= scene.clock.now():
        raise Invalid(f"It is {_day(scene)} already")
    return end


def _after(scene: Scene, length: Span) -> date:
    if length.unit == "working day":
        return scene.stage.calendar.add_working_days(_day(scene), length.count)
    return _day(scene) + timedelta(days=length.count * (7 if length.unit == "week" else 1))


def _working(scene: Scene, until: datetime, come: Callable[[], bool]) -> str:
    """Do tasks and actions as they come, until then; say how many were done and what could not be."""
    done, given_up = 0, dict[UUID, str]()
    for _ in range(_MOST_ACTS):
        if come() or scene.clock.now() >= until:
            break
        at, act = _next_act(scene, given_up)
        if at is not None and at <= scene.clock.now():
            trouble = _done(scene, act)
            if trouble and isinstance(act, PlayedTask):
                given_up[act.id] = f"{act.name}: {trouble}"
            done += not trouble
            scene.clock.advance(timedelta(minutes=1))
            settle(scene)
            continue
        _move_on(scene, [until] if at is None else [until, at])
    words = "1 thing was done" if done == 1 else f"{done} things were done"
    return words + "".join(f". Not done: {each}" for each in given_up.values())


def _move_on(scene: Scene, moments: Sequence[datetime]) -> None:
    """Move the clock to the first of `moments`, or to a timer or a night before that, and do what is due then."""
    night, due = _next_night(scene), played.next_timer(scene.engine, scene.case_id)
    timer = [] if due is None else [max(due, scene.clock.now() + timedelta(seconds=1))]
    scene.clock.set(min(*moments, night, *timer))
    settle(scene, night=scene.clock.now() == night)


Act = PlayedTask | tuple[UUID, UUID, date] | None


def _next_act(scene: Scene, given_up: dict[UUID, str]) -> tuple[datetime | None, Act]:
    """Return what is done next and when: a task the day after it came, a meeting on its day, an action on its day."""
    found: list[tuple[datetime, Act]] = [
        (_when(scene, each), each)
        for each in played.open_tasks(scene.engine, scene.case_id)
        if each.id not in given_up
    ]
    found += [
        (_at(scene, scene.stage.calendar.next_working_day(action[2]), NOON), action)
        for action in played.open_actions(scene.engine, scene.case_id)
        if action[0] not in given_up
    ]
    return min(found, key=lambda each: each[0], default=(None, None))


def _when(scene: Scene, task: PlayedTask) -> datetime:
    timing = TIMINGS.get(task.form)
    opened = task.opened_at.astimezone(scene.stage.calendar.zone).date()
    soon = scene.stage.calendar.add_working_days(opened, 1)
    on_the_day = timing is not None and timing.on_the_day and task.due_on is not None
    return _at(scene, max(soon, task.due_on) if on_the_day and task.due_on else soon, NOON)


def _done(scene: Scene, act: Act) -> str:
    """Do a task or an action; return why that could not be done, "" when it was."""
    if isinstance(act, PlayedTask):
        for plainly in (False, True):
            try:
                complete_task(scene, _again(scene, act), who_does(scene, act), {}, plainly=plainly)
            except InvalidAnswers as error:
                said = str(error)
            except EngineError as error:
                return str(error)
            else:
                return ""
        return said
    if act is None:
        return ""
    names = {id_: name for name, id_ in scene.stage.people.items()}
    by = scene.stage.actors.get(names.get(act[1], ""), scene.lead())
    told = scene.story("done").write("done")
    plan_actions.report(scene.engine, actor=by, action_id=act[0], progress=told, done=True)
    return ""


def _again(scene: Scene, task: PlayedTask) -> PlayedTask:
    """Return a task as it is now: who first tried to do it may have taken it."""
    return next((each for each in played.open_tasks(scene.engine, scene.case_id) if each.id == task.id), task)


def _next_night(scene: Scene) -> datetime:
    """Return the next night on which the case is judged again."""
    tonight = _at(scene, _day(scene), NIGHT)
    first = _day(scene) if tonight > scene.clock.now() else _day(scene) + timedelta(days=1)
    again = played.judged_again_on(scene.engine, scene.case_id)
    return _at(scene, first if again is None else max(first, again), NIGHT)


def _at(scene: Scene, day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, scene.stage.calendar.zone).astimezone(UTC)


def _day(scene: Scene) -> date:
    return scene.clock.now().astimezone(scene.stage.calendar.zone).date()


__all__ = ["pass_until", "settle", "wait", "work", "work_until"]
