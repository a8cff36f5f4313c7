"""An authority and its people are set up; they sign in, are held off after wrong tries, and sign out."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import sessions as acts
from engine.commands import setup
from engine.errors import Conflict, Invalid, NotPermitted
from engine.queries import sessions
from engine.store import sign_in_tries
from engine.store.tables import people
from tests.worlds import PASSWORD, World, build_world


@pytest.fixture
def world() -> World:
    """Give a world with people and no models."""
    return build_world(models={})


def sign_in(world: World, username: str = "hana", password: str = PASSWORD) -> str:
    return acts.sign_in(world.engine, username=username, password=password).token


def wrong(world: World, times: int, username: str = "hana") -> None:
    for _ in range(times):
        with pytest.raises(NotPermitted, match="user name or password is not right"):
            sign_in(world, username, "a wrong one")


def test_who_signs_in_is_known_by_their_token_until_they_sign_out(database_url: str) -> None:
    world = build_world(database_url, models={})
    token = sign_in(world, " Hana ")
    actor = sessions.actor_of(world.engine, token)
    assert actor == world.actor("hana").__class__(
        account_id=world.accounts["hana"], practitioner_id=world.ids["hana"], authority_id=world.authority_id,
        name="Hana Verity", roles=frozenset({"case_worker"}), team_ids=actor.team_ids if actor else frozenset(),
    )  # fmt: skip
    assert actor is not None
    assert len(actor.team_ids) == 1
    other = sign_in(world)
    acts.sign_out(world.engine, token=token)
    acts.sign_out(world.engine, token=token)
    assert sessions.actor_of(world.engine, token) is None
    assert sessions.actor_of(world.engine, other) is not None
    world.close()


def test_a_manager_knows_whom_they_manage(world: World) -> None:
    actor = sessions.actor_of(world.engine, sign_in(world, "morgan"))
    assert actor is not None
    assert actor.manages == {world.ids["hana"], world.ids["idris"]}


def test_a_token_nobody_was_given_is_nobody(world: World) -> None:
    sign_in(world)
    for token in ("", "x", "é" * 500):
        assert sessions.actor_of(world.engine, token) is None
        acts.sign_out(world.engine, token=token)


def test_the_token_is_not_in_the_database(world: World) -> None:
    token = sign_in(world)
    (row,) = world.rows(sa.select(people.sessions))
    assert token not in str(row)


def test_a_session_lasts_ten_hours(world: World) -> None:
    token = sign_in(world)
    world.clock.advance(acts.LASTS - timedelta(seconds=1))
    assert sessions.actor_of(world.engine, token) is not None
    world.clock.advance(timedelta(seconds=1))
    assert sessions.actor_of(world.engine, token) is None


@pytest.mark.parametrize(
    ("username", "password"),
    [("hana", ""), ("hana", PASSWORD.upper()), ("nobody", PASSWORD), ("", ""), ("hana", "\x00")],
)
def test_what_is_wrong_is_never_said(world: World, username: str, password: str) -> None:
    with pytest.raises(NotPermitted) as refused:
        sign_in(world, username, password)
    assert str(refused.value) == "The user name or password is not right"


def test_after_five_wrong_tries_even_the_right_one_waits(world: World) -> None:
    wrong(world, sign_in_tries.MOST_OF_A_NAME - 1)
    sign_in(world)
    wrong(world, 1)
    for password in (PASSWORD, "a wrong one"):
        with pytest.raises(acts.TooManyTries, match="Wait 15 minutes"):
            sign_in(world, password=password)
    sign_in(world, "idris")  # nobody else waits
    world.clock.advance(sign_in_tries.WINDOW)
    sign_in(world)


def test_spelling_a_name_another_way_wins_no_more_tries(world: World) -> None:
    for name in ("hana", "HANA", " hana", "Hana ", "haNa"):
        wrong(world, 1, name)
    with pytest.raises(acts.TooManyTries):
        sign_in(world)


def test_one_address_may_not_try_many_names(world: World) -> None:
    def tried(number: int, address: str) -> None:
        acts.sign_in(world.engine, username=f"name{number}", password="a wrong one", address=address)

    for number in range(sign_in_tries.MOST_OF_AN_ADDRESS):
        with pytest.raises(acts.WrongSignIn):
            tried(number, "192.0.2.7")
    with pytest.raises(acts.TooManyTries):
        tried(99, "192.0.2.7")
    with pytest.raises(acts.WrongSignIn):
        tried(99, "192.0.2.8")
    assert acts.sign_in(world.engine, username="hana", password=PASSWORD, address="192.0.2.8").token
    assert "192.0.2" not in str(world.rows(sa.select(people.sign_in_failures)))


def test_who_waits_still_waits_after_a_restart(world: World) -> None:
    wrong(world, sign_in_tries.MOST_OF_A_NAME)
    world.restart()
    with pytest.raises(acts.TooManyTries):
        sign_in(world)


def test_names_nobody_has_are_held_off_alike(world: World) -> None:
    wrong(world, sign_in_tries.MOST_OF_A_NAME, "nobody")
    with pytest.raises(acts.TooManyTries):
        sign_in(world, "nobody")


def test_what_was_typed_as_a_name_is_not_kept(world: World) -> None:
    wrong(world, 1, "my secret password")
    assert "secret" not in str(world.rows(sa.select(people.sign_in_failures)))


def test_a_disabled_account_is_out_at_once_and_stays_out(world: World) -> None:
    token = sign_in(world)
    own = people.accounts.c.id == world.accounts["hana"]
    world.write(sa.update(people.accounts).where(own).values(disabled_at=world.clock.now()))
    assert sessions.actor_of(world.engine, token) is None
    with pytest.raises(NotPermitted, match="user name or password is not right"):
        sign_in(world)


def test_somebody_who_left_is_out_the_day_after(world: World) -> None:
    token = sign_in(world)
    own = people.practitioners.c.id == world.ids["hana"]
    world.write(sa.update(people.practitioners).where(own).values(left_on=world.today))
    assert sessions.actor_of(world.engine, token) is not None
    world.write(sa.update(people.practitioners).where(own).values(left_on=world.today - timedelta(days=1)))
    assert sessions.actor_of(world.engine, token) is None


def test_a_role_taken_away_is_gone_from_the_next_request(world: World) -> None:
    token = sign_in(world)
    own = people.account_roles.c.account_id == world.accounts["hana"]
    world.write(sa.update(people.account_roles).where(own).values(to_on=world.today))
    actor = sessions.actor_of(world.engine, token)
    assert actor is not None
    assert actor.roles == frozenset()


def person(name: str = "Nadia Kerr", **more: object) -> setup.Person:
    given = {"job_title": "Nurse", "agency": "Northcombe Health", "team": "Nights", "email": "nadia@northcombe.example"}
    return setup.Person(name=name, **{**given, **more})  # type: ignore[arg-type]


def add(world: World, *new: setup.Person) -> dict[str, object]:
    return dict(setup.add_people(world.engine, authority_id=world.authority_id, new=new))


def test_people_join_agencies_and_teams_that_are_there_or_new(world: World) -> None:
    before = len(world.rows(sa.select(people.agencies)))
    add(world, person(), person("Olu Bright", agency="Northcombe Library", manager="Nadia Kerr"))
    assert len(world.rows(sa.select(people.agencies))) == before + 1
    (event,) = world.rows(sa.text("SELECT detail FROM history WHERE kind = 'people_added' ORDER BY seq DESC LIMIT 1"))
    assert "Nadia" not in str(event)
    assert not world.verified().findings


def test_one_wrong_person_and_nobody_is_added(world: World) -> None:
    count = len(world.rows(sa.select(people.practitioners)))
    for wrong_one, field in (
        (person("Olu Bright", manager="Nobody Known"), "manager"),
        (person("Olu Bright", username="olu", password="p" * 12, roles=["king"]), "roles"),
        (person("Olu Bright", username="olu"), "password"),
    ):
        with pytest.raises(Invalid) as refused:
            add(world, person(), wrong_one)
        assert refused.value.details["field"] == field
    with pytest.raises(Conflict):
        add(world, person(), person("Hana Two", username="HANA", password="p" * 12))
    assert len(world.rows(sa.select(people.practitioners))) == count


def test_a_new_person_signs_in_with_the_password_given(world: World) -> None:
    add(world, person(username=" Nadia ", password="a long enough one", roles=["case_worker"]))
    actor = sessions.actor_of(world.engine, sign_in(world, "nadia", "a long enough one"))
    assert actor is not None
    assert (actor.name, actor.roles) == ("Nadia Kerr", {"case_worker"})


def test_authorities_have_keys_of_their_own_and_are_found_by_them(world: World) -> None:
    engine = world.engine
    assert setup.find_authority(engine) == world.authority_id
    with pytest.raises(Conflict, match="'northcombe' already"):
        setup.create_authority(engine, key="northcombe", name="Again")
    other = setup.create_authority(engine, key="southcombe", name="Southcombe Council")
    with pytest.raises(Invalid, match="several"):
        setup.find_authority(engine)
    assert setup.find_authority(engine, key="southcombe") == other
    assert setup.find_authority(engine, key="nowhere") is None


@pytest.mark.parametrize(("nation", "zone"), [("wales", "Europe/London"), ("scotland", "Europe/Nowhere")])
def test_an_authority_whose_calendar_nobody_knows_is_refused(world: World, nation: str, zone: str) -> None:
    with pytest.raises(Invalid):
        setup.create_authority(world.engine, key="southcombe", name="Southcombe", nation=nation, zone=zone)
    assert setup.find_authority(world.engine, key="southcombe") is None


def test_a_profile_replaces_the_one_before_and_bad_ones_are_refused(world: World) -> None:
    numbers = [{"name": "Children's social care", "phone": "01632 960199", "when": "any time"}]
    setup.set_profile(world.engine, authority_id=world.authority_id, profile={"safeguarding": numbers})
    with world.engine.sessions.read() as connection:
        kept = connection.execute(
            sa.select(people.authorities.c.profile).where(people.authorities.c.id == world.authority_id)
        ).scalar_one()
    assert kept == {"safeguarding": numbers}
    for bad in ({"safeguarding": "01632 960199"}, {"safeguarding": [{"name": "no number"}]}, {"meeting_term": 3}):
        with pytest.raises(Invalid, match="give a"):
            setup.set_profile(world.engine, authority_id=world.authority_id, profile=bad)
