"""What was said of plans that have ended: what one may still say, and what it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework import permissions, reply_tokens
from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.errors import NotFound, NotPermitted
from engine.process_engine import ProcessEngine
from engine.queries.view import View, viewing
from engine.store import authorities, closed_plans
from engine.store import closing_links as pages
from engine.store.closed_plans import ClosedPlan
from engine.store.reply_pages import NONE
from engine.store.tables.guidance import closing_links, closing_words
from engine.store.tables.people import practitioners
from engine.store.tables.record import action_plans, cases, family_members, lead_professionals

OVER: Final = timedelta(days=365)
"""How far back managers are told."""
_WHOSE: Final = ("family", "practitioner")
YOUNG: Final = "The young person"
_own = closing_words.alias("own")
_FAMILY: Final = _own.c.from_whom == "family"


@dataclass(frozen=True, slots=True)
class Said:
    """What somebody answered: how much it helped, and in their own words."""

    helped: str
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A plan that one may say something about; `answers` are one's own so far, by whose they are.

    `to_give` are, for who led it, those without an account whose private page went to nobody: (name, its token).
    `by_family` tells that the family answer themselves: nobody has to pass on what they said.
    """

    plan: ClosedPlan
    answers: Mapping[str, Said]
    to_give: tuple[tuple[str, str], ...]
    by_family: bool

    @property
    def waits(self) -> bool:
        """Tell whether something has not been answered yet."""
        return len(self.answers) < (2 if self.plan.led and not self.by_family else 1)


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
        return tuple(_asked(view, plan, mine.get(plan.case_id, {})) for plan in plans)


def _asked(view: View, plan: ClosedPlan, answers: Mapping[str, Said]) -> Asked:
    if not plan.led:
        return Asked(plan, answers, (), by_family=False)
    heard = sa.exists().where(closing_words.c.link_id == closing_links.c.id).label("heard")
    rows = view.connection.execute(
        sa.select(
            closing_links, heard, practitioners.c.name.label("outside"),
            sa.func.coalesce(family_members.c.name, "").label("relative"),
        )
        .outerjoin(family_members, family_members.c.id == closing_links.c.member_id)
        .outerjoin(practitioners, practitioners.c.id == closing_links.c.practitioner_id)
        .where(closing_links.c.case_id == plan.case_id, closing_links.c.ends_on >= view.today)
        .order_by(closing_links.c.id)
    ).all()  # fmt: skip
    secret = view.engine.settings.secret_key
    to_give = tuple(
        (row.outside or row.relative or YOUNG, reply_tokens.token(secret, row.id))
        for row in rows
        if not row.mailed and not row.heard
    )
    return Asked(plan, answers, to_give, by_family=any(row.heard and row.practitioner_id is None for row in rows))


@dataclass(frozen=True, slots=True)
class HelpedPage:
    """A private page that asks whether a plan helped: nothing of the child is in it, nor any name or earlier answer."""

    authority: str
    family: bool
    answered: bool


def page(engine: ProcessEngine, *, token: str) -> HelpedPage:
    """Return what a private page tells. Raises `NotFound` for a token that is wrong, ended or taken back, all alike."""
    with engine.sessions.read() as connection:
        link = pages.find(connection, token, secret=engine.settings.secret_key)
        if link is None:
            raise NotFound(NONE)
        authority = authorities.load(connection, link.authority_id)
        if link.ends_on < local_day(engine.clock.now(), authority.zone):
            raise NotFound(NONE)
        said = sa.select(closing_words.c.id).where(closing_words.c.link_id == link.id)
        answered = connection.execute(said).first() is not None
        return HelpedPage(authority.name, link.practitioner_id is None, answered)


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
        # What whoever led passed on counts for a family that has not answered itself.
        themselves = sa.exists().where(_own.c.case_id == closing_words.c.case_id, _own.c.link_id.is_not(None), _FAMILY)
        passed_on = (closing_words.c.from_whom == "family") & closing_words.c.given_by.is_not(None)
        rows = view.connection.execute(
            sa.select(closing_words.c.from_whom, closing_words.c.helped, closing_words.c.said, closing_words.c.given_on)
            .join(cases, cases.c.id == closing_words.c.case_id)
            .where(within, closing_words.c.given_on >= since, ~(passed_on & themselves))
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
