"""What the page of a play shows: where its case stands, what waits, and the story step by step."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import url_for

from engine.casework.permissions import Actor
from engine.errors import EngineError
from engine.playing.plays import Played, scene_of
from engine.queries import case_starts, played
from engine.queries.case_where import Drawing
from engine.queries.played import Happened, PlayedTask, PlayedTimer
from engine.scenario_files import HAPPENINGS, Step
from web.studio.play_stage import OnStage

KINDS: Final = {
    "record": "Record", "timer": "Timer", "sent": "Message", "letter": "Letter", "rule": "Rule", "trouble": "Stopped",
}  # fmt: skip
"""What kind of thing happened, in a word."""
_VERBS: Final = {
    "do": "Do", "wait": "Wait", "work": "Everybody works", "work until": "Everybody works until", "start": "Start",
    "happens": "It happens", "tell": "A message comes", "expect": "Expect",
}  # fmt: skip
HAPPENS_WORDS: Final = {
    "concern": "A safeguarding concern is raised",
    "consent withdrawn": "The family withdraws consent",
    "plan stuck": "Somebody says that the plan is stuck",
    "action done": "An action of the plan is done",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One step of the story: what was done, what it says of itself, and all that came of it."""

    number: int
    words: str
    note: str
    at: datetime
    events: tuple[Happened, ...]
    unmet: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A diagram on the page: where it stands, what is done, and links on its open tasks, as the viewer reads them."""

    file: str
    drawing: Drawing
    here: str
    done: str
    links: str


@dataclass(frozen=True, slots=True)
class PlayView:
    """Everything that the page shows of a play."""

    today: date
    closed: bool
    tasks: Sequence[PlayedTask]
    timers: Sequence[PlayedTimer]
    diagrams: Sequence[Shown]
    story: Sequence[Told]
    variables: Mapping[str, Mapping[str, Any]]
    may_start: Sequence[tuple[str, str]]
    happenings: Sequence[tuple[str, str]]


def view_of(on: OnStage, done: Played) -> PlayView:
    """Return what there is to see of a play that came so far."""
    scene = scene_of(on.stage, done)
    asked = scene.engine, scene.coordinator, scene.case_id
    tasks = played.open_tasks(scene.engine, scene.case_id)
    today = done.at.astimezone(on.stage.calendar.zone).date()
    drawings = played.drawings(*asked, [task.element for task in tasks])
    closed = played.is_closed(scene.engine, scene.case_id)
    return PlayView(
        today=today,
        closed=closed,
        tasks=tasks,
        timers=played.waiting_timers(*asked),
        diagrams=[_shown(on, key, drawing, tasks, today) for key, drawing in drawings],
        story=_story(on, done, played.happened(*asked)),
        variables=played.variables(*asked),
        may_start=() if closed else _may_start(on, scene.engine, scene.case_id),
        happenings=() if closed else [(each, HAPPENS_WORDS[each]) for each in HAPPENINGS],
    )


def step_words(step: Step, names: Mapping[str, str]) -> str:
    """Say what a step is."""
    about = HAPPENS_WORDS.get(step.what) or names.get(step.what, step.what)
    if step.verb == "expect":
        return "Expected: " + "; ".join(each.words() for each in step.expects)
    return f"{_VERBS[step.verb]}: {about}" + (f" (for {step.whose})" if step.whose else "")


def task_href(on: OnStage, task: PlayedTask) -> str:
    """Return where an open task of a play is done."""
    return url_for("studio_playing.task", file=on.file, element=task.element, whose=task.assignee)


def whose_words(task: PlayedTask) -> str:
    """Return who has an open task, or who may take it."""
    groups = ", ".join(sorted(each.replace("_", " ") for each in task.groups)).capitalize()
    return task.assignee or groups or "Anybody"


def _shown(on: OnStage, key: str, drawing: Drawing, tasks: Sequence[PlayedTask], today: date) -> Shown:
    own = {step.element_id for step in drawing.at}
    links: dict[str, Any] = {}
    for task in tasks:
        if task.element in own and task.element not in links:
            late = task.due_on is not None and task.due_on < today
            words = f"{whose_words(task)}: do it" + (" (late)" if late else "")
            links[task.element] = {"words": words, "heat": 3 if late else 1, "href": task_href(on, task)}
    here = " ".join(sorted({step.element_id for step in drawing.current} - links.keys()))
    file = next((each.file for each in on.diagrams if each.key == key), on.file)
    return Shown(file, drawing, here, " ".join(drawing.done), json.dumps(links))


def _story(on: OnStage, done: Played, events: Sequence[Happened]) -> list[Told]:
    names = {key: name for each in on.diagrams for key, name in (*each.names.items(), (each.key, each.name))}
    since = done.began
    found = [Told(0, "The case begins", "", since, _until(events, None, since), ())]
    for number, (step, at) in enumerate(zip(on.play.steps, done.ends, strict=False), start=1):
        wrong = tuple(f"{each.expected}: but {each.got}" for each in done.unmet if each.step == number)
        found.append(
            Told(number, step_words(step, names), done.notes[number - 1], at, _until(events, since, at), wrong)
        )
        since = at
    return found


def _until(events: Sequence[Happened], since: datetime | None, at: datetime) -> tuple[Happened, ...]:
    return tuple(each for each in events if each.at <= at and (since is None or each.at > since))


def _may_start(on: OnStage, engine: Any, case_id: Any) -> list[tuple[str, str]]:
    found: dict[str, str] = {}
    people: Sequence[Actor] = tuple(on.stage.actors.values())
    for actor in people:
        try:
            offered = case_starts.startable(engine, actor=actor, case_id=case_id)
        except EngineError:
            continue
        found |= {each.process_key: each.words for each in offered if not each.under_way}
    return sorted(found.items(), key=lambda each: each[1])
