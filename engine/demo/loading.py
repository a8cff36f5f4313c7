"""Load the demo once: open each story's case in the past and let its people act, day by day, until today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from engine.casework.permissions import Actor
from engine.clock import FakeClock
from engine.commands import cases, plan_actions, setup, user_tasks
from engine.demo.answers import ANSWERS
from engine.demo.people import PASSWORD, PEOPLE, PROFILE, SIGN_IN_AS
from engine.demo.stories import STORIES, Story
from engine.ids import RandomIds
from engine.process_engine import ProcessEngine
from engine.queries import demo as demo_queries
from engine.scheduler import tick
from engine.store.outbox import Claimed


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whom one can sign in as, to try things out."""

    username: str
    password: str
    who: str


SIGN_INS = tuple(SignIn(username, PASSWORD, who) for username, who in SIGN_IN_AS)


class _Nowhere:
    """Takes the demo's messages and keeps none: nobody is written to about invented children."""

    def send(self, message: Claimed) -> None:
        """Let a message go."""


def load(engine: ProcessEngine, *, authority_id: UUID, say: Callable[[str], None] = lambda _line: None) -> bool:
    """Add the demo's people and cases to an authority that has none yet; False when it has people already.

    Needs the shipped processes and rules deployed. `say` is told how far it has come.
    """
    if demo_queries.has_people(engine, authority_id):
        return False
    setup.set_profile(engine, authority_id=authority_id, profile=PROFILE)
    now = engine.clock.now()
    first = now - timedelta(weeks=max(story.weeks_ago for story in STORIES))
    clock = FakeClock(_morning(first.date()))
    past = ProcessEngine(
        settings=engine.settings, sessions=engine.sessions, clock=clock, ids=RandomIds(clock), library=engine.library
    )
    ids = setup.add_people(past, authority_id=authority_id, new=PEOPLE)
    actors = demo_queries.actors(past, authority_id)
    play = _Play(past, clock, ids, actors)
    days = (now.date() - first.date()).days
    for number in range(days + 1):
        play.day(first.date() + timedelta(days=number), now)
        if number % 28 == 0:
            say(f"week {number // 7} of {days // 7}")
    return True


class _Play:
    def __init__(
        self, engine: ProcessEngine, clock: FakeClock, ids: Mapping[str, UUID], actors: Mapping[UUID, Actor]
    ) -> None:
        self._engine, self._clock, self._ids, self._actors = engine, clock, ids, actors
        self._stories: dict[UUID, Story] = {}
        self._answered: Counter[tuple[UUID, str]] = Counter()
        self._waiting = sorted(STORIES, key=lambda story: -story.weeks_ago)

    def day(self, day: date, end: datetime) -> None:
        """Play one day: the service's work in the morning, then each person's."""
        self._clock.set(min(_morning(day), end))
        tick(self._engine, _Nowhere())
        if day.weekday() >= 5:
            return
        self._open_cases(day, end.date())
        self._report_actions()
        for task in demo_queries.open_tasks(self._engine):
            story = self._stories.get(task.case_id)
            if story is not None and self._is_done_today(story, task):
                self._complete(story, task, day)

    def _open_cases(self, day: date, today: date) -> None:
        while self._waiting and today - timedelta(weeks=self._waiting[0].weeks_ago) <= day:
            story = self._waiting.pop(0)
            worker = self._actors[self._ids[story.worker]]
            started = cases.start(self._engine, actor=worker, child=story.child)
            self._stories[started.case_id] = story

    def _is_done_today(self, story: Story, task: demo_queries.OpenTask) -> bool:
        if task.element_id == story.stops_at:
            return (
                task.element_id == "hold_review" and self._answered[task.case_id, task.element_id] == 0 and story.busy
            )
        started_after = self._clock.now() - timedelta(days=story.slow)
        ready = task.opened_at <= started_after and (task.due_on is None or not _is_dated(task) or self._is_due(task))
        return ready and task.element_id in ANSWERS

    def _is_due(self, task: demo_queries.OpenTask) -> bool:
        return task.due_on is not None and self._clock.now().date() >= task.due_on

    def _complete(self, story: Story, task: demo_queries.OpenTask, day: date) -> None:
        who = self._who(task)
        if task.assignee_id is None:
            user_tasks.claim(self._engine, actor=who, task_id=task.id)
        elif task.assignee_id != who.practitioner_id:
            coordinator = self._actors[self._ids["Carys Morgan"]]
            user_tasks.reassign(self._engine, actor=coordinator, task_id=task.id, to=who.practitioner_id)
        before = self._answered[task.case_id, task.element_id]
        answers = ANSWERS[task.element_id](story, self._ids, day, before)
        user_tasks.complete(self._engine, actor=who, task_id=task.id, answers=answers)
        self._answered[task.case_id, task.element_id] += 1

    def _who(self, task: demo_queries.OpenTask) -> Actor:
        """Return who does a task: its holder (the coordinator for people without an account), else one of its group."""
        if task.assignee_id is not None:
            return self._actors.get(task.assignee_id, self._actors[self._ids["Carys Morgan"]])
        wanted = frozenset(task.candidate_groups)
        return next(actor for actor in self._actors.values() if actor.groups & wanted)

    def _report_actions(self) -> None:
        """Let the owners of busy cases report back every other week, and finish what is due."""
        today = self._clock.now().date()
        for action in demo_queries.open_actions(self._engine):
            story = self._stories.get(action.case_id)
            if story is None or not story.busy or (today - action.since).days % 14 != 13:
                continue
            done = today >= action.due_on - timedelta(days=7)
            self._report(story, action, done=done)

    def _report(self, story: Story, action: demo_queries.OpenAction, *, done: bool) -> None:
        said = "Done, and the family are pleased." if done else "Under way; seen twice since the last note."
        worker = self._actors[self._ids[story.worker]]
        plan_actions.report(self._engine, actor=worker, action_id=action.id, progress=said, done=done)


def _is_dated(task: demo_queries.OpenTask) -> bool:
    return task.element_id in ("hold_tac_meeting", "hold_review")


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), UTC)
