"""The time of a consent is over: the family is asked, and agrees, or the line manager hears that it does not."""

from __future__ import annotations

from datetime import date
from typing import Any

from tests.processes.walking import LEAD, Walk, scenario_tests

KEY = "consent_lapsed"
SAID: dict[str, Any] = {"signed_on": "2026-03-02", "given_by": "Sam's mother"}


def they_agree_again(walk: Walk) -> None:
    assert walk.asked("ask_family_again") == (LEAD, ["line_managers"], date(2026, 3, 9))
    walk.do("ask_family_again", consent="given", **SAID)
    assert walk.operations() == ["tell_members"]
    assert walk.end == "completed"


def they_agree_to_part_of_it(walk: Walk) -> None:
    part = {"scope": "School only.", "kinds": ["plan"], "people": ["nadia"]}
    walk.do("ask_family_again", consent="limited", **SAID, **part)
    assert walk.operations() == ["tell_members"]
    assert walk.end == "completed"


def they_do_not_agree(walk: Walk) -> None:
    assert walk.due("asking_late").date() == date(2026, 3, 10)
    walk.fire("asking_late")
    assert walk.open_elements == ["ask_family_again"]
    walk.do("ask_family_again", consent="refused", reason="Not now", **SAID)
    assert walk.operations() == ["remind_lead", "tell_line_manager"]
    assert walk.end == "completed"


def they_were_asked_in_another_way(walk: Walk) -> None:
    walk.send("consent_given_again")
    assert walk.open_elements == []
    assert walk.operations() == []
    assert walk.end == "completed"


SCENARIOS = (they_agree_again, they_agree_to_part_of_it, they_do_not_agree, they_were_asked_in_another_way)
test_scenario, test_every_flow_is_walked = scenario_tests(KEY, SCENARIOS)
