"""A case of three years, played by pretend people through the real engine, and somebody signed in who leads it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from flask.testing import FlaskClient

from bench.furnished import ROOT, Databases, session_for
from engine.bootstrap import build_engine, prepare_database
from engine.clock import FakeClock
from engine.ids import SeededIds
from engine.process_engine import ProcessEngine
from engine.settings import Settings
from engine.simulation import DEFAULT, Behaviours, Plan, clock_for, evening_of, play
from engine.simulation.behaviour_kinds import Choice
from engine.simulation.behaviours import Caseload, Life
from engine.store.tables.people import accounts
from engine.store.tables.record import cases, lead_professionals
from web import create_app
from web.auth import COOKIE

DAYS: Final = 3 * 365 + 40
"""Three years, and the weeks in which the cases open."""
CASES: Final = 3
ENDS_ON: Final = date(2027, 12, 31)
_QUIET: Final = Life(concern=0, withdrawal=0, not_working=0.3, starts={"change_plan": 0.5, "pause": 0.2}, other_start=0)


@dataclass(frozen=True, slots=True)
class LongCase:
    """The engine, the case, what its history holds, and a browser of the person who leads it."""

    engine: ProcessEngine
    clock: FakeClock
    case_id: UUID
    opened_on: date
    entries: int
    client: FlaskClient


@contextmanager
def played(databases: Databases) -> Iterator[LongCase]:
    """Give the open case with the most history of a few that went on for three years."""
    plan = Plan(cases=CASES, days=DAYS, seed=11, until=evening_of(ENDS_ON), behaviours=_never_done())
    clock = clock_for(plan)
    with databases.settings() as settings:
        engine = _simulated(settings, clock, plan)
        try:
            with engine.sessions.read() as connection:
                row = connection.execute(_LONGEST).one()
            client = create_app(engine).test_client()
            client.set_cookie(COOKIE, session_for(engine, row.account))
            yield LongCase(engine, clock, row.id, row.opened_on, row.history_count, client)
        finally:
            engine.sessions.close()


def _simulated(settings: Settings, clock: FakeClock, plan: Plan) -> ProcessEngine:
    prepare_database(settings)
    # The same ids each time, or other things would befall: what comes first is told by them.
    engine = build_engine(settings, clock=clock, ids=SeededIds(clock, plan.seed))
    found = [*(ROOT / "processes").rglob("*"), *(ROOT / "rules").iterdir()]
    files = {path.name: path.read_bytes() for path in found if path.suffix in (".bpmn", ".form", ".dmn", ".yaml")}
    play(engine, clock, files=files, plan=plan, say=lambda _line: None)
    with engine.sessions.act() as connection:
        connection.execute(sa.text("ANALYZE"))
    return engine


def _never_done() -> Behaviours:
    """Return how people behave where every review finds more to do, and nothing else ends a case."""
    further = Choice(field="next_step", form="hold_review", weights={"continue": 60, "replan": 40})
    meets = Choice(field="ends_with", form="hold_tac_meeting", weights={"actions": 60, "no_actions": 40})
    # The first that fits is used.
    choices = (further, meets, *DEFAULT.choices)
    load = Caseload(pathways={"caf": 1}, opens_with_a_backlog=1.0, unborn=0)
    return replace(DEFAULT, choices=choices, life=_QUIET, caseload=load)


_LONGEST = (
    sa.select(cases.c.id, cases.c.opened_on, cases.c.history_count, accounts.c.id.label("account"))
    .join(lead_professionals, (lead_professionals.c.case_id == cases.c.id) & lead_professionals.c.to_on.is_(None))
    .join(accounts, accounts.c.practitioner_id == lead_professionals.c.practitioner_id)
    .where(cases.c.closed_on.is_(None))
    .order_by(cases.c.opened_on > date(ENDS_ON.year - 3, 12, 31), cases.c.history_count.desc())
    .limit(1)
)
