"""After a team meeting: the family's copies and the checklist, asked for until they are done."""

from __future__ import annotations

from datetime import date

from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "after_tac_meeting"


def done(walk: Walk) -> None:
    assert walk.asked("finish_tac_meeting") == (LEAD, ["coordinators"], date(2026, 3, 9))
    walk.do("finish_tac_meeting", family_has_it="yes", copies=[{"letter": "nadia", "how": "hand"}], after=["owen"])
    assert walk.end == "completed"


def late(walk: Walk) -> None:
    walk.chase("finish", "remind_lead", "tell_line_manager")


SCENARIOS = (done, late)


test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
