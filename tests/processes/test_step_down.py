"""Social care steps down: its summary, a consent of its own, a lead, and a meeting before it closes."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.processes.support import agree, agree_to_begin, choose_lead, close, meet, review
from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "step_down"
SUMMARY: dict[str, Any] = {
    "social_worker": "Lea Stone, 01632 960200", "strengths": "Home every night.", "needs": "Help at school.",
    "conclusions": "Ask again when he stays away.", "closes_on": "2026-04-20",
}  # fmt: skip


def to_the_meeting(walk: Walk) -> None:
    walk.do("take_summary", **SUMMARY)
    agree_to_begin(walk)
    choose_lead(walk)


def the_straight_road(walk: Walk) -> None:
    assert walk.asked("take_summary") == (ASSESSOR, ["case_workers"], date(2026, 3, 5))
    to_the_meeting(walk)
    # Ten working days before Monday 20 April, over Easter.
    assert walk.asked("arrange_tac_meeting")[2] == date(2026, 4, 2)
    meet(walk)
    assert not {timer.element_id for timer in walk.timers.values()} & {"social_care_closes_soon", "social_care_closes"}
    agree(walk)
    review(walk, "close", outcome="better")
    close(walk)


def the_family_refuses(walk: Walk) -> None:
    walk.do("take_summary", **SUMMARY)
    agree_to_begin(walk, "refused")
    assert walk.operations() == ["look_for_concern", "close_record"]
    assert walk.flows[-1] == "check_begun_to_end_not_begun"
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    assert walk.due("summary_late").date() == date(2026, 3, 6)
    walk.chase("summary", "remind_lead", "tell_line_manager")
    walk.do("take_summary", **SUMMARY)
    walk.chase("beginning", "remind_lead", "tell_line_manager")
    agree_to_begin(walk)
    assert "beginning_late" not in {timer.element_id for timer in walk.timers.values()}


def social_care_is_about_to_close(walk: Walk) -> None:
    to_the_meeting(walk)
    assert walk.due("social_care_closes_soon").date() == date(2026, 4, 15)
    assert walk.due("social_care_closes").date() == date(2026, 4, 20)
    walk.fire("social_care_closes_soon")
    walk.fire("social_care_closes")
    assert walk.operations() == ["tell_line_manager", "alert_coordinator"]
    meet(walk)
    assert walk.open_elements == ["agree_action_plan"]


def social_care_closes_within_days(walk: Walk) -> None:
    walk.do("take_summary", **SUMMARY | {"closes_on": "2026-03-04"})
    agree_to_begin(walk)
    choose_lead(walk)
    assert walk.asked("arrange_tac_meeting")[2] == walk.today


SCENARIOS = (
    the_straight_road, the_family_refuses, everybody_is_chased, social_care_is_about_to_close,
    social_care_closes_within_days,
)  # fmt: skip


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
