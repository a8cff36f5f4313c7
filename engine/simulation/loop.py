"""The round of each day: the night's work, then people at theirs, from one moment to the next on a fake clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from uuid import UUID

from engine.clock import FakeClock
from engine.errors import Conflict, EngineError
from engine.process_engine import ProcessEngine
from engine.queries import simulated
from engine.queries.simulated import OfferedTask, PlannedAction
from engine.scheduler import tick
from engine.simulation import acts, openings, staffing, supervising
from engine.simulation.agenda import Entry
from engine.simulation.behaviour_kinds import Timing
from engine.simulation.chance import Chance, stream
from engine.simulation.diaries import day_done
from engine.simulation.letters import GIVE, Post
from engine.simulation.office import open_office
from engine.simulation.plans import Plan, first_day
from engine.simulation.town import Town
from engine.simulation.workforce import STAY

NIGHT = time(2, 35)
"""Shortly after the sweep of the night is due."""
LOOKS = (time(8), time(14))
"""When the service judges what changed and sends what waits, besides the night: in truth it does so within seconds."""
EVENING = time(18)
WORKING_DAYS_A_YEAR = 252
CHASED = 0.45
"""How often an escalation gets what waits on its case done within the week: our own choice."""


_HAPPENINGS: Final[Mapping[str, Callable[[Town, UUID], None]]] = {
    "concern": acts.raise_concern,
    "withdrawal": acts.withdraw_consent,
    "stuck": acts.say_not_working,
    "start": acts.start_something,
}


def simulate(
    engine: ProcessEngine, clock: FakeClock, *, authority_id: UUID, plan: Plan, say: Callable[[str], None]
) -> Town:
    """Play a caseload through `engine`, whose clock is `clock`, and return what its people did.

    The authority must have its people (`engine.simulation.workforce`), rules and processes, and no cases. `say` is
    told how far it has come, once for every week.
    """
    town = _town(engine, clock, authority_id, plan)
    zone = town.office.calendar.zone
    first = plan.until.astimezone(zone).date() - timedelta(days=plan.days - 1)
    round_ = _Round(town, authority_id, plan, first)
    for number in range(plan.days):
        round_.day(first + timedelta(days=number))
        if number % 7 == 6 or number == plan.days - 1:
            say(f"day {number + 1} of {plan.days}: {town.done['cases opened']} cases opened, "
                f"{town.done['tasks completed']:,} tasks completed")  # fmt: skip
    tick(engine, None)
    return town


def _town(engine: ProcessEngine, clock: FakeClock, authority_id: UUID, plan: Plan) -> Town:
    actors = simulated.actors(engine, authority_id)
    calendar = simulated.calendar_of(engine, next(iter(actors.values())))
    first = first_day(plan, plan.until.astimezone(calendar.zone).date())
    office = open_office(
        actors,
        simulated.everybody(engine, authority_id),
        behaviours=plan.behaviours,
        first=first,
        days=plan.days,
        seed=plan.seed,
        calendar=calendar,
        stay=frozenset(id_ for id_, actor in actors.items() if actor.name in STAY),
    )
    return Town(engine, clock, plan.behaviours, office, stream(plan.seed, "days"))


class _Round:
    """The days, one after another."""

    def __init__(self, town: Town, authority_id: UUID, plan: Plan, first: date) -> None:
        self._town, self._authority_id, self._plan = town, authority_id, plan
        self._calendar = town.office.calendar
        self._sure = openings.sure_days(plan, first, town)
        self._seen_until = self._at(first, time(0)) - timedelta(seconds=1)
        self._last_action = UUID(int=0)
        self._post = Post(town, stream(plan.seed, "letters"))
        self._talks = stream(plan.seed, supervising.SUPERVISION)
        self._load: dict[UUID, int] = dict.fromkeys(town.office.workers, 0)
        for day in openings.opening_days(plan, first, stream(plan.seed, "openings"), town):
            town.agenda.put(town.at_work(day), "case")

    def day(self, day: date) -> None:
        """Play one day: the night's sweep, then what was planned for it, then a look at what is new."""
        town, end = self._town, min(self._at(day, EVENING), self._plan.until)
        moments = {self._at(day, NIGHT), *simulated.timers_until(town.engine, self._at(day, time(23, 59)))}
        if self._calendar.is_working_day(day):
            moments |= {self._at(day, moment) for moment in LOOKS}
            self._life(day)
            staffing.plan_day(town, day)
        for moment in sorted(moments):
            town.agenda.put(max(moment, self._at(day, time(0, 1))), "tick")
        for entry in town.agenda.until(end):
            town.clock.set(max(entry.at, town.clock.now()))
            self._happen(entry)
        town.clock.set(max(end, town.clock.now()))
        self._look(day)

    def _at(self, day: date, moment: time) -> datetime:
        return datetime.combine(day, moment, self._calendar.zone).astimezone(UTC)

    def _happen(self, entry: Entry) -> None:
        town = self._town
        if entry.kind == "tick":
            tick(town.engine, None)
        elif entry.kind == "case":
            openings.open_next(town, self._plan.seed, self._load)
        elif entry.kind == "task":
            acts.do_task(town, entry)
        elif entry.kind == "progress":
            if acts.report_action(town, entry, done=False):
                town.agenda.put(
                    town.in_days(_next_report(town, town.chance)), "progress", entry.subject, case_id=entry.case_id
                )
        elif entry.kind == "finish":
            acts.report_action(town, entry, done=True)
        elif entry.kind == staffing.AWAY and entry.subject is not None:
            staffing.record_absence(town, entry.subject)
        elif entry.kind == staffing.LEAVING and entry.subject is not None:
            staffing.record_leaving(town, entry.subject)
        elif entry.kind == supervising.SUPERVISION:
            supervising.hold(town, self._talks)
        elif entry.kind == GIVE and entry.case_id is not None:
            self._post.give(entry.case_id)
        elif entry.case_id is not None:
            self._befall(entry.kind, entry.case_id)

    def _life(self, day: date) -> None:
        """Draw what happens today on open cases without anybody asking."""
        town, life = self._town, self._town.behaviours.life
        open_now = simulated.open_cases(town.engine, self._authority_id)
        rates = {
            "concern": life.concern,
            "withdrawal": life.withdrawal,
            "stuck": life.not_working,
            "start": sum(life.starts.values()),
        }
        for kind, rate in rates.items():
            for _ in range(town.chance.count(rate * len(open_now) / WORKING_DAYS_A_YEAR)):
                town.agenda.put(town.at_work(day), kind, case_id=town.chance.choice(open_now))
        for kind in [what for on, what in self._sure if on == day]:
            if kind == supervising.SUPERVISION:
                town.agenda.put(town.at_work(day, self._talks), kind)
            elif kind == "double":
                openings.open_double(town, self._plan.seed, self._load, open_now)
            elif open_now:
                town.agenda.put(town.at_work(day), kind, case_id=town.chance.choice(open_now))

    def _befall(self, kind: str, case_id: UUID) -> None:
        town, (what, _, wanted) = self._town, kind.partition(":")
        try:
            if wanted:
                acts.start_wanted(town, wanted, simulated.open_cases(town.engine, self._authority_id))
            else:
                _HAPPENINGS[what](town, case_id)
        except Conflict:
            town.done[acts.TOO_LATE] += 1
        except EngineError as error:
            town.refuse(kind, error)

    def _look(self, day: date) -> None:
        """Let everybody look at their lists once, in the evening, and plan; one read for all of them."""
        town = self._town
        since, self._seen_until = self._seen_until, town.clock.now()
        for task in simulated.offered_since(town.engine, self._authority_id, since):
            self._plan_task(task, day)
        for action in simulated.actions_after(town.engine, self._last_action):
            self._last_action = action.id
            self._plan_action(action, day)
        for case_id in simulated.chased_since(town.engine, day):
            self._chase(case_id)
        self._post.look()

    def _plan_task(self, task: OfferedTask, day: date) -> None:
        town, behaviours = self._town, self._town.behaviours
        story = town.stories.get(task.case_id)
        if story is None:
            return
        timing: Timing = behaviours.timings.get(task.form, behaviours.timing)
        slow = town.office.slow(task.assignee_id)
        when = day_done(story.chance, timing, opened_on=day, due_on=task.due_on, slow=slow, calendar=self._calendar)
        not_before = task.due_on if timing.on_the_day else None
        town.agenda.put(town.at_work(when), "task", task.id, case_id=task.case_id, not_before=not_before)

    def _plan_action(self, action: PlannedAction, day: date) -> None:
        town, plans = self._town, self._town.behaviours.plans
        chance, calendar = town.stories[action.case_id].chance, self._calendar
        days = max(2, calendar.working_days_between(day, action.due_on))
        drawn, slow = chance.random(), town.office.slow(action.owner_id)
        if drawn >= plans.forgotten:
            first = calendar.add_working_days(day, _next_report(town, chance))
            town.agenda.put(town.at_work(first), "progress", action.id, case_id=action.case_id)
        if drawn < plans.forgotten:
            ahead = days + chance.days(plans.forgotten_days)
        elif drawn < 1 - (1 - plans.on_time) * slow:
            ahead = chance.randint(max(1, days * 2 // 3), days)
        else:
            ahead = days + chance.days(plans.late_days * slow)
        town.agenda.put(
            town.at_work(calendar.add_working_days(day, ahead)), "finish", action.id, case_id=action.case_id
        )

    def _chase(self, case_id: UUID) -> None:
        """Let an escalation bring forward what waits on its case, now and then."""
        town = self._town
        soon = town.at_work(self._calendar.add_working_days(town.today, 5))
        for entry in town.agenda.of_case(case_id):
            late = entry.kind in ("task", "finish") and entry.at > soon
            if entry.not_before is not None and entry.not_before > town.today:
                # A meeting is not held sooner because somebody is reminded.
                continue
            if late and entry.kind == "finish":
                late = town.chance.happens(0.5)
            if late and town.chance.happens(CHASED):
                town.agenda.put(town.in_days(1, 4), entry.kind, entry.subject, case_id=case_id)


def _next_report(town: Town, chance: Chance) -> int:
    """Draw in how many working days the next report on an action comes."""
    every = town.behaviours.plans.every
    return max(1, round(every * (0.5 + chance.random())))
