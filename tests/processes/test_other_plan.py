"""Another plan comes to lead for a child: linked, and what goes on here is agreed; or it ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from tests.processes.support import close
from tests.processes.walking import LEAD, Walk, shipped_process

KEY = "other_plan"
LEADS: Mapping[str, Any] = {
    "linked_plan": "child_protection", "key_worker": "Ada Hill, 01632 960101", "since_on": "2026-03-01",
    "how_known": "The conference's letter",
}  # fmt: skip
ENDED: Mapping[str, Any] = {"linked_plan": "none", "since_on": "2026-03-01", "how_known": "The last conference"}


def agree(walk: Walk, decision: str) -> None:
    walk.do(
        "agree_with_other_plan", agreed_with="Ada Hill", plan_with_other=decision, why="They hold most of it.",
        actions_now=[{"action_id": "nadia", "becomes": "passed"}], told_on=str(walk.today), family_view="One person.",
    )  # fmt: skip


def our_plan_goes_on_beside_it(walk: Walk) -> None:
    assert walk.operations() == ["tell_coordinators"]
    assert walk.asked("agree_with_other_plan") == (LEAD, ["coordinators"], date(2026, 3, 16))
    agree(walk, "goes_on")
    assert walk.operations()[-1] == "tell_members"
    assert walk.end == "completed"


def it_takes_everything_over(walk: Walk) -> None:
    walk.chase("agreement", "remind_lead", "tell_line_manager")
    agree(walk, "close")
    close(walk)


def our_plan_leads_again(walk: Walk) -> None:
    assert walk.operations() == ["tell_members"]
    assert walk.end == "completed"


SCENARIOS: Mapping[Callable[[Walk], None], Mapping[str, Any]] = {
    our_plan_goes_on_beside_it: LEADS,
    it_takes_everything_over: LEADS,
    our_plan_leads_again: ENDED,
}


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_scenario_and_every_flow(saved: bool) -> None:
    walked: set[str] = set()
    for scenario, begin in SCENARIOS.items():
        walk = Walk(KEY, saved=saved, begin=begin)
        scenario(walk)
        walked.update(walk.flows)
    assert walked >= set(shipped_process(KEY).flows)
