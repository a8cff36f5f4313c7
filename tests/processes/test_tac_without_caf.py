"""Barnet Support: the team meets without a common assessment."""

from __future__ import annotations

from datetime import date

from tests.processes.support import agree, agree_to_begin, choose_lead, close, meet, review
from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "tac_without_caf"


def the_straight_road(walk: Walk) -> None:
    agree_to_begin(walk)
    assert walk.asked("request_support") == (ASSESSOR, ["case_workers"], date(2026, 3, 9))
    walk.do("request_support", need="Somebody to take him to football.")
    choose_lead(walk)
    assert walk.asked("arrange_tac_meeting")[2] == date(2026, 3, 23)
    meet(walk)
    agree(walk)
    review(walk, "close", outcome="better")
    close(walk)


def the_family_refuses(walk: Walk) -> None:
    agree_to_begin(walk, "refused")
    assert walk.flows[-1] == "check_begun_to_end_not_begun"
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    assert walk.due("beginning_late").date() == date(2026, 3, 17)
    walk.chase("beginning", "remind_lead", "tell_line_manager")
    agree_to_begin(walk)
    walk.chase("request", "remind_lead", "tell_line_manager")
    walk.do("request_support", need="Somebody to take him to football.")
    assert walk.open_elements == ["appoint_lead_professional"]


SCENARIOS = (the_straight_road, the_family_refuses, everybody_is_chased)


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
