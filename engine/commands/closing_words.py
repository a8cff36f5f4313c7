"""Keep what is said of a plan that has ended: did it help? One question, and room for a sentence."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import sqlalchemy as sa

from engine.casework.permissions import Actor
from engine.clock import local_day
from engine.errors import Invalid, NotFound
from engine.process_engine import ProcessEngine
from engine.signing_in import begin_try
from engine.store import authorities, closed_plans, closing_links
from engine.store.reply_pages import NONE
from engine.store.tables.guidance import closing_words

HELPED: Final = ("a_lot", "a_little", "not", "worse")
FROM_WHOM: Final = ("practitioner", "family")
LONGEST: Final = 1_000


def say(engine: ProcessEngine, *, actor: Actor, case_id: UUID, from_whom: str, helped: str, said: str = "") -> None:
    """Keep whether a plan helped, in the actor's own view or as the family told whoever led it.

    Said again, it takes the place of what they said before. Raises `NotFound` for a case on which they did not work, or
    that ended too long ago (`engine.store.closed_plans`), `Invalid` naming the field.
    """
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        found = {each.case_id: each for each in closed_plans.of_person(connection, actor, now=now)}
        plan = found.get(case_id)
        if plan is None or (from_whom == "family" and not plan.led):
            raise NotFound("There is no such plan to say something about", case_id=case_id)
        _require_sound(from_whom, helped, said)
        same = (closing_words.c.case_id == case_id) & (closing_words.c.given_by == actor.practitioner_id)
        connection.execute(sa.delete(closing_words).where(same, closing_words.c.from_whom == from_whom))
        connection.execute(
            sa.insert(closing_words).values(
                id=engine.ids.new(), authority_id=actor.authority_id, case_id=case_id, from_whom=from_whom,
                given_by=actor.practitioner_id, helped=helped, said=said.strip(), given_on=plan.today,
            )
        )  # fmt: skip


def say_on_page(engine: ProcessEngine, *, token: str, helped: str, said: str = "", address: str = "") -> None:
    """Keep whether a plan helped, as somebody without an account says on their private page; said again, it takes over.

    Raises `NotFound` for a page that is not there any more, `TooManyTries` as other private pages, `Invalid` naming the
    field.
    """
    secret = engine.settings.secret_key
    with engine.sessions.read() as connection:
        known = closing_links.find(connection, token, secret=secret)
    begin_try(engine, username=f"private page {token if known else engine.ids.new()}", address=address)
    now = engine.clock.now()
    with engine.sessions.act() as connection:
        link = closing_links.find(connection, token, secret=secret)
        today = None if link is None else local_day(now, authorities.load(connection, link.authority_id).zone)
        if link is None or today is None or link.ends_on < today:
            raise NotFound(NONE)
        whose = "practitioner" if link.practitioner_id else "family"
        _require_sound(whose, helped, said)
        connection.execute(sa.delete(closing_words).where(closing_words.c.link_id == link.id))
        connection.execute(
            sa.insert(closing_words).values(
                id=engine.ids.new(), authority_id=link.authority_id, case_id=link.case_id, from_whom=whose,
                link_id=link.id, helped=helped, said=said.replace("\r\n", "\n").strip(), given_on=today,
            )
        )  # fmt: skip


def _require_sound(from_whom: str, helped: str, said: str) -> None:
    if from_whom not in FROM_WHOM:
        raise Invalid("Choose whose answer this is", field="from_whom")
    if helped not in HELPED:
        raise Invalid("Choose how much the plan helped", field="helped")
    if len(said.strip()) > LONGEST:
        raise Invalid(f"Use at most {LONGEST:,} characters", field="said")
