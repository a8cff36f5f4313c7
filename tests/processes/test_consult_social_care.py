"""Advice is asked of social care, with the family's name or without; what is next has a day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.processes.walking import LEAD, MANAGER, Walk, scenario_tests

KEY = "consult_social_care"


def ask_family(walk: Walk, answer: str) -> None:
    given = {"given_by": "Sam's mother", "asked_on": str(walk.today)} if answer != "not_asked" else {}
    walk.do("ask_family", consultation_consent=answer, family_view="If it helps.", **given)


def advised(walk: Walk, advice_next: str, way: str = "named") -> None:
    step_on = walk.today + timedelta(days=18)
    then: dict[str, Any] = {"next_step": "Nadia rings the nursery.", "next_step_on": str(step_on)}
    walk.do(
        "ask_social_care", way=way, asked_whom="Ada Hill, duty team", asked_on=str(walk.today), advice="Go on.",
        advice_next=advice_next, **({} if advice_next == "refer" else then),
    )  # fmt: skip


def with_their_name_and_the_plan_goes_on(walk: Walk) -> None:
    assert walk.asked("ask_family") == (LEAD, ["line_managers"], date(2026, 3, 9))
    ask_family(walk, "yes")
    assert walk.asked("ask_social_care")[:2] == (MANAGER, ["line_managers"])
    advised(walk, "goes_on")
    assert walk.due("wait_for_next_step").date() == date(2026, 3, 20)
    walk.fire("wait_for_next_step")
    assert walk.asked("report_next_step") == (LEAD, ["line_managers"], date(2026, 3, 23)), "the day itself is theirs"
    walk.do("report_next_step", step_done="yes", note="She rang.")
    assert walk.operations() == []
    assert walk.end == "completed"


def without_names_and_the_plan_changes(walk: Walk) -> None:
    ask_family(walk, "no")
    advised(walk, "change_plan", way="anonymous")
    assert "have_plan_changed_to_wait_for_next_step" in walk.flows
    walk.fire("wait_for_next_step")
    walk.chase("step", "remind_lead", "tell_line_manager")
    again_on = walk.today + timedelta(days=10)
    walk.do("report_next_step", step_done="no", note="The nursery is closed.", next_step_on=str(again_on))
    assert walk.due("wait_for_next_step").date() == again_on
    walk.fire("wait_for_next_step")
    walk.do("report_next_step", step_done="yes", note="She rang.")
    assert walk.end == "completed"


def social_care_takes_it_on(walk: Walk) -> None:
    ask_family(walk, "yes")
    advised(walk, "refer")
    assert walk.open_elements == ["acknowledge_concern"]
    walk.do("acknowledge_concern", accepted="no", acknowledged_on=str(walk.today), note="Not their threshold.")
    walk.do("check_for_harm", finding="no_concern", note="Support is working.")
    assert walk.end == "completed"


def nobody_asks(walk: Walk) -> None:
    walk.chase("asking", "remind_lead", "tell_line_manager")
    ask_family(walk, "not_asked")
    walk.chase("advice", "tell_line_manager", "tell_manager_above")
    advised(walk, "goes_on", way="anonymous")


test_scenario, test_every_flow_is_walked = scenario_tests(
    KEY,
    (with_their_name_and_the_plan_goes_on, without_names_and_the_plan_changes, social_care_takes_it_on, nobody_asks),
)
