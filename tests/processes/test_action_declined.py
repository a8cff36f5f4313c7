"""Whoever has an action cannot do it: the lead professional looks for somebody else, then the managers settle it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, MANAGER, Walk, shipped_process

KEY = "action_declined"
DECLINED: dict[str, Any] = {"action": "owen", "why": "We have no therapist until May."}
ASKED: dict[str, Any] = {"why": "Everybody round the table."}


def somebody_else_does_it(walk: Walk) -> None:
    assert walk.asked("find_action_owner") == (LEAD, ["line_managers", "coordinators"], date(2026, 3, 9))
    walk.do("find_action_owner", owner_found="passed_on", owner="priya", **ASKED)
    assert walk.end == "completed"


def nobody_else_is_found(walk: Walk) -> None:
    walk.do("find_action_owner", owner_found="nobody", **ASKED)
    assert walk.asked("settle_action") == (MANAGER, ["line_managers", "coordinators"], date(2026, 3, 9))
    walk.do("settle_action", settled="passed_on", owner="owen", **ASKED)
    assert walk.operations() == []
    assert walk.end == "completed"


def late_twice(walk: Walk) -> None:
    assert walk.due("owner_late").date() == date(2026, 3, 10)
    walk.chase("owner", "tell_line_manager", "tell_coordinators")
    walk.do("find_action_owner", owner_found="nobody", **ASKED)
    walk.chase("settling", "tell_manager_above", "alert_coordinator")
    walk.do("settle_action", settled="not_needed", **ASKED)
    assert walk.end == "completed"


SCENARIOS = (somebody_else_does_it, nobody_else_is_found, late_twice)


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(scenario: Callable[[Walk], None], saved: bool) -> None:
    scenario(Walk(KEY, saved=saved, begin=DECLINED))


@pytest.mark.parametrize("saved", [False, True], ids=["live", "saved"])
def test_every_flow_is_walked(saved: bool) -> None:
    walked: set[str] = set()
    for scenario in SCENARIOS:
        walk = Walk(KEY, saved=saved, begin=DECLINED)
        scenario(walk)
        walked.update(walk.flows)
    assert walked >= set(shipped_process(KEY).flows)


def test_who_passes_it_on_says_to_whom() -> None:
    with pytest.raises(InvalidAnswers, match="who does it"):
        Walk(KEY, saved=False, begin=DECLINED).do("find_action_owner", owner_found="passed_on", **ASKED)
