"""A caseload of open action plans with a realistic spread of dates, written in bulk."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from bench.furnished import Service
from engine.store.history import FIRST
from engine.store.tables.people import agencies, line_managers, practitioners
from engine.store.tables.record import (
    action_plans,
    assessments,
    case_members,
    cases,
    children,
    consents,
    families,
    invitations,
    lead_professionals,
    plan_actions,
    plan_outcomes,
    reviews,
    tac_meetings,
)

TEAM = 200
BATCH = 500
ON_TRACK = 0.85
"""Share of the plans that are kept up; the others have slipped somewhere."""
REACHED = 0.7
"""Share of the plans older than eight months whose outcome has been reached."""
AGE = (60, 420)
"""Days since a case was opened, from and to."""


def write(service: Service, *, plans: int, today: date) -> None:
    """Write `plans` cases: assessed, met, with a plan of three actions and a review to come, 2 to 14 months old."""
    chance = random.Random(7)
    people = _write_people(service, today)
    for begin in range(0, plans, BATCH):
        rows = _Rows(service, chance, people, today)
        for _ in range(min(BATCH, plans - begin)):
            rows.add_case()
        with service.engine.sessions.act() as connection:
            for table, values in rows.by_table.items():
                connection.execute(sa.insert(table), values)
    with service.engine.sessions.act() as connection:
        connection.execute(sa.text("ANALYZE"))


def _write_people(service: Service, today: date) -> Sequence[UUID]:
    ids = [service.engine.ids.new() for _ in range(TEAM)]
    with service.engine.sessions.act() as connection:
        agency = connection.execute(sa.select(agencies.c.id)).scalars().first()
        common = {"authority_id": service.authority_id, "agency_id": agency, "email": "worker@bench.test"}
        connection.execute(
            sa.insert(practitioners), [{"id": id_, "name": f"Worker {n}", **common} for n, id_ in enumerate(ids)]
        )
        managed = {"authority_id": service.authority_id, "manager_id": service.manager_id, "from_on": today}
        connection.execute(
            sa.insert(line_managers),
            [{"id": service.engine.ids.new(), "practitioner_id": id_, **managed} for id_ in ids],
        )
    return ids


class _Rows:
    """The rows of some cases, by table, in an order that foreign keys allow."""

    def __init__(self, service: Service, chance: random.Random, people: Sequence[UUID], today: date) -> None:
        self._service, self._chance, self._people, self._today = service, chance, people, today
        self.by_table: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in _ORDER}

    def add_case(self) -> None:
        """Add one case and everything recorded about it."""
        opened = self._today - timedelta(days=self._chance.randint(*AGE))
        family = self._add(families, name="Bench")
        child = self._add(
            children, family_id=family, family_name="Bench", born_on=date(2017, 3, 4),
        )  # fmt: skip
        case_id = self._service.engine.ids.new()
        self.by_table[cases].append(
            {
                "id": case_id, "authority_id": self._service.authority_id, "child_id": child, "reference": case_id.hex,
                "opened_on": opened, "version": 1, "history_count": 0, "history_head": FIRST,
            }
        )  # fmt: skip
        lead = self._chance.choice(self._people)
        self._add(case_members, case_id=case_id, practitioner_id=lead, role="assessor", from_on=opened)
        self._add(lead_professionals, case_id=case_id, practitioner_id=lead, from_on=opened + timedelta(days=30))
        self._add(consents, case_id=case_id, purpose="sharing", answer="given", from_on=opened)
        self._add(
            assessments, case_id=case_id, assessor_id=lead, started_on=opened,
            completed_on=opened + timedelta(days=28), content={},
        )  # fmt: skip
        self._add_plan(case_id, lead, opened)

    def _add_plan(self, case_id: UUID, lead: UUID, opened: date) -> None:
        met = opened + timedelta(days=45)
        meeting = self._add(tac_meetings, case_id=case_id, planned_on=met, held_on=met)
        for person in {lead, self._chance.choice(self._people)}:
            self._add(
                invitations, meeting_id=meeting, case_id=case_id, practitioner_id=person, invited_on=opened,
                reply="attending", attended=True,
            )  # fmt: skip
        plan = self._add(action_plans, case_id=case_id, agreed_on=met)
        on_track = self._chance.random() < ON_TRACK
        reached = (self._today - opened).days > 240 and self._chance.random() < REACHED
        self._add(
            plan_outcomes, plan_id=plan, case_id=case_id, outcome="Sleeps through the night",
            met_on=self._today - timedelta(days=5) if reached else None,
        )  # fmt: skip
        for _ in range(3):
            self._add_action(case_id, plan, lead, on_track=on_track)
        self._add_reviews(case_id, met, on_track=on_track)

    def _add_action(self, case_id: UUID, plan: UUID, owner: UUID, *, on_track: bool) -> None:
        days = self._chance.randint(1, 80) if on_track else self._chance.randint(-60, 40)
        due = self._today + timedelta(days=days)
        moved = self._today - timedelta(days=self._chance.randint(1, 25 if on_track else 90))
        self._add(
            plan_actions, plan_id=plan, case_id=case_id, action="Visit each week", owner_id=owner, due_on=due,
            first_due_on=due, progress="Going well", progress_on=moved,
        )  # fmt: skip

    def _add_reviews(self, case_id: UUID, met: date, *, on_track: bool) -> None:
        day = met + timedelta(days=90)
        while day < self._today:
            self._add(
                reviews, case_id=case_id, due_on=day, first_due_on=day, held_on=day,
                outcome=self._chance.choices(("better", "same", "worse"), (7, 2, 1))[0],
            )  # fmt: skip
            day += timedelta(days=90)
        coming = self._today + timedelta(days=self._chance.randint(0, 89))
        due = coming if on_track else self._today - timedelta(days=self._chance.randint(-20, 60))
        self._add(reviews, case_id=case_id, due_on=due, first_due_on=due, held_on=None, outcome=None)

    def _add(self, table: sa.Table, **values: Any) -> UUID:
        id_ = self._service.engine.ids.new()
        self.by_table[table].append({"id": id_, "authority_id": self._service.authority_id, **values})
        return id_


_ORDER = (
    families, children, cases, case_members, lead_professionals, consents, assessments, tac_meetings, invitations,
    action_plans, plan_outcomes, plan_actions, reviews,
)  # fmt: skip
