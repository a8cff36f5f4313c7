"""Papers, the coordinator's look at them, the group's meeting and what it decides."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from engine.forms import InvalidAnswers
from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "mag_referral"
PAPERS = {"reason": "Two agencies disagree.", "tried": "Talks.", "discussed_on": "2026-03-02", "asked": "Who leads."}
ACCEPTED = {"papers_whole": "yes", "mag": "nadia", "meeting_on": "2026-03-18"}
ACTION = {"action": "Housing visits", "owner": "owen", "due_on": "2026-04-01"}
DECIDED: dict[str, Any] = {
    "mag_outcome": "decided", "decided_on": "2026-03-02", "decision": "Housing comes.", "actions": [ACTION],
}  # fmt: skip


def decided(walk: Walk) -> None:
    assert walk.asked("refer_to_mag") == (LEAD, ["line_managers"], date(2026, 3, 9))
    walk.do("refer_to_mag", **PAPERS)
    assert walk.asked("screen_papers") == (None, ["coordinators"], date(2026, 3, 4))
    walk.do("screen_papers", **ACCEPTED)
    assert walk.asked("decide_in_mag") == (None, ["mag_members", "coordinators"], date(2026, 3, 18))
    walk.do("decide_in_mag", **DECIDED)
    assert walk.operations() == ["find_mag_meeting", "tell_members", "tell_line_manager", "send_plan_to_family"]
    assert walk.end == "completed"


def papers_come_back(walk: Walk) -> None:
    walk.do("refer_to_mag", **PAPERS)
    walk.do("screen_papers", papers_whole="no", missing="What housing said.")
    assert walk.open_elements == ["refer_to_mag"]
    walk.do("refer_to_mag", **PAPERS)
    assert walk.open_elements == ["screen_papers"]


def late_papers_are_told(walk: Walk) -> None:
    assert walk.due("papers_late").date() == date(2026, 3, 10)
    walk.fire("papers_late")
    assert walk.operations() == ["find_mag_meeting", "tell_line_manager"]
    assert walk.due("papers_late").date() == date(2026, 3, 17), "said again every week"
    walk.fire("papers_late")
    assert walk.operations()[2:] == ["tell_line_manager"]
    assert walk.open_elements == ["refer_to_mag"]


def papers_nobody_looks_at_are_told(walk: Walk) -> None:
    walk.do("refer_to_mag", **PAPERS)
    assert walk.due("screening_late").date() == date(2026, 3, 5)
    walk.fire("screening_late")
    assert walk.operations() == ["find_mag_meeting", "tell_coordinators"]
    walk.fire("screening_late")
    assert walk.operations()[2:] == ["tell_coordinators"]
    assert walk.open_elements == ["screen_papers"]


def a_meeting_that_is_not_held(walk: Walk) -> None:
    walk.do("refer_to_mag", **PAPERS)
    walk.do("screen_papers", **ACCEPTED)
    long = walk.due("waiting_too_long")
    assert (walk.due("meeting_not_held").date(), long.date()) == (date(2026, 3, 23), date(2026, 3, 31))
    walk.fire("meeting_not_held")
    walk.fire("meeting_not_held")
    assert walk.operations()[-2:] == ["tell_coordinators", "tell_coordinators"]
    walk.do("decide_in_mag", mag_outcome="put_off", why="Snow.", meeting_on="2026-04-15")
    assert walk.asked("decide_in_mag")[2] == date(2026, 4, 15)
    assert walk.due("meeting_not_held").date() == date(2026, 4, 20)
    assert walk.due("waiting_too_long") == long, "the day it is moved to begins nothing anew"
    walk.fire("waiting_too_long")
    assert walk.operations()[-1] == "tell_line_manager"
    assert walk.open_elements == ["decide_in_mag"]
    walk.do("decide_in_mag", **DECIDED)
    assert walk.end == "completed"


SCENARIOS = (
    decided, papers_come_back, late_papers_are_told, papers_nobody_looks_at_are_told, a_meeting_that_is_not_held,
)  # fmt: skip

test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)


def test_an_action_of_the_group_has_an_owner() -> None:
    walk = Walk(KEY, saved=False)
    walk.do("refer_to_mag", **PAPERS)
    walk.do("screen_papers", **ACCEPTED)
    ownerless = {name: value for name, value in ACTION.items() if name != "owner"}
    with pytest.raises(InvalidAnswers, match="who will do it"):
        walk.do("decide_in_mag", **DECIDED | {"actions": [ownerless]})
