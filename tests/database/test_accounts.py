"""People, accounts and the authority's own settings, kept by an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
import sqlalchemy as sa

from engine.commands import accounts, authorities, local_closures, sessions
from engine.commands.accounts import NewPerson
from engine.errors import Conflict, EngineError, Invalid, NotFound, NotPermitted
from engine.queries import staff
from engine.queries.authorities import of_view
from engine.queries.sessions import actor_of
from engine.queries.view import viewing
from engine.store.tables import people, record
from tests.worlds import PASSWORD, World, open_world

NEW = NewPerson(
    name="Lena Fox", job_title="School nurse", agency="Northcombe Health", team="Northcombe Health team",
    email="l@n.example", username="Lena ", roles=("case_worker",),
)  # fmt: skip
OWN = "four words nobody guesses"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def sign_in(world: World, username: str, password: str = PASSWORD) -> str:
    return sessions.sign_in(world.engine, username=username, password=password).token


def test_a_new_person_signs_in_with_the_one_time_password_and_changes_it(world: World) -> None:
    person = replace(NEW, manager_id=world.ids["morgan"])
    added = accounts.add_person(world.engine, actor=world.actor("piet"), person=person)
    token = sign_in(world, "lena", added.password)
    actor = actor_of(world.engine, token)
    assert actor is not None and actor.password_once and actor.roles == {"case_worker"}
    other = sign_in(world, "lena", added.password)
    accounts.change_password(world.engine, actor=actor, present=added.password, new=OWN, token=token)
    again = actor_of(world.engine, token)
    assert again is not None and not again.password_once
    assert actor_of(world.engine, other) is None
    with pytest.raises(NotPermitted):
        sign_in(world, "lena", added.password)
    sign_in(world, "lena", OWN)
    found, work = staff.member(world.engine, actor=world.actor("piet"), practitioner_id=added.practitioner_id)
    assert (found.manager, found.team, found.username) == ("Morgan Hale", "Northcombe Health team", "lena")
    assert (work.leads, work.tasks) == (0, 0)
    assert not world.verified().findings


@pytest.mark.parametrize(
    ("present", "new", "field"),
    [
        ("not it", OWN, "present"),
        (PASSWORD, "short", "new"),
        (PASSWORD, PASSWORD, "new"),
        (PASSWORD, "hana is my own name", "new"),
    ],
)
def test_a_password_is_changed_only_by_who_knows_it_and_for_a_good_one(present: str, new: str, field: str) -> None:
    with open_world() as world:
        token = sign_in(world, "hana")
        actor = actor_of(world.engine, token)
        assert actor is not None
        with pytest.raises(Invalid) as refused:
            accounts.change_password(world.engine, actor=actor, present=present, new=new, token=token)
        assert refused.value.details["field"] == field


def test_other_sessions_end_and_this_one_goes_on(world: World) -> None:
    here, there = sign_in(world, "hana"), sign_in(world, "hana")
    actor = actor_of(world.engine, here)
    assert actor is not None and len(staff.own_sessions(world.engine, actor=actor)) == 2
    assert accounts.end_other_sessions(world.engine, actor=actor, token=here) == 1
    assert actor_of(world.engine, there) is None and actor_of(world.engine, here) is not None


def test_roles_managers_passwords_and_the_end_of_an_account(world: World) -> None:
    piet, hana = world.actor("piet"), world.ids["hana"]
    accounts.set_roles(world.engine, actor=piet, practitioner_id=hana, roles=["case_worker", "line_manager"])
    accounts.set_manager(world.engine, actor=piet, practitioner_id=hana, manager_id=world.ids["sunniva"])
    token = sign_in(world, "hana")
    actor = actor_of(world.engine, token)
    assert actor is not None and actor.roles == {"case_worker", "line_manager"}
    sunniva = actor_of(world.engine, sign_in(world, "sunniva"))
    assert sunniva is not None and hana in sunniva.manages
    password = accounts.new_password(world.engine, actor=piet, practitioner_id=hana)
    assert actor_of(world.engine, token) is None
    token = sign_in(world, "hana", password)
    accounts.set_roles(world.engine, actor=piet, practitioner_id=hana, roles=["mag_member"])
    actor = actor_of(world.engine, token)
    assert actor is not None and actor.roles == {"mag_member"}
    accounts.end_account(world.engine, actor=piet, practitioner_id=hana)
    assert actor_of(world.engine, token) is None
    with pytest.raises(NotFound, match="no account"):
        accounts.end_account(world.engine, actor=piet, practitioner_id=hana)
    chain = world.rows(sa.select(record.cases.c.id).where(record.cases.c.child_id.is_(None)))[0].id
    said = [event.kind for event in world.history(chain)][-5:]
    assert said == ["roles_set", "manager_set", "password_replaced", "roles_set", "account_ended"]


def test_slips_are_refused_with_the_field(world: World) -> None:
    piet = world.actor("piet")

    def field(**changes: object) -> object:
        with pytest.raises(Invalid) as refused:
            accounts.add_person(world.engine, actor=piet, person=replace(NEW, **changes))
        return refused.value.details["field"]

    assert field(name=" ") == "name"
    assert field(agency="") == "agency"
    assert field(username="HANA") == "username"
    assert field(username="", roles=("designer",)) == "username"
    assert field(roles=("king",)) == "roles"
    assert field(manager_id=UUID(int=3)) == "manager_id"
    names = {row.name for row in world.rows(sa.select(people.practitioners.c.name))}
    assert "Lena Fox" not in names


@pytest.mark.parametrize("by", ["hana", "morgan", "cleo"])
def test_only_an_administrator_keeps_accounts_and_never_their_own(by: str) -> None:
    with open_world() as world:
        actor, engine = world.actor(by), world.engine
        for act in (
            lambda: accounts.add_person(engine, actor=actor, person=NEW),
            lambda: accounts.set_roles(engine, actor=actor, practitioner_id=world.ids["noor"], roles=[]),
            lambda: accounts.set_manager(engine, actor=actor, practitioner_id=world.ids["noor"], manager_id=None),
            lambda: accounts.end_account(engine, actor=actor, practitioner_id=world.ids["noor"]),
            lambda: accounts.new_password(engine, actor=actor, practitioner_id=world.ids["noor"]),
            lambda: local_closures.close(engine, actor=actor, first_on=date(2026, 5, 5), name="Moving", why="A move"),
            lambda: authorities.change(engine, actor=actor, name="X", nation="scotland", profile={}),
            lambda: accounts.end_account(engine, actor=world.actor("piet"), practitioner_id=world.ids["piet"]),
        ):
            with pytest.raises(NotPermitted):
                act()


def test_a_manager_sees_their_own_people_and_a_coordinator_all(world: World) -> None:
    def names(by: str) -> set[str]:
        return {member.name for member in staff.members(world.engine, actor=world.actor(by))}

    assert names("morgan") == {"Hana Verity", "Idris Cole"}
    assert len(names("cleo")) == len(names("piet")) == 8
    with pytest.raises(NotPermitted):
        names("hana")
    with pytest.raises(NotFound):
        staff.member(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["noor"])


def test_the_authority_says_what_it_is_called(world: World) -> None:
    piet, engine = world.actor("piet"), world.engine
    profile = {"team": "Multi Agency Support Team", "phone": "01632 960100", "meeting_term": "TAF"}
    authorities.change(engine, actor=piet, name="Northcombe Borough", nation="scotland", profile=profile)
    with viewing(engine, piet) as view:
        found = of_view(view)
    assert (found.name, found.meeting_term) == ("Northcombe Borough", "TAF")
    refused: tuple[tuple[dict[str, object], type[EngineError]], ...] = (
        ({"name": " "}, Invalid), ({"nation": "atlantis"}, Invalid), ({"profile": {"phone": 3}}, Invalid),
        ({"expected_version": 1}, Conflict),
    )  # fmt: skip
    for changes, error in refused:
        with pytest.raises(error):
            authorities.change(engine, **{"actor": piet, "name": "X", "nation": "scotland", "profile": {}, **changes})
