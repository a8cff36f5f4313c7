"""Saying that a plan is stuck: one stalled plan, who may, and nothing twice."""

from __future__ import annotations

import pytest

from engine.commands import stalled_plans
from engine.errors import Conflict, Invalid, NotFound, NotPermitted
from engine.queries import case_file, timeline
from tests.episodes import start_and_walk_to
from tests.worlds import World, build_world

WHY = "Nobody from school has come to the last two meetings."


@pytest.fixture
def world() -> World:
    return build_world()


def report(world: World, case_id, by="hana", **changes):
    said = {"reason": "team_not_working", "why": WHY, **changes}
    return stalled_plans.report(world.engine, actor=world.actor(by), case_id=case_id, **said)


def test_the_line_manager_is_asked_and_the_case_says_why(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    instance_id = report(world, case_id)
    assert instance_id == world.instance(case_id, "stalled_plan").id
    assert world.task("discuss_stalled_plan", case_id).assignee_id == world.ids["morgan"]
    (stage,) = case_file.read(world.engine, actor=world.actor("hana"), case_id=case_id).manager_stages
    assert (stage.manager, stage.opened_on) == ("Morgan Hale", world.today)
    told = timeline.read(world.engine, actor=world.actor("hana"), case_id=case_id).events
    said = [event.what for event in told if event.kind == "stalled_plan_reported"]
    assert said == [f"It was said that the team around the child is not working ({WHY.rstrip('.')})."]


def test_what_is_personal_is_not_in_the_chain(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    report(world, case_id)
    (event,) = world.history(case_id, "stalled_plan_reported")
    assert (event.why, event.detail) == ("", {"reason": "team_not_working", "joined": False})
    assert not world.verified().findings


def test_a_stalled_plan_that_runs_is_joined(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    first = report(world, case_id)
    assert report(world, case_id, "morgan", reason="not_progressing") == first
    assert world.open_elements(case_id).count("discuss_stalled_plan") == 1
    assert [event.detail["joined"] for event in world.history(case_id, "stalled_plan_reported")] == [False, True]


def test_the_rules_join_what_was_said(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    report(world, case_id)
    world.pass_days(60)
    assert world.open_elements(case_id).count("discuss_stalled_plan") == 1


def test_one_request_counts_once_even_when_it_has_been_dealt_with(world):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    first = report(world, case_id, request_key="the same page")
    assert report(world, case_id, request_key="the same page") == first
    world.do("discuss_stalled_plan", "morgan", case_id=case_id, discussed_on=world.today.isoformat(),
             tried="Calls", decision="resolved", next_step="School comes")  # fmt: skip
    assert report(world, case_id, request_key="the same page") is None
    assert len(world.history(case_id, "stalled_plan_reported")) == 1
    assert "discuss_stalled_plan" not in world.open_elements(case_id)


@pytest.mark.parametrize(("by", "error"), [("idris", NotPermitted), ("noor", NotPermitted), ("piet", NotFound)])
def test_only_who_answers_for_the_plan_may_say_so(world, by, error):
    case_id = start_and_walk_to(world, "agree_action_plan")
    with pytest.raises(error):
        report(world, case_id, by)
    assert not world.history(case_id, "stalled_plan_reported")


@pytest.mark.parametrize("by", ["morgan", "cleo"])
def test_the_line_manager_and_the_coordinator_may_too(world, by):
    case_id = start_and_walk_to(world, "hold_tac_meeting")
    assert report(world, case_id, by)


@pytest.mark.parametrize(
    ("changes", "field"), [({"reason": "bored"}, "reason"), ({"why": "  "}, "why"), ({"why": "x" * 2001}, "why")]
)
def test_what_is_missing_is_named(world, changes, field):
    case_id = world.start_case()
    with pytest.raises(Invalid) as refused:
        report(world, case_id, **changes)
    assert refused.value.details["field"] == field


def test_a_closed_case_is_left_alone(world):
    case_id = start_and_walk_to(world, "close_case")
    world.do("close_case", "hana", case_id=case_id, reason="needs_met", summary="Sam sleeps well.", family_told="yes")
    world.do("sign_off_closure", "morgan", case_id=case_id, signed_off="yes")
    with pytest.raises(Conflict):
        report(world, case_id, "cleo")
