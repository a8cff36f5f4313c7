"""The first plan is written down, sent to the family and the team, and chased when nobody writes it."""

from __future__ import annotations

from datetime import date

from tests.processes.support import agree
from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "agree_plan"


def the_plan_is_agreed(walk: Walk) -> None:
    assert walk.asked("agree_action_plan") == (LEAD, ["coordinators"], date(2026, 3, 9))
    agree(walk, next_review_on="2026-04-20")
    assert walk.operations() == ["send_plan_to_family", "tell_members"]
    assert walk.end == "completed"


def a_plan_that_nobody_writes_down_is_chased(walk: Walk) -> None:
    assert walk.due("plan_late").date() == date(2026, 3, 10)
    assert walk.due("plan_very_late").date() == date(2026, 3, 12)
    walk.chase("plan", "remind_lead", "tell_line_manager")
    agree(walk)
    assert walk.open_elements == []


test_scenario, test_every_flow_is_walked = scenario_tests(
    KEY, (the_plan_is_agreed, a_plan_that_nobody_writes_down_is_chased)
)
