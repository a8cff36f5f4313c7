"""A case that becomes one with another brings nobody into it who was kept out, and whoever loses by it hears so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from engine.commands import restrictions, stalled_plans
from engine.operations.consent_cover import NOT_COVERED
from engine.store.tables import changes, record
from tests.database.test_merging import (
    about,
    actions,
    agree,
    begin,
    decide,
    only_idris,
    planned,
    refused,
    sees,
    story,
    to_decide,
    told,
)
from tests.database.test_taken_out_of_the_team import take_out
from tests.worlds import World, open_world

LEFT_OUT = "consent leaves somebody of the team out"


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    with open_world(database_url) as world:
        yield world


def heard(world: World, name: str) -> list[Any]:
    """Return what somebody was told, but for the question that whoever worked under a closed plan is asked."""
    mine = [each for each in world.mailbox.messages if each.practitioner_id == world.ids[name]]
    return [each for each in mine if "did it help" not in each.subject]


# Who has a part in the plan that goes on


def test_nobody_comes_into_a_restricted_case_by_another_that_closes_into_it(world: World) -> None:
    here, other = to_decide(world)
    restrictions.restrict(world.engine, actor=world.actor("cleo"), case_id=here, reason="She works for the council")
    take_out(world, here, "noor")
    mine = record.plan_actions.c.case_id == other
    world.write(sa.update(record.plan_actions).where(mine).values(action="Ring her", owner_id=world.ids["noor"]))
    assert "It is restricted" in about(world, here)["This case"]
    assert "restricted" not in about(world, here)["The other case"]
    refused(world, here, "this", "somebody who works on it already", lead="noor")
    world.tick()
    world.mailbox.messages.clear()
    decide(world, here)
    world.tick()
    assert not sees(world, "noor", here) and sees(world, "idris", here)
    assert {row.owner_id for row in actions(world, here)} == {world.ids["hana"]}, "an action is never without an owner"
    (word,) = heard(world, "noor")
    assert "has become one with another" in word.subject and "ring a coordinator" in word.body
    assert told(world, "has no part in yours") == {"hana"}
    assert "As this one is restricted, 1 person of the other did not join it" in story(world, here)
    assert not world.incidents() and not world.verified().findings


def test_who_was_left_out_by_consent_before_hears_so_once(world: World) -> None:
    here, other = to_decide(world)
    for each in (here, other):
        only_idris(world, each)
    world.tick()
    assert told(world, NOT_COVERED) == {"noor"} and told(world, LEFT_OUT) == {"hana"}
    world.mailbox.messages.clear()
    decide(world, here)
    world.tick()
    assert not heard(world, "noor")
    assert told(world, NOT_COVERED) == told(world, LEFT_OUT) == set()


def test_whom_the_plan_that_goes_on_leaves_out_hears_that_the_other_is_over(world: World) -> None:
    here, other = to_decide(world)
    only_idris(world, here)
    mine = record.plan_actions.c.case_id == other
    world.write(sa.update(record.plan_actions).where(mine).values(action="Ring her", owner_id=world.ids["noor"]))
    world.tick()
    world.mailbox.messages.clear()
    decide(world, here)
    world.tick()
    (word,) = heard(world, "noor")
    assert "has become one with another" in word.subject
    assert {row.owner_id for row in actions(world, here)} == {world.ids["hana"]}
    assert told(world, LEFT_OUT) == {"hana"}, "an action has come to them"


# What is given up with the case that closes


@pytest.mark.parametrize("accepted", [False, True])
def test_who_was_to_lead_the_case_that_closes_hears_plainly_that_the_handover_is_off(
    world: World, accepted: bool
) -> None:
    here, other = to_decide(world)
    on = (world.today + timedelta(days=20)).isoformat()
    place = record.case_members.c.practitioner_id == world.ids["noor"]
    world.write(sa.update(record.case_members).where(place).values(to_on=world.today))
    begin(world, other, "handover", successor=str(world.ids["noor"]), planned_on=on, reasons="I move")
    said = {"told_on": world.today.isoformat(), "family_agrees": "yes", "family_view": "Fine"}
    world.do("tell_family", "hana", case_id=other, **said)
    if accepted:
        world.do("answer_handover", "noor", case_id=other, handover_answer="accepted")
    world.tick()
    world.mailbox.messages.clear()
    decide(world, here)
    world.tick()
    (word,) = heard(world, "noor")
    assert "You are not to lead a plan after all" in word.subject and "The handover to you is off" in word.body
    assert [row.ended_on for row in world.rows(sa.select(changes.handovers))] == [world.today]
    assert not sees(world, "noor", here), "they came by saying yes to lead, and to nothing else"
    assert not world.incidents() and not world.verified().findings


def test_a_question_to_the_family_about_the_group_is_not_lost(world: World) -> None:
    here, other = planned(world), planned(world)
    stuck = {"case_id": other, "reason": "not_progressing", "why": "Stuck"}
    stalled_plans.report(world.engine, actor=world.actor("hana"), **stuck)
    talk = {"discussed_on": world.today.isoformat(), "tried": "Letters", "decision": "refer_to_mag", "next_step": "Ask"}
    world.do("discuss_stalled_plan", "morgan", case_id=other, **talk)
    agree(world, here, other)
    assert "the question to the family about the Multi-Agency Group" in about(world, here)["The other case"]
    refused(world, here, "this", "still under way: the question to the family about the Multi-Agency Group")
    assert "ask_consent_for_mag" in world.open_elements(other)
    decide(world, here, "other")
    assert world.case(here).closure_reason == "merged"
    assert "ask_consent_for_mag" in world.open_elements(other), "it is asked on the plan that goes on"


@pytest.mark.parametrize("asked", [False, True])
def test_when_the_case_on_which_it_is_asked_closes_first_who_asked_hears_of_it(world: World, asked: bool) -> None:
    here, other = planned(world), planned(world)
    begin(world, here, "merge_cafs", "cleo", other_case=str(other), why="Two began")
    if asked:
        world.do("ask_family", "hana", case_id=here, merge_agreed="yes", family_view="At last")
    lead = record.lead_professionals
    world.write(sa.update(lead).where(lead.c.case_id == other).values(practitioner_id=world.ids["idris"]))
    begin(world, here, "transfer", area="Leeds")
    today = world.today.isoformat()
    world.do("ask_consent_to_send", "hana", case_id=here, transfer_consent="no", asked_on=today, reason="No")
    world.mailbox.messages.clear()
    world.do("decide_without_papers", "morgan", case_id=here, move_decision="close", why="They have gone")
    world.tick()
    assert world.open_elements(here) == []
    assert {"hana", "cleo", "idris"} <= told(world, "nothing to bring together")
    assert "two CAFs do not become one" in story(world, here)
    assert not world.incidents() and not world.verified().findings


@pytest.mark.parametrize("continues", ["this", "other"])
def test_of_cases_that_became_one_nobody_hears_that_they_did_not(world: World, continues: str) -> None:
    here, _ = to_decide(world)
    world.mailbox.messages.clear()
    decide(world, here, continues)
    world.tick()
    assert told(world, "nothing to bring together") == set()
    assert "do not become one" not in story(world, here)
