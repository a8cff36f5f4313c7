"""Who a session's token belongs to, and when it belongs to nobody any more."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import sessions as session_acts
from engine.queries import sessions
from engine.store.tables import people
from tests.worlds import PASSWORD, World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """Give a world without models on both databases."""
    with open_world(database_url, models={}) as world:
        yield world


def signed_in(world: World, key: str = "morgan") -> str:
    return session_acts.sign_in(world.engine, username=key, password=PASSWORD).token


def test_a_token_says_who_with_roles_teams_and_whom_they_manage(world):
    actor = sessions.actor_of(world.engine, signed_in(world))
    assert actor is not None
    assert (actor.name, actor.practitioner_id, actor.authority_id) == (
        "Morgan Hale", world.ids["morgan"], world.authority_id,
    )  # fmt: skip
    assert actor.account_id == world.accounts["morgan"]
    assert actor.roles == {"line_manager", "case_worker"}
    assert actor.manages == {world.ids["hana"], world.ids["idris"]}
    assert len(actor.team_ids) == 1


def test_somebody_who_manages_nobody_manages_nobody(world):
    actor = sessions.actor_of(world.engine, signed_in(world, "hana"))
    assert actor is not None and actor.manages == frozenset()


@pytest.mark.parametrize("token", ["", "guessed", "é" * 50])
def test_a_guessed_token_is_nobodys(world, token):
    assert sessions.actor_of(world.engine, token) is None


def test_the_hash_that_is_kept_is_no_token(world):
    token = signed_in(world)
    kept = world.rows(sa.select(people.sessions.c.token_hash))[0].token_hash
    assert kept != token and sessions.actor_of(world.engine, kept) is None


def test_a_session_ends_at_its_time(world):
    token = signed_in(world)
    world.clock.advance(session_acts.LASTS - timedelta(seconds=1))
    assert sessions.actor_of(world.engine, token) is not None
    world.clock.advance(timedelta(seconds=1))
    assert sessions.actor_of(world.engine, token) is None


def test_signing_out_ends_it_at_once(world):
    token, other = signed_in(world), signed_in(world)
    session_acts.sign_out(world.engine, token=token)
    assert sessions.actor_of(world.engine, token) is None
    assert sessions.actor_of(world.engine, other) is not None


def test_a_closed_account_and_somebody_who_left_are_out_at_once(world):
    token = signed_in(world)
    who = people.practitioners.c.id == world.ids["morgan"]
    world.write(sa.update(people.practitioners).where(who).values(left_on=world.today))
    assert sessions.actor_of(world.engine, token) is not None, "the last day is still a day"
    world.write(sa.update(people.practitioners).where(who).values(left_on=world.today - timedelta(days=1)))
    assert sessions.actor_of(world.engine, token) is None
    world.write(
        sa.update(people.practitioners).where(who).values(left_on=None),
        sa.update(people.accounts)
        .where(people.accounts.c.id == world.accounts["morgan"])
        .values(disabled_at=world.clock.now()),
    )
    assert sessions.actor_of(world.engine, token) is None


def test_roles_that_ended_or_begin_later_do_not_count(world):
    token = signed_in(world)
    own = people.account_roles.c.account_id == world.accounts["morgan"]
    world.write(
        sa.update(people.account_roles)
        .where(own, people.account_roles.c.role == "line_manager")
        .values(to_on=world.today - timedelta(days=1)),
        sa.update(people.account_roles)
        .where(own, people.account_roles.c.role == "case_worker")
        .values(from_on=world.today + timedelta(days=1)),
    )
    actor = sessions.actor_of(world.engine, token)
    assert actor is not None and actor.roles == frozenset()


def test_tries_to_sign_in_are_kept_for_a_day_and_no_longer(world):
    from engine.commands.sessions import WrongSignIn, sign_in
    from engine.store.tables.people import sign_in_failures

    with pytest.raises(WrongSignIn):
        sign_in(world.engine, username="nobody", password="a wrong one")
    world.clock.advance(timedelta(hours=20))
    with pytest.raises(WrongSignIn):
        sign_in(world.engine, username="nobody", password="another wrong one")
    world.clock.advance(timedelta(hours=5))
    world.tick()
    (left,) = world.rows(sa.select(sign_in_failures.c.at))
    assert left.at == world.clock.now() - timedelta(hours=5)
