"""A case closes with its reason; who does not close it is chased."""

from __future__ import annotations

from tests.processes.support import close
from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "closing"


def it_closes(walk: Walk) -> None:
    assert walk.asked("close_case")[0] == LEAD
    close(walk)


def it_is_chased(walk: Walk) -> None:
    walk.chase("closing", "remind_lead", "tell_line_manager")
    close(walk)


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, (it_closes, it_is_chased))
