"""The Child Development Service: one form with the family's consent, a weekly intake, then the team."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.processes.support import agree, agree_to_begin, choose_lead, close, meet, review
from tests.processes.walking import ASSESSOR, Walk, scenario_tests

KEY = "tac_for_cds"
FORM: dict[str, Any] = {"need": "He does not speak yet.", "tried": "The health visitor's play group."}


def to_the_intake(walk: Walk) -> None:
    agree_to_begin(walk)
    walk.do("request_support", **FORM)


def decided(walk: Walk, decision: str) -> None:
    why = {} if decision == "accepted" else {"why": "A hearing test first."}
    walk.do("record_intake", intake_decision=decision, held_on=str(walk.today), **why)


def the_straight_road(walk: Walk) -> None:
    agree_to_begin(walk)
    assert walk.asked("request_support") == (ASSESSOR, ["case_workers"], date(2026, 3, 9))
    walk.do("request_support", **FORM)
    assert walk.asked("record_intake") == (None, ["coordinators"], date(2026, 3, 9))
    decided(walk, "more")
    assert walk.open_elements == ["request_support"]
    walk.do("request_support", **FORM)
    decided(walk, "accepted")
    choose_lead(walk)
    meet(walk)
    agree(walk)
    review(walk, "close", outcome="better")
    close(walk)


def the_family_refuses(walk: Walk) -> None:
    agree_to_begin(walk, "refused")
    assert walk.flows[-1] == "check_begun_to_end_not_begun"
    assert walk.end == "completed"


def the_service_cannot_take_it_on(walk: Walk) -> None:
    to_the_intake(walk)
    walk.concerns = 1
    decided(walk, "not_accepted")
    assert walk.operations() == ["look_for_concern"]
    walk.concerns = 0
    walk.send("concern_settled")
    assert walk.operations()[1:] == ["look_for_concern", "close_record"]
    assert walk.end == "completed"


def everybody_is_chased(walk: Walk) -> None:
    walk.chase("beginning", "remind_lead", "tell_line_manager")
    agree_to_begin(walk)
    walk.chase("request", "remind_lead", "tell_line_manager")
    walk.do("request_support", **FORM)
    walk.chase("intake", "tell_coordinators", "alert_coordinator")
    decided(walk, "accepted")
    assert walk.open_elements == ["appoint_lead_professional"]


SCENARIOS = (the_straight_road, the_family_refuses, the_service_cannot_take_it_on, everybody_is_chased)


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
