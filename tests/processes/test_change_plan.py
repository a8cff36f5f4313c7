"""The plan is looked at anew: it changes, or it is kept why it stays; a message from elsewhere begins it too."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from tests.processes.walking import LEAD, Walk, shipped_process

KEY = "change_plan"
SAID: Mapping[str, Any] = {"why": "Mornings are still hard.", "family_view": "Sam wants to walk."}
ROWS: Mapping[str, Any] = {
    "actions_now": [{"action_id": "nadia", "becomes": "dropped", "why": "It did not help."}],
    "actions": [{"outcome": "Calm", "action": "Walk with Sam", "owner": "owen", "due_on": "2026-04-01"}],
}


def the_plan_changes(walk: Walk) -> None:
    assert walk.asked("change_action_plan") == (LEAD, ["coordinators"], date(2026, 3, 9))
    walk.do("change_action_plan", plan_changed="yes", **SAID, **ROWS)
    assert walk.operations() == ["send_plan_to_family", "tell_members"]
    assert walk.end == "completed"


def the_plan_stays(walk: Walk) -> None:
    walk.do("change_action_plan", plan_changed="no", **SAID)
    assert walk.operations() == []
    assert walk.flows[-1] == "check_changed_to_end_plan_kept"


def nobody_agrees_how(walk: Walk) -> None:
    walk.chase("change", "remind_lead", "tell_line_manager")
    walk.do("change_action_plan", plan_changed="no", **SAID)


SCENARIOS: Mapping[Callable[[Walk], None], str | None] = {
    the_plan_changes: None,
    the_plan_stays: "start_after_review",
    nobody_agrees_how: None,
}


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_scenario_and_every_flow(saved: bool) -> None:
    walked: set[str] = set()
    for scenario, start in SCENARIOS.items():
        walk = Walk(KEY, saved=saved, start_at=start)
        scenario(walk)
        walked.update(walk.flows)
    assert walked == set(shipped_process(KEY).flows)
