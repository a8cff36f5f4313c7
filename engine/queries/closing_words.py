"""What was said of plans that have ended: what one may still say, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions
from engine.casework.permissions import Actor
from engine.errors import NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store import closed_plans
from engine.store.closed_plans import ClosedPlan
from engine.store.tables.guidance import closing_words
from engine.store.tables.record import action_plans, cases, lead_professionals

OVER: Final = timedelta(days=365)
"""How far back managers are told."""
_WHOSE: Final = ("family", "practitioner")


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered: how much it helped, and in their own words."""

    helped: str
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan that one may say something about; `answers` are one's own so far, by whose they are."""

    plan: ClosedPlan
    answers: Mapping[str, Said]

    @property
    def waits(self) -> bool:
        """Tell whether something has not been answered yet."""
        return len(self.answers) < (2 if self.plan.led else 1)


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said since a day: how many by whose answer it is and how much it helped, and the words, latest first.

    `ended` is how many plans ended in that time. Nobody is named.
    """

    since: date
    ended: int
    counts: Mapping[str, Mapping[str, int]]
    words: tuple[tuple[date, str, Said], ...]


def asked(engine: ProcessEngine, *, actor: Actor) -> tuple[Asked, ...]:
    """Return the plans that the actor worked on and that ended lately, with what they said of each."""
    with viewing(engine, actor) as view:
        plans = closed_plans.of_person(view.connection, actor, now=view.now)
        mine = _mine(view, [plan.case_id for plan in plans]) if plans else {}
    return tuple(Asked(plan, mine.get(plan.case_id, {})) for plan in plans)


def heard(engine: ProcessEngine, *, actor: Actor) -> Heard:
    """Return what was said of plans that ended within a year: of all, or of those that whom one manages led.

    Raises `NotPermitted`.
    """
    if not permissions.may_read_closing_words(actor):
        raise NotPermitted("Line managers, coordinators and senior officers read what was said")
    with viewing(engine, actor) as view:
        since, within = view.today - OVER, _within(actor)
        ended = view.connection.execute(
            sa.select(sa.func.count()).select_from(cases).where(within, cases.c.closed_on >= since)
        ).scalar_one()
        rows = view.connection.execute(
            sa.select(closing_words.c.from_whom, closing_words.c.helped, closing_words.c.said, closing_words.c.given_on)
            .join(cases, cases.c.id == closing_words.c.case_id)
            .where(within, closing_words.c.given_on >= since)
            .order_by(closing_words.c.given_on.desc(), closing_words.c.id)
        ).all()
    counts = {whose: Counter(row.helped for row in rows if row.from_whom == whose) for whose in _WHOSE}
    words = tuple((row.given_on, row.from_whom, Said(row.helped, row.said)) for row in rows if row.said)
    return Heard(since, ended, counts, words)


def _within(actor: Actor) -> sa.ColumnElement[bool]:
    planned = sa.exists().where(action_plans.c.case_id == cases.c.id)
    own = (cases.c.authority_id == actor.authority_id) & planned
    if actor.roles & {"coordinator", "senior_officer"}:
        return own
    led = lead_professionals.c.case_id == cases.c.id
    return own & sa.exists().where(led, lead_professionals.c.practitioner_id.in_(sorted(actor.manages)))


def _mine(view: View, case_ids: list[UUID]) -> dict[UUID, dict[str, Said]]:
    rows = view.connection.execute(
        sa.select(closing_words.c.case_id, closing_words.c.from_whom, closing_words.c.helped, closing_words.c.said)
        .where(closing_words.c.case_id.in_(case_ids), closing_words.c.given_by == view.actor.practitioner_id)
    )  # fmt: skip
    found: dict[UUID, dict[str, Said]] = {}
    for row in rows:
        found.setdefault(row.case_id, {})[row.from_whom] = Said(row.helped, row.said)
    return found
