"""Load the demo: open each story's case in the past and let its people act, day by day, until today."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from engine.casework.permissions import Actor
from engine.clock import FakeClock
from engine.commands import cases, plan_actions, setup, user_tasks
from engine.commands.milestones import reach
from engine.demo.answers import ANSWERS
from engine.demo.people import PASSWORD, PEOPLE, PROFILE, SIGN_IN_AS
from engine.demo.stories import STORIES, Story
from engine.errors import Invalid
from engine.ids import RandomIds
from engine.process_engine import ProcessEngine
from engine.queries import demo as demo_queries
from engine.queries import milestones
from engine.scheduler import tick
from engine.store.outbox import Claimed


@dataclass(frozen=True, slots=True)
class SignIn:
    """Whom one can sign in as, to try things out."""

    username: str
    password: str
    who: str


SIGN_INS = tuple(SignIn(username, PASSWORD, who) for username, who in SIGN_IN_AS)


def _is_settled(engine: ProcessEngine, authority_id: UUID, *, begun: bool) -> bool:
    """Tell whether there is nothing to load: it was loaded, or somebody has entered what it must not touch.

    The demo's days lie in the past; played over other cases, they would be judged as of then.
    """
    loaded = milestones.reached(engine, "demo_loaded", authority_id=authority_id) is not None
    theirs = demo_queries.has_people(engine, authority_id) and not begun
    return loaded or theirs or not demo_queries.cases_by_child(engine).keys() <= _STORIES.keys()


_STORIES = {(story.child.given_name, story.child.family_name, story.child.born_on): story for story in STORIES}
_BY_AGE = sorted(STORIES, key=lambda story: -story.weeks_ago)


class _Nowhere:
    """Takes the demo's messages and keeps none: nobody is written to about invented children."""

    def send(self, message: Claimed) -> None:
        """Let a message go."""


def load(engine: ProcessEngine, *, authority_id: UUID, say: Callable[[str], None] = lambda _line: None) -> bool:
    """Add the demo's people and cases to an authority without people, or finish a load that was stopped.

    False when it was loaded before, or when somebody has entered people or cases: then nothing is added. Needs the
    shipped processes and rules deployed: raises `Invalid` without. `say` is told how far it has come.
    """
    began = milestones.reached(engine, "demo_began", authority_id=authority_id)
    if _is_settled(engine, authority_id, begun=began is not None):
        return False
    if not demo_queries.has_process(engine, authority_id, cases.EPISODE):
        raise Invalid("The demo plays the shipped diagrams; run `caf deploy processes rules` first")
    if began is None:
        setup.set_profile(engine, authority_id=authority_id, profile=PROFILE)
        reach(engine, authority_id=authority_id, milestone="demo_began")
        began = engine.clock.now()
    play = _Play(engine, authority_id, began)
    for number, day in enumerate(play.days_left()):
        play.day(day)
        if number % 28 == 0:
            say(f"week {play.week(day)} of {play.week(play.today)}")
    reach(engine, authority_id=authority_id, milestone="demo_loaded")
    return True


class _Play:
    """The days of the demo, played one by one. What was played before is read from the database, so that a load
    that was stopped goes on with the day on which it stopped.
    """

    def __init__(self, engine: ProcessEngine, authority_id: UUID, began: datetime) -> None:
        self._began, self._end = began.date(), engine.clock.now()
        self._first = self._began - timedelta(weeks=_BY_AGE[0].weeks_ago)
        self._clock = FakeClock(_morning(self._first))
        self._engine = replace(engine, clock=self._clock, ids=RandomIds(self._clock))
        if not demo_queries.has_people(engine, authority_id):
            setup.add_people(self._engine, authority_id=authority_id, new=PEOPLE)
        self._ids = demo_queries.practitioners_by_name(engine, authority_id)
        self._actors = demo_queries.actors(engine, authority_id)
        opened = {_STORIES[child]: case_id for child, case_id in demo_queries.cases_by_child(engine).items()}
        self._stories = {case_id: story for story, case_id in opened.items()}
        self._answered = Counter(demo_queries.answered(engine))
        self._waiting = [story for story in _BY_AGE if story not in opened]

    @property
    def today(self) -> date:
        """The last day to be played."""
        return self._end.date()

    def days_left(self) -> Iterator[date]:
        """Give each day not yet played to its end, until today."""
        last = demo_queries.last_event_at(self._engine, self._stories)
        day = last.date() if last else self._first
        while day <= self.today:
            yield day
            day += timedelta(days=1)

    def week(self, day: date) -> int:
        """Return which week of the demo a day is in."""
        return (day - self._first).days // 7

    def day(self, day: date) -> None:
        """Play one day: the service's work in the morning, then each person's."""
        self._clock.set(min(_morning(day), self._end))
        tick(self._engine, _Nowhere())
        if day.weekday() >= 5:
            return
        self._open_cases(day)
        self._report_actions()
        for task in demo_queries.open_tasks(self._engine):
            story = self._stories.get(task.case_id)
            if story is not None and self._is_done_today(story, task):
                self._complete(story, task, day)

    def _open_cases(self, day: date) -> None:
        while self._waiting and self._began - timedelta(weeks=self._waiting[0].weeks_ago) <= day:
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
            if story is None or not story.busy or action.told_on == today or (today - action.since).days % 14 != 13:
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
