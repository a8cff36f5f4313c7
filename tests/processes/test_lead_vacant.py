"""Nobody leads: somebody is named in between, and a successor is sought unless one is being sought already."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from tests.processes.walking import MANAGER, Walk, shipped_process

KEY = "lead_vacant"


def the_lead_has_left(walk: Walk) -> None:
    assert walk.asked("name_interim_lead") == (MANAGER, ["line_managers", "coordinators"], date(2026, 3, 4))
    walk.do("name_interim_lead", interim_lead="nadia", until="2026-04-01")
    assert walk.operations() == ["look_for_handover"]
    assert walk.flows[-1] == "check_handover_to_end_successor_needed"
    assert walk.end == "completed"


def a_handover_was_under_way(walk: Walk) -> None:
    walk.handover_under_way = True
    walk.do("name_interim_lead", interim_lead="nadia", until="2026-04-01")
    assert walk.flows[-1] == "check_handover_to_end_handover_goes_on"


def the_lead_stays_away_and_managers_are_slow(walk: Walk) -> None:
    assert walk.due("interim_late").date() == date(2026, 3, 5)
    walk.chase("interim", "alert_manager", "alert_coordinator")
    assert walk.open_elements == ["name_interim_lead"]


def the_time_in_between_is_over(walk: Walk) -> None:
    assert walk.asked("name_interim_lead")[0] == MANAGER
    walk.do("name_interim_lead", interim_lead="nadia", until="2026-05-01")
    assert walk.flows[-1] == "check_handover_to_end_successor_needed"


def somebody_is_appointed_on_the_case_page(walk: Walk) -> None:
    walk.send("interim_lead_named", cause="left")
    assert walk.operations() == ["look_for_handover"]
    assert walk.flows[-1] == "check_handover_to_end_successor_needed" and walk.end == "completed"


def somebody_leads_again_before_anybody_is_named(walk: Walk) -> None:
    walk.send("led_again")
    assert walk.operations() == []
    assert walk.flows[-1] == "led_again_to_end_led_again" and walk.end == "completed"


SCENARIOS: dict[Callable[[Walk], None], str] = {
    the_lead_has_left: "start_after_leaving",
    a_handover_was_under_way: "start_after_leaving",
    the_lead_stays_away_and_managers_are_slow: "start_in_absence",
    the_time_in_between_is_over: "start_after_interim",
    somebody_is_appointed_on_the_case_page: "start_after_leaving",
    somebody_leads_again_before_anybody_is_named: "start_in_absence",
}


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_scenario_and_every_flow(saved: bool) -> None:
    walked: set[str] = set()
    for scenario, start in SCENARIOS.items():
        walk = Walk(KEY, saved=saved, start_at=start)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
