"""A leaving that was a slip of the pen is taken back, and an authority keeps an administrator."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine.commands import accounts, practitioners, sessions
from engine.errors import Invalid, NotPermitted
from engine.queries import case_list
from engine.store.tables import people, record
from tests.database.test_consent_cover import ask_again, limited, sees
from tests.database.test_practitioners import administration, facts, kinds, leaves, signed_in
from tests.episodes import answers_for, start_and_walk_to
from tests.worlds import PASSWORD, World, open_world


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def test_a_last_day_that_was_a_slip_is_taken_back_and_the_account_opens_again_with_its_roles(world: World) -> None:
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    roles, slip = world.actor("hana").roles, world.today - timedelta(days=30)
    assert leaves(world, "hana", last_day=slip).tasks == 2
    held = world.task("hold_tac_meeting", case_id).assignee_id
    assert facts(world, case_id)["lead_vacant"]
    stays = practitioners.take_back_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"], why="It was another Hana"
    )
    assert stays.reopened and stays.placed
    actor, _ = signed_in(world, "hana")
    assert actor.roles == roles and actor.team_ids
    assert world.task("hold_tac_meeting", case_id).assignee_id == held, "what went back stays where it is"
    assert (
        facts(world, case_id)["lead_professional"] == str(world.ids["hana"])
        and not facts(world, case_id)["lead_vacant"]
    )
    assert kinds(world, administration(world))[-3:] == ["leaving_recorded", "left", "leaving_taken_back"]
    assert "lead_stays" in kinds(world, case_id)
    world.tick()
    reasons = sa.select(record.escalations.c.reason).where(record.escalations.c.ended_on.is_(None))
    assert "lead_vacant" not in {row.reason for row in world.rows(reasons)}
    assert not world.verified().findings


@pytest.mark.parametrize("consent", ["everybody", "hana_only"])
def test_places_around_children_come_back_with_whoever_had_not_left(world: World, consent: str) -> None:
    case_id = start_and_walk_to(world, "agree_action_plan")
    plan = answers_for(world, "agree_action_plan")
    (action,) = plan["actions"]
    plan["actions"] = [{**action, "owner": str(world.ids["noor"])}]
    world.do("agree_action_plan", "hana", case_id=case_id, **plan)
    assert sees(world, "noor", case_id)
    leaves(world, "noor", by="cleo")
    if consent == "hana_only":
        ask_again(world, case_id, **limited(world))
    mine = record.case_members.c.practitioner_id == world.ids["noor"]
    (place,) = world.rows(sa.select(record.case_members).where(mine))
    before = {**place._mapping, "id": world.engine.ids.new(), "from_on": place.from_on - timedelta(days=9)}
    world.write(sa.insert(record.case_members).values(before))  # taken out and asked again on one day
    practitioners.take_back_leaving(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids["noor"], why="It was another Noor"
    )
    (owner,) = {row.owner_id for row in world.rows(sa.select(record.plan_actions.c.owner_id))}
    if consent == "everybody":
        assert sees(world, "noor", case_id) and owner == world.ids["noor"]
        assert "member_stays" in kinds(world, case_id)
    else:
        assert not sees(world, "noor", case_id) and owner == world.ids["hana"]
    assert not world.verified().findings


def test_a_team_that_closed_meanwhile_takes_nobody_back_and_it_is_said(world: World) -> None:
    hana = world.ids["hana"]
    led = start_and_walk_to(world, "hold_tac_meeting")
    leaves(world, "hana")
    shown = case_list.cases(world.engine, actor=world.actor("morgan"))
    assert next(row.lead_name for row in shown if row.case_id == led) is None, "whoever has left leads nothing"
    world.write(sa.update(people.teams).values(closed_on=world.today))
    stays = practitioners.take_back_leaving(
        world.engine, actor=world.actor("morgan"), practitioner_id=hana, why="It was another Hana"
    )
    assert stays.reopened and not stays.placed
    actor, _ = signed_in(world, "hana")
    assert not actor.team_ids
    shown = case_list.cases(world.engine, actor=world.actor("morgan"))
    assert next(row.lead_name for row in shown if row.case_id == led) == "Hana Verity"


def test_an_account_closed_on_purpose_is_not_opened_by_staying(world: World) -> None:
    accounts.end_account(world.engine, actor=world.actor("piet"), practitioner_id=world.ids["noor"])
    world.clock.advance(timedelta(hours=1))
    leaves(world, "noor", by="cleo")
    stays = practitioners.take_back_leaving(
        world.engine, actor=world.actor("cleo"), practitioner_id=world.ids["noor"], why="Slip"
    )
    assert not stays.reopened
    with pytest.raises(NotPermitted):
        sessions.sign_in(world.engine, username="noor", password=PASSWORD)


def test_what_is_over_is_taken_back_only_with_a_reason(world: World) -> None:
    leaves(world, "hana")
    with pytest.raises(Invalid, match="Say why"):
        practitioners.take_back_leaving(world.engine, actor=world.actor("morgan"), practitioner_id=world.ids["hana"])


def test_the_last_administrator_neither_leaves_nor_loses_account_or_role(world: World) -> None:
    piet, cleo = world.ids["piet"], world.actor("cleo", "coordinator", "administrator")
    for day in (-1, 10):
        with pytest.raises(Invalid, match="only administrator"):
            leaves(world, "piet", by="cleo", last_day=world.today + timedelta(days=day))
    with pytest.raises(Invalid, match="only administrator"):
        accounts.set_roles(world.engine, actor=cleo, practitioner_id=piet, roles=["designer"])
    with pytest.raises(Invalid, match="only administrator"):
        accounts.end_account(world.engine, actor=cleo, practitioner_id=piet)
    person = accounts.NewPerson(name="Una Frost", agency="Northcombe Council", username="una", roles=["administrator"])
    una = accounts.add_person(world.engine, actor=world.actor("piet"), person=person).practitioner_id
    leaves(world, "piet", by="cleo", last_day=world.today + timedelta(days=10))
    with pytest.raises(Invalid, match="only administrator"):
        practitioners.record_leaving(
            world.engine, actor=world.actor("cleo"), practitioner_id=una, last_day=world.today + timedelta(days=20)
        )
