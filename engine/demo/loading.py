"""Load the demo: simulate a caseload in memory up to now, then put the whole of it into the record in one act."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle
from typing import Any, Final
from uuid import UUID

from engine.bootstrap import sandbox
from engine.casework.oversight import SUPERVISION_DAYS
from engine.casework.profiles import groups
from engine.commands import setup, workload
from engine.commands.cases import EPISODE
from engine.commands.milestones import reach
from engine.errors import Conflict, Invalid
from engine.leaving import open_staff_work
from engine.process_engine import ProcessEngine
from engine.queries import demo as demo_queries
from engine.queries import simulated
from engine.simulation import SIGN_INS, Plan, clock_for, play_on
from engine.simulation.playing import local_day
from engine.simulation.workforce import profile, with_meetings_to_come
from engine.store import authorities, mag_seats, people, transplants, verification

CASES: Final = 200
DAYS: Final = 425
"""Fourteen months: long enough for plans that are a year old, and for what the rules say of them."""
RECENT: Final = 112
"""The days before the end in which most of the cases open: what a caseload is mostly made of."""
SEED: Final = 7
_EVE: Final = ("concern",) * 3 + ("withdrawal",) * 4 + ("stuck",) * 3 + ("start",) * 8
BEFALLS: Final = (
    *((75, "double"), (70, "double"), (68, "double"), (45, "start:transfer"), (30, "withdrawal")),
    *((25, "start:merge_cafs"), (20, "start:merge_cafs"), (15, "start:transfer"), (12, "start:family_not_found")),
    *((9, "start:pause"), (6, "start:handover"), (4, "start:pause"), (3, "start:professional_disagreement")),
    *((2, "start:merge_cafs"), (2, "start:transfer")),
    *((before, "supervision") for before in (34, 27, 21, 16, 11, 7, 3)),
    *((1, what) for what in _EVE),
)
"""What is sure to be found: a merge, a transfer, a pause, supervision and so on, and, begun on the day before,
something of theirs for everybody who signs in."""

HOURS: Final = (30, 22, 37, 15, 26)
"""The hours a week that people promise to this work, in turn."""
SUPERVISED_WITHIN: Final = 30
"""Working days within which each case is to be discussed in supervision: six weeks."""
MANAGERS_HOURS: Final = 5
"""What somebody keeps for it who manages others."""


def load(
    engine: ProcessEngine,
    *,
    authority_id: UUID,
    say: Callable[[str], None] = lambda _line: None,
    cases: int = CASES,
    days: int = DAYS,
) -> bool:
    """Add the demo's people and cases to an authority without any; all of it or nothing, however it is stopped.

    False when it was loaded before, or when somebody has entered people or cases: then nothing is added. `say` is
    told how far it has come. Needs the shipped processes and rules deployed: raises `Invalid` without, `Conflict`
    when one of the demo's user names is taken or somebody enters something meanwhile.
    """
    if demo_queries.is_begun(engine, authority_id):
        return False
    if not demo_queries.has_process(engine, authority_id, EPISODE):
        raise Invalid("The demo plays the shipped diagrams; run `caf deploy processes rules` first")
    taken = demo_queries.taken(engine, [account.username for account in SIGN_INS])
    if taken:
        raise Conflict(f"The user name '{taken[0]}' is taken by somebody of another authority, so there is no demo")
    with engine.sessions.read() as connection:
        before = transplants.administration_of(connection, authority_id)
    plan = Plan(cases=cases, days=days, seed=SEED, until=engine.clock.now(), recent=RECENT, befalls=BEFALLS)
    after = _played(engine, authority_id, before, plan, say)
    with engine.sessions.act() as connection:
        if transplants.administration_of(connection, authority_id) != before:
            raise Conflict("Somebody has entered something meanwhile, so the demo was not loaded. Try again.")
        transplants.put_changes(connection, before, after)
        verification.anchor(connection, at=engine.clock.now())
    return True


def _played(
    engine: ProcessEngine, authority_id: UUID, before: transplants.Rows, plan: Plan, say: Callable[[str], None]
) -> transplants.Rows:
    """Play the plan on a copy of the authority in memory, and return all its rows."""
    clock = clock_for(plan)
    # The same caseload everywhere, but no id twice, should two authorities of one database have the demo.
    copy = sandbox(clock=clock, seed=authority_id.int)
    try:
        with copy.sessions.act() as connection:
            transplants.put(connection, before)
        described = {} if demo_queries.has_profile(engine, authority_id) else _profile(copy, authority_id, plan)
        if described:
            setup.set_profile(copy, authority_id=authority_id, profile=described)
        play_on(copy, clock, authority_id=authority_id, plan=plan, say=say)
        clock.set(plan.until)
        _take_seats(copy, authority_id)
        _promise_hours(copy, authority_id)
        if described:
            to_come = with_meetings_to_come(described, local_day(plan.until))
            setup.set_profile(copy, authority_id=authority_id, profile=to_come)
        reach(copy, authority_id=authority_id, milestone="demo_loaded")
        with copy.sessions.read() as connection:
            return transplants.everything(connection)
    finally:
        copy.sessions.close()


def _take_seats(copy: ProcessEngine, authority_id: UUID) -> None:
    """Let the first member of the multi-agency groups by name, who chairs them, sit on all, and each other on one."""
    with copy.sessions.act() as connection:
        work = open_staff_work(copy, connection, authority_id, None)
        names = [group.name for group in groups(work.authority.profile)]
        members = people.with_role(connection, authority_id, "mag_member")
        known = people.standings(connection, authority_id, members, today=work.today)
        for number, member in enumerate(sorted(members, key=lambda each: known[each].name)):
            mags = names[(number - 1) % len(names) :][:1] if number and names else names
            if mag_seats.replace(connection, authority_id, member, mags, on=work.today, ids=copy.ids):
                work.record("mag_seats_set", subject=member, detail={"mags": sorted(mags)})
        if work.events:
            work.finish()


def _promise_hours(copy: ProcessEngine, authority_id: UUID) -> None:
    """Let whoever has cases say how many hours a week they have for them: managers few, the others various hours."""
    actors = simulated.actors(copy, authority_id)
    with copy.sessions.read() as connection:
        workers = people.with_role(connection, authority_id, "case_worker")
    for who, hours in zip(workers, cycle(HOURS), strict=False):
        promised = MANAGERS_HOURS if "line_manager" in actors[who].roles else hours
        workload.promise_hours(copy, actor=actors[who], practitioner_id=who, hours=promised)


def _profile(copy: ProcessEngine, authority_id: UUID, plan: Plan) -> dict[str, Any]:
    """Describe the authority from the plan's first day on, with the days on which its multi-agency groups meet."""
    with copy.sessions.read() as connection:
        here = authorities.load(connection, authority_id)
    groups_meet = profile(local_day(copy.clock.now()), local_day(plan.until), here.calendar)
    return {**here.profile, **groups_meet, SUPERVISION_DAYS: str(SUPERVISED_WITHIN)}
