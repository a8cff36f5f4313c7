"""No case stalls in silence: random people on the shipped diagrams, then people who do nothing more.

Whatever was answered, started or missed, an open case has an open task or a waiting timer; and when everybody stops,
somebody who answers for it, a line manager or a coordinator, is asked or told of it within the limits.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.bootstrap import sandbox
from engine.casework.permissions import Actor
from engine.commands import deployments, practitioners, setup
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_starts, simulated
from engine.scheduler import tick
from engine.simulation import acts, openings
from engine.simulation.agenda import Entry
from engine.simulation.behaviours import DEFAULT
from engine.simulation.chance import stream
from engine.simulation.office import Office
from engine.simulation.plans import Plan
from engine.simulation.playing import clock_for, evening_of
from engine.simulation.town import Town
from engine.simulation.workforce import PROFILE, workforce
from engine.store.outbox import Claimed
from engine.store.tables import changes, keeping, running
from tests.worlds import shipped_models

PLAN = Plan(cases=4, days=700, seed=1, until=evening_of(date(2027, 6, 30)))
ANYTHING = replace(DEFAULT, choices=(), optional=0.5)
"""People who choose any answer that is offered, none more often than another."""
STEPS = 70
KINDS = (*["task"] * 9, *["start"] * 4, *["days"] * 3, "case", "concern", "withdraw", "stuck", "leave")
"""What may happen next: mostly, people do their tasks."""
LEFT_ALONE = timedelta(days=70)
"""Longer than the silence after which the line manager is told: thirty working days."""
OVERSEE = {"line_manager", "coordinator"}


class Nowhere:
    """A courier that keeps nothing."""

    def send(self, message: Claimed) -> None:
        """Let a message go."""


class Wandering:
    """A small authority in which anything that is allowed may happen next."""

    def __init__(self, seed: int) -> None:
        clock = clock_for(PLAN)
        engine = sandbox(clock=clock, seed=seed)
        self.authority_id = setup.create_authority(engine, key="small", name="Small Council", profile=PROFILE)
        deployments.deploy(engine, authority_id=self.authority_id, files=shipped_models())
        new = workforce(stream(seed, "people"), DEFAULT.caseload, cases=PLAN.cases)
        setup.add_people(engine, authority_id=self.authority_id, new=new)
        actors = simulated.actors(engine, self.authority_id)
        calendar = simulated.calendar_of(engine, next(iter(actors.values())))
        office = Office(actors, {}, simulated.everybody(engine, self.authority_id), calendar)
        self.town = Town(engine, clock, ANYTHING, office, stream(seed, "wandering"))
        self.seed, self.load = seed, dict.fromkeys(office.workers, 0)
        self.trail: list[str] = []

    def rows(self, query: sa.Select[tuple[object, ...]]) -> list[sa.Row[tuple[object, ...]]]:
        with self.town.engine.sessions.read() as connection:
            return list(connection.execute(query).all())

    @property
    def open_cases(self) -> list[UUID]:
        return simulated.open_cases(self.town.engine, self.authority_id)

    def tick(self) -> None:
        tick(self.town.engine, Nowhere())

    def days_pass(self, days: int) -> None:
        """Let days pass, each with its night."""
        for _ in range(days):
            self.town.clock.advance(timedelta(days=1))
            self.tick()

    def step(self) -> None:
        """Do one thing at random."""
        town, chance = self.town, self.town.chance
        if not self.open_cases:
            openings.open_next(town, self.seed, self.load)
            return
        case_id = chance.choice(self.open_cases)
        kind = chance.choice(KINDS)
        self.trail.append(kind)
        with suppress(Conflict, NotFound, Invalid, NotPermitted):
            getattr(self, f"_{kind}")(case_id)
        self.tick()

    def _task(self, case_id: UUID) -> None:
        tasks = running.user_tasks
        mine = (tasks.c.case_id == case_id) & (tasks.c.state == "open")
        rows = self.rows(sa.select(tasks.c.id, tasks.c.element_id).where(mine).order_by(tasks.c.id))
        if rows:
            chosen = self.town.chance.choice(rows)
            self.trail[-1] = f"do {chosen.element_id}"
            acts.do_task(self.town, Entry(self.town.clock.now(), 0, "task", chosen.id, case_id=case_id))

    def _start(self, case_id: UUID) -> None:
        offered = case_starts.startable(self.town.engine, actor=self.town.office.coordinator, case_id=case_id)
        free = [each.process_key for each in offered if not each.under_way]
        if free:
            chosen = self.town.chance.choice(free)
            self.trail[-1] = f"start {chosen}"
            acts.start_wanted(self.town, chosen, [case_id])

    def _days(self, _: UUID) -> None:
        self.days_pass(self.town.chance.choice([1, 4, 9, 21]))

    def _case(self, _: UUID) -> None:
        if len(self.open_cases) < PLAN.cases:
            openings.open_next(self.town, self.seed, self.load)

    def _concern(self, case_id: UUID) -> None:
        acts.raise_concern(self.town, case_id)

    def _withdraw(self, case_id: UUID) -> None:
        acts.withdraw_consent(self.town, case_id)

    def _stuck(self, case_id: UUID) -> None:
        acts.say_not_working(self.town, case_id)

    def _leave(self, _: UUID) -> None:
        """Let a case worker's last day be over, while enough are left."""
        office = self.town.office
        if len(office.workers) > 4:
            gone = self.town.chance.choice(office.workers)
            yesterday, by = self.town.today - timedelta(days=1), office.coordinator
            practitioners.record_leaving(self.town.engine, actor=by, practitioner_id=gone, last_day=yesterday)
            left: dict[UUID, Actor] = {id_: actor for id_, actor in office.actors.items() if id_ != gone}
            self.town.office = replace(office, actors=left)

    def stalled(self) -> list[UUID]:
        """Return the open cases that have neither an open task nor a waiting timer."""
        tasks, timers, instances = running.user_tasks, running.timers, running.instances
        alive = {row.case_id for row in self.rows(sa.select(tasks.c.case_id).where(tasks.c.state == "open"))}
        waiting = sa.select(instances.c.case_id).join(timers, timers.c.instance_id == instances.c.id)
        armed = waiting.where(timers.c.fired_at.is_(None), timers.c.cancelled_at.is_(None))
        alive |= {row.case_id for row in self.rows(armed)}
        return [case_id for case_id in self.open_cases if case_id not in alive]

    def unknown_to_managers(self, since: object) -> list[UUID]:
        """Return the open cases of which nobody who answers for them has a task, or was told since then.

        Not those that rest: a line manager agreed to it, and the day on which they go on is on every board.
        """
        oversee = [id_ for id_, actor in self.town.office.actors.items() if actor.roles & OVERSEE]
        tasks, outbox = running.user_tasks, keeping.outbox
        asked = self.rows(sa.select(tasks.c.case_id).where(tasks.c.state == "open", tasks.c.assignee_id.in_(oversee)))
        told = self.rows(
            sa.select(outbox.c.case_id).where(outbox.c.practitioner_id.in_(oversee), outbox.c.queued_at >= since)
        )
        rest = self.rows(sa.select(changes.case_pauses.c.case_id).where(changes.case_pauses.c.ended_on.is_(None)))
        known = {row.case_id for row in (*asked, *told, *rest)}
        return [case_id for case_id in self.open_cases if case_id not in known]


@pytest.fixture
def wandering(request: pytest.FixtureRequest) -> Iterator[Wandering]:
    found = Wandering(request.param)
    yield found
    found.town.engine.sessions.close()


@pytest.mark.parametrize("wandering", range(4), indirect=True)
def test_whatever_happens_no_case_stalls_and_somebody_who_answers_for_it_knows(wandering: Wandering) -> None:
    for _ in range(STEPS):
        wandering.step()
        assert not wandering.stalled(), wandering.trail
    since = wandering.town.clock.now()
    wandering.days_pass(LEFT_ALONE.days)
    assert not wandering.stalled(), wandering.trail
    assert not wandering.unknown_to_managers(since), wandering.trail
    assert not wandering.rows(sa.select(running.incidents.c.message)), wandering.trail
