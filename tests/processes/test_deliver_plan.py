"""A plan is agreed, reviewed and closed, wherever support began."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.processes.support import agree, close, review
from tests.processes.walking import LEAD, Scenario, Walk, flows_of, shipped_process

KEY = "deliver_plan"


def the_straight_road(walk: Walk) -> None:
    assert walk.asked("agree_action_plan") == (LEAD, ["coordinators"], date(2026, 3, 9))
    agree(walk, next_review_on="2026-04-20")
    assert walk.operations() == ["send_plan_to_family", "tell_members", "set_next_review"]
    assert walk.due("wait_for_review").date() == date(2026, 3, 26)
    review(walk, "close", outcome="better")
    close(walk)


def a_plan_that_nobody_writes_down_is_chased(walk: Walk) -> None:
    assert walk.due("plan_late").date() == date(2026, 3, 10)
    assert walk.due("plan_very_late").date() == date(2026, 3, 12)
    walk.chase("plan", "remind_lead", "tell_line_manager")
    agree(walk)
    assert walk.open_elements == []


def reviews_go_round(walk: Walk) -> None:
    agree(walk)
    assert walk.instance.variables["next_review_on"] == date(2026, 4, 13)  # six weeks on
    review(walk, "continue", outcome="worse")
    assert walk.instance.variables["review_weeks"] == 4
    review(walk, "continue", outcome="better", next_review_on="2026-09-01")
    assert walk.instance.variables["next_review_on"] == date(2026, 9, 1)
    review(walk, "replan", outcome="worse")
    assert walk.thrown[-1] == "plan_to_change"
    assert walk.current == ("wait_for_review",)
    assert walk.instance.variables["next_review_on"] > walk.today


def social_care_takes_it_on_the_second_time(walk: Walk) -> None:
    agree(walk)
    review(walk, "step_up", outcome="worse")
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="Support is working.")
    assert walk.current == ("wait_for_review",)
    assert walk.instance.variables["next_review_on"] > walk.today
    review(walk, "step_up", outcome="worse")
    walk.do("acknowledge_concern", accepted="yes", acknowledged_on=str(walk.today), note="They take it on.")
    close(walk)


def the_team_decided_to_close(walk: Walk) -> None:
    assert walk.operations() == ["look_for_closing"]
    close(walk)


def the_team_decided_to_step_up(walk: Walk) -> None:
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="yes", acknowledged_on=str(walk.today), note="They take it on.")
    close(walk)


def social_care_sends_the_team_back_to_a_plan(walk: Walk) -> None:
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="The team can help.")
    assert walk.open_elements == ["agree_action_plan"]
    social_care_takes_it_on_the_second_time(walk)


SCENARIOS = (
    the_straight_road, a_plan_that_nobody_writes_down_is_chased, reviews_go_round,
    social_care_takes_it_on_the_second_time,
)  # fmt: skip


MET: dict[str, Any] = {"concern": None, "plan_agreed": False}
GOES_ON, CLOSES, STEPS_UP = ({**MET, "next_step": end} for end in ("go_on", "close", "step_up"))
"""What the diagrams that call this one bring from the team's first meeting."""
WALKS = [
    *((each, GOES_ON) for each in SCENARIOS),
    (the_team_decided_to_close, CLOSES),
    (the_team_decided_to_step_up, STEPS_UP),
    (social_care_sends_the_team_back_to_a_plan, STEPS_UP),
]


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize(("scenario", "given"), WALKS)
def test_scenario(scenario: Scenario, given: dict[str, Any], saved: bool) -> None:
    flows_of(KEY, scenario, saved, tuple(given.items()))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked = [flows_of(KEY, scenario, saved, tuple(given.items())) for scenario, given in WALKS]
    assert set(shipped_process(KEY).flows) <= frozenset[str]().union(*walked)


def test_the_state_stays_small_over_many_reviews() -> None:
    walk = Walk(KEY, saved=True, variables=GOES_ON)
    agree(walk)
    sizes = []
    for _ in range(30):
        review(walk, "continue")
        sizes.append(len(walk.instance.progress().state))
    assert max(sizes) - min(sizes) < 200
